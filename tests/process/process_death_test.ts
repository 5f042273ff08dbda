// Copyright 2026 the authors. MIT license.

// How processes end: by themselves, by others, and what their ends leave
// behind. Ends that print a trace stand in program_test.ts, which reads it.

import { assert, assertEquals, assertLess } from "@std/assert";
import * as mp from "../../mod.ts";
import { me } from "../../program/self.ts";
import { GRACE } from "../../program/table.ts";
import { atBest } from "../_support/at_best.ts";
import { HUNG, MEDIUM, SHORT } from "../_support/delays.ts";
import { until } from "../_support/until.ts";
import { contract, type Method } from "../_support/contract.ts";
import { ended, startIn } from "../_support/processes.ts";
import * as ends from "../testdata/process_ends.ts";
import type { Answers, Stuck } from "../testdata/process_ends.ts";

const start = startIn.bind(
  undefined,
  new URL("../testdata/process_ends.ts", import.meta.url),
);

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const STUCK: Record<string, Stuck> = {
  "idle": ends.idle,
  "idle, with a timer": ends.idleWithTimer,
  "blocked in getSync()": ends.blockInGetSync,
  "blocked in acquireSync()": ends.blockInLock,
  "blocked in joinSync()": ends.joinChildSync,
  "in await get()": ends.awaitGet,
  "computing": ends.computeForEver,
  "in Atomics.wait()": ends.waitRaw,
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
    const p = start(method, ends.exit, given);
    await ended(p);
    assertEquals(p.exitCode, code);
  });
}

const EXIT_CODES = [
  ["Deno.exitCode", ends.setExitCode, 7, 7],
  ["Deno.exitCode, beyond a byte,", ends.setExitCode, 259, 3],
  ["process.exitCode", ends.setExitCodeOfNode, 7, 7],
  ["Deno.exitCode and Deno.exit()", ends.setExitCodeAndExit, 7, 7],
  ["Deno.exitCode and self.close()", ends.setExitCodeAndClose, 7, 7],
  ["Deno.exit(n), which overrules,", ends.setExitCodeBeforeExit, 7, 7],
  ["an error, which overrules,", ends.setExitCodeAndFail, 7, 1],
] as const;
for (const [how, target, given, code] of EXIT_CODES) {
  contract.test(`a child ends with the code of ${how}`, async (method) => {
    const p = start(method, target, given);
    await ended(p);
    assertEquals(p.exitCode, code);
    assertEquals(Deno.exitCode, 0);
  });
}

for (const how of Object.keys(ends.HANDLERS)) {
  contract.test(`a child handles its own errors by ${how}`, async (method) => {
    const answers: Answers = new mp.Queue();
    const p = start(method, ends.failBeside, how, answers);
    await ended(p);
    assertEquals(p.exitCode, 0);
    assertEquals(answers.getNowait(), "went on");
  });
}

for (const how of Object.keys(ends.HEARERS)) {
  contract.test(`an uncaught error ends a child that has ${how}`, async (method) => {
    const answers: Answers = new mp.Queue();
    const p = start(method, ends.failBeside, how, answers);
    await ended(p);
    assertEquals(p.exitCode, 1);
    assert(answers.empty());
  });
}

contract.test("Deno.exit() in a timer ends the child", async (method) => {
  const p = start(method, ends.exitInTimer, 5);
  await ended(p);
  assertEquals(p.exitCode, 5);
});

contract.test("Deno.exit() does not return", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = start(method, ends.exitInFinally, answers);
  await ended(p);
  assertEquals(p.exitCode, 4);
  assert(answers.empty());
});

contract.test("process.exit() of Node gives its exit code", async (method) => {
  const p = start(method, ends.exitOfNode, 6);
  await ended(p);
  assertEquals(p.exitCode, 6);
});

contract.test("self.close() gives exit code 0", async (method) => {
  const p = start(method, ends.close);
  await ended(p);
  assertEquals(p.exitCode, 0);
});

contract.test("a child ends although it left timers behind", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = start(method, ends.leaveTimer, answers);
  await ended(p);
  assertEquals(p.exitCode, 0);
  assert(answers.qsize() <= 2);
});

contract.test("Deno.exit() right after start() leaves the grandchild", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = start(method, ends.exitWithChild, answers);
  await ended(p);
  assertEquals(p.exitCode, 3);
  assertEquals(await answers.get({ timeout: HUNG }), "started");
  answers.putSync("go");
  await othersEnded();
  assertEquals(answers.getNowait(), "the grandchild went on");
});

contract.test("Deno.exit() ends the daemons of the child", async (method) => {
  const p = start(method, ends.exitWithDaemon, new mp.Queue());
  await ended(p);
  assertEquals(p.exitCode, 3);
  await othersEnded();
});

for (const [stop, code] of STOPS) {
  for (const [state, target] of Object.entries(STUCK)) {
    contract.test(`Process.${stop}() ends a child that is ${state}`, async (method) => {
      const flag = new mp.RawArray("i", 1);
      const words: Answers = new mp.Queue();
      const lock = new mp.Lock();
      lock.acquireSync();
      const [p] = await begun(method, target, flag, lock, words);
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
    const p = start(method, ends.computeForEver, started, flag);
    started.getSync({ timeout: HUNG });
    p[stop]();
    assert(p.joinSync({ timeout: HUNG }));
    assertEquals(p.exitCode, code);
    raise(flag);
  });

  contract.test(`Process.${stop}() right after start()`, async (method) => {
    const answers: Answers = new mp.Queue();
    const p = start(method, ends.put, answers, "too late");
    p[stop]();
    await ended(p);
    assertEquals(p.exitCode, code);
    assert(answers.empty());
  });

  contract.test(`Process.${stop}() of an ended child does nothing`, async (method) => {
    const p = start(method, ends.exit, 7);
    await ended(p);
    p[stop]();
    assertEquals(p.exitCode, 7);
  });
}

contract.test("Process.kill() after terminate() does no harm", async (method) => {
  const [p] = await begun(method, ends.idle);
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
  const p = start(method, ends.idle, started);
  const joins = [p.join(), p.join({ timeout: HUNG })];
  await started.get({ timeout: HUNG });
  p.terminate();
  assertEquals(await Promise.all(joins), [true, true]);
});

for (const how of ["put", "start", "print"] as const) {
  contract.test(`a busy child stops at its next ${how}`, async (method) => {
    const flag = new mp.RawArray("i", 1);
    const [p, answers] = await begun(method, ends.goOn, flag, how);
    p.terminate();
    raise(flag);
    await ended(p);
    await othersEnded();
    assert(answers.empty());
  });

  contract.test(`a busy child that was given up stops at its next ${how}`, async (method) => {
    const flag = new mp.RawArray("i", 1);
    const [p, answers] = await begun(method, ends.goOn, flag, how);
    p.terminate();
    await ended(p);
    raise(flag);
    await delay(MEDIUM);
    await othersEnded();
    assert(answers.empty());
  });
}

contract.test("Process.terminate() leaves the grandchildren", async (method) => {
  const [p, answers] = await begun(method, ends.parentOfIdle);
  p.terminate();
  await ended(p);
  answers.putSync("go");
  await othersEnded();
  assertEquals(answers.getNowait(), "the grandchild went on");
});

contract.test("parentProcess() can be joined, and is seen dead", async (method) => {
  const [p, answers] = await begun(method, ends.parentOfWaiting);
  p.kill();
  assertEquals(await answers.get({ timeout: HUNG }), false);
  await ended(p);
  await othersEnded();
});

contract.test("a child that obeys ends within the grace", async (method) => {
  // One that cannot obey is there for all of it, every time.
  const time = () => timeToEnd(method, ends.blockInGetSync);
  assertLess(await atBest(GRACE, time), GRACE);
});

async function timeToEnd(method: Method, target: Stuck): Promise<number> {
  const [p] = await begun(method, target);
  const start = performance.now();
  p.terminate();
  await ended(p);
  return performance.now() - start;
}

/** Starts one, which says that it has begun on the queue that it is given. */
async function begun(
  method: Method,
  // deno-lint-ignore no-explicit-any -- as `ProcessOptions.target`.
  target: (answers: Answers, ...args: any[]) => unknown,
  ...args: unknown[]
): Promise<[mp.Process, Answers]> {
  const answers: Answers = new mp.Queue();
  const p = start(method, target, answers, ...args);
  await answers.get({ timeout: HUNG });
  return [p, answers];
}

/** Waits until this process is the only one that lives. */
function othersEnded(): Promise<void> {
  return until(() => me().table.living().length === 1);
}

function raise(flag: mp.RawArray<"i">): void {
  flag.store(0, 1);
}
