// Copyright 2026 the authors. MIT license.

import { assertEquals } from "@std/assert";
import { block, EXPIRED, runSync, type Steps } from "../../memory/park.ts";
import { doInTurns, dropChore, takeTurn } from "../../memory/timers.ts";
import { ThreadWords } from "../../memory/word.ts";
import { SHORT } from "../_support/delays.ts";
import { turn } from "../_support/until.ts";

/** A chore of `count` pieces, each of which is logged under `name`. */
function choreOf(log: string[], name: string, count: number): () => boolean {
  return () => {
    log.push(name);
    return --count > 0;
  };
}

function* forEver(): Steps<never> {
  const words = new ThreadWords(new Int32Array(new SharedArrayBuffer(4)));
  while (true) yield { words, index: 0, value: 0 };
}

Deno.test("doInTurns() does one piece of one chore a turn, in turn", async () => {
  const log: string[] = [];
  doInTurns(choreOf(log, "a", 3));
  doInTurns(choreOf(log, "b", 2));
  assertEquals(log, []);
  for (const done of [1, 2, 3, 4, 5, 5]) {
    await turn();
    assertEquals(log.length, done);
  }
  assertEquals(log.join(""), "ababa");
});

Deno.test("doInTurns() of a chore that waits already adds none", async () => {
  const log: string[] = [];
  const chore = choreOf(log, "a", 1);
  doInTurns(chore);
  doInTurns(chore);
  await turn();
  await turn();
  assertEquals(log, ["a"]);
});

Deno.test("dropChore() leaves what is not done", async () => {
  const log: string[] = [];
  const chore = choreOf(log, "a", 3);
  doInTurns(chore);
  await turn();
  dropChore(chore);
  await turn();
  await turn();
  assertEquals(log, ["a"]);
});

Deno.test("takeTurn() in a piece does the others only", async () => {
  const log: string[] = [];
  doInTurns(() => {
    log.push("(");
    while (takeTurn());
    log.push(")");
    return false;
  });
  doInTurns(choreOf(log, "b", 2));
  await turn();
  assertEquals(log.join(""), "(bb)");
});

Deno.test("block() does the chores, runSync() does not", () => {
  const log: string[] = [];
  doInTurns(choreOf(log, "a", 3));
  assertEquals(runSync(forEver(), performance.now() + SHORT), EXPIRED);
  assertEquals(log, []);
  assertEquals(block(forEver(), performance.now() + SHORT), EXPIRED);
  assertEquals(log, ["a", "a", "a"]);
});
