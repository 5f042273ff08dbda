// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import {
  assertBefore,
  assertSameLines,
  collect,
  Program,
  run,
  runTickets,
} from "../_support/tutorial.ts";

function assertPiao(lines: string[], names: string[]) {
  assertSameLines(lines, [
    "主线程",
    ...names.map((name) => `${name} piaoing`),
    ...names.map((name) => `${name} piao end`),
  ]);
  for (const name of names) {
    assertBefore(lines, "主线程", `${name} piao end`);
    assertBefore(lines, `${name} piaoing`, `${name} piao end`);
  }
}

Deno.test("S-10 starts four children by target and waits at its end", async () => {
  const lines = await run("s10_by_target", { scale: 0.5 });
  assertPiao(lines, ["egon", "alex", "wupeqi", "yuanhao"]);
});

Deno.test("S-11 starts four children by subclass, each with its name", async () => {
  const lines = await run("s11_by_subclass", { scale: 0.5 });
  assertPiao(lines, ["egon", "alex", "wupeiqi", "yuanhao"]);
});

Deno.test("S-12 cuts the daemon when the parent's code has ended", async () => {
  const lines = await run("s12_daemon", { scale: 1 });
  const others = lines.filter((line) => line !== "主");
  assertEquals(lines.length - others.length, 1);
  assert(
    others.length === 0 ||
      others.length === 1 && others[0] === "Piao-1 is piaoing",
    others.join("\n"),
  );
});

Deno.test("S-13 cuts the daemon while the other child goes on", async () => {
  const lines = await run("s13_daemon_and_not", { scale: 0.8 });
  const kept = lines.filter((line) => line !== "123");
  assert(lines.length - kept.length <= 1);
  assertSameLines(kept, ["main-------", "456", "end456"]);
  assertEquals(kept.at(-1), "end456");
});

// The tutorial's bound, and one that a writer a little ahead reaches often.
for (const maxsize of [10_000, 50]) {
  Deno.test(`S-14 keeps order, never ends, is bounded by ${maxsize}`, async () => {
    const program = new Program("s14_bounded_queue", {
      args: [String(maxsize)],
    });
    await program.readUntil((lines) => lines.includes("15000 read"));
    const lines = await program.cut();
    let written = 0;
    let read = 0;
    for (const line of lines) {
      if (line === `${read} read`) {
        read++;
      } else {
        assertMatch(line, /Queue/);
        written++;
      }
      // One more item may have been taken whose line is not out yet.
      assert(written <= read + 1 + maxsize, `${written} in, ${read} out`);
    }
    assertGreater(read, 15_000);
  });
}

Deno.test("S-15 runs three children at once without a lock", async () => {
  const lines = await run("s15_without_lock", { scale: 0.6 });
  const running = collect(lines.slice(0, 3), /^([1-9]\d*) is running$/);
  const done = collect(lines.slice(3), /^([1-9]\d*) is done$/);
  assertEquals(new Set(running).size, 3);
  assertSameLines(done, running);
});

Deno.test("S-16 runs three children one by one with a lock", async () => {
  const lines = await run("s16_with_lock", { scale: 0.1 });
  const running = collect(lines, /^([1-9]\d*) is running$/);
  assertEquals(new Set(running).size, 3);
  assertEquals(
    lines,
    running.flatMap((ident) => [`${ident} is running`, `${ident} is done`]),
  );
});

Deno.test("S-17 sells one ticket several times without a lock", async () => {
  const { lines, tickets } = await runTickets("s17_tickets_without_lock", {
    scale: 2,
  });
  assertEquals(collect(lines, /^剩余票数([01])$/).length, 100);
  const bought = lines.filter((line) => line === "购票成功").length;
  assertGreater(bought, 1);
  assertEquals(lines.length, 100 + bought);
  assertEquals(tickets, { count: 0 });
});

Deno.test("S-18 sells one ticket once with a lock", async () => {
  const { lines, tickets } = await runTickets("s18_tickets_with_lock", {
    scale: 0.2,
  });
  assertEquals(collect(lines, /^剩余票数([01])$/).length, 100);
  assertEquals(collect(lines, /^(购票成功)$/).length, 1);
  assertEquals(lines.length, 101);
  assertEquals(tickets, { count: 0 });
});
