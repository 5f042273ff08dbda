// Copyright 2026 the authors. MIT license.

// The ends of a pipe in shared memory: a ring for each direction, and the
// holders of the two ends. Any number of processes may hold an end.
//
// The rings are closed when an end has lost its last holder: by that holder if
// it closes, and if it has died by the process that notices. A closed ring
// refuses messages, and gives out those that it has.

import { StateError } from "../errors.ts";
import {
  type Cargo,
  type Carrier,
  decode,
  encode,
  type Frame,
  isBytes,
  keep,
  type Road,
} from "../message/codec.ts";
import { Holders, HOLDERS_WORDS } from "./holders.ts";
import { type Accept, type Link, type LinkHandle, NOTHING } from "./link.ts";
import {
  createRegion,
  openRegion,
  type RegionHandle,
  unuseRegion,
  useRegion,
} from "../memory/region.ts";
import type { Locker } from "../program/locker.ts";
import type { Park } from "../memory/park.ts";
import { Ring, type RingHandle } from "../queue/ring.ts";
import { MAX_BYTES, type PutResult } from "../queue/store.ts";

/** The handle that crosses to another process in place of an end. */
export interface RingLinkHandle extends LinkHandle {
  readonly type: "ring";
  /** Which end it is: 0 or 1. */
  readonly end: number;
  /** Undefined if the end cannot receive. */
  readonly incoming: RingHandle | undefined;
  /** Undefined if the end cannot send. */
  readonly outgoing: RingHandle | undefined;
  readonly holders: RegionHandle;
  /** It comes in a message: its receiver is no holder yet. */
  readonly isSent?: boolean;
}

/** The longest message, unless a pipe holds more than that. */
const LARGEST = 2 ** 28;

/** One end of a pipe. */
export class RingLink implements Link<Frame> {
  readonly #handle: RingLinkHandle;
  readonly #locker: Locker;
  readonly #incoming: Ring | undefined;
  readonly #outgoing: Ring | undefined;
  readonly #mine: Holders;
  readonly #others: Holders;
  readonly #road: Road;
  // Not, if this process has the end thousands of times already: it was sent
  // the same end again and again, and closes none.
  #isCounted = true;
  #isClosed = false;

  /**
   * A view of an end; this process was counted as a holder of it before, unless
   * it was sent.
   */
  constructor(handle: RingLinkHandle, locker: Locker) {
    const { end, incoming, outgoing } = handle;
    const { words } = openRegion(handle.holders);
    const { isSent: _, ...own } = handle;
    this.#handle = own;
    this.#locker = locker;
    this.#incoming = incoming && Ring.open(incoming, locker);
    this.#outgoing = outgoing && Ring.open(outgoing, locker);
    this.#mine = new Holders(words, end * HOLDERS_WORDS, locker);
    this.#others = new Holders(words, (1 - end) * HOLDERS_WORDS, locker);
    this.#road = { reach: handle.holders.kind, isForMany: false };
    for (const ring of this.#rings()) useRegion(ring.handle);
    if (handle.isSent) this.#isCounted = this.#mine.add(locker.token);
  }

  /** The two ends of a new pipe, held by this process. */
  static pair(
    isDuplex: boolean,
    maxBytes: number,
    locker: Locker,
  ): [RingLinkHandle, RingLinkHandle] {
    const { words, handle: holders } = createRegion(2 * HOLDERS_WORDS * 4);
    const largest = Math.min(MAX_BYTES, Math.max(LARGEST, maxBytes));
    const count = isDuplex ? 2 : 1;
    const [back, forth] = Ring
      .createTogether(count, maxBytes, 0, locker, largest)
      .map((ring) => ring.handle) as [RingHandle, RingHandle?];
    const type = "ring";
    const ends = [
      { type, end: 0, incoming: back, outgoing: forth, holders },
      { type, end: 1, incoming: forth, outgoing: back, holders },
    ] as const;
    for (const { end } of ends) {
      new Holders(words, end * HOLDERS_WORDS, locker).add(locker.token);
    }
    return [...ends];
  }

  get isReadable(): boolean {
    return this.#incoming !== undefined;
  }

  get isWritable(): boolean {
    return this.#outgoing !== undefined;
  }

  give(receiver: number): RingLinkHandle {
    if (!this.#mine.add(receiver)) {
      throw new StateError(
        "Cannot give connection: the process has it thousands of times already",
      );
    }
    // What this process sends is held by it until another has received it.
    if (receiver !== this.#locker.token) return this.#handle;
    return { ...this.#handle, isSent: true };
  }

  takeBack(): void {
    if (this.#mine.leave(this.#locker.token)) this.#end();
  }

  arrived(sender: number): void {
    this.#mine.leave(sender);
  }

  packetOf(value: unknown, transfer: readonly Transferable[]): Frame {
    if (transfer.length > 0) {
      throw new TypeError(
        "Cannot send message: only a pipe made with { transfer: true } moves what is in `transfer`",
      );
    }
    return this.#checkSize(encode(value, "message", undefined, this.#road));
  }

  packetOfBytes(bytes: Uint8Array): Frame {
    // Shared memory is refused as a value, since it would arrive as a copy.
    // Here only its bytes are wanted.
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    const own = isShared ? bytes.slice() : bytes;
    return this.#checkSize(encode(own, "message"));
  }

  keep(frame: Frame): Frame {
    return keep(frame);
  }

  trySend(frame: Frame): PutResult {
    if (this.#isAlone()) return "closed";
    const result = this.#outgoing!.tryPut(frame);
    if (result === "put") frame.cargo?.sent(this.#carrier());
    return result;
  }

  cargoOf({ cargo }: Frame): Cargo | undefined {
    return cargo;
  }

  seenRoom(): number {
    return this.#outgoing!.seenRoom();
  }

  parkForRoom(seen: number): Park | undefined {
    return this.#outgoing!.parkForRoom(seen);
  }

  tryReceive(): unknown {
    const message = this.#incoming!.tryTake();
    if (message === undefined) return NOTHING;
    return decode(message.tag, message.inline, message.bytes);
  }

  tryReceiveBytes(accept: Accept): Uint8Array | undefined {
    const ring = this.#incoming!;
    try {
      const message = ring.tryTake((tag, length) => {
        if (!isBytes(tag)) throw notBytes();
        accept(length);
      });
      // The array is the caller's alone: the ring copies bytes into a new one.
      return message?.bytes;
    } catch (error) {
      // The receiver that was woken for the message leaves it to another.
      ring.passOn();
      throw error;
    }
  }

  hasMessage(): boolean {
    return !this.#incoming!.isEmpty();
  }

  parkForMessage(): Park | undefined {
    return this.#incoming!.parkForMessage();
  }

  isOver(): boolean {
    return (this.#incoming ?? this.#outgoing)!.isClosed() || this.#isAlone();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const isLast = this.#isCounted && this.#mine.leave(this.#locker.token);
    if (isLast) this.#end();
    for (const ring of this.#rings()) unuseRegion(ring.handle);
  }

  #isAlone(): boolean {
    if (this.#others.isHeld()) return false;
    this.#end();
    return true;
  }

  /** Closes both rings, which wakes all waits at either end. */
  #end(): void {
    for (const ring of this.#rings()) if (!ring.isClosed()) ring.close();
  }

  /** What is sent and not received is lost with the other end. */
  #carrier(): Carrier {
    const ring = this.#outgoing!;
    return {
      isEmpty: () => ring.isEmpty(),
      mark: () => ring.mark(),
      isPast: (mark) => ring.isPast(mark) || !this.#others.isHeld(),
    };
  }

  #rings(): Ring[] {
    return [this.#incoming, this.#outgoing].filter((ring) =>
      ring !== undefined
    );
  }

  #checkSize(frame: Frame): Frame {
    const size = frame.bytes?.length ?? 0;
    const most = this.#outgoing!.maxMessage;
    if (size <= most) return frame;
    frame.cargo?.end();
    throw new RangeError(
      `Cannot send message: it takes ${size} bytes, and the pipe holds ${most}`,
    );
  }
}

/** The error of a `recvBytes()` that finds something else. */
export function notBytes(): TypeError {
  return new TypeError(
    "Cannot receive bytes: the next message is a value: take it with recv()",
  );
}
