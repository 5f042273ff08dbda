// Copyright 2026 the authors. MIT license.

import { assertEquals, assertNotEquals } from "@std/assert";
import { assertBefore, collect, groups, run } from "../_support/tutorial.ts";

Deno.test("S-03 runs one child between two lines of its parent", async () => {
  const lines = await run("s03_one_child");
  assertEquals(lines.length, 4);
  const [parent] = groups(lines[0], /^Parent process ([1-9]\d*)\.$/);
  assertEquals(lines[1], "start child process");
  const [child] = groups(lines[2], /^Run child name test, pid is ([1-9]\d*)$/);
  assertEquals(lines[3], "Child process end");
  assertNotEquals(child, parent);
});

// With this seed the writer's pauses are long enough for a reader that starts
// late, the last one too: no letter is in flight when the reader is cut.
Deno.test("S-05 loses no letter and ends with its reader", async () => {
  const lines = await run("s05_endless_reader", { scale: 0.3, seed: 3 });
  assertEquals(collect(lines, /^Put (.) in queue$/), ["A", "B", "C"]);
  assertEquals(collect(lines, /^Get (.) from queue$/), ["A", "B", "C"]);
  assertEquals(lines.length, 6);
  for (const letter of ["A", "B", "C"]) {
    assertBefore(lines, `Put ${letter} in queue`, `Get ${letter} from queue`);
  }
});

Deno.test("S-07 keeps the balance under a lock", async () => {
  assertEquals(await run("s07_balance"), ["0"]);
});
