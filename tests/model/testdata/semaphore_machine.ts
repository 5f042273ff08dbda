// Copyright 2026 the authors. MIT license.

// The word under a semaphore (sync/semaphore_word.ts), and its mistakes.

import { EXPIRED, runSync } from "../../../memory/park.ts";
import type * as semaphores from "../../../sync/semaphore_word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { SemaphoreWord } = await importWith(
  "sync/semaphore_word.ts",
  import.meta.url,
  {
    looksThenTakes: [[
      "const found = words.cas(this.#index, word, word - 2);",
      "words.store(this.#index, word - 2);\n      const found = word;",
    ]],
  },
  {
    file: "memory/sleepers_bit.ts",
    mistakes: {
      forgetsToNotify: [[
        "if (words.notify(index, count) > 0) return;",
        "return;",
      ]],
      wakesOnlyOne: [[
        "words.notify(index, count) > 0",
        "words.notify(index, 1) > 0",
      ]],
      forgetsTheOthers: [
        [
          "if (words.notify(index, count) > 0) return;",
          "words.notify(index, count);",
        ],
        // It would make the mistake good: it wakes whom the cleared bit hides.
        ["words.notify(index, Infinity);", ""],
      ],
      sleepsUnseen: [
        [
          "if (seen !== value && words.cas(index, seen, value) !== seen) {",
          "if (value < 0) {",
        ],
        [
          "return { words, index, value };",
          "return { words, index, value: seen };",
        ],
      ],
    },
  },
) as typeof semaphores;

const WORD = 0;
const INSIDE = 1;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function through({ words, assert }: ThreadContext, permits: number): void {
  const semaphore = new SemaphoreWord(words, WORD);
  runSync(semaphore.acquiring(), Infinity);
  assert(words.add(INSIDE, 1) < permits, "too many are inside");
  words.add(INSIDE, -1);
  assert(semaphore.release(1), "cannot release");
}

function take({ words }: ThreadContext): void {
  runSync(new SemaphoreWord(words, WORD).acquiring(), Infinity);
}

function patient({ words }: ThreadContext): void {
  const semaphore = new SemaphoreWord(words, WORD);
  const deadline = performance.now() + DEADLINE;
  if (runSync(semaphore.acquiring(), deadline) === EXPIRED) return;
  semaphore.release(1);
}

function give(...counts: number[]) {
  return ({ words }: ThreadContext): void => {
    const semaphore = new SemaphoreWord(words, WORD);
    for (const count of counts) semaphore.release(count);
  };
}

function of(
  permits: number,
  left: number,
  threads: Scenario["threads"],
): Scenario {
  return {
    threads,
    init: (words) => words.store(WORD, permits * 2),
    finally: (words, { assert }) =>
      assert(words.load(WORD) >>> 1 === left, "a permit is lost or made"),
  };
}

function one(context: ThreadContext): void {
  through(context, 1);
}

function oneTwice(context: ThreadContext): void {
  one(context);
  one(context);
}

function two(context: ThreadContext): void {
  through(context, 2);
}

export const twoForOne = of(1, 1, [oneTwice, oneTwice]);
export const threeForOne = of(1, 1, [one, one, one]);
export const threeForTwo = of(2, 2, [two, two, two]);
export const oneGivesTwo = of(0, 0, [take, take, give(2)]);
export const oneGivesTwice = of(0, 0, [take, take, give(1, 1)]);
export const timeoutRacesWithRelease = of(0, 0, [take, patient, give(1)]);

/** A waiter that dies in its sleep, or just awake, takes no permit with it. */
export const sleeperDies: Scenario = { threads: [take, take, give(1, 1)] };
