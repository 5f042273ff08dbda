// Copyright 2026 the authors. MIT license.

// The slots under priority queues and queues of tasks (queue/slots.ts), and
// their mistakes.

import type { RegionHandle } from "../../../memory/region.ts";
import { keyOf } from "../../../queue/order.ts";
import { runSync } from "../../../memory/park.ts";
import {
  formatSlots,
  HOLDS,
  planOf,
  REDELIVERS,
} from "../../../queue/slot_layout.ts";
import type * as tables from "../../../queue/slots.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";
import {
  Actors,
  entryOf,
  note,
  scenariosOf,
  takingOne,
  valueIn,
} from "./store_scenarios.ts";

const { Slots } = await importWith(
  "queue/slots.ts",
  import.meta.url,
  {
    publishesFirst: [[
      "    const at = this.#at(slot);\n    if (free === 0)",
      "    const at = this.#at(slot);\n    words.store(at + STATE, LIVE);\n    if (free === 0)",
    ]],
    forgetsToRebuild: [["    if (dead !== 0) this.#rebuild();\n", ""]],
    forgetsTheArena: [[
      "    this.#arena.rebuild(taken.sort(([a], [b]) => a - b));\n",
      "",
    ]],
    closesInSilence: [[
      "      this.#newItems = this.#newRoom = Infinity;\n      this.#isNews = true;\n      this.#leave();",
      "      this.#leave();",
    ]],
    wakesOneForBytes: [[
      "words.peek(SCARCE) !== 0 ? Infinity : this.#newRoom + 1;",
      "1;",
    ], ["    if (isScarce) this.#newRoom = Infinity;\n", ""]],
    wakesNoPutter: [["    if (room > 0) this.#takeBell.ring(room);\n", ""]],
    wakesNoTaker: [["    if (items > 0) this.#putBell.ring(items);\n", ""]],
    keepsThePlace: [[
      "    if (this.#words.peek(SCARCE) === 0) this.#newRoom = Infinity;\n",
      "",
    ]],
    finishesInSilence: [[
      "    if (isNews) this.#doneBell.ring(Infinity);\n",
      "",
    ]],
    forgetsTheDead: [[
      "      this.#recover();\n      if (this.#hands.deaths !== since)",
      "      if (this.#hands.deaths !== since)",
    ]],
    tellsNobody: [["        hands.enterDeath(dead);\n", ""]],
    takesUnseen: [[
      "words.store(at + STATE, this.#token << 2 | TAKEN);",
      "words.store(at + STATE, FREE);",
    ]],
    losesWhatComesBack: [[
      "          this.#heap.push(slot);\n          this.#newItems++;\n",
      "",
    ]],
    leavesTooEarly: [[
      "return this.#heap.size === 0 && !mayComeBack;",
      "return this.#heap.size === 0;",
    ]],
    leavesOthersWaiting: [[
      "      if (this.isClosed()) this.#newItems = Infinity;\n",
      "",
    ]],
  },
) as typeof tables;

type Slots = tables.Slots;

const LIMIT = 4;
const LAST_ORDER = 2;
const handle = undefined as unknown as RegionHandle;

/** Later ones of a thread come first. */
function descending(value: number) {
  return keyOf(-value, "value");
}

const sorted = new Actors(openSlots, descending, hasAllRoom);

/** Every slot, and all the memory in one piece. */
function hasAllRoom(slots: Slots): boolean {
  const count = slots.maxItems || LIMIT;
  for (let i = 1; i <= count; i++) {
    if (slots.tryPut(entryOf(i, 8, descending(i))) !== "put") return false;
  }
  slots.tryTakeMany(count);
  const isPut = slots.tryPut(entryOf(1, 128, descending(1))) === "put";
  slots.tryTakeMany(1);
  return isPut;
}

function openSlots(
  words: Words,
  bytes: Uint8Array,
  locker: { token: number; isAlive(token: number): boolean },
): Slots {
  const flags = words.peek(15);
  const { byteLength } = planOf(LIMIT, LAST_ORDER, flags);
  const memory = bytes.subarray(0, byteLength);
  return new Slots({ words, bytes: memory, handle }, locker);
}

function prepare(
  words: Words,
  bytes: Uint8Array,
  maxItems: number,
  flags = 0,
): void {
  const options = { limit: LIMIT, lastOrder: LAST_ORDER, maxItems, flags };
  formatSlots({ words, bytes }, options);
}

const all = scenariosOf(sorted, prepare, 40);

export const {
  putAndTake,
  onePlace,
  twoPutters,
  twoTakers,
  batches,
  timeoutRacesWithPut,
  closeWhileTaking,
  closeWhilePutting,
  putterDies,
  takerDies,
  batchDies,
  largePutterDies,
} = all as Record<string, Scenario>;

/** Memory is cut, merged and cut again. */
export const largeAndSmall: Scenario = {
  threads: [sorted.puts(2, 40), sorted.puts(1, 33), sorted.takes(2)],
  init: (words, bytes) => prepare(words, bytes, 0),
  finally: sorted.lossless(),
};

function waitingForRoom(
  maxItems: number,
  ...sizes: [number, number]
): Scenario {
  return {
    threads: [
      sorted.puts(1, 120),
      sorted.putsAndTells(8),
      sorted.takesOneThen(3),
    ],
    init(words, bytes) {
      prepare(words, bytes, maxItems);
      const slots = openSlots(words, bytes, { token: 9, isAlive: () => true });
      slots.tryPut(entryOf(31, sizes[0], descending(31)));
      slots.tryPut(entryOf(32, sizes[1], descending(32)));
    },
    finally: sorted.lossless(),
  };
}

/** Two wait for a place; the first to get it lacks bytes. */
export const placeForTheSecond = waitingForRoom(2, 8, 8);

/** Two wait for bytes: the first for all, the second for a few. */
export const bytesForTheSecond = waitingForRoom(0, 64, 64);

const fifo = new Actors(openSlots);

/** How often each task was worked on: by its number, 1 to 3. */
const WORK = 5050;
/** How many tasks the waiter was told of. */
const LOST = 5060;

function withTasks(count: number, flags: number, isClosed = false) {
  return (words: Words, bytes: Uint8Array): void => {
    prepare(words, bytes, 0, HOLDS | flags);
    const slots = openSlots(words, bytes, { token: 9, isAlive: () => true });
    for (let i = 1; i <= count; i++) slots.tryPut(entryOf(i, 8));
    if (isClosed) slots.close();
  };
}

function work(context: ThreadContext, slots: Slots, value: number): void {
  context.words.add(WORK + value, 1);
  context.assert(slots.done(), "a task that is in hand cannot be done");
}

/** Works on one task. */
function consumeOne(context: ThreadContext): void {
  const slots = fifo.storeOf(context);
  const message = slots.tryTake();
  if (message === undefined) return;
  work(context, slots, valueIn(message, context.assert));
}

/** Works until the store is closed, and nothing can come back into it. */
function consumeAll(context: ThreadContext): void {
  const slots = fifo.storeOf(context);
  while (true) {
    const value = runSync(takingOne(slots, context.assert), Infinity);
    if (typeof value !== "number") return;
    work(context, slots, value);
  }
}

/** Waits for all tasks, again after it was told of losses. */
function joins(context: ThreadContext): void {
  const { words, assert } = context;
  const slots = fifo.storeOf(context);
  while (true) {
    const steps = slots.finishing(slots.told());
    const losses = runSync(steps, Infinity) as readonly { count: number }[];
    if (losses.length === 0) break;
    for (const { count } of losses) words.add(LOST, count);
  }
  assert(slots.count() === 0, "there are tasks left");
}

function consumesAndJoins(context: ThreadContext): void {
  consumeAll(context);
  joins(context);
}

function allAreDone(tasks: number) {
  return (words: Words, { assert }: Ending): void => {
    let worked = 0;
    for (let i = 1; i <= tasks; i++) {
      if (words.load(WORK + i) > 0) worked++;
    }
    const lost = words.load(LOST);
    // Worked on, and then its worker died before it said so.
    assert(worked + lost >= tasks, `${tasks - worked - lost} are forgotten`);
    assert(lost <= 1, `${lost} of at most one are lost`);
  };
}

export const joining: Scenario = {
  threads: [consumeOne, consumeOne, joins],
  init: withTasks(2, 0),
  finally: allAreDone(2),
};

/** A consumer may die with its task. */
export const consumerDies: Scenario = {
  threads: [consumeOne, consumesAndJoins],
  init: withTasks(1, 0, true),
  finally: allAreDone(1),
};

/** The other consumer does what the dead one had in hand. */
export const comesBack: Scenario = {
  threads: [consumeAll, consumeAll],
  init: withTasks(2, REDELIVERS, true),
  finally: allAreDone(2),
};

/** Two wait for what was in hand of both. */
export const bothJoin: Scenario = {
  threads: [consumeOne, joins, joins],
  init: withTasks(1, 0),
  finally: (words, { assert }) =>
    assert(words.load(WORK + 1) === 1, "a task is not done"),
};

/** What a dead one put back is there in its old order. */
export const inOrder: Scenario = {
  threads: [consumeTwoAndKeep, takeAndNote],
  init: withTasks(3, REDELIVERS),
  finally(words, ending) {
    const values = fifo.remains(words, ending);
    const inOrder = values.toSorted((a, b) => a - b);
    ending.assert(
      !ending.isDead(0) || `${values}` === `${inOrder}`,
      `order: ${values}`,
    );
  },
};

function consumeTwoAndKeep(context: ThreadContext): void {
  const slots = fifo.storeOf(context);
  slots.tryTake();
  slots.tryTake();
}

/** Looks only once the other is dead or done. */
function takeAndNote(context: ThreadContext): void {
  const slots = fifo.storeOf(context);
  if (!context.isDead(0)) return;
  slots.count();
  for (let message = slots.tryTakeMany(1); message.length > 0;) {
    note(context.words, valueIn(message[0]!, context.assert));
    slots.done();
    message = [];
  }
}
