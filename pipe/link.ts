// Copyright 2026 the authors. MIT license.

// Links: what a Connection sends through. A link is one end of a channel and
// the order of its messages. Which calls wait, for how long, and which are
// refused is the business of channel.ts.

import { StateError } from "../errors.ts";
import type { Cargo } from "../message/codec.ts";
import type { Mover } from "../message/handle.ts";
import type { Park } from "../memory/park.ts";
import type { PutResult } from "../queue/store.ts";

/** The result of a link that has no message. */
export const NOTHING: unique symbol = Symbol("nothing");

/** The handle that crosses in place of a link; `type` says of which. */
export interface LinkHandle {
  readonly type: string;
}

/** Throws if a message of `length` bytes is not to be taken. */
export type Accept = (length: number) => void;

/** One end of a channel. `P` is what it makes of a value before it sends it. */
export interface Link<P = unknown> {
  /** Whether messages come in. */
  readonly isReadable: boolean;
  /** Whether messages go out. */
  readonly isWritable: boolean;
  /** Lets the process of a token hold the end; returns what crosses to it. */
  give(receiver: number): LinkHandle;
  /**
   * The part that moves beside the handle, if this process cannot keep the end.
   */
  mover?(): Mover;

  /** Ends the hold on an end that was given to be sent, and was not. */
  takeBack?(): void;
  /** This process has the end now: ends the hold of its sender. */
  arrived?(sender: number): void;

  /** Prepares a value in the caller's stack, so that errors come there. */
  packetOf(value: unknown, transfer: readonly Transferable[]): P;
  /** Prepares a message of bytes. */
  packetOfBytes(bytes: Uint8Array): P;
  /** The same packet, but one that outlives the next. */
  keep(packet: P): P;
  /**
   * Sends a message whole, or not at all; "closed": nobody could receive it.
   */
  trySend(packet: P): PutResult;
  /** The shared objects in a packet. */
  cargoOf(packet: P): Cargo | undefined;
  /** A word to be read before a send finds no room; for `parkForRoom`. */
  seenRoom(): number;
  /** Where to sleep until a message was taken; undefined: try again. */
  parkForRoom(seen: number): Park | undefined;

  /** Takes the oldest message: its value, or {@linkcode NOTHING}. */
  tryReceive(): unknown;
  /**
   * Takes the oldest message, which must be bytes; undefined if there is none.
   * It stays if it is something else, or `accept` throws.
   */
  tryReceiveBytes(accept: Accept): Uint8Array | undefined;
  /** Whether a message is there. */
  hasMessage(): boolean;
  /** Where to sleep until a message comes; undefined: look again. */
  parkForMessage(): Park | undefined;

  /** Whether no process holds the other end any more; it is so for good. */
  isOver(): boolean;
  /** This process lets go of the end. */
  close(): void;
}

/** Which ways lead through a pipe, as its handle says it. */
interface Ends extends LinkHandle {
  readonly incoming?: object | undefined;
  readonly outgoing?: object | undefined;
}

/** An end of a pipe whose memory is lost with all that had it. */
export class LostLink implements Link<undefined> {
  readonly isReadable: boolean;
  readonly isWritable: boolean;

  constructor(handle: LinkHandle) {
    const { incoming, outgoing } = handle as Ends;
    this.isReadable = incoming !== undefined;
    this.isWritable = outgoing !== undefined;
  }

  give(): never {
    throw new StateError(
      "Cannot give connection: no process has its memory any more",
    );
  }

  packetOf(): undefined {}

  packetOfBytes(): undefined {}

  keep(): undefined {}

  trySend(): PutResult {
    return "closed";
  }

  cargoOf(): undefined {}

  seenRoom(): number {
    return 0;
  }

  parkForRoom(): undefined {}

  tryReceive(): unknown {
    return NOTHING;
  }

  tryReceiveBytes(): undefined {}

  hasMessage(): boolean {
    return false;
  }

  parkForMessage(): undefined {}

  isOver(): boolean {
    return true;
  }

  close(): void {}
}
