// Copyright 2026 the authors. MIT license.

// The tickets under a condition (sync/tickets.ts), driven as condition.ts
// drives them, and their mistakes.

import { lockerOf } from "../../../program/locker.ts";
import { Mutex } from "../../../sync/mutex.ts";
import { runSync, type Steps } from "../../../memory/park.ts";
import type * as ticketing from "../../../sync/tickets.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { GRANTED, Tickets } = await importWith(
  "sync/tickets.ts",
  import.meta.url,
  {
    forgetsToNotify: [["          words.notify(at, Infinity);\n", ""]],
    publishesFirst: [
      ["      if (isFree) words.store(at, mine);\n", ""],
      [
        "      if (isFree) return ticket;\n",
        "      if (isFree) {\n        words.store(at, mine);\n        return ticket;\n      }\n",
      ],
    ],
    losesTheGift: [[
      "    const gift = this.collect(ticket);\n    if (gift === 0) this",
      "    const gift = 0;\n    if (gift === 0) this",
    ]],
    leavesOrphans: [[
      "return this.#lostGift() !== undefined;",
      "return false;",
    ]],
    skipsOne: [[
      "        } else {\n          words.store(at, FREE);\n        }",
      "        }\n        ticket + 1;",
    ], [
      "words.store(this.#base + HEAD, ticket + 1 | 0);\n    }\n    return given;",
      "words.store(this.#base + HEAD, ticket + 2 | 0);\n    }\n    return given;",
    ]],
  },
) as typeof ticketing;

/** Gives the lock back before it takes its ticket. */
const isLate = new URL(import.meta.url).searchParams.get("mistake") ===
  "takesTheTicketLate";

const LOCK = 0;
const ITEMS = 1;
const TICKETS = 8;
/** A ring that comes round within a scenario. */
const SIZE = 2;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function machines({ words, thread, isDead }: ThreadContext) {
  const locker = lockerOf(thread + 1, (token) => !isDead(token - 1));
  return {
    mutex: new Mutex(words, LOCK, locker),
    tickets: new Tickets(words, TICKETS, locker, SIZE),
  };
}

/** Takes an item, waiting for one. */
function take(context: ThreadContext): void {
  const { words } = context;
  const { mutex, tickets } = machines(context);
  mutex.acquireSync();
  while (words.peek(ITEMS) === 0) {
    if (isLate) mutex.release();
    const ticket = tickets.take();
    if (!isLate) mutex.release();
    sleep(context, ticket);
  }
  words.poke(ITEMS, words.peek(ITEMS) - 1);
  mutex.release();
}

/**
 * Waits for a gift, its own or one that a dead one left, and then has the lock;
 * false: a thread died with the lock.
 */
function sleep(context: ThreadContext, ticket: number): boolean {
  const { mutex, tickets } = machines(context);
  while (true) {
    runSync(awaiting(tickets, ticket, mutex), Infinity);
    const isAbandoned = mutex.acquireSync() !== 0;
    tickets.passOn();
    if (tickets.gift(ticket) !== 0 || isAbandoned) {
      tickets.giveBack(ticket);
      return !isAbandoned;
    }
    mutex.release();
  }
}

function* awaiting(
  tickets: ticketing.Tickets,
  ticket: number,
  mutex?: Mutex,
): Steps<void> {
  while (tickets.gift(ticket) === 0) {
    yield tickets.park(ticket);
    if (mutex?.isAbandoned() || (mutex && tickets.hasLostGift())) return;
  }
}

/** Waits until there is an item, and leaves it to the next. */
function look(context: ThreadContext): void {
  const { words } = context;
  const { mutex, tickets } = machines(context);
  // Told of a death: what the dead one has notified is not known.
  if (mutex.acquireSync() === 0 && words.peek(ITEMS) === 0) {
    const ticket = tickets.take();
    mutex.release();
    if (sleep(context, ticket)) tickets.give(1, GRANTED);
  }
  mutex.release();
}

/** Waits a while, and passes on what it was given. */
function patient(context: ThreadContext): void {
  const { mutex, tickets } = machines(context);
  mutex.acquireSync();
  const ticket = tickets.take();
  mutex.release();
  const deadline = performance.now() + DEADLINE;
  runSync(awaiting(tickets, ticket), deadline);
  mutex.acquireSync();
  if (tickets.giveBack(ticket) !== 0) tickets.give(1, GRANTED);
  mutex.release();
}

/** Puts items one by one, and notifies one each time. */
function put(count: number) {
  return (context: ThreadContext): void => {
    const { words } = context;
    const { mutex, tickets } = machines(context);
    for (let i = 0; i < count; i++) {
      mutex.acquireSync();
      words.poke(ITEMS, words.peek(ITEMS) + 1);
      tickets.give(1, GRANTED);
      mutex.release();
    }
  };
}

const empty: Scenario["finally"] = (words, { assert }) =>
  assert(words.load(ITEMS) === 0, "an item is left");

export const oneTakes: Scenario = { threads: [take, put(1)], finally: empty };
export const twoTake: Scenario = {
  threads: [take, take, put(2)],
  finally: empty,
};
export const timeoutRacesWithNotify: Scenario = {
  threads: [patient, take, put(1)],
  finally: empty,
};
/** The first thread may die, at any point. */
export const waiterDies: Scenario = { threads: [look, look, put(1)] };
