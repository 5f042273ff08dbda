// Copyright 2026 the authors. MIT license.

// The letter to an OS process at its start, and where it finds it: in a region
// of process memory whose place stands on its command line.

import { StateError } from "../errors.ts";
import type { Start } from "./engine.ts";
import { decode, encodeApart } from "../message/codec.ts";
import { type Handle, isGiven, type Packed } from "../message/handle.ts";
import { showErrors } from "../memory/kernel.ts";
import { closeTaken } from "../memory/process_memory.ts";
import {
  createClosable,
  exportHandle,
  isRegionHandle,
  lendRegion,
  openRegion,
  type ProcessHandle,
  type Region,
  unuseRegion,
  useRegion,
} from "../memory/region.ts";

/** A letter to a process, which finds it as long as this is held. */
export interface Letter {
  /** The place of the letter, as a word of a command line. */
  readonly place: string;
  /** The memory that must stay open until the process has opened it too. */
  readonly held: readonly unknown[];
  /** Waits until the process has opened all that it is given, `ms` at most. */
  waitUntilRead(ms: number): boolean;
  /** The process is dead, or was never started: it opens nothing. */
  end(): void;
}

/** A letter that has come. */
export interface Received {
  readonly start: Start;
  /** The program's arguments on its command line. */
  readonly args: readonly string[];
  /** Says that the process has opened all that it is given. */
  read(): void;
}

/**
 * Writes to an OS process. Throws a TypeError if one of the shared objects is
 * in memory that it cannot have, a `DataCloneError` if something cannot be
 * cloned.
 */
export function writeLetter(start: Start, mustDropFfi: boolean): Letter {
  const held: Region[] = [];
  const { given, ...others } = exported(start, held);
  const head = { ...others, beside: given.beside, args: Deno.args };
  // Copied into a region at once: a pool starts a worker while it holds the
  // message of a task, and a frame is good until the next encoding only.
  const { tag, inline, bytes } = encodeApart(head, "start");
  const { length } = bytes!;
  const size = HEAD + (length + given.bytes.length + 3 & ~3);
  const [region] = createClosable([size], "process") as [Region];
  region.bytes.set(bytes!, HEAD);
  region.bytes.set(given.bytes, HEAD + length);
  region.words.store(LENGTH, length);
  region.words.store(GIVEN, given.bytes.length);
  region.words.store(TAG, tag);
  region.words.store(INLINE, inline);
  let isOver = false;
  const isRead = () => isOver ||= region.words.load(READ) !== 0;
  for (const { handle } of held) lendRegion(handle, isRead);
  useRegion(region.handle);
  lendRegion(region.handle, isRead);
  // From now on only its reader has a use for it.
  unuseRegion(region.handle);
  return {
    place: `${placeOf(region)}:${Number(mustDropFfi)}`,
    held: [region, ...held],
    waitUntilRead: (ms) => {
      const { words } = region;
      if (words.load(READ) === 0) words.wait(READ, 0, ms);
      return words.load(READ) !== 0;
    },
    end: () => {
      isOver = true;
      closeTaken();
    },
  };
}

/** Reads what was written at `place`. */
export function readLetter(place: string): Received {
  const mustDropFfi = place.endsWith(":1");
  const { words, bytes, handle } = openPlace(place);
  useRegion(handle);
  const length = words.load(LENGTH);
  const end = HEAD + length;
  const { args, beside, ...others } = decode(
    words.load(TAG),
    words.load(INLINE),
    bytes.slice(HEAD, end),
  ) as Omit<Start, "given"> & Pick<Packed, "beside"> & Pick<Received, "args">;
  const given = { beside, bytes: bytes.slice(end, end + words.load(GIVEN)) };
  return {
    start: { ...others, given },
    args,
    read: () => {
      words.store(READ, 1);
      words.notify(READ, Infinity);
      unuseRegion(handle);
      // The right was for the memory only, which is mapped now.
      if (!mustDropFfi) return;
      showErrors();
      Deno.permissions.revokeSync({ name: "ffi" });
    },
  };
}

/** The region of another OS process that is at a place; more may follow it. */
export function openPlace(place: string): Region {
  const numbers = place.split(":").map(Number);
  const [pid, fd, key, size, isCounted, offset, byteLength] = numbers;
  return openRegion({
    kind: "process",
    memory: undefined,
    start: 0,
    offset: offset!,
    byteLength: byteLength!,
    address: {
      pid: pid!,
      fd: fd!,
      key: key!,
      size: size!,
      isCounted: Boolean(isCounted),
    },
  });
}

const LENGTH = 0;
const TAG = 1;
const INLINE = 2;
const READ = 3;
const GIVEN = 4;
const HEAD = 20;

/** Where another OS process finds a region, in one word. */
export function placeOf({ handle }: Region): string {
  const { address, offset, byteLength } = exportHandle(handle) as ProcessHandle;
  const { pid, fd, key, size, isCounted } = address;
  const numbers = [pid, fd, key, size, Number(isCounted), offset, byteLength];
  return numbers.join(":");
}

/**
 * What a child is told, with handles that another OS process can open as long
 * as the regions that are put into `held` are held.
 */
function exported({ identity, given, ...refs }: Start, held: Region[]): Start {
  const handles = given.beside.filter(isGiven);
  // The kind of the object that the user has made: the lock in a Value, say, is
  // an RLock that errors must not name.
  const kindOf = (place: number) =>
    handles.findLast(({ parts }, own) =>
      own === place || Object.values(parts).includes(place)
    )!.handle.kind;
  const beside = handles.map(({ handle, parts }, place) => ({
    handle: exportIn(handle, held, kindOf(place)) as Handle,
    parts,
  }));
  return {
    identity: exportIn(identity, held, "program") as Start["identity"],
    ...refs,
    given: { ...given, beside },
  };
}

function exportIn(part: unknown, held: Region[], kind: string): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (isRegionHandle(part)) {
    if (part.kind === "thread") refuse(kind);
    const there = exportHandle(part) ?? refuseClosed(kind);
    held.push(openRegion(part));
    return there;
  }
  if (part instanceof MessagePort) refuse(kind);
  if (Array.isArray(part)) {
    return part.map((item) => exportIn(item, held, kind));
  }
  if (Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, item]) => [
      key,
      exportIn(item, held, kind),
    ]),
  );
}

function refuseClosed(kind: string): never {
  throw new StateError(
    `Cannot start process: this process has closed the ${kind} that it gives`,
  );
}

function refuse(kind: string): never {
  throw new TypeError(
    `Cannot start process: this ${kind} reaches workers only: make it with ` +
      'getContext("spawn") to share it with an OS process',
  );
}
