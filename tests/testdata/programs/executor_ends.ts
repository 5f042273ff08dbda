// Copyright 2026 the authors. MIT license.

// Programs with an executor that no code awaits, and how they end.

import {
  currentProcess,
  Process,
  ProcessPoolExecutor,
  Queue,
  setStartMethod,
} from "../../../mod.ts";
import type { Method } from "../../_support/contract.ts";

export function square(x: number): number {
  return x * x;
}

export async function squareLater(x: number): Promise<number> {
  // A turn of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 1));
  return x * x;
}

export function say(text: string): void {
  console.log(text);
}

export async function sayInChild(text: string): Promise<number> {
  const process = new Process({ target: say, args: [text] });
  process.start();
  await process.join();
  return process.exitCode!;
}

/** Its child outlives the task. */
export function leaveChild(text: string): void {
  new Process({ target: say, args: [text] }).start();
}

export async function squareInExecutor(x: number): Promise<number> {
  const executor = new ProcessPoolExecutor(1);
  return await executor.submit(square, x).result();
}

export function leaveWork(): void {
  const executor = new ProcessPoolExecutor(1);
  const future = executor.submit(squareLater, 7);
  future.addDoneCallback(async () => console.log(await future.result()));
}

export function failWithWork(): void {
  leaveWork();
  throw new RangeError("the target fails");
}

export async function echo(from: Queue<string>, to: Queue<string>) {
  for (;;) await to.put(await from.get());
}

/** Its daemon must live for as long as the work of the executor. */
export function useDaemon(): void {
  const [from, to] = [new Queue<string>(), new Queue<string>()];
  const daemon = new Process({ target: echo, args: [from, to], daemon: true });
  daemon.start();
  const executor = new ProcessPoolExecutor({
    maxWorkers: 1,
    initializer: keep,
    initargs: [from, to],
  });
  executor.submit(ask, "an answer");
}

let kept: [Queue<string>, Queue<string>];

export function keep(...queues: [Queue<string>, Queue<string>]): void {
  kept = queues;
}

export async function ask(text: string): Promise<void> {
  const [from, to] = kept;
  await from.put(text);
  console.log(await to.get());
}

function tell(executor: ProcessPoolExecutor, x: number): void {
  executor.submit(squareLater, x).addDoneCallback(async (future) =>
    console.log(await future.result())
  );
}

const PROGRAMS: Record<string, () => unknown> = {
  onlyCalledBack() {
    tell(new ProcessPoolExecutor(1), 3);
  },
  shutDownAtOnce() {
    const executor = new ProcessPoolExecutor(1);
    for (const x of [1, 2, 3]) tell(executor, x);
    executor.shutdown({ wait: false });
  },
  submitsInCallback() {
    const executor = new ProcessPoolExecutor(1);
    executor.submit(square, 2).addDoneCallback(() => tell(executor, 5));
  },
  onlySubmitted() {
    new ProcessPoolExecutor(2).submit(say, "said");
  },
  onlyMapped() {
    new ProcessPoolExecutor(2).map(say, ["said"]);
  },
  leavesFailures() {
    const executor = new ProcessPoolExecutor(1);
    executor.submit(() => {
      throw new RangeError("nobody looks");
    });
    tell(executor, 2);
  },
  leavesIdle() {
    new ProcessPoolExecutor(2);
  },
  cancelsAtTheEnd() {
    const executor = new ProcessPoolExecutor(1);
    for (let i = 0; i < 100; i++) executor.submit(squareLater, i);
    executor.shutdown({ wait: false, cancelFutures: true });
  },
  startsProcess() {
    const executor = new ProcessPoolExecutor(1);
    executor.submit(sayInChild, "from the child").addDoneCallback(
      async (future) => console.log(await future.result()),
    );
  },
  leavesProcess() {
    new ProcessPoolExecutor(1).submit(leaveChild, "from the child");
  },
  nestsExecutors() {
    const executor = new ProcessPoolExecutor(1);
    executor.submit(squareInExecutor, 6).addDoneCallback(async (future) =>
      console.log(await future.result())
    );
  },
  worksInChild() {
    new Process({ target: leaveWork }).start();
  },
  async failsInChild() {
    const process = new Process({ target: failWithWork });
    process.start();
    await process.join();
    console.log(process.exitCode);
  },
  usesDaemon() {
    useDaemon();
  },
};

if (import.meta.main) {
  const [program, method] = Deno.args as [string, Method];
  setStartMethod(method);
  if (currentProcess().daemon) throw new TypeError("The main one is none");
  await PROGRAMS[program]!();
}
