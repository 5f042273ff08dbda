// Copyright 2026 the authors. MIT license.

// The holders of an end of a pipe (pipe/holders.ts) and their mistakes:
// `?mistake=tellsNobody` …

import { lockerOf } from "../../../program/locker.ts";
import type * as machines from "../../../pipe/holders.ts";
import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Holders } = await importWith("pipe/holders.ts", import.meta.url, {
  tellsNobody: [["    words.add(this.#base + ADDED, 1);\n", ""]],
  tellsTooEarly: [
    ["    words.add(this.#base + ADDED, 1);\n", ""],
    [
      "    const slot = slotOf(token);\n",
      "    const slot = slotOf(token);\n    words.add(this.#base + ADDED, 1);\n",
    ],
  ],
  forgetsTheMark: [["while (seen <= slot) {", "while (seen > slot) {"]],
  looksBeforeItLeaves: [
    [
      "  leave(token: number): boolean {\n    const words = this.#words;\n",
      `  leave(token: number): boolean {
    const words = this.#words;
    let others = 0;
    for (let slot = 0; slot < words.load(this.#base + RECORDS_USED); slot++) {
      const record = words.load(this.#base + RECORDS + slot);
      if (slot !== slotOf(token) && this.#holds(record, slot)) others++;
    }
`,
    ],
    ["    return !this.isHeld();\n", "    return others === 0;\n"],
  ],
  trustsTheDead: [["this.#locker.isAlive(token)", "true"]],
  trustsWhatItKnows: [[
    "return this.#holds(record, slot) || this.#scan();",
    "return this.#holds(record, slot);",
  ]],
}) as typeof machines;

/** No thread holds the end: the last to leave says so. */
const OVER = 15;

/** A slot that is no thread's: its process lives. */
const ABOVE = 3;
/** As long as the slices of memory/park.ts. */
const SLICE = 20;

// Thread t has the slot t + 1.
const BELOW = 0;

function tokenOf(slot: number): number {
  return 1 << 10 | slot;
}

function holdersOf(
  words: Words,
  slot: number,
  isDead: (thread: number) => boolean = () => false,
): machines.Holders {
  const isAlive = (token: number) => {
    const thread = (token & 0x3ff) - 1;
    return thread !== 0 && thread !== 1 || !isDead(thread);
  };
  return new Holders(words, 0, lockerOf(tokenOf(slot), isAlive));
}

function own({ words, thread, isDead }: ThreadContext): machines.Holders {
  return holdersOf(words, thread + 1, isDead);
}

function held(...slots: number[]): (words: Words) => void {
  return (words) => {
    const holders = holdersOf(words, 0);
    for (const slot of slots) holders.add(tokenOf(slot));
  };
}

function leave(context: ThreadContext): void {
  if (!own(context).leave(tokenOf(context.thread + 1))) return;
  context.words.store(OVER, 1);
  context.words.notify(OVER, Infinity);
}

function pass(slot: number) {
  return (context: ThreadContext) => {
    own(context).add(tokenOf(slot));
    leave(context);
  };
}

function seesItHeld(context: ThreadContext): void {
  const holders = own(context);
  for (let i = 0; i < 2; i++) {
    context.assert(holders.isHeld(), "it seemed to be over");
  }
}

function waitsForTheEnd(context: ThreadContext): void {
  const holders = own(context);
  while (holders.isHeld()) context.words.wait(OVER, 0, SLICE);
}

/** One gives the end to a process in a lower slot, and leaves. */
export const passesDown: Scenario = {
  init: held(1),
  threads: [pass(BELOW), seesItHeld],
};

/** The same with a slot that was never used. */
export const passesUp: Scenario = {
  init: held(1),
  threads: [pass(ABOVE), seesItHeld],
};

/** Two leave at once: one of them is the last. */
export const twoLeave: Scenario = {
  init: held(1, 2),
  threads: [leave, leave],
  finally(words, { assert }) {
    assert(words.load(OVER) === 1, "nobody was the last");
  },
};

/** Two leave, or die while they leave, and a third waits for it. */
export const oneWaits: Scenario = {
  init: held(1, 2),
  threads: [leave, leave, waitsForTheEnd],
  finally(words, { assert, isDead }) {
    const holders = holdersOf(words, ABOVE, isDead);
    assert(!holders.isHeld(), "somebody holds it for ever");
  },
};
