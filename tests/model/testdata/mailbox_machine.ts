// Copyright 2026 the authors. MIT license.

// A spare and its parent at the mailbox (process/mailbox.ts), and the mistakes
// by which the spare sleeps for ever or reads what is not there yet.

import type * as mailbox from "../../../process/mailbox.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { awaitPlace, putPlace } = await importWith(
  "process/mailbox.ts",
  import.meta.url,
  {
    undoesTheGift: [[
      "words.cas(STATE, LOADING, WAITING);",
      "words.store(STATE, WAITING);",
    ]],
    tellsTooEarly: [[
      "words.store(LENGTH, text.length);\n",
      "",
    ], [
      "words.notify(STATE, Infinity);\n}",
      "words.notify(STATE, Infinity);\n  words.store(LENGTH, text.length);\n}",
    ]],
    givesQuietly: [["  words.notify(STATE, Infinity);\n", ""]],
  },
) as typeof mailbox;

const PLACE = "12:3";

function spare({ words, bytes, assert }: ThreadContext): void {
  const place = awaitPlace({ words, bytes });
  assert(place === PLACE, `it reads ${place}`);
}

function parent({ words, bytes }: ThreadContext): void {
  putPlace({ words, bytes }, PLACE);
}

export const oneGift: Scenario = {
  threads: [spare, parent],
  finally: (words, { assert }) => assert(words.load(0) === 2, "not given"),
};
