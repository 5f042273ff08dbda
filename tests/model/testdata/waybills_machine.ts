// Copyright 2026 the authors. MIT license.

// The end of a pipe in a message (message/waybills.ts, over pipe/holders.ts),
// and its mistakes: `?mistake=takesBlindly` …
//
// Thread 0 has sent the end, thread 1 receives it.

import { lockerOf } from "../../../program/locker.ts";
import { Holders } from "../../../pipe/holders.ts";
import type * as machines from "../../../message/waybills.ts";
import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Waybills } = await importWith("message/waybills.ts", import.meta.url, {
  takesBlindly: [[
    "return this.#words.cas(index, number, number | TAKEN) === number;",
    "this.#words.store(index, number | TAKEN); return true;",
  ]],
  endsBlindly: [[
    "if (this.#words.cas(index, number, next) === number) return true;",
    "if (this.#words.exchange(index, next) !== -1) return true;",
  ]],
  endsUnseen: [[
    "if (this.#words.cas(index, number, next) === number) return true;",
    "",
  ]],
  keepsItsNumber: [["const next = number + ONE | 0;", "const next = number;"]],
}) as typeof machines;

/** No thread holds the end: the last to leave says so. */
const OVER = 15;
const WAYBILL = 20;
/** The receiver may read the message that lies in the same place by now. */
const LATE = 21;

/** As long as the slices of memory/park.ts. */
const SLICE = 20;

// Thread t has the slot t + 1.
const SENDER = 1 << 10 | 1;
const RECEIVER = 1 << 10 | 2;
const OTHER = 1 << 10 | 3;

function holdersOf(
  words: Words,
  token: number,
  isDead: (thread: number) => boolean = () => false,
): Holders {
  const isAlive = (token: number) => !isDead((token & 0x3ff) - 1);
  return new Holders(words, 0, lockerOf(token, isAlive));
}

function held(count: number): (words: Words) => void {
  return (words) => {
    const holders = holdersOf(words, OTHER);
    for (let i = 0; i < count; i++) holders.add(SENDER);
  };
}

function leave(
  { words, isDead }: ThreadContext,
  own: number,
  whose: number,
): void {
  if (!holdersOf(words, own, isDead).leave(whose)) return;
  words.store(OVER, 1);
  words.notify(OVER, Infinity);
}

function givesUp(context: ThreadContext): void {
  if (new Waybills(context.words).end(WAYBILL, 0)) {
    leave(context, SENDER, SENDER);
  }
}

/** The message of number 0 is received, and the end is held. */
function receive(context: ThreadContext): Holders {
  const { words, isDead } = context;
  const holders = holdersOf(words, RECEIVER, isDead);
  holders.add(RECEIVER);
  if (new Waybills(words).take(WAYBILL, 0)) {
    leave(context, RECEIVER, SENDER);
  }
  return holders;
}

/** The sender has an end of its own, too, which stays held by it. */
export const keepsItsOwn: Scenario = {
  init: held(2),
  threads: [
    (context) => {
      givesUp(context);
      const holders = holdersOf(context.words, SENDER, context.isDead);
      context.assert(holders.isHeld(), "its own end was let go of");
    },
    (context) => {
      receive(context);
      leave(context, RECEIVER, RECEIVER);
    },
  ],
  finally(words, { assert }) {
    assert(holdersOf(words, OTHER).isHeld(), "its own end was let go of");
  },
};

/** From the sender's hold to the receiver's there is no moment without one. */
export const handsOver: Scenario = {
  init: held(1),
  threads: [
    () => {},
    (context) => {
      const holders = receive(context);
      context.assert(holders.isHeld(), "it is not held by its receiver");
    },
    ({ words, assert, isDead }) => {
      assert(holdersOf(words, OTHER, isDead).isHeld(), "it seemed to be over");
    },
  ],
};

/** It is received or given up, the sender may die: it comes to its end. */
export const ends: Scenario = {
  init: held(1),
  threads: [
    givesUp,
    (context) => {
      receive(context);
      leave(context, RECEIVER, RECEIVER);
    },
    ({ words, isDead }) => {
      const holders = holdersOf(words, OTHER, isDead);
      // Once over, it is so for good: a receiver that comes too late holds the
      // end of a pipe that is closed.
      while (words.load(OVER) === 0 && holders.isHeld()) {
        words.wait(OVER, 0, SLICE);
      }
    },
  ],
};

/** The place is given to another message, while one of before is received. */
export const isUsedAgain: Scenario = {
  init: held(1),
  threads: [
    (context) => {
      const { words, assert } = context;
      const bills = new Waybills(words);
      givesUp(context);
      const next = bills.write(WAYBILL);
      words.store(LATE, 1);
      assert(!bills.isTaken(WAYBILL, next), "the next one is taken");
    },
    (context) => {
      if (context.words.load(LATE) === 1) receive(context);
    },
  ],
  finally(words, { assert }) {
    const bills = new Waybills(words);
    const next = bills.write(WAYBILL) & ~1;
    assert(!bills.isTaken(WAYBILL, next), "the next one is taken");
  },
};
