// Copyright 2026 the authors. MIT license.

// One end of a pipe.

import { printAs } from "../memory/check.ts";
import { EOFError, StateError } from "../errors.ts";
import { copyInto, mostOf, partOf } from "./byte_range.ts";
import { Channel, type ConnectionHandle, type SendOptions } from "./channel.ts";
import { checkTimeout, type WaitOptions } from "../memory/deadline.ts";
import {
  HANDLE,
  MOVER,
  type Mover,
  revive,
  revivedHandle,
  setReviver,
  setSubstitute,
  TRANSIT,
  type Transit,
} from "../message/handle.ts";
import { type Link, type LinkHandle, LostLink } from "./link.ts";
import { PortLink, type PortLinkHandle } from "./port_link.ts";
import { READINESS, type Readiness } from "../memory/ready.ts";
import { RingLink, type RingLinkHandle } from "./ring_link.ts";
import { me } from "../program/self.ts";

export type { SendOptions } from "./channel.ts";
export type { WaitOptions } from "../memory/deadline.ts";
export type { Waitable } from "../memory/ready.ts";

/**
 * One end of a {@linkcode Pipe}.
 *
 * Python: `multiprocessing.connection.Connection`.
 *
 * Give it to a process in its arguments, or send it through a queue or another
 * pipe. Then both have the end: any number of processes may send and receive at
 * it. An end that lies in a queue is held by its sender.
 *
 * - **Whole messages**: a message arrives whole, at exactly one of the
 *   processes that have the other end, in the order in which its sender sent.
 * - **Copies**: a value arrives as a structured clone, taken at the send.
 *   Errors keep their class name, fields and cause.
 * - **Backpressure**: a send waits while too much is unread, see
 *   {@linkcode PipeOptions}.
 * - **End**: when no process has the other end any more, because all have
 *   closed it or ended, receiving gives what was sent before and then
 *   {@linkcode EOFError}, and sending {@linkcode BrokenPipeError}. So each
 *   process closes the ends that it does not use. One that is started counts
 *   from `start()` on; a death is noticed within 100 ms.
 * - **Death**: a message is in the pipe wholly or not at all. One that a
 *   process had received when it died is gone; nothing else is.
 *
 * An end that is not used any more is closed when it is collected, at some
 * time; `close()` or `using` do it at once.
 *
 * An end of a pipe that was made with `{ transfer: true }` has one owner:
 * giving it to a process moves it there, and it is closed here. Messages that
 * are on the way when an owner dies arrive if it was their sender, and are
 * lost, with what moved in them, if it was to receive them. They are clones as
 * the platform makes them, in which errors do not keep everything.
 *
 * @typeParam Send The type of what is sent here.
 * @typeParam Recv The type of what is received here.
 *
 * @example One process, both ends
 * ```ts
 * import { EOFError, Pipe } from "../mod.ts";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const [a, b] = Pipe<string>();
 * await a.send("hello");
 * a.close();
 * assertEquals(await b.recv(), "hello");
 * await assertRejects(() => b.recv(), EOFError);
 * ```
 */
export class Connection<Send = unknown, Recv = Send> {
  readonly #channel: Channel;

  // Connections are made from handles only, also in the process that makes the
  // pipe.
  private constructor() {
    const handle = revivedHandle<ConnectionHandle>();
    if (handle === undefined) {
      throw new TypeError("Cannot create connection: Pipe() makes them");
    }
    this.#channel = new Channel(openLink(handle.link));
  }

  /** Whether this process has closed the end, or moved it to another. */
  get closed(): boolean {
    return this.#channel.isClosed;
  }

  /** Whether it can receive: not closed, and not the sending end of one way. */
  get readable(): boolean {
    return this.#channel.isReadable;
  }

  /** Whether it can send: not closed, and not the receiving end of one way. */
  get writable(): boolean {
    return this.#channel.isWritable;
  }

  /**
   * Sends a value, waiting while the pipe is full.
   *
   * Python: `Connection.send(obj)`.
   *
   * @param value Anything that can be cloned.
   * @param options `timeout` in milliseconds from the call; `signal` to give
   * up; `transfer` says what moves. If the send waits, it moves when there is
   * room.
   * @throws {DOMException} `DataCloneError` for what cannot be cloned, or
   * `TimeoutError` if `timeout` passed; nothing is sent. (After a
   * DataCloneError an ArrayBuffer in `transfer` may be detached nevertheless.)
   * @throws {BrokenPipeError} If nobody has the other end, also while this
   * waits.
   * @throws {StateError} If this process has closed the end, also while this
   * waits, or it only receives.
   * @throws {RangeError} If the message is longer than the pipe can get.
   * @throws {TypeError} If something is to move and the pipe only copies.
   */
  send(value: Send, options?: SendOptions): Promise<void> {
    return this.#channel.send(value, options);
  }

  /** As {@linkcode Connection.send}, blocking this thread. */
  sendSync(value: Send, options?: SendOptions): void {
    this.#channel.sendSync(value, options);
  }

  /**
   * Sends bytes as one message, waiting while the pipe is full. The other end
   * takes it with `recvBytes()`, or as a Uint8Array with `recv()`.
   *
   * Python: `Connection.send_bytes(buffer, offset, size)`.
   *
   * @param buffer What to send, or a part of it; none is a message too.
   * @param offset The first byte of the part.
   * @param size How many bytes; without it, all that follow.
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @throws {RangeError} If the part does not lie in the buffer, or is longer
   * than the pipe can get; nothing is sent.
   * @throws {TypeError} If `buffer` is not an ArrayBuffer or a view of one.
   * @throws {BrokenPipeError} As {@linkcode Connection.send}, like all else.
   *
   * @example
   * ```ts
   * import { Pipe } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = Pipe();
   * await a.sendBytes(new Uint8Array([1, 2, 3, 4]), 1, 2);
   * assertEquals(await b.recvBytes(), new Uint8Array([2, 3]));
   * ```
   */
  async sendBytes(
    buffer: ArrayBuffer | ArrayBufferView,
    offset?: number,
    size?: number,
    options?: WaitOptions,
  ): Promise<void> {
    await this.#channel.sendBytes(partOf(buffer, offset, size), options);
  }

  /** As {@linkcode Connection.sendBytes}, blocking this thread. */
  sendBytesSync(
    buffer: ArrayBuffer | ArrayBufferView,
    offset?: number,
    size?: number,
    options?: WaitOptions,
  ): void {
    this.#channel.sendBytesSync(partOf(buffer, offset, size), options);
  }

  /**
   * Receives the oldest message, waiting while there is none.
   *
   * Python: `Connection.recv()`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns The value, a structured clone of what was sent.
   * @throws {EOFError} If nobody has the other end and all was received.
   * @throws {DOMException} `TimeoutError` if `timeout` passed; nothing is lost.
   * @throws {StateError} If this process has closed the end, also while this
   * waits, or it cannot receive. Also if the message has an instance of a class
   * that no module of this process has registered; the message is gone, as
   * after the next error. A module that is not loaded yet is imported, unless
   * this call blocks.
   * @throws {DOMException} `DataCloneError` if a class has not made an instance
   * for the message.
   * @throws {LostObjectError} If a shared object in the message is lost with
   * its sender; the message is taken, and the rest of it in the error.
   */
  recv(options?: WaitOptions): Promise<Recv> {
    const channel = this.#channel;
    return channel.receive(channel.take, options) as Promise<Recv>;
  }

  /** As {@linkcode Connection.recv}, blocking this thread. */
  recvSync(options?: WaitOptions): Recv {
    const channel = this.#channel;
    return channel.receiveSync(channel.take, options) as Recv;
  }

  /**
   * Receives the oldest message, which must be bytes: from `sendBytes()`, or a
   * Uint8Array or ArrayBuffer that was sent as a value.
   *
   * Python: `Connection.recv_bytes(maxlength)`, which raises OSError.
   *
   * @param maxLength The most bytes to receive.
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns The bytes of the message.
   * @throws {RangeError} If the message is longer than `maxLength`. As in
   * Python the end cannot be read any more: one that also sends goes on doing
   * that, one that only receives is closed. The message stays for other
   * processes that have the end.
   * @throws {TypeError} If the message is another value. It stays: `recv()`
   * takes it.
   * @throws {EOFError} As {@linkcode Connection.recv}, like all else.
   */
  async recvBytes(
    maxLength?: number,
    options?: WaitOptions,
  ): Promise<Uint8Array> {
    const channel = this.#channel;
    const most = mostOf(maxLength);
    const take = () => channel.takeBytes(most);
    return await channel.receive(take, options) as Uint8Array;
  }

  /** As {@linkcode Connection.recvBytes}, blocking this thread. */
  recvBytesSync(maxLength?: number, options?: WaitOptions): Uint8Array {
    const channel = this.#channel;
    const most = mostOf(maxLength);
    const take = () => channel.takeBytes(most);
    return channel.receiveSync(take, options) as Uint8Array;
  }

  /**
   * Receives the oldest message, which must be bytes, into a buffer.
   *
   * Python: `Connection.recv_bytes_into(buffer, offset)`.
   *
   * @param buffer Where the bytes go.
   * @param offset Where in it the first one goes.
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns How many bytes there were.
   * @throws {BufferTooShort} If the message does not fit; it carries the
   * message.
   * @throws {TypeError} If the message is another value, which stays, or
   * `buffer` is not an ArrayBuffer or a view of one.
   * @throws {RangeError} If `offset` does not lie in the buffer.
   * @throws {EOFError} As {@linkcode Connection.recv}, like all else.
   *
   * @example
   * ```ts
   * import { Pipe } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = Pipe();
   * await a.sendBytes(new Uint8Array([1, 2]));
   * const buffer = new Uint8Array(4);
   * assertEquals(await b.recvBytesInto(buffer, 1), 2);
   * assertEquals(buffer, new Uint8Array([0, 1, 2, 0]));
   * ```
   */
  async recvBytesInto(
    buffer: ArrayBuffer | ArrayBufferView,
    offset?: number,
    options?: WaitOptions,
  ): Promise<number> {
    // Before the wait: a buffer that cannot be filled must not cost a message.
    partOf(buffer, offset);
    const bytes = await this.recvBytes(undefined, options);
    return copyInto(partOf(buffer, offset), bytes);
  }

  /** As {@linkcode Connection.recvBytesInto}, blocking this thread. */
  recvBytesIntoSync(
    buffer: ArrayBuffer | ArrayBufferView,
    offset?: number,
    options?: WaitOptions,
  ): number {
    const target = partOf(buffer, offset);
    return copyInto(target, this.recvBytesSync(undefined, options));
  }

  /**
   * Whether a receive would not wait: there is a message, or nobody has the
   * other end. Other processes that have this end may be faster.
   *
   * Python: `Connection.poll(timeout)`.
   *
   * @param timeout How long to wait for it, in milliseconds; Infinity: for as
   * long as it takes. Or `{ timeout, signal }`, without a limit if there is no
   * `timeout`.
   * @default {0}
   * @throws {StateError} If this process has closed the end, also while this
   * waits, or it cannot receive.
   * @throws {RangeError} If `timeout` is negative.
   *
   * @example
   * ```ts
   * import { Pipe } from "../mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = Pipe<number>();
   * assertEquals(await b.poll(), false);
   * a.sendSync(1);
   * assertEquals(await b.poll(Infinity), true);
   * ```
   */
  async poll(timeout: number | WaitOptions = 0): Promise<boolean> {
    return await this.#channel.poll(optionsOf(timeout));
  }

  /** As {@linkcode Connection.poll}, blocking this thread. */
  pollSync(timeout: number | WaitOptions = 0): boolean {
    return this.#channel.pollSync(optionsOf(timeout));
  }

  /**
   * Lets go of the end. Sends and receives of this process that wait are
   * refused. If no other process has the end, those at the other end are told.
   * Closing twice does nothing.
   *
   * Python: `Connection.close()`.
   */
  close(): void {
    this.#channel.close();
  }

  /**
   * There is no file behind a pipe.
   *
   * Python: `Connection.fileno()`, which is mostly used to wait for several
   * connections: {@linkcode wait} does that.
   *
   * @throws {StateError} Always.
   */
  fileno(): never {
    throw new StateError(
      "Cannot get file number: a connection is shared memory: wait for it with wait()",
    );
  }

  /**
   * Receives until nobody has the other end.
   *
   * @throws {StateError} If this process has closed the end, or it cannot
   * receive.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Recv, void, void> {
    while (true) {
      let value: Recv;
      try {
        value = await this.recv();
      } catch (error) {
        if (error instanceof EOFError) return;
        throw error;
      }
      yield value;
    }
  }

  /** Closes the end. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes the end. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  static {
    printAs(this, ({ readable, writable }) => {
      const open = [readable && "readable", writable && "writable"];
      return open.filter(Boolean).join(", ") || "closed";
    });
  }

  /** @internal */
  [HANDLE](receiver: number): ConnectionHandle {
    return { kind: "Connection", link: this.#channel.give(receiver) };
  }

  /** @internal */
  [MOVER](): Mover | undefined {
    const mover = this.#channel.link.mover?.();
    return mover && {
      transfer: mover.transfer,
      moved: () => {
        mover.moved();
        this.#channel.giveUp("given it to another");
      },
    };
  }

  /** @internal */
  [TRANSIT](): Transit {
    const { link } = this.#channel;
    return {
      takeBack: () => link.takeBack?.(),
      drop: () => this.close(),
      arrived: (sender) => link.arrived?.(sender),
    };
  }

  /** @internal */
  [READINESS](): Readiness {
    return this.#channel.readiness();
  }
}

setReviver("Connection", Connection as unknown as new () => Connection);

// The end of a pipe that no process has the memory of: all that had it are
// dead, and that is what the receiver sees of it.
setSubstitute("Connection", (handle) => {
  const { link, ...rest } = handle as ConnectionHandle;
  return revive(
    { ...rest, link: { ...link, type: "lost" } } as ConnectionHandle,
  );
});

function openLink(handle: LinkHandle): Link {
  const { locker } = me();
  if (handle.type === "lost") return new LostLink(handle);
  return handle.type === "port"
    ? PortLink.open(handle as PortLinkHandle, locker)
    : new RingLink(handle as RingLinkHandle, locker);
}

function optionsOf(timeout: number | WaitOptions): WaitOptions {
  if (typeof timeout === "object") return timeout;
  checkTimeout(timeout);
  return { timeout };
}
