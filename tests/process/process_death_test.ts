// Copyright 2026 the authors. MIT license.

// How processes end: by themselves, by others, and what their ends leave behind.
// Ends that print a trace stand in program_test.ts, which reads it.

import { assert, assertEquals, assertLess } from "@std/assert";
import * as mp from "../../mod.ts";
import { me } from "../../program/self.ts";
import { GRACE } from "../../program/table.ts";
import { atBest } from "../_support/at_best.ts";
import { HUNG, MEDIUM, SHORT } from "../_support/delays.ts";
import { until } from "../_support/until.ts";
import { contract, type Method } from "../_support/contract.ts";

type Answers = mp.Queue<unknown>;

async function ended(process: mp.Process): Promise<void> {
  assert(await process.join({ timeout: HUNG }), `${process.name} hangs`);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Targets that end by themselves.

export function exit(code?: number): void {
  Deno.exit(code);
}

export function exitInTimer(code: number): Promise<void> {
  setTimeout(() => Deno.exit(code), 1);
  return new Promise(() => {});
}

export function exitInFinally(answers: Answers): void {
  try {
    Deno.exit(4);
  } finally {
    answers.putSync("went on after the exit");
  }
}

export async function exitOfNode(code: number): Promise<void> {
  const { default: process } = await import("node:process");
  process.exit(code);
}

export function close(): void {
  self.close();
}

export function leaveTimer(answers: Answers): void {
  setTimeout(() => answers.putSync("the timer went on"), 0);
  setInterval(() => {}, 1);
  Promise.resolve().then(() => answers.putSync("a promise was left"));
}

export function exitWithChild(answers: Answers): void {
  const child = new mp.Process({ target: answerAtWord, args: [answers] });
  child.start();
  Deno.exit(3);
}

export function answerAtWord(answers: Answers): void {
  answers.putSync("started");
  while (answers.getSync() !== "go") answers.putSync("started");
  answers.putSync("the grandchild went on");
}

export function exitWithDaemon(answers: Answers): void {
  const child = new mp.Process({
    target: idle,
    args: [answers, undefined],
    daemon: true,
  });
  child.start();
  answers.getSync();
  Deno.exit(3);
}

// Targets that somebody else must end. Each says that it is there. In the end
// `flag` is raised, lest a thread that was given up burns on, and `words` has a
// word for what is left; `lock` is never free.

type Stuck = (
  started: Answers,
  flag: mp.RawArray<"i">,
  lock: mp.Lock,
  words: Answers,
) => unknown;

export function idle(started: Answers): Promise<void> {
  started.putSync("started");
  return new Promise(() => {});
}

export function idleWithTimer(started: Answers): Promise<void> {
  started.putSync("started");
  setInterval(() => {}, 1);
  return new Promise(() => {});
}

export function blockInGetSync(started: Answers): void {
  started.putSync("started");
  new mp.Queue().getSync();
}

export function blockInLock(
  started: Answers,
  _flag: mp.RawArray<"i">,
  lock: mp.Lock,
): void {
  started.putSync("started");
  lock.acquireSync();
}

export async function awaitGet(started: Answers): Promise<void> {
  started.putSync("started");
  await new mp.Queue().get();
}

export function joinChildSync(
  started: Answers,
  _flag: mp.RawArray<"i">,
  _lock: mp.Lock,
  words: Answers,
): void {
  const child = new mp.Process({ target: waitForWord, args: [started, words] });
  child.start();
  child.joinSync();
}

export function waitForWord(started: Answers, words: Answers): void {
  started.putSync("started");
  words.getSync();
}

export function computeForEver(started: Answers, flag: mp.RawArray<"i">): void {
  started.putSync("started");
  while (flag.load(0) === 0);
}

export function waitRaw(started: Answers, flag: mp.RawArray<"i">): void {
  started.putSync("started");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (flag.load(0) === 0) Atomics.wait(cell, 0, 0, SHORT);
}

/** Comes out of a loop of its own once `flag` is raised, and goes on. */
export function goOn(
  answers: Answers,
  flag: mp.RawArray<"i">,
  how: "put" | "start" | "print",
): void {
  answers.putSync("started");
  while (flag.load(0) === 0);
  if (how === "print") console.log("a dead process speaks");
  if (how === "start") {
    new mp.Process({ target: put, args: [answers, "a dead child"] }).start();
  }
  answers.putSync("a dead process goes on");
}

export function put(answers: Answers, value: unknown): void {
  answers.putSync(value);
}

export function parentOfIdle(answers: Answers): Promise<void> {
  new mp.Process({ target: answerAtWord, args: [answers] }).start();
  return new Promise(() => {});
}

export async function waitForParent(answers: Answers): Promise<void> {
  answers.putSync("started");
  await mp.parentProcess()!.join();
  answers.putSync(mp.parentProcess()!.isAlive());
}

export function parentOfWaiting(answers: Answers): Promise<void> {
  new mp.Process({ target: waitForParent, args: [answers] }).start();
  return new Promise(() => {});
}

const STUCK: Record<string, Stuck> = {
  "idle": idle,
  "idle, with a timer": idleWithTimer,
  "blocked in getSync()": blockInGetSync,
  "blocked in acquireSync()": blockInLock,
  "blocked in joinSync()": joinChildSync,
  "in await get()": awaitGet,
  "computing": computeForEver,
  "in Atomics.wait()": waitRaw,
};

const STOPS = [["terminate", -15], ["kill", -9]] as const;

const codes: [number | undefined, number][] = [
  [undefined, 0],
  [0, 0],
  [1, 1],
  [3, 3],
  [255, 255],
  [256, 0],
  [259, 3],
  [-1, 255],
];
for (const [given, code] of codes) {
  contract.test(`Deno.exit(${given}) gives exit code ${code}`, async (method) => {
    const p = new mp.Process({ method, target: exit, args: [given] });
    p.start();
    await ended(p);
    assertEquals(p.exitCode, code);
  });
}

contract.test("Deno.exit() in a timer ends the child", async (method) => {
  const p = new mp.Process({ method, target: exitInTimer, args: [5] });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 5);
});

contract.test("Deno.exit() does not return", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({
    method,
    target: exitInFinally,
    args: [answers],
  });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 4);
  assert(answers.empty());
});

contract.test("process.exit() of Node gives its exit code", async (method) => {
  const p = new mp.Process({ method, target: exitOfNode, args: [6] });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 6);
});

contract.test("self.close() gives exit code 0", async (method) => {
  const p = new mp.Process({ method, target: close });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 0);
});

contract.test("a child ends although it left timers behind", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({ method, target: leaveTimer, args: [answers] });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 0);
  assert(answers.qsize() <= 2);
});

contract.test("Deno.exit() right after start() leaves the grandchild", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({
    method,
    target: exitWithChild,
    args: [answers],
  });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 3);
  assertEquals(await answers.get({ timeout: HUNG }), "started");
  answers.putSync("go");
  await othersEnded();
  assertEquals(answers.getNowait(), "the grandchild went on");
});

contract.test("Deno.exit() ends the daemons of the child", async (method) => {
  const p = new mp.Process({
    method,
    target: exitWithDaemon,
    args: [new mp.Queue()],
  });
  p.start();
  await ended(p);
  assertEquals(p.exitCode, 3);
  await othersEnded();
});

for (const [stop, code] of STOPS) {
  for (const [state, target] of Object.entries(STUCK)) {
    contract.test(`Process.${stop}() ends a child that is ${state}`, async (method) => {
      const started: Answers = new mp.Queue();
      const flag = new mp.RawArray("i", 1);
      const words: Answers = new mp.Queue();
      const lock = new mp.Lock();
      lock.acquireSync();
      const args = [started, flag, lock, words];
      const p = new mp.Process({ method, target, args });
      p.start();
      await started.get({ timeout: HUNG });
      await delay(SHORT);
      p[stop]();
      if (method === "worker") {
        // Decided, though it may take a while; an OS process is signalled.
        assertEquals(p.isAlive(), false);
        assertEquals(p.exitCode, code);
        assertEquals(mp.activeChildren(), []);
      }
      await ended(p);
      assertEquals(p.exitCode, code);
      assertEquals(p.isAlive(), false);
      p.close();
      raise(flag);
      words.putSync("go");
      await othersEnded();
    });
  }

  contract.test(`Process.${stop}() and joinSync() end a busy child`, (method) => {
    const started: Answers = new mp.Queue();
    const flag = new mp.RawArray("i", 1);
    const p = new mp.Process({
      method,
      target: computeForEver,
      args: [started, flag],
    });
    p.start();
    started.getSync({ timeout: HUNG });
    p[stop]();
    assert(p.joinSync({ timeout: HUNG }));
    assertEquals(p.exitCode, code);
    raise(flag);
  });

  contract.test(`Process.${stop}() right after start()`, async (method) => {
    const answers: Answers = new mp.Queue();
    const p = new mp.Process({
      method,
      target: put,
      args: [answers, "too late"],
    });
    p.start();
    p[stop]();
    await ended(p);
    assertEquals(p.exitCode, code);
    assert(answers.empty());
  });

  contract.test(`Process.${stop}() of an ended child does nothing`, async (method) => {
    const p = new mp.Process({ method, target: exit, args: [7] });
    p.start();
    await ended(p);
    p[stop]();
    assertEquals(p.exitCode, 7);
  });
}

contract.test("Process.kill() after terminate() does no harm", async (method) => {
  const started: Answers = new mp.Queue();
  const p = new mp.Process({ method, target: idle, args: [started] });
  p.start();
  await started.get({ timeout: HUNG });
  p.terminate();
  p.kill();
  p.terminate();
  await ended(p);
  // The first decides how a worker ends; of two signals the system chooses.
  const codes = method === "worker" ? [-15] : [-15, -9];
  assert(codes.includes(p.exitCode!), `exit code ${p.exitCode}`);
});

contract.test("Process.terminate() resolves a pending join", async (method) => {
  const started: Answers = new mp.Queue();
  const p = new mp.Process({ method, target: idle, args: [started] });
  p.start();
  const joins = [p.join(), p.join({ timeout: HUNG })];
  await started.get({ timeout: HUNG });
  p.terminate();
  assertEquals(await Promise.all(joins), [true, true]);
});

for (const how of ["put", "start", "print"] as const) {
  contract.test(`a busy child stops at its next ${how}`, async (method) => {
    const answers: Answers = new mp.Queue();
    const flag = new mp.RawArray("i", 1);
    const p = new mp.Process({
      method,
      target: goOn,
      args: [answers, flag, how],
    });
    p.start();
    await answers.get({ timeout: HUNG });
    p.terminate();
    raise(flag);
    await ended(p);
    await othersEnded();
    assert(answers.empty());
  });

  contract.test(`a busy child that was given up stops at its next ${how}`, async (method) => {
    const answers: Answers = new mp.Queue();
    const flag = new mp.RawArray("i", 1);
    const p = new mp.Process({
      method,
      target: goOn,
      args: [answers, flag, how],
    });
    p.start();
    await answers.get({ timeout: HUNG });
    p.terminate();
    await ended(p);
    raise(flag);
    await delay(MEDIUM);
    await othersEnded();
    assert(answers.empty());
  });
}

contract.test("Process.terminate() leaves the grandchildren", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({
    method,
    target: parentOfIdle,
    args: [answers],
  });
  p.start();
  await answers.get({ timeout: HUNG });
  p.terminate();
  await ended(p);
  answers.putSync("go");
  await othersEnded();
  assertEquals(answers.getNowait(), "the grandchild went on");
});

contract.test("parentProcess() can be joined, and is seen dead", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({
    method,
    target: parentOfWaiting,
    args: [answers],
  });
  p.start();
  await answers.get({ timeout: HUNG });
  p.kill();
  assertEquals(await answers.get({ timeout: HUNG }), false);
  await ended(p);
  await othersEnded();
});

contract.test("a child that obeys ends within the grace", async (method) => {
  // One that cannot obey is there for all of it, every time.
  const time = () => timeToEnd(method, blockInGetSync);
  assertLess(await atBest(GRACE, time), GRACE);
});

async function timeToEnd(method: Method, target: Stuck): Promise<number> {
  const started: Answers = new mp.Queue();
  const p = new mp.Process({ method, target, args: [started] });
  p.start();
  await started.get({ timeout: HUNG });
  const start = performance.now();
  p.terminate();
  await ended(p);
  return performance.now() - start;
}

/** Waits until this process is the only one that lives. */
function othersEnded(): Promise<void> {
  return until(() => me().table.living().length === 1);
}

function raise(flag: mp.RawArray<"i">): void {
  flag.store(0, 1);
}
