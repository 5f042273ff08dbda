// Copyright 2026 the authors. MIT license.

// What runs in OS processes of the tests.

import * as mp from "../../mod.ts";

type Answers = mp.Queue<unknown>;

export function nothing(): void {}

export function tell(answers: Answers): void {
  const { pid, ident, name } = mp.currentProcess();
  answers.putSync({ pid, ident, name, own: Deno.pid, parent: Deno.ppid });
}

export function idle(answers: Answers): Promise<void> {
  answers.putSync(Deno.pid);
  return new Promise(() => {});
}

/** Starts a daemon and a child that is none, and stays. */
export async function parentOfTwo(answers: Answers): Promise<void> {
  for (const daemon of [true, false]) {
    const child = new mp.Process({
      target: idle,
      args: [answers],
      daemon,
      method: "spawn",
    });
    child.start();
    const pid = await answers.get();
    answers.putSync([daemon, pid]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    while (!answers.empty()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  await new Promise(() => {});
}

export function permissions(answers: Answers): void {
  const names = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
  const states = names.map((name) => [
    name,
    Deno.permissions.querySync({ name }).state === "granted",
  ]);
  answers.putSync(Object.fromEntries(states));
}

export function readOne(answers: Answers, path: string, other: string): void {
  const state = (path: string) =>
    Deno.permissions.querySync({ name: "read", path }).state;
  answers.putSync([state(path), state(other)]);
}

export async function readStdin(answers: Answers): Promise<void> {
  const text = await new Response(Deno.stdin.readable).text();
  answers.putSync([text, await Deno.readTextFile("/proc/self/cmdline")]);
}

/** Takes memory until the platform ends it. */
export function takeAll(): void {
  const all: unknown[] = [];
  while (true) all.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
}

export function printMany(id: number, count: number): void {
  for (let i = 0; i < count; i++) console.log(`${id}:${i}:${"x".repeat(60)}`);
  Deno.exit(0);
}

export function lockAndStay(lock: mp.Lock, answers: Answers): Promise<void> {
  lock.acquireSync();
  answers.putSync("held");
  return new Promise(() => {});
}

export function addUnder(lock: mp.Lock, value: mp.RawValue<"i">, n: number) {
  for (let i = 0; i < n; i++) {
    using _ = lock.holdSync();
    value.value += 1;
  }
}

/** Both kinds of children of a child. */
export async function family(answers: Answers): Promise<void> {
  for (const method of ["worker", "spawn"] as const) {
    const child = new mp.Process({ target: tell, args: [answers], method });
    child.start();
    await child.join();
  }
}
