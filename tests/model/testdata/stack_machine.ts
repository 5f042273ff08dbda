// Copyright 2026 the authors. MIT license.

// The stack under LIFO queues (queue/stack.ts), and its mistakes.

import type * as stacks from "../../../queue/stack.ts";
import type { RegionHandle } from "../../../memory/region.ts";
import type { Scenario } from "../scenario.ts";
import { importWith } from "./mistake.ts";
import { Actors, entryOf, scenariosOf } from "./store_scenarios.ts";

const { formatStack, Stack } = await importWith(
  "queue/stack.ts",
  import.meta.url,
  {
    publishesFirst: [
      [
        "    if (bytes !== undefined) this.#bytes.set(bytes, byteAt(top));",
        "    words.store(TOP, trailer + 1);\n" +
        "    if (bytes !== undefined) this.#bytes.set(bytes, byteAt(top));",
      ],
    ],
    forgetsToCount: [[
      "if (this.#lock.acquireSync() !== 0) this.#recount();",
      "this.#lock.acquireSync();",
    ]],
    closesInSilence: [["    this.#puts.ring(Infinity);\n", ""]],
    closesOneSide: [[
      "    this.#lock.release();\n    this.#puts.ring(Infinity);\n    this.#takes.ring(Infinity);",
      "    this.#lock.release();\n    this.#puts.ring(Infinity);",
    ]],
    wakesNoPutter: [["this.#takes.ring(wasScarce ? Infinity : 1);", ""]],
    wakesOneForBytes: [["wasScarce ? Infinity : 1", "1"]],
    keepsThePlace: [["if (isScarce && !wasScarce) ", "if (false) "]],
    takesWithoutLock: [
      [
        "    let wasScarce = false;\n    this.#acquire();\n    try {\n      if (this.#words.peek(TOP) === 0) return undefined;",
        "    let wasScarce = false;\n    {\n      if (this.#words.peek(TOP) === 0) return undefined;",
      ],
      [
        "      wasScarce = this.#easeIfEmpty();\n    } finally {\n      this.#lock.release();\n    }\n    this.#takes.ring(wasScarce ? Infinity : 1);",
        "      wasScarce = this.#easeIfEmpty();\n    }\n    this.#takes.ring(wasScarce ? Infinity : 1);",
      ],
    ],
  },
) as typeof stacks;

const UNITS = 8;
const STACK_WORDS = 48 + UNITS * 2;
const handle = undefined as unknown as RegionHandle;

const actors = new Actors((words, bytes, locker) =>
  new Stack(
    { words, bytes: bytes.subarray(0, STACK_WORDS * 4), handle },
    locker,
  )
);

const all = scenariosOf(
  actors,
  (words, _, maxItems) => formatStack(words, UNITS, maxItems),
  16,
);

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

function waitingForRoom(maxItems: number, size: number): Scenario {
  return {
    threads: [
      actors.puts(1, 50),
      actors.putsAndTells(8),
      actors.takesOneThen(3),
    ],
    init(words, bytes) {
      formatStack(words, UNITS, maxItems);
      const locker = { token: 9, isAlive: () => true };
      const stack = new Stack({ words, bytes, handle }, locker);
      stack.tryPut(entryOf(31, 0));
      stack.tryPut(entryOf(32, size));
    },
    finally: actors.lossless(),
  };
}

/** Two wait for a place; the first to get it lacks bytes. */
export const placeForTheSecond = waitingForRoom(2, 0);

/** Two wait for bytes: the first for all, the second for a few. */
export const bytesForTheSecond = waitingForRoom(0, 48);
