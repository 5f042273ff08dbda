// Copyright 2026 the authors. MIT license.

// What the processes of tests/process/process_test.ts do.

import * as mp from "../../mod.ts";
import { SHORT } from "../_support/delays.ts";

export type Answers = mp.Queue<unknown>;

export function nothing(): void {}

export function answer(answers: Answers, ...args: unknown[]): void {
  answers.putSync(args);
}

export async function answerLater(answers: Answers): Promise<void> {
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 1));
  answers.putSync("late");
}

export function waitForWord(words: Answers): void {
  words.getSync();
}

export function change(answers: Answers, list: string[], who: string): void {
  list[0] = who;
  answers.putSync(list);
}

/** What of a process its child sees. */
export interface Seen {
  name: string;
  pid: number | undefined;
  ident: number | undefined;
  daemon: boolean;
  isAlive: boolean;
  exitCode: number | undefined;
}

export function seen(process: mp.Process): Seen {
  const { name, pid, ident, daemon, exitCode } = process;
  return { name, pid, ident, daemon, isAlive: process.isAlive(), exitCode };
}

export function lookRound(answers: Answers): void {
  answers.putSync({
    self: seen(mp.currentProcess()),
    parent: seen(mp.parentProcess()!),
    isSame: mp.currentProcess() === mp.currentProcess() &&
      mp.parentProcess() === mp.parentProcess(),
    children: mp.activeChildren().length,
  });
}

export function rename(answers: Answers): void {
  mp.currentProcess().name = "renamed";
  answers.putSync(mp.currentProcess().name);
}

/** A caught error, as it crosses. */
export function caught(wrong: () => unknown): [string, string] | undefined {
  try {
    wrong();
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    return [name, message];
  }
}

export function misuseKin(answers: Answers): void {
  const self = mp.currentProcess();
  const parent = mp.parentProcess()!;
  answers.putSync([
    caught(() => self.start()),
    caught(() => self.joinSync()),
    caught(() => self.terminate()),
    caught(() => self.daemon = true),
    caught(() => parent.kill()),
    caught(() => parent.start()),
    caught(() => self.close()),
    parent.joinSync({ timeout: 0 }),
  ]);
}

export function startChild(answers: Answers): void {
  const error = caught(() => new mp.Process({ target: nothing }).start());
  answers.putSync([error, mp.activeChildren().length]);
}

export function grandparent(answers: Answers, generations: number): void {
  const { name } = mp.currentProcess();
  const parent = mp.parentProcess()!.name;
  answers.putSync({ name, parent, at: Date.now() });
  if (generations === 0) return;
  const child = new mp.Process({
    target: grandparent,
    args: [answers, generations - 1],
  });
  child.start();
}

export function grandparentSync(answers: Answers, generations: number): void {
  if (generations > 0) {
    const child = new mp.Process({
      target: grandparentSync,
      args: [answers, generations - 1],
    });
    child.start();
    child.joinSync();
    answers.putSync([generations, child.exitCode]);
  }
}

export function leaveLateChild(answers: Answers): void {
  const child = new mp.Process({ target: lateAnswer, args: [answers] });
  child.start();
}

export function lateAnswer(answers: Answers): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SHORT);
  answers.putSync("the grandchild has ended");
}

export function leaveDaemon(answers: Answers): void {
  const child = new mp.Process({
    target: waitForEver,
    args: [answers],
    daemon: true,
  });
  child.start();
  answers.getSync();
}

export function waitForEver(started: Answers): Promise<void> {
  started.putSync("started");
  return new Promise(() => {});
}

export function useNested(answers: Answers, ...args: unknown[]): void {
  const [record, list, map, set, lock, piao] = args as [
    { deep: { lock: mp.Lock } },
    [[mp.Lock]],
    Map<unknown, unknown>,
    Set<mp.Lock>,
    mp.Lock,
    { lock: mp.Lock },
  ];
  const same = [
    record.deep.lock === lock,
    list[0][0] === lock,
    map.get("lock") === lock,
    map.get(lock) === "key",
    set.has(lock),
    piao.lock === lock,
    lock instanceof mp.Lock,
    lock.locked(),
  ];
  answers.putSync(same);
}

export function shapes(answers: Answers, ...args: unknown[]): void {
  const [ring, map, error, bytes, hole] = args as [
    { self: unknown; lock: mp.Lock },
    Map<string, number>,
    Error,
    Uint8Array,
    unknown[],
  ];
  answers.putSync([
    ring.self === ring,
    map.get("a"),
    error instanceof RangeError && error.message,
    bytes,
    1 in hole,
    hole.length,
  ]);
}
