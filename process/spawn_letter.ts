// Copyright 2026 the authors. MIT license.

// The letter to an OS process at its start, and where it finds it: in a region
// of process memory whose place stands on its command line.

import { StateError } from "../errors.ts";
import type { Start } from "./engine.ts";
import { decode, encodeApart, type Frame } from "../message/codec.ts";
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
  // Copied into a region at once: a pool starts a worker while it holds the
  // message of a task, and a frame is good until the next encoding only.
  const given: Region[] = [];
  const { tag, inline, bytes } = encodeStart(exported(start, given));
  const size = HEAD + (bytes!.length + 3 & ~3);
  const [region] = createClosable([size], "process") as [Region];
  region.bytes.set(bytes!, HEAD);
  region.words.store(LENGTH, bytes!.length);
  region.words.store(TAG, tag);
  region.words.store(INLINE, inline);
  let isOver = false;
  const isRead = () => isOver ||= region.words.load(READ) !== 0;
  for (const { handle } of given) lendRegion(handle, isRead);
  useRegion(region.handle);
  lendRegion(region.handle, isRead);
  // From now on only its reader has a use for it.
  unuseRegion(region.handle);
  return {
    place: `${placeOf(region)}:${Number(mustDropFfi)}`,
    held: [region, ...given],
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

/** A part that cannot be cloned is named as the caller knows it: `args[0]`. */
function encodeStart(start: Start): Frame {
  try {
    return encodeApart({ ...start, args: Deno.args }, "start");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const message = error.message
      .replace("start.work.value.fields", "this")
      .replace("start.work.value.", "");
    throw new DOMException(message, error.name);
  }
}

/** Reads what was written at `place`. */
export function readLetter(place: string): Received {
  const numbers = place.split(":").map(Number);
  const [pid, fd, key, size, isCounted, offset, byteLength, mustDropFfi] =
    numbers;
  const { words, bytes, handle } = openRegion({
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
  useRegion(handle);
  const length = words.load(LENGTH);
  const own = bytes.slice(HEAD, HEAD + length);
  const { args, ...start } = decode(
    words.load(TAG),
    words.load(INLINE),
    own,
  ) as Start & Pick<Received, "args">;
  return {
    start,
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

const LENGTH = 0;
const TAG = 1;
const INLINE = 2;
const READ = 3;
const HEAD = 16;

function placeOf({ handle }: Region): string {
  const { address, offset, byteLength } = exportHandle(handle) as ProcessHandle;
  const { pid, fd, key, size, isCounted } = address;
  const numbers = [pid, fd, key, size, Number(isCounted), offset, byteLength];
  return numbers.join(":");
}

/**
 * What a child is told, with handles that another OS process can open as long
 * as the regions that are put into `given` are held.
 */
function exported({ identity, work }: Start, given: Region[]): Start {
  const { value, handles } = work;
  // Placeholders stand in the value too, so they must stay the same objects.
  const kept = new Set<unknown>(handles.map(([placeholder]) => placeholder));
  // The kind of the object that the user has made: the lock in a Value, say, is
  // an RLock that errors must not name.
  const handleKindOf = (placeholder: object) =>
    handles.findLast(([other, handle]) =>
      other === placeholder || Object.values(handle).includes(placeholder)
    )![1].kind;
  return {
    identity: exportIn(identity, kept, given, "program") as Start["identity"],
    work: {
      value,
      handles: handles.map(([placeholder, handle]) => [
        placeholder,
        exportIn(
          handle,
          kept,
          given,
          handleKindOf(placeholder),
        ) as typeof handle,
      ]),
    },
  };
}

function exportIn(
  part: unknown,
  kept: Set<unknown>,
  given: Region[],
  kind: string,
): unknown {
  if (typeof part !== "object" || part === null || kept.has(part)) return part;
  if (isRegionHandle(part)) {
    if (part.kind === "thread") refuse(kind);
    const there = exportHandle(part) ?? refuseClosed(kind);
    given.push(openRegion(part));
    return there;
  }
  if (part instanceof MessagePort) refuse(kind);
  if (Array.isArray(part)) {
    return part.map((item) => exportIn(item, kept, given, kind));
  }
  if (Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, item]) => [
      key,
      exportIn(item, kept, given, kind),
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
