// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { delay } from "@std/async";
import { MEDIUM } from "../_support/delays.ts";
import {
  assertBefore,
  assertSameLines,
  collect,
  groups,
  numbers,
  Program,
  run,
  runTickets,
  runWithFirstLine,
} from "../_support/tutorial.ts";

for (const way of ["args", "kwargs"]) {
  Deno.test(`S-52 passes the name by ${way}`, async () => {
    const options = { args: [way] };
    assertEquals(
      await runWithFirstLine("s52_args_or_kwargs", "====主", options),
      ["====主", "太白金星 is runing", "太白金星 is done"],
    );
  });
}

Deno.test("S-53 falls back on the subclass's default name", async () => {
  assertEquals(await runWithFirstLine("s53_lost_name", "===主"), [
    "===主",
    "MyProcess-1 is runing",
    "MyProcess-1 is done",
  ]);
});

Deno.test("S-54 changes a global within one process", async () => {
  assertEquals(await run("s54_global_in_one_process"), ["2"]);
});

Deno.test("S-55 leaves the parent's global alone", async () => {
  const lines = await run("s55_global_across_processes", { scale: 0.2 });
  assertEquals(lines, ["1000"]);
});

Deno.test("S-56 waits for its child by sleeping longer", async () => {
  const lines = await run("s56_waiting_by_sleep", { scale: 0.6 });
  assertEquals(lines, ["子进程结束....", "主进程开始运行...."]);
});

Deno.test("S-57 waits for its child by join", async () => {
  const lines = await run("s57_waiting_by_join");
  assertEquals(lines, ["子进程结束....", "主进程开始运行...."]);
});

Deno.test("S-58 waits for ten children it did not join", async () => {
  const lines = await run("s58_ten_children");
  const children = numbers(11).slice(1).map((i) => `子进程${i}`);
  assertSameLines(lines, ["主进程", ...children]);
});

Deno.test("S-59 waits for five children it did not join", async () => {
  const lines = await run("s59_five_children");
  const children = numbers(6).slice(1).map((i) => `子进程${i}`);
  assertSameLines(lines, ["主进程", ...children]);
});

/** Asserts the lines of S-60, S-61 and S-63; gives their last line's time. */
function assertThreeJoined(lines: string[]): number {
  assertSameLines(lines.slice(0, 6), [
    "1 is done",
    "1 is running",
    "2 is done",
    "2 is running",
    "3 is done",
    "3 is running",
  ]);
  const [seconds] = groups(lines[6], /^(\d+\.\d\d) 主进程开始运行....$/);
  assertEquals(lines.length, 7);
  return Number(seconds);
}

function assertAllAtOnce(lines: string[]) {
  assertEquals(collect(lines.slice(0, 3), /^(\d) is running$/).length, 3);
}

Deno.test("S-60 joins three children that run at once", async () => {
  const lines = await run("s60_three_joins", { scale: 0.4 });
  const seconds = assertThreeJoined(lines);
  assertAllAtOnce(lines);
  assertGreater(seconds, 2.9);
});

// Three seconds are the longest child, six would be the sum.
Deno.test("S-61 waits for the longest of its children", async () => {
  const lines = await run("s61_longest_counts", { scale: 0.6 });
  const seconds = assertThreeJoined(lines);
  assertGreater(seconds, 2.9);
  assertLess(seconds, 5);
});

Deno.test("S-62 runs its children one by one", async () => {
  const lines = await run("s62_start_join_start_join", { scale: 0.4 });
  assertEquals(lines.slice(0, 6), [
    "1 is running",
    "1 is done",
    "2 is running",
    "2 is done",
    "3 is running",
    "3 is done",
  ]);
  assertGreater(assertThreeJoined(lines), 2.9);
});

Deno.test("S-63 joins a list of children that run at once", async () => {
  const lines = await run("s63_list_of_children", { scale: 0.4 });
  const seconds = assertThreeJoined(lines);
  assertAllAtOnce(lines);
  assertGreater(seconds, 2.9);
});

Deno.test("S-64 shows names, pid, idents and the end of a child", async () => {
  const lines = await run("s64_attributes", { scale: 0.6 });
  const [main] = groups(lines[0], /^主进程 ([1-9]\d*)$/);
  assertEquals(lines.slice(1, 4), ["任务1", "Process-1", "Process-2"]);
  groups(lines.find((line) => line.startsWith("pid")), /^pid ([1-9]\d*)$/);
  const idents = [2, 3].map((n) => {
    const [child, parent] = groups(
      lines.find((line) => line.startsWith(`任务${n}: `)),
      /子进程 ([1-9]\d*) 父进程 (\d+)$/,
    );
    assertEquals(parent, main);
    assertBefore(lines, "false", `任务${n} 结束`);
    return child;
  });
  assertEquals(new Set([main, ...idents]).size, 3);
  assert(!lines.includes("任务1 结束"));
});

Deno.test({
  name: "S-66 leaves no zombie of a child it did not join",
  // The program reads /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const lines = await run("s66_no_zombies");
    assertEquals(lines, ["子进程结束", "僵尸进程 0", "僵尸进程 0"]);
  },
});

Deno.test("S-67 sells five tickets to a hundred buyers", async () => {
  const { lines, tickets } = await runTickets("s67_five_tickets", {
    scale: 0.1,
  });
  assertEquals(collect(lines, /^剩余票数([0-5])$/).length, 100);
  assertEquals(collect(lines, /^(购票成功)$/).length, 5);
  assertEquals(collect(lines, /^(购票失败)$/).length, 95);
  assertEquals(lines.length, 200);
  assertEquals(tickets, { count: 0 });
});

Deno.test("S-68 fills a queue and empties it", async () => {
  const lines = await run("s68_full_and_empty");
  assertEquals(lines, ["true", "3", "3", "3", "true"]);
});

/** Asserts that one producer's buns were all made, then eaten, in order. */
function assertBuns(lines: string[], count: number) {
  assertEquals(collect(lines, /^\d+ 生产了 包子(\d)$/), numbers(count));
  assertEquals(collect(lines, /^\d+ 吃 包子(\d)$/), numbers(count));
  for (const bun of numbers(count)) {
    const made = lines.find((line) => line.endsWith(`生产了 包子${bun}`))!;
    const eaten = lines.find((line) => line.endsWith(`吃 包子${bun}`))!;
    assertBefore(lines, made, eaten);
  }
  assertEquals(lines.filter((line) => line === "主").length, 1);
  assertEquals(lines.length, 2 * count + 1);
}

Deno.test("S-69 eats all buns and then waits for ever", async () => {
  const program = new Program("s69_buns_for_ever");
  await program.readUntil((lines) =>
    collect(lines, /(吃)/).length === 10 && lines.includes("主")
  );
  await delay(MEDIUM);
  assertBuns(await program.cut(), 10);
});

Deno.test("S-70 ends when the producer says so", async () => {
  assertBuns(await run("s70_buns_with_end"), 10);
});

Deno.test("S-71 ends when the main process says so", async () => {
  const lines = await run("s71_end_from_main");
  assertBuns(lines, 2);
  const last = lines.find((line) => line.endsWith("生产了 包子1"))!;
  assertBefore(lines, last, "主");
});

Deno.test("S-72 ends each of its consumers by an end of its own", async () => {
  const lines = await run("s72_one_end_each");
  const food = ["包子", "骨头", "泔水"].flatMap((
    name,
  ) => [`${name}0`, `${name}1`]);
  assertSameLines(collect(lines, /^\d+ 生产了 (.*)$/), food);
  assertSameLines(collect(lines, /^\d+ 吃 (.*)$/), food);
  assertEquals(lines.length, 13);
  for (const item of food) {
    const made = lines.find((line) => line.endsWith(`生产了 ${item}`))!;
    const eaten = lines.find((line) => line.endsWith(`吃 ${item}`))!;
    assertBefore(lines, made, eaten);
    assertBefore(lines, made, "主");
  }
});

Deno.test("S-73 ends the consumer when every sending end is closed", async () => {
  assertEquals(await run("s73_pipe_to_its_end"), [
    ...numbers(10).map((i) => `c1 收到包子:${i}`),
    "主进程",
  ]);
});

Deno.test("S-88 bounds who works at once, or who works at all", async () => {
  const lines = await run("s88_lanes_or_cars");
  assertEquals(lines.length, 200);
  const cars = collect(
    lines.slice(0, 100),
    /^lane: ([1-9]\d*), inside: [1-5]$/,
  );
  assertEquals(new Set(cars).size, 100);
  const trips = lines.slice(100);
  assertSameLines(collect(trips, /^trip (\d+): [1-9]\d*$/), numbers(100));
  const drivers = new Set(collect(trips, /: (\d+)$/));
  assertLess(drivers.size, 6);
  assertEquals(drivers.intersection(new Set(cars)).size, 0);
});
