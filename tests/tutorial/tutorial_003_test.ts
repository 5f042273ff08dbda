// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  assertBefore,
  assertSameLines,
  collect,
  groups,
  numbers,
  Program,
  run,
} from "../_support/tutorial.ts";

Deno.test("S-34 loses a count whenever two children read the same number", async () => {
  const lines = await run("s34_decrement_without_lock", { scale: 0.1 });
  assertEquals(lines.length, 101);
  const seen = collect(lines, /^--get num: (\d+)$/).map(Number);
  assertEquals(seen.length, 100);
  const [text] = groups(lines.at(-1), /^final num: (\d+)$/);
  const num = Number(text);
  // The last one to write has read this.
  assertArrayIncludes(seen, [num + 1]);
  // Only a hundred different numbers lead from a hundred to 0.
  if (new Set(seen).size < 100) assertGreater(num, 0);
});

Deno.test("S-35 loses no count with a lock", async () => {
  const lines = await run("s35_decrement_with_lock", { scale: 0.6 });
  assertEquals(lines.length, 101);
  const seen = collect(lines, /^--get num: (\d+)$/);
  assertEquals(seen.length, 100);
  // One after the other, each would see a number of its own.
  assertLess(new Set(seen).size, 100);
  assertEquals(lines.at(-1), "final num: 0");
});

Deno.test("S-36 takes an RLock in functions that call each other", async () => {
  const lines = await run("s36_nested_rlock");
  assertEquals(lines, [
    ...numbers(11).slice(1).flatMap((n) => [
      "grab the first part data",
      "--------between run1 and run2-----",
      "grab the second part data",
      `${n} ${n}`,
    ]),
    "----all threads done---",
    "10 10",
  ]);
});

Deno.test("S-37 lets five of twenty in at a time", async () => {
  const lines = await run("s37_five_at_a_time", { scale: 0.8 });
  assertEquals(lines.slice(-2), ["----all threads done---", "0"]);
  assertEquals(lines.length, 22);
  assertSameLines(
    collect(lines, /^run the thread: (\d+), inside: [1-5]$/),
    numbers(20),
  );
  const inside = collect(lines, /inside: (\d+)$/).map(Number);
  assertGreater(Math.max(...inside), 1);
});

Deno.test("S-38 fires a timer once, and a cancelled one never", async () => {
  const lines = await run("s38_timer", { scale: 0.1 });
  assertSameLines(lines, ["cancel", "cancelled", "done", "hello, world"]);
  assertBefore(lines, "cancel", "cancelled");
  assertEquals(lines.at(-1), "done");
});

Deno.test("S-39 sets and clears an event that three wait for", async () => {
  const lines = await run("s39_event");
  assertEquals(lines.slice(0, 3), [
    "at first false",
    "set true true",
    "clear false false",
  ]);
  assertSameLines(lines.slice(3, 6), [
    "waiter 1 waits",
    "waiter 2 waits",
    "waiter 3 waits",
  ]);
  assertEquals(lines[6], "event.set()");
  assertSameLines(lines.slice(7), [
    "waiter 1 goes on",
    "waiter 2 goes on",
    "waiter 3 goes on",
  ]);
});

/** The lights of S-40: the first tick of a later cycle only sets the event. */
function expectedLights(count: number): string[] {
  return Array.from({ length: 2 * count }, (_, tick) => {
    if (tick % 20 < 10) return tick > 0 && tick % 20 === 0 ? "" : "green";
    return tick % 20 < 13 ? "yellow" : "red";
  }).filter((colour) => colour !== "").slice(0, count);
}

Deno.test("S-40 lets cars run by green and yellow, not by red", async () => {
  const program = new Program("s40_traffic_light");
  await program.readUntil((lines) =>
    collect(lines, /^--(red)/).length > 14 &&
    collect(lines, /(running)/).length > 1 &&
    collect(lines, /(waiting)/).length > 1
  );
  const lines = await program.cut();
  const lights = collect(lines, /^--(green|yellow|red) light on---$/);
  assertEquals(lights, expectedLights(lights.length));

  // Before the first light the event is clear, as it is after the last red one.
  let light = "red";
  let reds = 7;
  let isGreenDue = false;
  for (const line of lines) {
    const [, colour] = /^--(\w+) light/.exec(line) ?? [];
    if (colour !== undefined) {
      light = colour;
      reds = light === "red" ? reds + 1 : 0;
      isGreenDue = false;
      continue;
    }
    const [state] = groups(
      line,
      /^car \[[012]\] is (running\.\.|waiting for the red light\.\.)$/,
    );
    // The tick after the last red one sets the event and prints nothing.
    isGreenDue ||= reds === 7 && state === "running..";
    const isRunning = light !== "red" || isGreenDue;
    assertEquals(state === "running..", isRunning, lines.join("\n"));
  }
});

Deno.test("S-41 opens the door by a card and closes it again", async () => {
  const program = new Program("s41_door", { scale: 0.05 });
  const pass = "door is opened, passing.....";
  const closed = "door closed...., swipe to open.";
  await program.readUntil((lines) =>
    collect(lines, /(passing)/).length === 5 &&
    lines.lastIndexOf(closed) > lines.lastIndexOf(pass)
  );
  const lines = await program.cut();

  // Each line, and what it says of the door.
  let isOpen = false;
  let opened = 0;
  for (const line of lines) {
    const story = `"${line}" in\n${lines.join("\n")}`;
    if (line === "door opening....") {
      assert(isOpen, story);
      opened++;
      isOpen = opened < 4;
    } else if (line === closed) {
      assert(!isOpen, story);
      opened = 0;
    } else if (line === pass) {
      assert(isOpen, story);
    } else if (line.includes("sees door got closed")) {
      assert(!isOpen, story);
    } else if (line === "undefined") {
      isOpen = true;
    } else {
      assertMatch(line, /^after set {2}undefined$|^staff \[[0-4]\] is comming/);
    }
  }
  assertSameLines(collect(lines, /^staff \[(\d)\] is comming/), numbers(5));
  assertEquals(collect(lines, /(passing)/).length, 5);
});

Deno.test("S-42 knows three kinds of queues, full and empty ones", async () => {
  const lines = await run("s42_queue_kinds");
  assertEquals(lines, [
    "Queue 3 1 2",
    "LifoQueue 2 1 3",
    "PriorityQueue 1 2 3",
    '[ -1, "egon" ]',
    '[ 3, "yuanhao" ]',
    '[ 10, "alex" ]',
    "0 true false",
    "1 false true",
    "Full",
    "Full",
    "A",
    "Empty",
    "done A",
    "done B",
    "done C",
    "all done",
  ]);
});

Deno.test("S-43 waits until all bones have been taken", async () => {
  assertEquals(await run("s43_bones"), [
    "开始等待所有的骨头被取走...",
    ...numbers(10).map((i) => `李闯 取到 骨头 ${i}`),
    "所有的骨头被取完了...",
  ]);
});

Deno.test("S-44 eats each bun at most once, and both end", async () => {
  const lines = await run("s44_polled_buns");
  const made = collect(lines, /^Producer A has produced (\d+) baozi\.\.$/);
  const eaten = collect(lines, /^Consumer B has eat (\d+) baozi\.\.\.$/);
  const none = collect(lines, /^(-----no baozi anymore----)$/);
  assertEquals(made, numbers(20));
  assertEquals(eaten, numbers(eaten.length));
  assertEquals(eaten.length + none.length, 20);
  assertEquals(lines.length, 40);
});

Deno.test("S-45 greets bob", async () => {
  assertEquals(await run("s45_hello_bob"), ["hello bob"]);
});

Deno.test("S-46 knows its module, its parent and itself", async () => {
  const lines = await run("s46_who_am_i");
  assertEquals(lines.length, 9);
  assertEquals(lines[0], "main line");
  assertEquals(lines[1], "module name: __main__");
  const [outside] = groups(lines[2], /^parent process: (\d+)$/);
  assertEquals(outside, String(Deno.pid));
  const [main] = groups(lines[3], /^process id: ([1-9]\d*)$/);
  assertEquals(lines[4], "function f");
  assertEquals(lines[5], "module name: __mp_main__");
  assertEquals(lines[6], `parent process: ${main}`);
  const [child] = groups(lines[7], /^process id: ([1-9]\d*)$/);
  assertNotEquals(child, main);
  assertEquals(lines[8], "hello bob");
});

Deno.test("S-47 takes a list from a queue", async () => {
  const lines = await run("s47_list_over_queue");
  assertEquals(lines, ['[ 42, null, "hello" ]']);
});

Deno.test("S-48 takes a list from a pipe", async () => {
  const lines = await run("s48_list_over_pipe");
  assertEquals(lines, ['[ 42, null, "hello" ]']);
});

Deno.test("S-50 prints ten whole lines under a lock", async () => {
  const lines = await run("s50_lock_round_print");
  assertSameLines(lines, numbers(10).map((i) => `hello world ${i}`));
});
