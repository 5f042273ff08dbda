// Copyright 2026 the authors. MIT license.

// The word under an event (sync/event_word.ts), and its mistakes.

import type * as events from "../../../sync/event_word.ts";
import { EXPIRED, runSync } from "../../../memory/park.ts";
import type { Words } from "../../../memory/word.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { EventWord } = await importWith(
  "sync/event_word.ts",
  import.meta.url,
  {
    forgetsToNotify: [["        words.notify(this.#index, Infinity);\n", ""]],
    wakesOnlyOne: [[
      "words.notify(this.#index, Infinity)",
      "words.notify(this.#index, 1)",
    ]],
    forgetsTheGeneration: [["word + 2 | SET", "word | SET"]],
    looksForSetOnly: [[" || value >>> 1 !== seen >>> 1", ""]],
  },
) as typeof events;

const WORD = 0;
/** How many have begun to wait. */
const HERE = 1;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function waiter({ words }: ThreadContext): void {
  const event = new EventWord(words, WORD);
  const seen = event.seen();
  arrive(words);
  runSync(event.waiting(seen), Infinity);
}

function patient({ words, assert }: ThreadContext): void {
  const event = new EventWord(words, WORD);
  const deadline = performance.now() + DEADLINE;
  const result = runSync(event.waiting(event.seen()), deadline);
  assert(result === EXPIRED || event.isSet(), "through before it was set");
}

function arrive(words: Words): void {
  words.add(HERE, 1);
  words.notify(HERE, Infinity);
}

/** Sets it when this many wait, and clears it at once. */
function shoot(count: number) {
  return ({ words }: ThreadContext): void => {
    let here = words.load(HERE);
    while (here < count) {
      words.wait(HERE, here, Infinity);
      here = words.load(HERE);
    }
    const event = new EventWord(words, WORD);
    event.set();
    event.clear();
  };
}

function setter({ words }: ThreadContext): void {
  new EventWord(words, WORD).set();
}

export const clearFollows: Scenario = { threads: [waiter, shoot(1)] };
export const clearFollowsForTwo: Scenario = {
  threads: [waiter, waiter, shoot(2)],
};
export const twoSet: Scenario = { threads: [waiter, setter, setter] };
export const timeoutRacesWithSet: Scenario = {
  threads: [patient, waiter, setter],
};
