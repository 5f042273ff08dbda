// Copyright 2026 the authors. MIT license.

// The sender's half of message/handle.ts: values into what crosses at the start
// of a process, or through a message port. A child that sends none of these
// does not load it.
//
// Every value is a message of the codec, so that it arrives as it does through
// a queue. The platform's clone carries the message, and beside it what has no
// letter there.

import {
  type Beside,
  type Given,
  handleOf,
  isShareable,
  type Movable,
  MOVER,
  type Mover,
  noteView,
  type Packed,
  type Shareable,
} from "./handle.ts";
import {
  describe,
  FOREIGN,
  IS_BUFFER,
  IS_SHAREABLE,
  IS_SHARED,
  IS_VIEW,
  kindOf,
} from "./kinds.ts";
import { type Road, type Stripped, Writer } from "./writer.ts";

/** A start of a process. */
interface Start {
  /** The token of the process. */
  readonly token: number;
  /** Is given what moves there. */
  readonly movers: Mover[];
}

/** The process that a value is packed for. */
export interface Receiver {
  /** Shared objects can go to a process that starts. */
  readonly start?: Start;
  /** Is given what arrives without its class. */
  readonly stripped?: Stripped[] | undefined;
  /** Whether an object may go beside the message, by the platform's clone. */
  carries(value: object): boolean;
}

/**
 * Packs `value`. An error names the way to what cannot cross from `root`; if
 * that is empty, the way begins with a key of `value`. Of what is shared it
 * says the `wayOut`.
 */
export function pack(
  value: unknown,
  receiver: Receiver,
  root = "",
  wayOut?: string,
  road?: Road,
): Packed {
  const packing = new Packing(receiver);
  const { stripped } = receiver;
  const writer = new Writer(packing);
  const bytes = writer.write(value, root, wayOut, road, stripped);
  return { bytes, beside: packing.beside, cargo: writer.takeCargo() };
}

/** As {@linkcode pack}, for a message port; what is in `transfer` moves. */
export function packMoving(
  value: unknown,
  transfer: readonly Transferable[],
  root: string,
  wayOut?: string,
  road?: Road,
  stripped?: Stripped[],
): Packed {
  checkTransfer(transfer);
  const moving = new Set<object>(transfer);
  const carries = (part: object) => moving.has(part) || goesBeside(part);
  return pack(value, { carries, stripped }, root, wayOut, road);
}

/**
 * Throws, with its place, for what the platform would refuse to move without
 * one, or refuses only when it sends.
 */
function checkTransfer(transfer: readonly Transferable[]): void {
  const seen = new Map<Transferable, number>();
  // A list with holes is as long as it says.
  for (const [i, object] of [...transfer].entries()) {
    const first = seen.get(object);
    seen.set(object, i);
    const reason = first === undefined
      ? immovable(object)
      : `it is transfer[${first}] as well`;
    if (reason === undefined) continue;
    throw new DOMException(
      `Cannot transfer transfer[${i}]: ${reason}`,
      "DataCloneError",
    );
  }
}

/** Why an object cannot be moved, if that can be seen. */
function immovable(object: unknown): string | undefined {
  if (typeof object !== "object" || object === null) {
    return `it is ${object === null ? "null" : `a ${typeof object}`}`;
  }
  const kind = kindOf(object);
  if (kind === IS_BUFFER) {
    const { detached } = object as ArrayBuffer;
    return detached ? "it was moved already" : undefined;
  }
  if (kind === IS_VIEW) return `it is ${describe(object)}: move its buffer`;
  if (kind !== FOREIGN) return `it is ${describe(object)}`;
  const { locked } = object as { locked?: unknown };
  return locked === true
    ? `it is a locked ${object.constructor.name}`
    : undefined;
}

/**
 * Whether the platform clones a value to another thread better than a message
 * would: what has no letter but arrives as itself, and what is large.
 */
export function goesBeside(value: object): boolean {
  const kind = kindOf(value);
  if (kind === IS_BUFFER) {
    const { resizable, byteLength } = value as ArrayBuffer;
    return !resizable && byteLength >= LARGE_BUFFER;
  }
  try {
    const clone = structuredClone(value);
    // What the platform does not know either becomes a plain object.
    return Object.getPrototypeOf(clone) === Object.getPrototypeOf(value) ||
      kind === IS_SHARED;
  } catch {
    return false;
  }
}

/** The least buffer that is not copied into the message first, in bytes. */
const LARGE_BUFFER = 2 ** 16;

/** The part of a value that no message holds. */
class Packing {
  readonly beside: Beside[] = [];
  readonly #receiver: Receiver;
  readonly #places = new Map<Shareable, number>();

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** The place of what stands beside the message for `value`. */
  placeOf(value: object, kind: number): number | undefined {
    if (kind === IS_SHAREABLE) {
      const { start } = this.#receiver;
      return start && this.#give(value as Shareable, start);
    }
    if (!this.#receiver.carries(value)) return undefined;
    return this.beside.push({ value }) - 1;
  }

  #give(shared: Shareable, start: Start): number {
    const known = this.#places.get(shared);
    if (known !== undefined) return known;
    const own = handleOf(shared, start.token);
    noteView(own, shared);
    const handle: Record<string, unknown> = { ...own };
    const parts: Record<string, number> = {};
    // A handle may hold shared objects, as that of a Value its lock. Theirs
    // come before it in the list: they are revived when its turn comes.
    for (const [key, part] of Object.entries(handle)) {
      if (!isShareable(part)) continue;
      parts[key] = this.#give(part, start);
      delete handle[key];
    }
    const mover = (shared as Partial<Movable>)[MOVER]?.();
    if (mover !== undefined) start.movers.push(mover);
    const given = { handle, parts } as unknown as Given;
    const place = this.beside.push(given) - 1;
    this.#places.set(shared, place);
    return place;
  }
}
