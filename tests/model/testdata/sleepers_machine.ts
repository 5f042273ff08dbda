// Copyright 2026 the authors. MIT license.

// Sleepers on a word, and wakers that call only where a thread sleeps
// (memory/sleepers.ts), as memory/process_words.ts drives them; and the
// mistakes by which a wake is lost.

import type * as sleepers from "../../../memory/sleepers.ts";
import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Sleepers } = await importWith("memory/sleepers.ts", import.meta.url, {
  countsNobody: [["place & this.#mask, 1)", "place & this.#mask, 0)"]],
  looksElsewhere: [[
    "this.#counters.load(place & this.#mask)",
    "this.#counters.load((place + 1) & this.#mask)",
  ]],
  countsDown: [["place & this.#mask, -1)", "place & this.#mask, -2)"]],
}) as typeof sleepers;

/** What is slept on, and how often it was changed. */
const WORD = 3;
const COUNTERS = 8;

const mistake = new URL(import.meta.url).searchParams.get("mistake");

function sleepersOf(words: Words) {
  // All words are counters here, but only one of them is used.
  const counters = {
    length: COUNTERS,
    add: (index: number, delta: number) => words.add(COUNTERS + index, delta),
    load: (index: number) => words.load(COUNTERS + index),
  };
  return new Sleepers(counters as Words);
}

/** Sleeps until the word is no longer what it was. */
function sleepWhile(words: Words, value: number): void {
  const sleepers = sleepersOf(words);
  while (words.load(WORD) === value) {
    if (mistake === "countsTooLate") {
      words.wait(WORD, value, Infinity);
      sleepers.enter(WORD);
    } else {
      sleepers.enter(WORD);
      words.wait(WORD, value, Infinity);
    }
    sleepers.leave(WORD);
  }
}

function change(words: Words): void {
  const sleepers = sleepersOf(words);
  if (mistake === "looksTooEarly") {
    const isAnyoneThere = sleepers.areOn(WORD);
    words.add(WORD, 1);
    if (isAnyoneThere) words.notify(WORD, Infinity);
    return;
  }
  words.add(WORD, 1);
  if (sleepers.areOn(WORD)) words.notify(WORD, Infinity);
}

function sleeper({ words }: ThreadContext): void {
  sleepWhile(words, 0);
}

function sleepsTwice({ words }: ThreadContext): void {
  sleepWhile(words, 0);
  sleepWhile(words, 1);
}

function waker({ words }: ThreadContext): void {
  change(words);
}

function wakesTwice({ words }: ThreadContext): void {
  change(words);
  change(words);
}

const finally_: Scenario["finally"] = (words, { assert }) => {
  assert(words.load(COUNTERS + WORD) === 0, "somebody is still counted");
};

export const oneSleeps: Scenario = {
  threads: [sleeper, waker],
  finally: finally_,
};

export const twoSleep: Scenario = {
  threads: [sleeper, sleeper, waker],
  finally: finally_,
};

export const sleepsAgain: Scenario = {
  threads: [sleepsTwice, wakesTwice],
  finally: finally_,
};
