// Copyright 2026 the authors. MIT license.

// What the pools of the tests run.

import {
  type Barrier,
  CancelledError,
  currentProcess,
  currentTask,
  type LockedValue,
} from "../../mod.ts";

type Counter = LockedValue<"i">;

export function square(x: number): number {
  return x * x;
}

/** A negative number ends its worker. */
export function squareOrExit(x: number): number {
  if (x < 0) Deno.exit(-x);
  return x * x;
}

export function add(a: number, b: number): number {
  return a + b;
}

export function same<T>(value: T): T {
  return value;
}

export function nothing(): void {}

export function nameOfWorker(): string {
  return currentProcess().name;
}

export async function squareLater(x: number, ms = 1): Promise<number> {
  await sleep(ms);
  return x * x;
}

export function pidOfWorker(): number {
  return Deno.pid;
}

/** Sleeps in the event loop, then names its worker. */
export async function nap(ms: number): Promise<string> {
  await sleep(ms);
  return currentProcess().name;
}

/** Blocks its worker. */
export function block(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

export class OwnError extends Error {
  override name = "OwnError";
  code = 42;
}

export function fail(message: string): never {
  throw new OwnError(message, { cause: new RangeError("the cause") });
}

export function failAt(x: number, bad: number): number {
  if (x === bad) throw new RangeError(`bad: ${x}`);
  return x;
}

export function failOdd(x: number): number {
  if (x % 2 === 1) throw new RangeError(`odd: ${x}`);
  return x;
}

export function throwText(): never {
  // deno-lint-ignore no-throw-literal -- a task may throw anything.
  throw "text";
}

/** Throws the error of some other future. */
export function throwCancelled(): never {
  throw new CancelledError("another");
}

export function throwNothing(): never {
  // deno-lint-ignore no-throw-literal -- a task may throw anything.
  throw undefined;
}

export function giveFunction(): unknown {
  return { inner: [() => 1] };
}

export function giveFunctionFor(x: number): unknown {
  return x === 1 ? () => 1 : x;
}

export function throwUncloneable(): never {
  throw new TypeError("odd", { cause: () => 1 });
}

export function exit(code: number): never {
  Deno.exit(code);
}

export function exitFor(x: number, bad: number): number {
  if (x === bad) Deno.exit(7);
  return x;
}

export function exitAtSeven(x: number): number {
  return exitFor(x, 7);
}

/** Exits the first `times` times, then says how often it was tried. */
export function exitAtFirst(times: number): number {
  const { attempt } = currentTask();
  if (attempt <= times) Deno.exit(9);
  return attempt;
}

/** Leaves an uncaught error to its worker. */
export async function failBeside(): Promise<void> {
  queueMicrotask(() => {
    throw new TypeError("beside the task");
  });
  await sleep(1000);
}

/** Leaves an error behind for the time after it. */
export function leaveTimer(ms: number): void {
  setTimeout(() => {
    throw new TypeError("left behind");
  }, ms);
}

export async function leaveTimerAsync(ms: number): Promise<void> {
  leaveTimer(ms);
  await undefined;
}

export function leaveRejection(ms: number): void {
  sleep(ms).then(() => {
    throw new TypeError("left behind");
  });
}

export async function leaveRejectionAsync(ms: number): Promise<void> {
  leaveRejection(ms);
  await undefined;
}

/** Fails beside itself by a timer, and would never end. */
export function failByTimer(): Promise<void> {
  setTimeout(() => {
    throw new TypeError("beside the task");
  });
  return new Promise(() => {});
}

export async function failByRejection(): Promise<void> {
  sleep(1).then(() => {
    throw new TypeError("beside the task");
  });
  await new Promise(() => {});
}

export async function sleepFor(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** As `sleepFor`, but not by an async function. */
export function promiseAfter(ms: number): Promise<number> {
  return sleep(ms).then(() => ms);
}

/** Computes until it is told to stop. */
export function spinUntilCancelled(): string {
  while (!currentTask().signal.aborted);
  return "stopped";
}

export function spinForEver(): never {
  while (true);
}

/** Says in the shared counter that it waits, and how its signal was aborted. */
export async function waitUntilCancelled(): Promise<void> {
  const { signal } = currentTask();
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve())
  );
  shared!.store(3);
  await aborted;
  shared!.store(signal.reason.name === "TimeoutError" ? 2 : 1);
}

let shared: Counter | undefined;
let label = "";

export function setUp(counter: Counter, text = "set"): void {
  shared = counter;
  label = text;
}

let barrier: Barrier | undefined;

export function setBarrier(shared: Barrier): void {
  barrier = shared;
}

export function arrive(): number {
  return barrier!.waitSync();
}

/** Says that it has begun, and ends when the shared counter is 2. */
export async function setUpLater(counter: Counter): Promise<void> {
  counter.store(1);
  while (counter.load() !== 2) await sleep(1);
}

/** The third worker and those after it start when the shared counter is 100. */
export async function setUpTwo(counter: Counter): Promise<void> {
  if (counter.add(1) < 2) return;
  while (counter.load() < 100) await sleep(1);
}

/** The first worker is set up, and others once the value is negative. */
export function setUpFirst(counter: Counter): void {
  shared = counter;
  if (counter.load() < 0) return;
  if (counter.add(1) > 0) throw new RangeError("not this one");
}

export async function awaitNegative(): Promise<string> {
  while (shared!.load() >= 0) await sleep(1);
  return "negative";
}

export function labelOf(): string {
  return label;
}

export function setLabel(text: string): void {
  label = text;
}

/** Counts in the shared counter, and returns what was there before. */
export function count(): number {
  return shared!.add(1);
}

/** Takes a while, and says how many had begun before, by the counter. */
export async function countLater(ms: number): Promise<number> {
  const before = shared!.add(1);
  await sleep(ms);
  return before;
}

/** The same, but in its first attempt its worker ends. */
export async function countAgain(ms: number): Promise<number> {
  const before = await countLater(ms);
  if (currentTask().attempt === 1) Deno.exit(9);
  return before;
}

/** Waits until the shared counter is not 0. */
export async function waitForRelease(): Promise<number> {
  while (shared!.load() === 0) await sleep(1);
  return shared!.load();
}

/** 0 waits until the shared counter is not 0; any other value comes at once. */
export async function releasedIf(value: number): Promise<number> {
  if (value === 0) await waitForRelease();
  return value;
}

/** How many were in at once, at most: the second half of the counter. */
export async function crowd(ms: number): Promise<number> {
  const inside = shared!.add(1) + 1;
  await sleep(ms);
  shared!.add(-1);
  return inside;
}

export function badInitializer(): never {
  throw new RangeError("no start");
}

/** Fails in the first worker. */
export function failFirst(counter: Counter): void {
  if (counter.add(1) === 0) badInitializer();
}

export function exitingInitializer(): never {
  Deno.exit(4);
}

export function dieSoon(): void {
  setTimeout(() => Deno.exit(1), 1);
}

/** How late timers fired at most while tasks ran, in milliseconds. */
let latest = 0;

export function watchTimers(): void {
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    latest = Math.max(latest, now - last);
    last = now;
  }, 5);
}

/** By how much a timer came late at worst since this was last asked. */
export function latestTimer(): number {
  const late = latest;
  latest = 0;
  return late;
}

let floating = 0;

/** Leaves a promise behind that is not awaited. */
export function floatPromise(): number {
  (async () => {
    await undefined;
    await undefined;
    floating++;
  })();
  return floating;
}

export function bytesOf(buffer: ArrayBuffer): number {
  return buffer.byteLength;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
