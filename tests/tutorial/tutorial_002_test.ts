// Copyright 2026 the authors. MIT license.

import { assertEquals, assertMatch } from "@std/assert";
import {
  assertBefore,
  assertSameLines,
  collect,
  groups,
  numbers,
  run,
} from "../_support/tutorial.ts";

Deno.test("S-19 names the main process", async () => {
  assertEquals(await run("s19_main_process"), ["我是进程:MainProcess"]);
});

Deno.test("S-21 shows name, pid, life and ident of named children", async () => {
  const lines = await run("s21_named_children", { scale: 1 });
  assertEquals(lines.length, 5);
  const [pid, main] = groups(
    lines[0],
    /^主进程 MainProcess ([1-9]\d*) ([1-9]\d*)$/,
  );
  const idents = ["子进程一号", "子进程二号"].map((name, i) => {
    const [childPid, ident] = groups(
      lines[1 + i],
      new RegExp(`^${name} ([1-9]\\d*) true undefined ([1-9]\\d*)$`),
    );
    assertEquals(childPid, pid);
    assertBefore(lines, lines[2]!, `${name} ${childPid} ${ident}`);
    return ident;
  });
  assertEquals(new Set([main, ...idents]).size, 3);
});

Deno.test("S-22 gives each child a copy of the arguments", async () => {
  const lines = await run("s22_arguments_are_copies");
  assertSameLines(lines.slice(0, -1), ['[ "a", 2, 3 ]', '[ "zhang", 2, 3 ]']);
  assertEquals(lines.at(-1), "[ 1, 2, 3 ]");
});

Deno.test("S-24 uses a queue within one process", async () => {
  const [queue, ...items] = await run("s24_queue_alone");
  assertMatch(queue ?? "", /Queue/);
  assertEquals(items, numbers(5));
});

Deno.test("S-25 meets Full and Empty at once", async () => {
  const lines = await run("s25_without_waiting");
  assertEquals(lines, ["Full", ...numbers(5), "Empty"]);
});

Deno.test("S-26 gives every item to one of two consumers", async () => {
  const lines = await run("s26_two_consumers", { scale: 0.05 });
  assertEquals(lines.at(-1), "------------");
  assertEquals(lines.length, 21);
  assertEquals(collect(lines, /^生产者:生产数据\|(\d)$/), numbers(10));
  assertSameLines(collect(lines, /^消费者[12]:消费数据\|(\d)$/), numbers(10));
  for (const name of ["消费者1", "消费者2"]) {
    const items = collect(lines, new RegExp(`^${name}:消费数据\\|(\\d)$`));
    assertEquals(items.length, 5);
    for (const i of items) {
      assertBefore(lines, `生产者:生产数据|${i}`, `${name}:消费数据|${i}`);
    }
  }
});

Deno.test("S-27 ends both consumers by one signal passed on", async () => {
  const lines = await run("s27_end_signal", { scale: 0.05 });
  assertEquals(lines.at(-1), "------------");
  assertEquals(lines.length, 8 + 8 + 2 + 1);
  assertEquals(collect(lines, /^生产者:生产数据\|(\d)$/), numbers(8));
  assertSameLines(collect(lines, /^消费者[12]:消费数据\|(\d)$/), numbers(8));
  for (const name of ["消费者1", "消费者2"]) {
    const last = lines.findLast((line) => line.startsWith(name));
    assertEquals(last, `${name}:子进程结束,数据生产完毕`);
  }
});

Deno.test("S-28 hands five items through a pipe", async () => {
  const lines = await run("s28_pipe");
  assertEquals(lines.length, 10);
  assertEquals(collect(lines, /^生产者:生产数据\|(\d)$/), numbers(5));
  assertEquals(collect(lines, /^消费者:消费数据\|(\d)$/), numbers(5));
  for (const i of numbers(5)) {
    assertBefore(lines, `生产者:生产数据|${i}`, `消费者:消费数据|${i}`);
  }
});

Deno.test("S-29 gives each message to one of five consumers", async () => {
  const lines = await run("s29_five_on_one_end");
  assertEquals(lines.length, 10);
  assertEquals(collect(lines, /^生产者:生产数据\|(\d)$/), numbers(5));
  assertSameLines(collect(lines, /^消费者\d:消费数据\|(\d)$/), numbers(5));
  assertSameLines(collect(lines, /^消费者(\d):消费数据/), numbers(6).slice(1));
});

Deno.test("S-30 lets both children go at once", async () => {
  const lines = await run("s30_start_gun", { scale: 0.2 });
  assertEquals(collect(lines, /^(\d)$/), numbers(3));
  const idents = ["进程1", "进程2"].map((name, i) => {
    assertBefore(lines, `${name}已开启`, `${name}正式开始工作`);
    assertBefore(lines, "2", `${name}正式开始工作`);
    return groups(lines[7 + i], new RegExp(`^${name}\\|pid:([1-9]\\d*)$`))[0];
  });
  assertEquals(new Set(idents).size, 2);
  assertEquals(lines.length, 9);
});
