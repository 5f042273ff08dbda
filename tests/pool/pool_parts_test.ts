// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
} from "@std/assert";
import { decode, encode } from "../../message/codec.ts";
import { FunctionLog } from "../../process/pool_link.ts";
import { defaultChunkSize } from "../../pool/map.ts";
import { line } from "../../pool/progress.ts";
import { Histogram } from "../../pool/stats.ts";
import { type Sink, Task, TaskQueue, TaskTable } from "../../pool/task.ts";
import * as wire from "../../pool/wire.ts";
import { Ring } from "../../queue/ring.ts";
import { numbers } from "../_support/pools.ts";
import { runProgram } from "../_support/programs.ts";
import { randomOf } from "../_support/random.ts";
import { many } from "../_support/delays.ts";

const COUNT = many(50_000, 1_000_000);

const SINK: Sink = { done() {}, failed() {} };

function task(): Task {
  return new Task(0, SINK, undefined, 0);
}

Deno.test("Ring carries labels with its messages", () => {
  const ring = Ring.create(2 ** 16, 0, { token: 1, isAlive: () => true });
  const next = randomOf(1);
  const expected: { id: number; note: number; value: unknown }[] = [];
  for (let i = 0; i < COUNT; i++) {
    if (next() < 0.52) {
      const value = next() < 0.5 ? i : "x".repeat(next(60));
      const [id, note] = next() < 0.5 ? [0, 0] : [i + 1, -i];
      if (ring.tryPut(encode(value), id, note) === "put") {
        expected.push({ id, note, value });
      }
    } else {
      const message = ring.tryTake();
      const wanted = expected.shift();
      assertEquals(message === undefined, wanted === undefined);
      if (message === undefined) continue;
      const { id, note, tag, inline, bytes } = message;
      const value = decode(tag, inline, bytes);
      assertEquals({ id, note, value }, wanted!);
    }
    if (i % 997 === 0) assertEquals(ring.count(), expected.length);
  }
});

Deno.test("Ring takes a message that can be put again", () => {
  const ring = Ring.create(2 ** 16, 0, { token: 1, isAlive: () => true });
  for (const value of [5, undefined, "", "text", [1], new Uint8Array(0)]) {
    ring.tryPut(encode(value), 1, 2);
    ring.tryPut(ring.tryTake()!, 3, 4);
    const { id, note, tag, inline, bytes } = ring.tryTake()!;
    assertEquals([id, note], [3, 4]);
    assertEquals(decode(tag, inline, bytes), value);
  }
});

Deno.test("a task's note keeps function, attempt and kind apart", () => {
  for (const func of [0, 1, wire.MAX_FUNCTIONS - 1]) {
    for (const kind of [wire.ONE, wire.SPREAD, wire.CHUNK, wire.PORT]) {
      const plain = wire.noteOf(kind | wire.EACH | wire.WATCHED, func);
      for (const attempt of [0, 1, wire.MAX_ATTEMPT]) {
        const note = wire.withAttempt(plain, attempt);
        assertEquals(wire.functionOf(note), func);
        assertEquals(wire.attemptOf(note), attempt);
        assertEquals(wire.callOf(note), kind);
        assert((note & wire.EACH) !== 0 && (note & wire.WATCHED) !== 0);
      }
      assertEquals(
        wire.attemptOf(wire.withAttempt(plain, 9999)),
        wire.MAX_ATTEMPT,
      );
    }
  }
});

Deno.test("a result's note keeps status and time apart", () => {
  for (const status of [wire.DONE, wire.FAILED, wire.UNFIT]) {
    for (const micros of [0, 1, 2 ** 29 - 1, 2 ** 40]) {
      const note = wire.outcomeNote(status, micros);
      assertEquals(wire.statusOf(note), status);
      assertEquals(wire.microsOf(note), Math.min(micros, 2 ** 29 - 1));
    }
  }
});

Deno.test("FunctionLog gives each function once, in order", () => {
  const log = new FunctionLog();
  const view = new FunctionLog(log.handle);
  const refs = numbers(100).map((i) => ({
    modules: ["file:///m.ts"],
    name: `f${i}`,
    source: "é".repeat(i),
    since: 0,
  }));
  for (const ref of refs.slice(0, 50)) log.append(ref);
  assertEquals([...view.readNew()], refs.slice(0, 50));
  assertEquals([...view.readNew()], []);
  for (const ref of refs.slice(50)) log.append(ref);
  assertEquals([...view.readNew()], refs.slice(50));
  assertEquals([...new FunctionLog(log.handle).readNew()], refs);
});

Deno.test("TaskTable never gives an id twice in a row", () => {
  const table = new TaskTable();
  const ids = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const one = task();
    const id = table.enter(one);
    assert(id > 0 && !ids.has(id));
    ids.add(id);
    assertEquals(table.get(id), one);
    table.leave(one);
    assertEquals(table.get(id), undefined);
  }
  assertEquals(table.size, 0);
});

Deno.test("TaskTable finds the tasks of a seat", () => {
  const table = new TaskTable();
  const tasks = numbers(10).map(() => task());
  for (const [i, one] of tasks.entries()) {
    table.enter(one);
    if (i % 2 === 0) one.seat = 7;
  }
  assertEquals(table.of(7).length, 5);
  assertEquals(table.size, 10);
});

Deno.test("TaskQueue keeps order, puts back, and passes by what is over", () => {
  const queue = new TaskQueue();
  const tasks = numbers(5000).map(() => task());
  for (const [i, one] of tasks.entries()) {
    one.place = i;
    queue.push(one);
  }
  for (const one of tasks.slice(0, 3000)) assert(queue.shift() === one);
  queue.insert(tasks.slice(2990, 3000));
  assertEquals(queue.length, 2010);
  for (const one of [tasks[2990]!, tasks[3500]!]) {
    assert(one.settle());
    queue.forget();
  }
  assertEquals(queue.length, 2008);
  assert(queue.peek() === tasks[2991]);
  const left = queue.clear();
  assertEquals(left.length, 2008);
  assert(!left.includes(tasks[3500]!));
  assertEquals(queue.shift(), undefined);
  assertEquals(queue.length, 0);
});

Deno.test("Histogram tells percentiles to a tenth", () => {
  const histogram = new Histogram();
  assertEquals(histogram.percentiles(), { p50: 0, p90: 0, p99: 0 });
  for (const scale of [1, 1000, 1_000_000]) {
    const spread = new Histogram();
    for (let i = 1; i <= 1000; i++) spread.add(i * scale);
    const { p50, p90, p99 } = spread.percentiles();
    assertAlmostEquals(p50 / scale, 0.5, 0.07);
    assertAlmostEquals(p90 / scale, 0.9, 0.12);
    assertAlmostEquals(p99 / scale, 0.99, 0.13);
  }
  histogram.add(0);
  histogram.add(2 ** 40);
  assertLess(histogram.percentiles().p50, 0.01);
});

Deno.test("defaultChunkSize() is Python's", () => {
  // length, workers, chunks: from Pool._map_async of Python 3.11
  for (
    const [length, workers, size] of [
      [1, 2, 1],
      [8, 2, 1],
      [9, 2, 2],
      [100, 4, 7],
      [100_000, 2, 12_500],
      [100_001, 2, 12_501],
    ] as const
  ) {
    assertEquals(defaultChunkSize(length, workers), size);
  }
});

Deno.test("line() draws a bar", () => {
  assertEquals(
    line({ done: 5, total: 10 }, 1500),
    `[${"#".repeat(15)}${"-".repeat(15)}]  50% 5/10 1.5 s`,
  );
  assertEquals(
    line({ done: 10, total: 10 }, 0),
    `[${"#".repeat(30)}] 100% 10/10 0.0 s`,
  );
  assertEquals(line({ done: 7, total: undefined }, 100), "7 done, 0.1 s");
  assert(line({ done: 0, total: 0 }, 0).includes("100%"));
});

Deno.test("turn() lets the event loop turn without the platform's timers", async () => {
  const { code, lines, stderr } = await runProgram("turn");
  assertEquals([code, stderr], [0, ""]);
  assertEquals(lines, ["asked for: ", "due: false"]);
});
