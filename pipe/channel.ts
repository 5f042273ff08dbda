// Copyright 2026 the authors. MIT license.

// Channels: which calls wait at one end of a pipe, for how long, and which are
// refused.
//
// Calls of this process stand in three lines: senders, receivers, pollers. A
// message wakes one sleeper, which may be any line of any process. A poller or
// a `wait()` takes nothing, so it passes the wake on, until a receiver has it.
//
// The reason that ends a wait is written before the wait is made to look:
// `#done` by giveUp(), `#isSpoilt` by a message that is too long. A wait that
// looks too early sleeps again, and the look that follows the write refuses it.

import { BrokenPipeError, EOFError, StateError } from "../errors.ts";
import { checkArray } from "../memory/check.ts";
import {
  deadlineOf,
  WAIT_OPTIONS,
  type WaitOptions,
} from "../memory/deadline.ts";
import type { Handle } from "../message/handle.ts";
import { acquainted, reread } from "../message/reader.ts";
import { type Link, type LinkHandle, NOTHING } from "./link.ts";
import { EXPIRED, Line, rouse, type Steps } from "../memory/park.ts";
import { passOn, type Readiness } from "../memory/ready.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, lookAfterSent } from "../program/self.ts";
import { putting, taking } from "../queue/store.ts";

/** How long a send may wait, and what it moves. */
export interface SendOptions extends WaitOptions {
  /**
   * The objects that move with the message instead of being copied, and cannot
   * be used here any more: ArrayBuffers, MessagePorts, streams. Only for a pipe
   * that was made with `{ transfer: true }`.
   *
   * @default {[]}
   */
  transfer?: readonly Transferable[] | undefined;
}

const SEND_OPTIONS = [...WAIT_OPTIONS, "transfer"];

/** The handle that crosses to a child in place of a connection. */
export interface ConnectionHandle extends Handle {
  readonly kind: "Connection";
  readonly link: LinkHandle;
}

/** Takes a message, or {@linkcode NOTHING}. */
export type Take = () => unknown;

/** A packet to send; `isBlocked`: nothing else runs until it is sent. */
interface Outgoing {
  readonly packet: unknown;
  readonly isBlocked: boolean;
}

/** One end of a pipe, as this process uses it. */
export class Channel {
  readonly link: Link;
  readonly #senders = new Line("Connection.send()");
  readonly #receivers = new Line("Connection.recv()");
  readonly #pollers = new Line("Connection.poll()");
  readonly #sending = Wait.toTake<Outgoing, true>(this.#senders, {
    now: ({ packet }) => this.#trySend(packet) || EXPIRED,
    // A packet is good until this thread makes another.
    steps: ({ packet, isBlocked }) =>
      this.#stepsToSend(isBlocked ? packet : this.link.keep(packet)),
  });
  readonly #receiving = Wait.toTake<Take, unknown>(this.#receivers, {
    now: (take) => {
      const value = take();
      return value === NOTHING ? EXPIRED : value;
    },
    steps: (take) => this.#stepsToReceive(take),
  });
  readonly #polling = Wait.toSee<void, true>(this.#pollers, {
    now: () => this.#isReady() || EXPIRED,
    steps: () => this.#stepsToPoll(),
  });
  // What this process has done with the end: "closed it", say. Undefined while
  // the end is open.
  #done: string | undefined;
  #isSpoilt = false;

  constructor(link: Link) {
    this.link = link;
    unused.register(this, link, this);
  }

  get isClosed(): boolean {
    return this.#done !== undefined;
  }

  get isReadable(): boolean {
    return this.link.isReadable && !this.#isSpoilt && !this.isClosed;
  }

  get isWritable(): boolean {
    return this.link.isWritable && !this.isClosed;
  }

  async send(value: unknown, options?: SendOptions): Promise<void> {
    const deadline = deadlineOf(options, SEND_OPTIONS);
    this.#checkWritable();
    const packet = this.link.packetOf(value, transferOf(options));
    await this.#send(packet, deadline, options?.signal);
  }

  sendSync(value: unknown, options?: SendOptions): void {
    const deadline = deadlineOf(options, SEND_OPTIONS);
    this.#checkWritable();
    this.#sendSync(this.link.packetOf(value, transferOf(options)), deadline);
  }

  async sendBytes(bytes: Uint8Array, options?: WaitOptions): Promise<void> {
    const deadline = deadlineOf(options);
    this.#checkWritable();
    const packet = this.link.packetOfBytes(bytes);
    await this.#send(packet, deadline, options?.signal);
  }

  sendBytesSync(bytes: Uint8Array, options?: WaitOptions): void {
    const deadline = deadlineOf(options);
    this.#checkWritable();
    this.#sendSync(this.link.packetOfBytes(bytes), deadline);
  }

  async receive(take: Take, options?: WaitOptions): Promise<unknown> {
    const deadline = deadlineOf(options);
    // The shell would look first as well. Here it saves a tenth of a receive
    // that need not wait.
    try {
      if (this.#receiving.mayLook(deadline)) {
        const value = take();
        if (value !== NOTHING) return acquainted(value);
      }
      const got = this.#receiving.inLine(take, deadline, options?.signal);
      const value = got instanceof Promise ? await got : got;
      if (value !== EXPIRED) return acquainted(value);
    } catch (error) {
      return await reread(error);
    }
    throw expired("receive", "empty");
  }

  receiveSync(take: Take, options?: WaitOptions): unknown {
    const deadline = deadlineOf(options);
    const there = take();
    if (there !== NOTHING) return there;
    const value = this.#receiving.blocking(take, deadline);
    if (value === EXPIRED) throw expired("receive", "empty");
    return value;
  }

  /** Takes the oldest message. */
  readonly take: Take = () => {
    this.#checkReadable();
    const value = this.link.tryReceive();
    if (value !== NOTHING || !this.link.isOver()) return value;
    // A message may have been sent after the first look and before the end. The
    // end is for good, so what this look does not find was never sent.
    const last = this.link.tryReceive();
    if (last !== NOTHING) return last;
    return end();
  };

  /** Takes the oldest message, which must be bytes and not too many. */
  takeBytes(maxLength: number): unknown {
    this.#checkReadable();
    const { link } = this;
    let isTooLong = false;
    const accept = (length: number) => {
      isTooLong = length > maxLength;
      if (!isTooLong) return;
      throw new RangeError(
        `Cannot receive bytes: the message has ${length}, and at most ${maxLength} were asked for`,
      );
    };
    try {
      const bytes = link.tryReceiveBytes(accept);
      if (bytes !== undefined) return bytes;
      if (!link.isOver()) return NOTHING;
      const last = link.tryReceiveBytes(accept);
      if (last !== undefined) return last;
    } catch (error) {
      if (isTooLong) this.#spoil();
      throw error;
    }
    return end();
  }

  async poll(options: WaitOptions): Promise<boolean> {
    const deadline = deadlineOf(options);
    const { signal } = options;
    const ready = await this.#polling.inLine(undefined, deadline, signal);
    return ready !== EXPIRED;
  }

  pollSync(options: WaitOptions): boolean {
    const deadline = deadlineOf(options);
    return this.#polling.blocking(undefined, deadline) !== EXPIRED;
  }

  readiness(): Readiness {
    this.#checkReadable();
    return {
      isReady: () => this.#isReady(),
      park: () => this.link.parkForMessage(),
    };
  }

  /** Lets another process hold the end; returns what crosses to it. */
  give(receiver: number): LinkHandle {
    this.#checkOpen("give connection to a process");
    return this.link.give(receiver);
  }

  /** Lets go of the end: refuses the waits here, then tells the others. */
  close(): void {
    if (this.isClosed) return;
    this.giveUp("closed it");
    this.link.close();
    lookAfterSent();
  }

  /**
   * Refuses what waits here and what comes, since this process has `done` so.
   */
  giveUp(done: string): void {
    this.#done = done;
    unused.unregister(this);
    this.#senders.look();
    this.#endReading();
  }

  async #send(
    packet: unknown,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const cargo = this.link.cargoOf(packet);
    try {
      if (this.#sending.mayLook(deadline) && this.#trySend(packet)) return;
      const outgoing = { packet, isBlocked: false };
      const sent = this.#sending.inLine(outgoing, deadline, signal);
      if ((sent instanceof Promise ? await sent : sent) !== EXPIRED) return;
      throw expired("send", "full");
    } catch (error) {
      cargo?.end();
      throw error;
    }
  }

  #sendSync(packet: unknown, deadline: number): void {
    const cargo = this.link.cargoOf(packet);
    try {
      if (this.#trySend(packet)) return;
      const outgoing = { packet, isBlocked: true };
      if (this.#sending.blocking(outgoing, deadline) !== EXPIRED) return;
      throw expired("send", "full");
    } catch (error) {
      cargo?.end();
      throw error;
    }
  }

  #trySend(packet: unknown): boolean {
    const result = this.link.trySend(packet);
    if (result !== "closed") return result === "put";
    throw new BrokenPipeError(
      "Cannot send message: nobody has the other end of the pipe any more",
    );
  }

  #stepsToSend(packet: unknown): Steps<true> {
    return putting(this.link, () => {
      this.#checkWritable();
      return this.#trySend(packet) || undefined;
    });
  }

  *#stepsToReceive(take: Take): Steps<unknown> {
    const { value } = yield* taking(this.link, () => {
      const value = take();
      return value === NOTHING ? undefined : { value };
    });
    return value;
  }

  /**
   * Ends reading after a message that was too long. Python does so because it
   * would not know where the next message begins.
   */
  #spoil(): void {
    if (!this.link.isWritable) return this.close();
    this.#isSpoilt = true;
    this.#endReading();
  }

  /** Makes all waits for a message look: this process takes none any more. */
  #endReading(): void {
    if (!this.link.isReadable) return;
    this.#receivers.look();
    this.#pollers.look();
    // The waits of `wait()` stand in lines of their own.
    const park = this.link.parkForMessage();
    if (park !== undefined) rouse(park);
  }

  #isReady(): boolean {
    this.#checkReadable();
    return this.link.hasMessage() || this.link.isOver();
  }

  #stepsToPoll(): Steps<true> {
    return taking(this.link, (slept) => {
      if (!this.#isReady()) return undefined;
      // A poller leaves the message where it is: the wake is a receiver's.
      passOn(slept);
      return true;
    });
  }

  #checkOpen(action: string): void {
    if (this.#done === undefined) return;
    throw new StateError(`Cannot ${action}: this process has ${this.#done}`);
  }

  #checkReadable(): void {
    checkpoint();
    this.#checkOpen("receive from connection");
    if (this.link.isReadable && !this.#isSpoilt) return;
    throw new StateError(
      this.#isSpoilt
        ? "Cannot receive from connection: it had a message that was too long"
        : "Cannot receive from connection: it only sends",
    );
  }

  #checkWritable(): void {
    checkpoint();
    this.#checkOpen("send to connection");
    if (this.link.isWritable) return;
    throw new StateError("Cannot send to connection: it only receives");
  }
}

/**
 * Closes the ends that a program forgot. One that still waits is not forgotten.
 */
const unused = new FinalizationRegistry<Link>((link) => link.close());

function transferOf(options: SendOptions | undefined): readonly Transferable[] {
  const transfer = options?.transfer ?? [];
  checkArray("send message", "transfer", transfer);
  return transfer;
}

function expired(action: string, state: string): DOMException {
  return new DOMException(
    `Cannot ${action} message: the timeout passed while the pipe was ${state}`,
    "TimeoutError",
  );
}

function end(): never {
  // The end may have come because this process was given up itself. Then it
  // stops here instead.
  checkpoint();
  throw new EOFError(
    "Cannot receive message: nobody has the other end of the pipe any more",
  );
}
