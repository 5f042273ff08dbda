// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { deadline, delay } from "@std/async";
import { createRegion, openRegion } from "../../memory/region.ts";
import {
  EXPIRED,
  Line,
  type Park,
  runSync,
  setAttendant,
  type Steps,
  watch,
} from "../../memory/park.ts";
import type { Words } from "../../memory/word.ts";
import { CountedSignal } from "../_support/counted_signal.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { isPending, until } from "../_support/until.ts";

const CELL = 0;

/** Takes one from the cell, waiting while it is 0. */
function* takeOne(words: Words, left?: () => void): Steps<number> {
  let isTaken = false;
  try {
    while (true) {
      const value = words.load(CELL);
      if (value > 0) {
        isTaken = true;
        words.store(CELL, value - 1);
        return value;
      }
      yield { words, index: CELL, value };
    }
  } finally {
    if (!isTaken) left?.();
  }
}

/** The other side: gives `count` and wakes as many. */
function give(words: Words, count: number): void {
  words.add(CELL, count);
  words.notify(CELL, count);
}

/** The words, and how often each of its methods was called. */
function counted(words: Words): { words: Words; calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const proxy = new Proxy(words, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return member.apply(target, args);
      };
    },
  });
  return { words: proxy, calls };
}

Deno.test("Line.run() resolves at once if the steps need not wait", async () => {
  const { words } = createRegion(64);
  words.store(CELL, 1);
  const line = new Line();
  assertEquals(await line.run(takeOne(words), Infinity), 1);
  assertEquals(line.length, 0);
});

Deno.test("Line.run() serves in the order of the calls", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const order: number[] = [];
  const waits = Array.from(
    { length: 100 },
    (_, i) => line.run(takeOne(words), Infinity).then(() => order.push(i)),
  );
  assertEquals(line.length, 100);
  give(words, 1);
  await waits[0];
  assertEquals(order, [0]);
  give(words, 99);
  await Promise.all(waits);
  assertEquals(order, Array.from({ length: 100 }, (_, i) => i));
  assertEquals(line.length, 0);
});

Deno.test("Line.run() sleeps once for all who wait", async () => {
  const { words, calls } = counted(createRegion(64).words);
  const line = new Line();
  const waits = Array.from(
    { length: 100 },
    () => line.run(takeOne(words), Infinity),
  );
  assertEquals(calls.get("waitAsync"), 1);
  give(words, 100);
  await Promise.all(waits);
  assertEquals(calls.get("waitAsync"), 1);
});

Deno.test("Line.run() resolves with EXPIRED at the deadline, not before", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  let hasLeft = false;
  const end = performance.now() + SHORT;
  const result = await line.run(takeOne(words, () => hasLeft = true), end);
  assertEquals(result, EXPIRED);
  assert(performance.now() >= end, "it expired too soon");
  assert(hasLeft, "the steps were not told");
  assertEquals(line.length, 0);
});

Deno.test("Line.run() looks a last time at the deadline", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const wait = line.run(takeOne(words), performance.now() + SHORT);
  // Without a notify: only looking finds it.
  words.store(CELL, 1);
  assertEquals(await wait, 1);
});

Deno.test("Line.run() waits for longer than a timer can", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const wait = line.run(takeOne(words), performance.now() + 2 ** 33);
  assert(await isPending(wait, SHORT), "it expired at once");
  give(words, 1);
  assertEquals(await wait, 1);
});

Deno.test("Line.run() with a deadline that has passed expires at once", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const first = line.run(takeOne(words), Infinity);
  assertEquals(await line.run(takeOne(words), 0), EXPIRED);
  assertEquals(line.length, 1);
  give(words, 1);
  assertEquals(await first, 1);
});

Deno.test("Line.run() rejects with the reason of the signal", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const watched = new CountedSignal();
  let hasLeft = false;
  const steps = takeOne(words, () => hasLeft = true);
  const wait = line.run(steps, Infinity, watched.signal);
  assertEquals(watched.listeners, 1);
  watched.abort(new RangeError("enough"));
  await assertRejects(() => wait, RangeError, "enough");
  assert(hasLeft, "the steps were not told");
  assertEquals([line.length, watched.listeners], [0, 0]);
});

Deno.test("Line.run() rejects if the signal was aborted before", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const signal = AbortSignal.abort(new RangeError("enough"));
  const wait = line.run(takeOne(words), Infinity, signal);
  await assertRejects(() => wait, RangeError, "enough");
  assertEquals(line.length, 0);
});

Deno.test("Line.run() leaves no listener behind, however it ends", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const watched = new CountedSignal();
  const { signal } = watched;
  const taken = line.run(takeOne(words), performance.now() + HUNG, signal);
  const expired = line.run(takeOne(words), performance.now() + SHORT, signal);
  const failed = line.run(fails(), Infinity, signal);
  assertEquals(watched.listeners, 3);
  assertEquals(await expired, EXPIRED);
  give(words, 1);
  await taken;
  await assertRejects(() => failed, RangeError, "broken");
  assertEquals(watched.listeners, 0);
});

// deno-lint-ignore require-yield
function* fails(): Steps<never> {
  throw new RangeError("broken");
}

Deno.test("Line.run() goes on with the next after steps that throw", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const first = line.run(takeOne(words), Infinity);
  const second = line.run(fails(), Infinity);
  const third = line.run(takeOne(words), Infinity);
  give(words, 2);
  assertEquals(await first, 2);
  await assertRejects(() => second, RangeError, "broken");
  assertEquals(await third, 1);
});

Deno.test("Line lets the next look when the first gives up", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const controller = new AbortController();
  const first = line.run(takeOne(words), Infinity, controller.signal);
  const second = line.run(takeOne(words), Infinity);
  // The wake is for this line; its first is gone before it comes.
  give(words, 1);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => first, RangeError);
  assertEquals(await second, 1);
});

Deno.test("Line passes a wake on if nobody in it waits any more", async () => {
  const region = createRegion(64);
  // Two views, as two processes have them.
  const { words, calls } = counted(region.words);
  const other = openRegion(region.handle).words;
  const controller = new AbortController();
  const { signal } = controller;
  const gone = new Line().run(takeOne(words), Infinity, signal);
  const stays = new Line().run(takeOne(other), Infinity);
  give(other, 1);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => gone, RangeError);
  assertEquals(await stays, 1);
  assertEquals(calls.get("notify"), 1);
});

Deno.test("Line.look() lets those in line look without a wake", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const wait = line.run(takeOne(words), Infinity);
  words.store(CELL, 1);
  line.look();
  assertEquals(await wait, 1);
});

Deno.test("Line looks again if the last of the others went meanwhile", async () => {
  const { words } = createRegion(64);
  try {
    // It gave what is waited for after the look, and no wake will come.
    setAttendant(() => {}, () => {
      words.store(CELL, 1);
      return false;
    });
    assertEquals(await new Line().run(takeOne(words), Infinity), 1);
  } finally {
    setAttendant(() => {}, () => true);
  }
});

Deno.test("Line looks again if the last of the others went between two waits", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const first = line.run(takeOne(words), Infinity);
  give(words, 1);
  await first;
  try {
    setAttendant(() => {}, () => {
      words.store(CELL, 1);
      return false;
    });
    const second = line.run(takeOne(words), Infinity);
    assertEquals(await isPending(second, 0), false);
    assertEquals(await second, 1);
  } finally {
    setAttendant(() => {}, () => true);
  }
});

Deno.test("Line hears of a notify by its own process when nobody else lives", async () => {
  const { words } = createRegion(64);
  try {
    setAttendant(() => {}, () => false);
    const line = new Line();
    const waits = [1, 2].map(() => line.run(takeOne(words), Infinity));
    give(words, 1);
    assertEquals(await waits[0], 1);
    give(words, 1);
    assertEquals(await waits[1], 1);
  } finally {
    setAttendant(() => {}, () => true);
  }
});

Deno.test("Line heals a wake that was lost", async () => {
  const { words } = createRegion(64);
  const wait = new Line().run(takeOne(words), Infinity);
  words.store(CELL, 1);
  assertEquals(await deadline(wait, HUNG), 1);
});

Deno.test("Line heals a lost wake of a wait that its own steps ran", async () => {
  const { words } = createRegion(64);
  const line = new Line();
  const seconds: Promise<unknown>[] = [];
  const run = () => seconds.push(line.run(takeOne(words), Infinity));
  assertEquals(await line.run(does(run), Infinity), 1);
  words.store(CELL, 1);
  assertEquals(await deadline(seconds[0]!, HUNG), 1);
});

// deno-lint-ignore require-yield
function* does(run: () => number): Steps<number> {
  return run();
}

Deno.test("runSync() returns what the steps return", () => {
  const { words } = createRegion(64);
  words.store(CELL, 1);
  assertEquals(runSync(takeOne(words), Infinity), 1);
});

Deno.test("runSync() returns EXPIRED at the deadline, not before", () => {
  const { words } = createRegion(64);
  let hasLeft = false;
  const end = performance.now() + 2 * SHORT;
  assertEquals(runSync(takeOne(words, () => hasLeft = true), end), EXPIRED);
  assert(performance.now() >= end, "it expired too soon");
  assert(hasLeft, "the steps were not told");
});

Deno.test("watch() calls each waker once, with one sleep for all", async () => {
  const { words, calls } = counted(createRegion(64).words);
  const park: Park = { words, index: CELL, value: 0 };
  const woken: string[] = [];
  watch(park, () => woken.push("a"));
  watch(park, () => woken.push("b"));
  assertEquals(calls.get("waitAsync"), 1);
  words.notify(CELL, 1);
  await until(() => woken.length > 1);
  words.notify(CELL, 1);
  await delay(SHORT);
  assertEquals(woken, ["a", "b"]);
});

Deno.test("watch() is undefined if the word has changed already", async () => {
  const { words } = createRegion(64);
  const woken: string[] = [];
  const old: Park = { words, index: CELL, value: 0 };
  assertEquals(watch({ ...old, value: 1 }, () => {}), undefined);
  watch(old, () => woken.push("old"));
  words.store(CELL, 1);
  assertEquals(watch(old, () => {}), undefined);
  watch({ ...old, value: 1 }, () => woken.push("new"));
  words.notify(CELL, 1);
  await until(() => woken.length > 1);
  assertEquals(woken, ["old", "new"]);
});

for (
  const [file, output, exitCode] of [
    ["wait_alone.ts", "", 1],
    ["wait_for_daemon.ts", "got 1\n", 0],
  ] as const
) {
  Deno.test(`a pending wait keeps the program alive: ${file}`, async () => {
    const path = new URL(`../testdata/${file}`, import.meta.url);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", decodeURIComponent(path.pathname)],
      stdin: "null",
      signal: AbortSignal.timeout(HUNG),
    });
    const { code, stdout } = await command.output();
    assertEquals(new TextDecoder().decode(stdout), output);
    assertEquals(code, exitCode);
  });
}
