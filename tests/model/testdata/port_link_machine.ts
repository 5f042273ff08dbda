// Copyright 2026 the authors. MIT license.

// The ends of a pipe over a message channel (pipe/port_link.ts) and their
// mistakes: `?mistake=namesNoHeir` … The ports are mailboxes in words: a post
// is one step, and what was posted stays there when its end moves.

import type * as machines from "../../../pipe/port_link.ts";
import { runSync, type Steps } from "../../../memory/park.ts";
import type { Words } from "../../../memory/word.ts";
import { type Packed, unpack } from "../../../message/handle.ts";
import { packMoving } from "../../../message/pack.ts";
import { NO_MESSAGE } from "../../../message/port.ts";
import { NOTHING } from "../../../pipe/link.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const COUNT = `    words.add(this.#mine + SENT, ONE);
    words.notify(this.#mine + SENT, 1);
`;

const { PortLink } = await importWith("pipe/port_link.ts", import.meta.url, {
  countsTooEarly: [
    ["    words.add(this.#mine + SENT, ONE);\n", ""],
    [
      "    this.#mailbox.send(rest, transfer);\n",
      `    words.add(this.#mine + SENT, ONE);
    this.#mailbox.send(rest, transfer);
`,
    ],
    ["    words.notify(this.#mine + SENT, 1);\n", ""],
  ],
  sendsSilently: [[COUNT, COUNT.split("\n")[0] + "\n"]],
  takesSilently: [["    words.notify(this.#mine + TAKEN, 1);\n", ""]],
  closesSilently: [["      this.#words.notify(index, Infinity);\n", ""]],
  looksTooLate: [
    ["    this.#seenSent = words.load(this.#others + SENT);\n", ""],
    [
      "    if (value === NO_MESSAGE) return value;\n",
      `    this.#seenSent = words.load(this.#others + SENT);
    if (value === NO_MESSAGE) return value;
`,
    ],
  ],
  namesNoHeir: [["    this.#words.store(this.#mine + HEIR, receiver);\n", ""]],
  leavesTooEarly: [[
    "    this.#words.store(this.#mine + HEIR, receiver);\n",
    `    this.#words.store(this.#mine + HEIR, receiver);
    this.#words.store(this.#mine + OWNER, receiver);
`,
  ]],
  neverTakes: [[
    "    this.#words.store(this.#mine + OWNER, this.#locker.token);\n",
    "",
  ]],
  movesWithoutComparing: [[
    "this.#words.cas(this.#mine + OWNER, token, this.#heir);",
    `void token;
        const heir = this.#words.load(this.#mine + HEIR);
        this.#words.store(this.#mine + OWNER, heir);`,
  ]],
  looksOnce: [[
    "if (words.load(end + OWNER) === owner) return true;",
    "return true;",
  ]],
}) as typeof machines;

// Behind the words of the link. A mailbox: how many were posted, how many were
// taken out, and the messages.
const MAIL = 32;
const MAIL_WORDS = 8;
/** By end: the token of the thread whose port it is; 0: it is on its way. */
const HOLDER = 48;
/** By end: the token of the thread that it was last posted to. */
const POSTED_TO = 52;
/** By token: 1 when that thread is dead. */
const DEAD = 56;
/** How many messages have come out of the pipe, and which. */
const RECEIVED = 64;

/** As long as the slices of memory/park.ts. */
const SLICE = 20;

// SENT of an end: so much that one more message fills the pipe.
const SENT = 2;
const ALMOST_FULL = 1023 << 1;

type Link = machines.PortLink;

function tokenOf(thread: number): number {
  return thread + 1;
}

function linkOf(words: Words, token: number, end: number): Link {
  const mine = MAIL + end * MAIL_WORDS;
  const others = MAIL + (1 - end) * MAIL_WORDS;
  const checkHolder = () => {
    if (words.peek(HOLDER + end) !== token) {
      throw new TypeError("Cannot use port: another thread has it");
    }
  };
  const mailbox: machines.Mailbox = {
    send(packed) {
      checkHolder();
      const value = unpack(packed as Packed) as number;
      words.poke(mine + 2 + words.peek(mine), value);
      words.add(mine, 1);
    },
    receive() {
      checkHolder();
      const taken = words.peek(others + 1);
      if (words.load(others) === taken) return NO_MESSAGE;
      words.poke(others + 1, taken + 1);
      const value = words.peek(others + 2 + taken);
      return packMoving(value, [], "message");
    },
    close() {},
  };
  const handle = { end, isReadable: true, isWritable: true };
  const isAlive = (other: number) =>
    other === token || (other !== 0 && words.load(DEAD + other) === 0);
  return new PortLink(
    handle as machines.PortLinkHandle,
    words,
    mailbox,
    { token, isAlive },
  );
}

/** End 0 is that of thread 0, end 1 that of `other`. */
function ends(other: number, prepare?: (words: Words) => void) {
  return (words: Words) => {
    [0, other].forEach((thread, end) => {
      words.store(HOLDER + end, tokenOf(thread));
      linkOf(words, tokenOf(thread), end).take();
    });
    prepare?.(words);
  };
}

function own({ words, thread }: ThreadContext, end: number): Link {
  return linkOf(words, tokenOf(thread), end);
}

/** What process/process.ts does with an end in the arguments of a child. */
function give(words: Words, link: Link, end: number, heir: number): void {
  link.give(tokenOf(heir));
  words.store(POSTED_TO + end, tokenOf(heir));
  // In the step of the post: from here on the port is on its way.
  words.poke(HOLDER + end, 0);
  words.notify(POSTED_TO + end, Infinity);
  link.mover().moved();
}

/** Waits for the end; undefined if it cannot come any more. */
function receiveEnd(
  { words, thread }: ThreadContext,
  end: number,
  giver: number,
): Link | undefined {
  const token = tokenOf(thread);
  while (true) {
    const isGiverDead = words.load(DEAD + tokenOf(giver)) !== 0;
    const posted = words.load(POSTED_TO + end);
    if (posted === token) break;
    if (isGiverDead) {
      // As a process that has nothing to do.
      words.store(DEAD + token, 1);
      return undefined;
    }
    words.wait(POSTED_TO + end, posted, SLICE);
  }
  words.poke(HOLDER + end, token);
  const link = linkOf(words, token, end);
  link.take();
  return link;
}

// As Channel drives a link.
function* sending(link: Link, value: number): Steps<void> {
  while (true) {
    const seen = link.seenRoom();
    const result = link.trySend(link.packetOf(value, []));
    if (result !== "full") return;
    yield link.parkForRoom(seen);
  }
}

function* receiving(link: Link): Steps<unknown> {
  while (true) {
    const value = link.tryReceive();
    if (value !== NOTHING) return value;
    if (link.isOver()) return link.tryReceive();
    yield link.parkForMessage();
  }
}

function send(link: Link, value: number): void {
  runSync(sending(link, value), Infinity);
}

/** Takes all until the end, and writes down what has come. */
function receiveAll(words: Words, link: Link): void {
  while (true) {
    const value = runSync(receiving(link), Infinity);
    if (value === NOTHING) return;
    note(words, value);
  }
}

function note(words: Words, value: unknown): void {
  const count = words.peek(RECEIVED);
  words.poke(RECEIVED + 1 + count, value as number);
  words.poke(RECEIVED, count + 1);
}

function died(words: Words, thread: number): void {
  words.poke(DEAD + tokenOf(thread), 1);
}

/** An end is not over while a living process has it, or will get it. */
function isHeldByTheLiving(words: Words): boolean {
  for (const end of [0, 1]) {
    const isClosed = (words.peek(end * 16 + SENT) & 1) !== 0;
    if (isClosed) continue;
    const holder = words.peek(HOLDER + end) || words.peek(POSTED_TO + end);
    if (words.peek(DEAD + holder) === 1) continue;
    if (linkOf(words, 7, 1 - end).isOver()) return false;
  }
  return true;
}

function inOrder(least: number): NonNullable<Scenario["finally"]> {
  return (words, { assert }) => {
    const count = words.load(RECEIVED);
    assert(count >= least, `only ${count} have come`);
    for (let i = 1; i <= count; i++) {
      assert(words.load(RECEIVED + i) === i, `number ${i} is another message`);
    }
  };
}

/** The receiver gives its end away while the other one sends. */
export const handsOver: Scenario = {
  init: ends(1),
  threads: [
    (context) => {
      const { words } = context;
      const link = own(context, 0);
      const value = link.tryReceive();
      if (value !== NOTHING) note(words, value);
      give(words, link, 0, 2);
    },
    (context) => {
      const link = own(context, 1);
      send(link, 1);
      send(link, 2);
      link.close();
    },
    (context) => {
      const link = receiveEnd(context, 0, 0)!;
      receiveAll(context.words, link);
      link.close();
    },
  ],
  invariant: isHeldByTheLiving,
  finally: inOrder(2),
};

function sendsAndGives(context: ThreadContext): void {
  const link = own(context, 0);
  send(link, 1);
  give(context.words, link, 0, 2);
}

/** The sender gives its end away, and its heir sends on; either may die. */
export const heirSends: Scenario = {
  init: ends(1),
  threads: [
    sendsAndGives,
    (context) => {
      const link = own(context, 1);
      receiveAll(context.words, link);
      link.close();
    },
    (context) => {
      const link = receiveEnd(context, 0, 0);
      if (link === undefined) return;
      send(link, 2);
      link.close();
    },
  ],
  died,
  invariant: isHeldByTheLiving,
  finally(words, ending) {
    const isAnyoneDead = ending.isDead(0) || ending.isDead(2);
    inOrder(isAnyoneDead ? 0 : 2)(words, ending);
  },
};

/** An end goes from one to the next and on; the first and the last may die. */
export const handsOn: Scenario = {
  init: ends(3),
  threads: [
    (context) => give(context.words, own(context, 0), 0, 1),
    (context) => {
      const link = receiveEnd(context, 0, 0);
      if (link !== undefined) give(context.words, link, 0, 2);
    },
    (context) => receiveEnd(context, 0, 1)?.close(),
  ],
  died,
  invariant: isHeldByTheLiving,
};

function givesAndEnds(
  { words, thread }: ThreadContext,
  link: Link,
  heir: number,
): void {
  give(words, link, 0, heir);
  words.store(DEAD + tokenOf(thread), 1);
}

/** An end goes on and on, and those that had it end, while the other looks. */
export const anEndMovesOn: Scenario = {
  init: ends(2),
  threads: [
    (context) => givesAndEnds(context, own(context, 0), 1),
    // To a process that lives, and does nothing.
    (context) => givesAndEnds(context, receiveEnd(context, 0, 0)!, 3),
    (context) => {
      context.assert(!own(context, 1).isOver(), "somebody has the end");
    },
  ],
  invariant: isHeldByTheLiving,
};

/** Each waits for the other. */
export const answers: Scenario = {
  init: ends(1),
  threads: [
    (context) => {
      const link = own(context, 0);
      send(link, 1);
      note(context.words, runSync(receiving(link), Infinity));
    },
    (context) => {
      const link = own(context, 1);
      note(context.words, runSync(receiving(link), Infinity));
      send(link, 2);
    },
  ],
  invariant: isHeldByTheLiving,
  finally: inOrder(2),
};

/** The pipe is full when the second message is sent. */
export const waitsForRoom: Scenario = {
  init: ends(1, (words) => words.store(SENT, ALMOST_FULL)),
  threads: [
    (context) => {
      const link = own(context, 0);
      send(link, 1);
      send(link, 2);
      link.close();
    },
    (context) => {
      const link = own(context, 1);
      receiveAll(context.words, link);
      link.close();
    },
  ],
  invariant: isHeldByTheLiving,
  finally: inOrder(2),
};
