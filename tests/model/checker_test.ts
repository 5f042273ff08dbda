// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  assertFinds,
  ASSERTION,
  check,
  type CheckOptions,
  DEADLOCK,
  DIVERGED,
  type Fault,
  LIVELOCK,
  ModelError,
} from "./checker.ts";

/** The number of schedules within which a mistake must show. */
const FEW = 100;

/** As long as the slices of memory/park.ts. */
const SLICE = 20;

const COUNTER = testdata("counter");
const DEATHS = testdata("deaths");
const MUTEX = testdata("mutex");
const SLEEPERS = testdata("sleepers");

Deno.test("check() passes a correct mutex (two acquire)", async () => {
  await check(of(MUTEX, "twoAcquire", 2, { preemptions: 4 }));
});

Deno.test("check() passes a correct mutex (two acquire twice)", async () => {
  await check(of(MUTEX, "twoAcquireTwice", 2, { preemptions: 3 }));
});

Deno.test("check() passes a correct mutex (three acquire)", async () => {
  await check(of(MUTEX, "threeAcquire", 3));
});

Deno.test("check() finds a mutex that forgets to notify", async () => {
  await finds(DEADLOCK, of(MUTEX, "forgetsToNotify", 2));
});

Deno.test("check() finds a mutex that claims HELD after sleeping", async () => {
  await finds(DEADLOCK, of(MUTEX, "forgetsTheOthers", 3));
});

Deno.test("check() finds a mutex that looks and takes in two steps", async () => {
  await finds(ASSERTION, of(MUTEX, "looksThenTakes", 2));
});

Deno.test("check() finds a lost wake between look and sleep", async () => {
  await check(of(SLEEPERS, "looksAndSleeps", 2));
  await finds(DEADLOCK, of(SLEEPERS, "sleepsElsewhere", 2));
});

Deno.test("check() finds an increment in two steps", async () => {
  await finds(ASSERTION, of(COUNTER, "tornIncrement", 2));
});

Deno.test("check() finds a plain increment in two steps", async () => {
  await finds(ASSERTION, of(COUNTER, "tornPlainIncrement", 2));
});

Deno.test("check() takes plain accesses as one step without `plain`", async () => {
  await check(of(COUNTER, "tornPlainIncrement", 2, { plain: false }));
});

Deno.test("check() finds an invariant broken for one step", async () => {
  await finds(ASSERTION, of(COUNTER, "wrongForAMoment", 1));
});

Deno.test("check() finds an assertion that was caught", async () => {
  await finds(ASSERTION, of(COUNTER, "swallowsAssertions", 1));
});

Deno.test("check() finds bytes that are published too early", async () => {
  await check(of(COUNTER, "publishes", 2, { bytes: true }));
  await finds(ASSERTION, of(COUNTER, "publishesTooEarly", 2, { bytes: true }));
});

Deno.test("check() finds threads that never end", async () => {
  await finds(LIVELOCK, of(COUNTER, "spins", 1));
});

Deno.test("check() finds a scenario that remembers", async () => {
  await finds(DIVERGED, of(COUNTER, "remembers", 2));
});

Deno.test("check() runs every interleaving once", async () => {
  // Two threads of three steps: 6! / (3! 3!).
  const options = of(COUNTER, "independent", 2, { preemptions: 6 });
  assertEquals(await check(options), { schedules: 20, steps: 120 });
});

Deno.test("check() runs no preemption when none is allowed", async () => {
  const options = of(COUNTER, "independent", 2, { preemptions: 0 });
  assertEquals(await check(options), { schedules: 2, steps: 12 });
});

Deno.test("check() runs each interleaving up to each death", async () => {
  // T0 dies after i of its steps (0 to 2) and j of T1's (0 to 3), which have
  // (i + j)! / (i! j!) orders: 34 together, as many for T1, and 20 without.
  const options = of(COUNTER, "independent", 2, { preemptions: 6, kills: 1 });
  assertEquals((await check(options)).schedules, 88);
});

Deno.test("check() refuses to run more schedules than allowed", async () => {
  const options = of(COUNTER, "independent", 2, { maxSchedules: 3 });
  await assertRejects(() => check(options), RangeError, "more than 3");
});

Deno.test("check() refuses a scenario that is not there", async () => {
  const options = of(COUNTER, "nothing", 2);
  await assertRejects(() => check(options), TypeError, "has no scenario");
});

Deno.test("check() wakes the thread that slept first", async () => {
  await check(of(SLEEPERS, "wakesInOrder", 3, { replay: "102" }));
});

Deno.test("check() passes a time-out that races with a notify", async () => {
  await check(of(SLEEPERS, "withdraws", 2, { timeouts: 1 }));
});

Deno.test("check() finds an item lost to a time-out", async () => {
  await finds(ASSERTION, of(SLEEPERS, "walksAway", 2, { timeouts: 1 }));
});

Deno.test("check() drives runSync() without ending its slices", async () => {
  const options = { sliceMs: SLICE, timeouts: 1 };
  await check(of(SLEEPERS, "drivenForEver", 2, options));
  await finds(DEADLOCK, of(SLEEPERS, "drivenWithoutWake", 2, options));
});

Deno.test("check() drives runSync() to its deadline", async () => {
  const options = { sliceMs: SLICE, timeouts: 1 };
  await check(of(SLEEPERS, "drivenToDeadline", 1, options));
});

Deno.test("check() passes survivors that recover by token (two)", async () => {
  await check(of(DEATHS, "twoWithDeath", 2, { kills: 1 }));
});

Deno.test("check() passes survivors that recover by token (three)", async () => {
  await check(of(DEATHS, "threeWithDeath", 3, { kills: 1, preemptions: 1 }));
});

Deno.test("check() finds a survivor that recovers what is not dead", async () => {
  await assertFinds(ASSERTION, of(DEATHS, "recoversBlindly", 3, { kills: 1 }));
});

Deno.test("check() finds a survivor that does not look for deaths", async () => {
  await finds(DEADLOCK, of(DEATHS, "ignoresDeath", 2, { kills: 1 }));
});

Deno.test("check() finds a survivor that sleeps for ever", async () => {
  await finds(DEADLOCK, of(DEATHS, "sleepsForEver", 2, { kills: 1 }));
});

Deno.test("check() lets the system act on a death", async () => {
  await check(of(DEATHS, "freedAtDeath", 2, { kills: 1 }));
});

Deno.test("check() kills without running what is left", async () => {
  await check(of(COUNTER, "cleansUp", 1, { kills: 1, replay: "0k0" }));
});

Deno.test("ModelError tells the schedule and its steps", async () => {
  const error = await finds(DEADLOCK, of(MUTEX, "forgetsToNotify", 2));
  assertEquals(error.schedule, "111110001");
  assert(error.message.includes("DEADLOCK, schedule 111110001 (number 3)"));
  assertEquals(
    error.trace,
    `  T1 cas[0] 0→1 = 0
  T1 add[1] 1 = 0
  T1 peek[2] = 0
  T1 poke[2] 0→1
  T1 add[1] -1 = 1
  T0 cas[0] 0→1 = 1
  T0 exchange[0] 2 = 1
  T0 wait[0] while 2: sleeps
  T1 store[0] 2→0
  T0 sleeps on [0] while 2: it is 0
  T1 has ended`,
  );
});

Deno.test("ModelError.schedule replays to the same end", async () => {
  const options = of(DEATHS, "recoversBlindly", 3, { kills: 1 });
  const found = await assertFinds(ASSERTION, options);
  const again = await assertFinds(ASSERTION, {
    ...options,
    replay: found.schedule,
  });
  assertEquals(again.trace, found.trace);
  assertEquals(again.schedules, 1);
});

Deno.test("assertFinds() fails if there is nothing to find", async () => {
  const options = of(COUNTER, "independent", 2);
  await assertRejects(
    () => assertFinds(DEADLOCK, options),
    TypeError,
    "schedules pass",
  );
});

Deno.test("assertFinds() fails if the fault is another", async () => {
  const options = of(COUNTER, "tornIncrement", 2);
  await assertRejects(() => assertFinds(DEADLOCK, options), ModelError);
});

/** Finds the fault, and soon. */
async function finds(fault: Fault, options: CheckOptions): Promise<ModelError> {
  const error = await assertFinds(fault, options);
  assert(error.schedules <= FEW, `found by schedule ${error.schedules} only`);
  return error;
}

function of(
  module: string,
  scenario: string,
  threads: number,
  bounds: Partial<CheckOptions> = {},
): CheckOptions {
  return { name: scenario, module, scenario, threads, words: 16, ...bounds };
}

function testdata(name: string): string {
  return new URL(`./testdata/${name}.ts`, import.meta.url).href;
}
