// Copyright 2026 the authors. MIT license.

// The ends of a pipe over a message channel, which can move objects instead of
// copying them. A port belongs to one process, and so does an end.
//
// A port says neither that the other one was closed nor that a message has come
// to a thread that blocks. Words beside it do, four for each end:
//
// OWNER, HEIR   The processes that may have the port. A giver names the heir
//               before the port leaves, and makes it the owner when the port
//               has left, unless the heir has come and done so. At any time one
//               of the two has the port: the end is over when both are dead.
// SENT          { count:31, closed:1 }   messages sent from the end
// TAKEN         { count:31, closed:1 }   messages taken out at the end
//
// A message is in the port before SENT counts it, so a receiver that sees it
// counted finds it. The sender may die in between: a receiver that finds the
// end over must look at the port itself.

import { StateError } from "../errors.ts";
import { type Mover, type Packed, unpack } from "../message/handle.ts";
import type { Cargo, Carrier, Road } from "../message/codec.ts";
import { packMoving } from "../message/pack.ts";
import { type Accept, type Link, type LinkHandle, NOTHING } from "./link.ts";
import {
  createRegion,
  openRegion,
  type RegionHandle,
} from "../memory/region.ts";
import type { Locker } from "../program/locker.ts";
import type { Park } from "../memory/park.ts";
import { NO_MESSAGE, receiveFrom, sendTo } from "../message/port.ts";
import type { PutResult } from "../queue/store.ts";
import { notBytes } from "./ring_link.ts";
import type { Words } from "../memory/word.ts";

/** The handle that crosses to another process in place of an end. */
export interface PortLinkHandle extends LinkHandle {
  readonly type: "port";
  /** Which end it is: 0 or 1. */
  readonly end: number;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly port: MessagePort;
  readonly words: RegionHandle;
}

/** The part of a port that a link needs. */
export interface Mailbox {
  send(value: unknown, transfer: readonly Transferable[]): void;
  /** The oldest message, or {@linkcode NO_MESSAGE}. */
  receive(): unknown;
  close(): void;
}

/** A message on its way. */
export interface PortPacket {
  readonly packed: Packed;
  readonly transfer: readonly Transferable[];
}

/** The owner of an end reads what comes to it, and no other process. */
const ROAD: Road = { reach: "thread", isForMany: false };

/** How many messages a pipe holds: what they weigh is not known. */
export const MOST_MESSAGES = 1024;

const OWNER = 0;
const HEIR = 1;
const SENT = 2;
const TAKEN = 3;
/** A cache line for each end. */
const END_WORDS = 16;

/** In SENT and TAKEN: the end was closed. */
const CLOSED = 1;
const ONE = 2;

/** One end of a pipe. */
export class PortLink implements Link<PortPacket> {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly #handle: PortLinkHandle;
  readonly #locker: Locker;
  readonly #mailbox: Mailbox;
  readonly #words: Words;
  readonly #mine: number;
  readonly #others: number;
  // SENT of the other end, as it was before the last look for a message.
  #seenSent = 0;
  // The process that the end was last given to.
  #heir = 0;
  // A message that came out of the port and was not accepted yet.
  #refused: unknown = NO_MESSAGE;
  #isClosed = false;

  /** A view of an end over the words of its pipe. */
  constructor(
    handle: PortLinkHandle,
    words: Words,
    mailbox: Mailbox,
    locker: Locker,
  ) {
    this.isReadable = handle.isReadable;
    this.isWritable = handle.isWritable;
    this.#handle = handle;
    this.#locker = locker;
    this.#mailbox = mailbox;
    this.#words = words;
    this.#mine = handle.end * END_WORDS;
    this.#others = (1 - handle.end) * END_WORDS;
  }

  /** The end whose port has come to this process. */
  static open(handle: PortLinkHandle, locker: Locker): PortLink {
    const { words } = openRegion(handle.words);
    const link = new PortLink(handle, words, mailboxOf(handle.port), locker);
    link.take();
    return link;
  }

  /** The two ends of a new pipe, both to be opened by this process. */
  static pair(isDuplex: boolean): [PortLinkHandle, PortLinkHandle] {
    const { port1, port2 } = new MessageChannel();
    const { handle } = createRegion(2 * END_WORDS * 4);
    const shared = { type: "port", words: handle } as const;
    return [
      {
        ...shared,
        end: 0,
        port: port1,
        isReadable: true,
        isWritable: isDuplex,
      },
      {
        ...shared,
        end: 1,
        port: port2,
        isReadable: isDuplex,
        isWritable: true,
      },
    ];
  }

  /** Makes this process the owner: it has got the port. */
  take(): void {
    this.#words.store(this.#mine + OWNER, this.#locker.token);
  }

  give(receiver: number): PortLinkHandle {
    if (this.#refused !== NO_MESSAGE) {
      throw new StateError(
        "Cannot give connection: it has a message that recvBytes() refused: recv() it first",
      );
    }
    this.#heir = receiver;
    this.#words.store(this.#mine + HEIR, receiver);
    return this.#handle;
  }

  mover(): Mover {
    return {
      transfer: [this.#handle.port],
      moved: () => {
        // Only if this process is still the owner: the heir may have taken the
        // port since, and have given it on.
        const { token } = this.#locker;
        this.#words.cas(this.#mine + OWNER, token, this.#heir);
        this.#isClosed = true;
        lingering.get(this.#words)?.close();
      },
    };
  }

  packetOf(value: unknown, transfer: readonly Transferable[]): PortPacket {
    const packed = packMoving(value, transfer, "message", undefined, ROAD);
    return { packed, transfer: [...transfer, packed.bytes.buffer] };
  }

  packetOfBytes(bytes: Uint8Array): PortPacket {
    const copy = new Uint8Array(bytes);
    return this.packetOf(copy, [copy.buffer]);
  }

  keep(packet: PortPacket): PortPacket {
    return packet;
  }

  trySend({ packed, transfer }: PortPacket): PutResult {
    const words = this.#words;
    if (this.isOver()) return "closed";
    const sent = words.load(this.#mine + SENT);
    const taken = words.load(this.#others + TAKEN);
    if (ahead(sent, taken) >= MOST_MESSAGES) return "full";
    const { cargo, ...rest } = packed;
    this.#mailbox.send(rest, transfer);
    cargo?.sent(this.#carrier(sent + ONE));
    words.add(this.#mine + SENT, ONE);
    words.notify(this.#mine + SENT, 1);
    return "put";
  }

  cargoOf({ packed }: PortPacket): Cargo | undefined {
    return packed.cargo;
  }

  seenRoom(): number {
    return this.#words.load(this.#others + TAKEN);
  }

  parkForRoom(seen: number): Park {
    return { words: this.#words, index: this.#others + TAKEN, value: seen };
  }

  tryReceive(): unknown {
    const value = this.#receive();
    this.#refused = NO_MESSAGE;
    return value === NO_MESSAGE ? NOTHING : value;
  }

  tryReceiveBytes(accept: Accept): Uint8Array | undefined {
    const value = this.#receive();
    if (value === NO_MESSAGE) return undefined;
    const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (!(bytes instanceof Uint8Array)) throw notBytes();
    accept(bytes.length);
    this.#refused = NO_MESSAGE;
    return bytes;
  }

  hasMessage(): boolean {
    if (this.#refused !== NO_MESSAGE) return true;
    this.#seenSent = this.#words.load(this.#others + SENT);
    return ahead(this.#seenSent, this.#words.load(this.#mine + TAKEN)) > 0;
  }

  parkForMessage(): Park {
    const index = this.#others + SENT;
    return { words: this.#words, index, value: this.#seenSent };
  }

  isOver(): boolean {
    const words = this.#words;
    const end = this.#others;
    if ((words.load(end + SENT) & CLOSED) !== 0) return true;
    while (true) {
      const owner = words.load(end + OWNER);
      if (this.#isAlive(owner) || this.#isAlive(words.load(end + HEIR))) {
        return false;
      }
      // The port may have moved since, to a process that lives.
      if (words.load(end + OWNER) === owner) return true;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Both words change, so that a process that is about to sleep on one of
    // them looks again. A notify alone would come too early for it.
    for (const index of [this.#mine + SENT, this.#mine + TAKEN]) {
      this.#words.add(index, CLOSED);
      this.#words.notify(index, Infinity);
    }
    const owner = this.#words.load(this.#others + OWNER);
    if (owner === this.#locker.token && !this.isOver()) {
      lingering.set(this.#words, this.#mailbox);
    } else {
      this.#mailbox.close();
      lingering.get(this.#words)?.close();
    }
  }

  /** The next message. It is the next one until it was accepted. */
  #receive(): unknown {
    if (this.#refused !== NO_MESSAGE) return this.#refused;
    const words = this.#words;
    this.#seenSent = words.load(this.#others + SENT);
    const value = this.#mailbox.receive();
    if (value === NO_MESSAGE) return value;
    words.add(this.#mine + TAKEN, ONE);
    words.notify(this.#mine + TAKEN, 1);
    return this.#refused = unpack(value as Packed);
  }

  /** What is sent and not received is lost with the other end. */
  #carrier(mark: number): Carrier {
    const taken = this.#others + TAKEN;
    return {
      isEmpty: () => false,
      mark: () => mark,
      isPast: () => ahead(mark, this.#words.load(taken)) <= 0 || this.isOver(),
    };
  }

  #isAlive(token: number): boolean {
    return token !== 0 && this.#locker.isAlive(token);
  }
}

// Ports of ends that were closed here while the other end was open here too. To
// close such a port makes the other one throw away what it has not received
// (Deno 2.9.6), so it stays open until the other one is closed or has left.
const lingering = new WeakMap<Words, Mailbox>();

function mailboxOf(port: MessagePort): Mailbox {
  return {
    send: (value, transfer) => sendTo(port, value, transfer),
    receive: () => receiveFrom(port),
    close: () => port.close(),
  };
}

/**
 * How many messages were sent and not taken; -1 if one was taken before its
 * sender counted it.
 */
function ahead(sent: number, taken: number): number {
  return ((sent & ~CLOSED) - (taken & ~CLOSED) | 0) >> 1;
}
