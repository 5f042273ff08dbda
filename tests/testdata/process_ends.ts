// Copyright 2026 the authors. MIT license.

// How processes of tests/process/process_death_test.ts end, or do not.

import * as mp from "../../mod.ts";
import { SHORT } from "../_support/delays.ts";

export type Answers = mp.Queue<unknown>;

// Targets that end by themselves.

/** How a target may handle its uncaught errors. */
export const HANDLERS = {
  "an error listener": [() => {
    addEventListener("error", (event) => event.preventDefault());
  }, "timer"],
  "a listener that captures": [() => {
    const prevent = (event: Event) => event.preventDefault();
    addEventListener("error", prevent, { capture: true });
  }, "timer"],
  "onerror": [() => {
    // Given the message, it returns true; given the event, it prevents.
    (globalThis as { onerror: unknown }).onerror = (event: Event | string) => {
      if (typeof event !== "string") event.preventDefault();
      return true;
    };
  }, "timer"],
  "an unhandledrejection listener": [() => {
    addEventListener("unhandledrejection", (event) => event.preventDefault());
  }, "rejection"],
  "uncaughtException": [async () => {
    const { default: process } = await import("node:process");
    process.on("uncaughtException", () => {});
  }, "timer"],
  "uncaughtException of a rejection": [async () => {
    const { default: process } = await import("node:process");
    process.on("uncaughtException", () => {});
  }, "rejection"],
  "unhandledRejection": [async () => {
    const { default: process } = await import("node:process");
    process.on("unhandledRejection", () => {});
  }, "rejection"],
} as const;

/** What leaves an uncaught error to the program. */
export const HEARERS = {
  "a listener that prevents nothing": [() => {
    addEventListener("error", () => {});
    addEventListener("unhandledrejection", () => {});
  }, "timer"],
  "a listener of the other kind": [() => {
    addEventListener("error", (event) => event.preventDefault());
  }, "rejection"],
  "a listener that throws": [() => {
    addEventListener("error", () => {
      throw new Error("in the listener");
    });
  }, "timer"],
} as const;

/** Fails beside itself, and tells whether it goes on. */
export async function failBeside(
  how: string,
  answers: Answers,
): Promise<void> {
  const [listen, error] = { ...HANDLERS, ...HEARERS }[
    how as keyof typeof HANDLERS
  ];
  await listen();
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      setTimeout(resolve, SHORT);
      if (error === "timer") throw new Error("from a timer");
      Promise.reject(new Error("of a promise"));
    });
  });
  answers.putSync("went on");
}

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

export function setExitCode(code: number): void {
  Deno.exitCode = code;
}

export async function setExitCodeOfNode(code: number): Promise<void> {
  const { default: process } = await import("node:process");
  process.exitCode = code;
}

export function setExitCodeAndExit(code: number): void {
  Deno.exitCode = code;
  Deno.exit();
}

export function setExitCodeAndClose(code: number): void {
  Deno.exitCode = code;
  self.close();
}

export function setExitCodeAndFail(code: number): void {
  Deno.exitCode = code;
  throw new Error("its own failure");
}

export function setExitCodeBeforeExit(code: number): void {
  Deno.exitCode = code + 1;
  Deno.exit(code);
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

// Targets that another process must end. Each says that it is there. In the end
// `flag` is raised, lest a thread that was given up burns on, and `words` has a
// word for what is left; `lock` is never free.

export type Stuck = (
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
