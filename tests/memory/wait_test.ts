// Copyright 2026 the authors. MIT license.

import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { AT_ONCE } from "../../memory/deadline.ts";
import { EXPIRED, Line, type Steps } from "../../memory/park.ts";
import { createRegion } from "../../memory/region.ts";
import { Wait } from "../../memory/wait.ts";
import type { Words } from "../../memory/word.ts";
import { SHORT } from "../_support/delays.ts";

const CELL = 0;

/** Waits that take one from a cell, or only see that it is not 0. */
function cell(stays = false) {
  const { words } = createRegion(64);
  const looked = { now: 0 };
  const now = () => {
    looked.now++;
    return takeOne(words, stays) ?? EXPIRED;
  };
  const make = stays ? Wait.toSee : Wait.toTake;
  const wait = make<number, number>(new Line(), {
    now,
    steps: () => taking(words, stays),
  });
  const give = (count: number) => {
    words.add(CELL, count);
    words.notify(CELL, count);
  };
  return { wait, give, looked };
}

function takeOne(words: Words, stays: boolean): number | undefined {
  const value = words.load(CELL);
  if (value === 0) return undefined;
  if (!stays) words.store(CELL, value - 1);
  return value;
}

function* taking(words: Words, stays: boolean): Steps<number> {
  while (true) {
    const taken = takeOne(words, stays);
    if (taken !== undefined) return taken;
    yield { words, index: CELL, value: 0 };
  }
}

Deno.test("Wait.inLine() gives what is there as it is", () => {
  const { wait, give } = cell();
  give(2);
  assertEquals(wait.inLine(0, Infinity), 2);
  assertEquals(wait.inLine(0, AT_ONCE), 1);
  assertEquals(wait.inLine(0, AT_ONCE), EXPIRED);
});

Deno.test("Wait.inLine() does not look while others stand in line", async () => {
  const { wait, give, looked } = cell();
  const first = wait.inLine(0, Infinity);
  assertEquals(looked.now, 1);
  // The first has not heard of it yet.
  give(1);
  const second = wait.inLine(0, Infinity);
  assertEquals(looked.now, 1);
  assertEquals(await first, 1);
  give(1);
  assertEquals(await second, 1);
});

Deno.test("Wait.inLine() overtakes if it does not wait", async () => {
  const { wait, give } = cell();
  const first = wait.inLine(0, Infinity);
  assertEquals(wait.inLine(0, AT_ONCE), EXPIRED);
  give(1);
  assertEquals(wait.inLine(0, AT_ONCE), 1);
  // Its wake was in vain, and it sleeps again.
  give(1);
  assertEquals(await first, 1);
});

Deno.test("Wait.inLine() overtakes if it only sees what it waits for", async () => {
  const { wait, give } = cell(true);
  const first = wait.inLine(0, Infinity);
  assertInstanceOf(first, Promise);
  give(1);
  assertEquals(wait.inLine(0, Infinity), 1);
  assertEquals(await first, 1);
});

Deno.test("Wait.blocking() overtakes those of its own thread", async () => {
  const { wait, give } = cell();
  const first = wait.inLine(0, Infinity);
  give(1);
  assertEquals(wait.blocking(0, Infinity), 1);
  assertEquals(wait.blocking(0, AT_ONCE), EXPIRED);
  assertEquals(wait.blocking(0, performance.now() + SHORT), EXPIRED);
  give(1);
  assertEquals(await first, 1);
});

Deno.test("Wait.inLine() expires at the deadline and hears the signal", async () => {
  const { wait, give } = cell();
  assertEquals(await wait.inLine(0, performance.now() + SHORT), EXPIRED);
  const controller = new AbortController();
  const wanted = wait.inLine(0, Infinity, controller.signal);
  controller.abort(new RangeError("enough"));
  await assertRejects(async () => await wanted, RangeError, "enough");
  give(1);
  assertEquals(wait.inLine(0, Infinity), 1);
});

Deno.test("Wait.inLine() hears a signal that is aborted while it looks", async () => {
  const { words } = createRegion(64);
  const controller = new AbortController();
  const wait = Wait.toTake<void, never>(new Line(), {
    now: () => {
      controller.abort(new RangeError("enough"));
      return EXPIRED;
    },
    *steps() {
      while (true) yield { words, index: CELL, value: 0 };
    },
  });
  const wanted = wait.inLine(undefined, Infinity, controller.signal);
  await assertRejects(async () => await wanted, RangeError, "enough");
});
