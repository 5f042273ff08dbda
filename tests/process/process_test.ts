// Copyright 2026 the authors. MIT license.

// What a process is and does while all goes well, and the calls that are wrong.
// How processes die stands in process_death_test.ts, whole programs in
// program_test.ts.

import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { heldWorkers } from "../../process/worker_engine.ts";
import { me } from "../../program/self.ts";
import { atBest } from "../_support/at_best.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract, type Method } from "../_support/contract.ts";
import { ended, type Target } from "../_support/processes.ts";
import { until } from "../_support/until.ts";
import * as targets from "../testdata/process_targets.ts";
import type { Answers, Seen } from "../testdata/process_targets.ts";

const MODULE = new URL("../testdata/process_targets.ts", import.meta.url);

/** One of the targets, with its arguments; not started. */
function made(method: Method, target: Target, ...args: unknown[]): mp.Process {
  return new mp.Process({ method, target, args, module: MODULE });
}

/** One that waits for a word. */
function waiting(method: Method): { p: mp.Process; words: Answers } {
  const words: Answers = new mp.Queue();
  return { p: made(method, targets.waitForWord, words), words };
}

/** Starts it and waits until it ended with exit code 0. */
async function run(process: mp.Process): Promise<void> {
  process.start();
  await ended(process);
  assertEquals(process.exitCode, 0);
}

/** What its target, given a queue before `args`, put there in the end. */
async function ask(
  method: Method,
  target: (answers: Answers, ...args: never[]) => unknown,
  ...args: unknown[]
): Promise<unknown> {
  const answers: Answers = new mp.Queue();
  await run(made(method, target, answers, ...args));
  return answers.getNowait();
}

/** Asserts that `wrong` throws so, and that it left nothing behind. */
function assertRefused(
  wrong: () => unknown,
  // deno-lint-ignore no-explicit-any -- any error class.
  error: new (...args: any[]) => Error,
  text: string,
): void {
  const living = me().table.living().length;
  assertThrows(wrong, error, text);
  assertEquals(me().table.living().length, living);
  assertEquals(mp.activeChildren(), []);
}

export class Piao extends mp.Process {
  static made = 0;
  who: string;
  answers: Answers;

  constructor(who: string, answers: Answers) {
    super();
    Piao.made++;
    this.who = who;
    this.answers = answers;
  }

  override run(): void {
    const isSelf = mp.currentProcess() === this;
    const { who, name } = this;
    this.answers.putSync([who, name, Piao.made, isSelf, this.greet()]);
  }

  greet(): string {
    return `${this.who} is piaoing`;
  }
}

export class AsyncRun extends mp.Process {
  answers: Answers | undefined;

  override async run(): Promise<void> {
    await Promise.resolve();
    await super.run();
    this.answers!.putSync([await this.isAlive(), this.daemon]);
  }
}

contract.test("Process.start() runs the target with its arguments", async (method) => {
  const args = [1, "two", { three: [3n] }];
  assertEquals(await ask(method, targets.answer, ...args), args);
});

contract.test("Process.start() passes kwargs as the last argument", async (method) => {
  const answers: Answers = new mp.Queue();
  const kwargs = { p: 1, lock: new mp.Lock() };
  const target = (
    answers: Answers,
    first: number,
    { p, lock }: typeof kwargs,
  ) => answers.putSync([first, p, lock.locked()]);
  await run(new mp.Process({ method, target, args: [answers, 0], kwargs }));
  assertEquals(answers.getNowait(), [0, 1, false]);
});

contract.test("Process.start() waits for an async target", async (method) => {
  assertEquals(await ask(method, targets.answerLater), "late");
});

contract.test("Process.start() gives the child copies", async (method) => {
  const list = ["1", "2"];
  for (const word of ["a", "zhang"]) {
    assertEquals(await ask(method, targets.change, list, word), [word, "2"]);
  }
  assertEquals(list, ["1", "2"]);
});

contract.test("Process.start() takes the arguments of its own moment", async (method) => {
  const answers: Answers = new mp.Queue();
  const list = ["early"];
  const p = made(method, targets.answer, answers, list);
  list[0] = "at the start";
  p.start();
  list[0] = "late";
  await ended(p);
  assertEquals(answers.getNowait(), [["at the start"]]);
});

contract.test("Process.start() finds shared objects wherever they stand", async (method) => {
  const lock = new mp.Lock();
  class Holder {
    lock = lock;
  }
  lock.acquireSync();
  const same = await ask(
    method,
    targets.useNested,
    { deep: { lock } },
    [[lock]],
    new Map<unknown, unknown>([["lock", lock], [lock, "key"]]),
    new Set([lock]),
    lock,
    new Holder(),
  );
  lock.release();
  assertEquals(same, Array(8).fill(true));
});

contract.test("Process.start() keeps cycles and the platform's types", async (method) => {
  const ring: Record<string, unknown> = { lock: new mp.Lock() };
  ring["self"] = ring;
  const hole: unknown[] = [];
  hole[2] = 1;
  const shape = await ask(
    method,
    targets.shapes,
    ring,
    new Map([["a", 1]]),
    new RangeError("far"),
    new Uint8Array([1, 2]),
    hole,
  );
  assertEquals(shape, [true, 1, "far", new Uint8Array([1, 2]), false, 3]);
});

contract.test("Process.start() leaves the caller's arguments alone", async (method) => {
  const lock = new mp.Lock();
  const args = [new mp.Queue(), { lock }, new Map([[lock, new Set([lock])]])];
  await run(
    new mp.Process({ method, target: targets.nothing, module: MODULE, args }),
  );
  const [, record, map] = args as [
    unknown,
    { lock: mp.Lock },
    Map<mp.Lock, Set<mp.Lock>>,
  ];
  assertStrictEquals(record.lock, lock);
  assert(map.get(lock)!.has(lock));
});

contract.test("Process.start() does not take an object for a lock", async (method) => {
  // What stands for a lock while it crosses has no shape that one could have.
  const odd = { kind: "Lock", placeholder: {}, handles: [] };
  const args = [{}, odd, new mp.Lock().locked()];
  assertEquals(await ask(method, targets.answer, ...args), [{}, odd, false]);
});

contract.test("Process.join() resolves with true, time and again", async (method) => {
  const p = made(method, targets.nothing);
  p.start();
  const joins = [p.join(), p.join({ timeout: HUNG }), p.join()];
  assertEquals(await Promise.all(joins), [true, true, true]);
  assertEquals(await p.join(), true);
  assertEquals(p.joinSync({ timeout: 0 }), true);
});

contract.test("Process.join() resolves with false at the timeout", async (method) => {
  const { p, words } = waiting(method);
  p.start();
  for (
    const options of [{ timeout: SHORT }, { timeout: 0 }, { block: false }]
  ) {
    assertEquals(await p.join(options), false);
  }
  assertEquals(p.joinSync({ timeout: SHORT }), false);
  assertEquals(p.joinSync({ timeout: 0 }), false);
  assert(p.isAlive());
  words.putSync("go");
  await ended(p);
});

contract.test("Process.join() gives up at the signal", async (method) => {
  const { p, words } = waiting(method);
  p.start();
  const reason = new RangeError("enough");
  const controller = new AbortController();
  const join = p.join({ signal: controller.signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => join), reason);
  await assertRejects(() => p.join({ signal: controller.signal }), RangeError);
  assertThrows(() => p.joinSync({ signal: controller.signal }), RangeError);
  words.putSync("go");
  await ended(p);
});

contract.test("Process.joinSync() blocks until the child has ended", (method) => {
  const answers: Answers = new mp.Queue();
  const p = made(method, targets.answer, answers, 1);
  p.start();
  assert(p.joinSync({ timeout: HUNG }));
  assertEquals(p.exitCode, 0);
  assertEquals(answers.getNowait(), [1]);
});

contract.test("Process.joinSync() starts what grandchildren ask for", (method) => {
  const answers: Answers = new mp.Queue();
  const p = made(method, targets.grandparentSync, answers, 3);
  p.start();
  assert(p.joinSync({ timeout: HUNG }));
  assertEquals(p.exitCode, 0);
  const order = [1, 2, 3].map(() => answers.getNowait());
  assertEquals(order, [[1, 0], [2, 0], [3, 0]]);
});

contract.test("Queue.getSync() starts what grandchildren ask for", (method) => {
  const answers = new mp.Queue<{ name: string }>();
  const p = made(method, targets.grandparent, answers, 2);
  p.start();
  const names = [1, 2, 3].map(() => answers.getSync({ timeout: HUNG }).name);
  assert(p.joinSync({ timeout: HUNG }));
  assertEquals(names, [p.name, `${p.name}:1`, `${p.name}:1:1`]);
});

contract.test("Process.isAlive() is true from start to end", async (method) => {
  const { p, words } = waiting(method);
  assertEquals(p.isAlive(), false);
  p.start();
  assertEquals(p.isAlive(), true);
  words.putSync("go");
  await ended(p);
  assertEquals(p.isAlive(), false);
});

contract.test("Process.exitCode is undefined until the end", async (method) => {
  const { p, words } = waiting(method);
  assertEquals(p.exitCode, undefined);
  p.start();
  assertEquals(p.exitCode, undefined);
  words.putSync("go");
  await ended(p);
  assertEquals(p.exitCode, 0);
});

contract.test("Process.name counts by default", async (method) => {
  const first = made(method, targets.nothing);
  const second = made(method, targets.nothing);
  const third = new Piao("egon", new mp.Queue());
  const number = Number(/^Process-(\d+)$/.exec(first.name)![1]);
  assertEquals(second.name, `Process-${number + 1}`);
  assertEquals(third.name, `Piao-${number + 2}`);
  const { self } = await ask(method, targets.lookRound) as { self: Seen };
  assertEquals(self.name, `Process-${number + 3}`);
});

contract.test("Process.name crosses at the start", async (method) => {
  const answers = new mp.Queue<{ self: Seen }>();
  const p = new mp.Process({
    method,
    target: targets.lookRound,
    module: MODULE,
    args: [answers],
    name: "子进程一号",
  });
  assertEquals(p.name, "子进程一号");
  p.name = "子进程二号";
  p.start();
  p.name = "too late";
  await ended(p);
  assertEquals(answers.getNowait().self.name, "子进程二号");
  assertEquals(p.name, "too late");
});

contract.test("Process.name may be set in the child", async (method) => {
  assertEquals(await ask(method, targets.rename), "renamed");
});

contract.test("Process.ident is no other process's", async (method) => {
  const children = Array.from(
    { length: 20 },
    () => made(method, targets.nothing),
  );
  assertEquals(children[0]!.ident, undefined);
  assertEquals(children[0]!.pid, undefined);
  for (const child of children) child.start();
  const idents = [mp.currentProcess(), ...children].map(({ ident }) => ident);
  assertEquals(new Set(idents).size, 21);
  for (const child of children) {
    const isOwn = method === "spawn";
    assertEquals(child.pid, isOwn ? child.ident : Deno.pid);
    await ended(child);
  }
  const after = [mp.currentProcess(), ...children].map(({ ident }) => ident);
  assertEquals(after, idents);
});

contract.test("Process.daemon is false, and may be set until the start", async (method) => {
  const p = made(method, targets.nothing);
  assertEquals(p.daemon, false);
  p.daemon = true;
  assertEquals(p.daemon, true);
  p.daemon = false;
  await run(p);
  assertRefused(
    () => p.daemon = true,
    mp.StateError,
    "Cannot set daemon: the process was started already",
  );
  assertEquals(p.daemon, false);
  assertRefused(
    () => p.daemon = 1 as unknown as boolean,
    TypeError,
    "Cannot set daemon: it must be a boolean: got number",
  );
});

contract.test("Process.daemon ends with the code of its parent", async (method) => {
  const { table, token } = me();
  // Those of earlier tests are let go of when the event loop hears of them.
  await until(() => heldWorkers() === 0);
  await run(made(method, targets.leaveDaemon, new mp.Queue()));
  // It was told to stop before its parent ended, and obeys soon.
  for (const other of table.living()) {
    assertEquals(table.isRunning(other), other === token);
  }
  await until(() => table.living().length === 1);
  // Its worker is let go of when the event loop hears of it.
  await until(() => heldWorkers() === 0);
});

contract.test("Process.start() in a daemon is refused", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = made(method, targets.startChild, answers);
  p.daemon = true;
  await run(p);
  assertEquals(answers.getNowait(), [[
    "StateError",
    "Cannot start process: daemonic processes are not allowed to have children",
  ], 0]);
  assertEquals(me().table.living().length, 1);
});

contract.test("Process.authKey is inherited, and may be set", async (method) => {
  const target = async (answers: Answers, url: string) => {
    const mp = await import(url);
    answers.putSync(mp.currentProcess().authKey);
  };
  const url = new URL("../../mod.ts", import.meta.url).href;
  const { authKey } = mp.currentProcess();
  assertEquals(authKey.length, 32);
  assertEquals(await ask(method, target, url), authKey);
  const answers: Answers = new mp.Queue();
  const p = new mp.Process({ method, target, args: [answers, url] });
  assertEquals(p.authKey, authKey);
  p.authKey = new Uint8Array([1, 2, 3]);
  await run(p);
  assertEquals(answers.getNowait(), new Uint8Array([1, 2, 3]));
  assertThrows(
    () => p.authKey = "secret" as unknown as Uint8Array,
    TypeError,
    "Cannot set authKey: it must be a Uint8Array",
  );
});

contract.test("currentProcess() and parentProcess() see both ends", async (method) => {
  const answers: Answers = new mp.Queue();
  const p = made(method, targets.lookRound, answers);
  await run(p);
  const main = mp.currentProcess();
  assertEquals(answers.getNowait(), {
    self: {
      name: p.name,
      pid: p.pid,
      ident: p.ident,
      daemon: false,
      isAlive: true,
      exitCode: undefined,
    },
    parent: targets.seen(main),
    isSame: true,
    children: 0,
  });
  assertStrictEquals(mp.currentProcess(), main);
  assertEquals(main.name, "MainProcess");
  assertEquals(main.pid, Deno.pid);
  assertEquals(main.ident, Deno.pid);
  assertEquals(main.isAlive(), true);
  assertEquals(mp.parentProcess(), undefined);
});

contract.test("currentProcess() cannot be started, joined or stopped", async (method) => {
  assertEquals(await ask(method, targets.misuseKin), [
    ["StateError", "Cannot start process: it was started already"],
    ["StateError", "Cannot join process: it is this process itself"],
    [
      "StateError",
      "Cannot terminate process: it is not a child of this process",
    ],
    ["StateError", "Cannot set daemon: the process was started already"],
    ["StateError", "Cannot kill process: it is not a child of this process"],
    ["StateError", "Cannot start process: it was started already"],
    [
      "StateError",
      "Cannot close process: it is running: terminate() or join() it first",
    ],
    false,
  ]);
});

contract.test("activeChildren() are those that run", async (method) => {
  const words: Answers = new mp.Queue();
  const [first, second, third] = [1, 2, 3].map(() =>
    made(method, targets.waitForWord, words)
  ) as [mp.Process, mp.Process, mp.Process];
  assertEquals(mp.activeChildren(), []);
  first.start();
  second.start();
  assertEquals(mp.activeChildren(), [first, second]);
  first.terminate();
  // An OS process runs until the signal has reached it.
  await until(() => mp.activeChildren().length === 1);
  assertEquals(mp.activeChildren(), [second]);
  words.putSync("go");
  await ended(second);
  await ended(first);
  assertEquals(mp.activeChildren(), []);
  assertEquals(third.isAlive(), false);
});

contract.test("activeChildren() lets go of those that have ended", async (method) => {
  const p = made(method, targets.nothing);
  p.start();
  const { table } = me();
  await until(() => mp.activeChildren().length === 0);
  assertEquals(table.living().length, 1);
  assertEquals(p.exitCode, 0);
  p.close();
});

contract.test("cpuCount() is a positive integer", () => {
  assert(Number.isInteger(mp.cpuCount()));
  assertGreater(mp.cpuCount(), 0);
});

contract.test("Process.run() of a subclass runs with its fields", async () => {
  const answers: Answers = new mp.Queue();
  const p = new Piao("egon", answers);
  const made = Piao.made;
  await run(p);
  assertGreater(made, 0);
  const expected = ["egon", p.name, 0, true, "egon is piaoing"];
  assertEquals(answers.getNowait(), expected);
});

contract.test("Process.run() of a subclass may be async and call super", async () => {
  const answers: Answers = new mp.Queue();
  const p = new AsyncRun({
    target: targets.answer,
    args: [answers, 1],
    daemon: true,
  });
  p.answers = answers;
  await run(p);
  assertEquals(answers.getNowait(), [1]);
  assertEquals(answers.getNowait(), [true, true]);
});

contract.test("Process.run() called directly starts nothing", (method) => {
  const p = new mp.Process({
    method,
    target: (a: number, { b }: { b: number }) => a + b,
    args: [1],
    kwargs: { b: 2 },
  });
  assertEquals(p.run(), 3);
  assertEquals(p.ident, undefined);
  assertEquals(mp.activeChildren(), []);
});

contract.test("Process.run() after the start is refused", async (method) => {
  const p = made(method, targets.nothing);
  p.start();
  assertThrows(
    () => p.run(),
    mp.StateError,
    "Cannot run process: it was started, and its arguments are in the child",
  );
  await p.join();
  assertEquals(p.exitCode, 0);
});

/**
 * How many starts of a child its three generations of descendants may take:
 * what goes the platform's own way takes 500 ms for each of them.
 */
const STARTS_OF_THREE = 9;

contract.test("a grandchild starts as fast as a child", async (method) => {
  // How many times its child's start the generations below it took.
  const startsOfDescendants = async () => {
    const answers = new mp.Queue<
      { name: string; parent: string; at: number }
    >();
    const first = Date.now();
    const p = made(method, targets.grandparent, answers, 3);
    p.start();
    await ended(p);
    const told = [];
    while (!answers.empty()) told.push(answers.getNowait());
    const names = ["", ":1", ":1:1", ":1:1:1"].map((end) => p.name + end);
    assertEquals(told.map(({ name }) => name), names);
    const parents = ["MainProcess", ...names.slice(0, 3)];
    assertEquals(told.map(({ parent }) => parent), parents);
    const child = told[0]!.at - first + SHORT;
    return (told[3]!.at - told[0]!.at) / child;
  };
  const starts = await atBest(STARTS_OF_THREE, startsOfDescendants);
  assertLess(starts, STARTS_OF_THREE);
});

contract.test("a child ends after its own children", async (method) => {
  assertEquals(
    await ask(method, targets.leaveLateChild),
    "the grandchild has ended",
  );
});

// A hundred programs that load at once hold up whatever is tested beside them.
contract.test("a crowd of processes runs at once", async (method) => {
  const crowd = many(20, 100);
  const words: Answers = new mp.Queue();
  const children = Array.from(
    { length: crowd },
    () => made(method, targets.waitForWord, words),
  );
  for (const child of children) child.start();
  assertEquals(mp.activeChildren().length, crowd);
  for (let i = 0; i < crowd; i++) words.putSync(i);
  for (const child of children) await ended(child);
  const codes = children.map(({ exitCode }) => exitCode);
  assertEquals(codes, Array(crowd).fill(0));
  assertEquals(words.qsize(), 0);
  assertEquals(me().table.living().length, 1);
});

contract.test("Process.close() lets go of a process for good", async (method) => {
  const p = made(method, targets.nothing);
  await run(p);
  p.close();
  p.close();
  const closed: [string, () => unknown][] = [
    ["get pid", () => p.pid],
    ["get ident", () => p.ident],
    ["get exit code", () => p.exitCode],
    ["set daemon", () => p.daemon = true],
    ["start process", () => p.start()],
    ["join process", () => p.joinSync()],
    ["terminate process", () => p.terminate()],
    ["kill process", () => p.kill()],
    ["see if the process is alive", () => p.isAlive()],
  ];
  for (const [action, wrong] of closed) {
    const text = `Cannot ${action}: the process object is closed`;
    assertRefused(wrong, mp.StateError, text);
  }
  await assertRejects(() => p.join(), mp.StateError);
});

contract.test("Process.close() before the start is allowed", (method) => {
  const p = made(method, targets.nothing);
  p.close();
  assertRefused(
    () => p.start(),
    mp.StateError,
    "Cannot start process: the process object is closed",
  );
});

contract.test("Process.close() of a running process is refused", async (method) => {
  const { p, words } = waiting(method);
  p.start();
  assertThrows(
    () => p.close(),
    mp.StateError,
    "Cannot close process: it is running: terminate() or join() it first",
  );
  assert(p.isAlive());
  words.putSync("go");
  await ended(p);
  p.close();
});

contract.test("await using joins and closes", async (method) => {
  const answers: Answers = new mp.Queue();
  let left: mp.Process;
  {
    await using p = made(method, targets.answer, answers, 1);
    p.start();
    left = p;
  }
  assertEquals(answers.getNowait(), [1]);
  assertThrows(() => left.exitCode, mp.StateError);
});

contract.test("await using closes what was never started, or closed", async (method) => {
  let left: mp.Process;
  {
    await using p = made(method, targets.nothing);
    left = p;
  }
  assertThrows(() => left.pid, mp.StateError);
  {
    await using p = left;
    p.close();
  }
});

contract.test("Process.start() twice is refused", async (method) => {
  const p = made(method, targets.nothing);
  await run(p);
  assertRefused(
    () => p.start(),
    mp.StateError,
    "Cannot start process: it was started already",
  );
});

contract.test("Process.join() before the start is refused", async (method) => {
  const p = made(method, targets.nothing);
  const text = "Cannot join process: it was not started";
  await assertRejects(() => p.join(), mp.StateError, text);
  assertRefused(() => p.joinSync(), mp.StateError, text);
  for (const end of ["terminate", "kill"] as const) {
    const text = `Cannot ${end} process: it was not started`;
    assertRefused(() => p[end](), mp.StateError, text);
  }
  await run(p);
});

contract.test("Process.join() with a bad timeout is refused", async (method) => {
  const p = made(method, targets.nothing);
  for (const timeout of [-1, NaN, -Infinity]) {
    const text =
      `Cannot wait: timeout must be 0 or more milliseconds: got ${timeout}`;
    await assertRejects(() => p.join({ timeout }), RangeError, text);
    assertRefused(() => p.joinSync({ timeout }), RangeError, text);
  }
  const timeout = "1" as unknown as number;
  await assertRejects(() => p.join({ timeout }), TypeError);
  assertRefused(() => p.joinSync({ timeout }), TypeError, "got string");
  await run(p);
});

Deno.test("new Process() with bad options is refused", () => {
  const { nothing: target } = targets;
  // deno-lint-ignore no-explicit-any -- what the types would not let through.
  const wrong: [any, new (...args: any[]) => Error, string][] = [
    [undefined, TypeError, "neither a target nor"],
    [{}, TypeError, "it has neither a target nor a run() method"],
    [{ target: "work" }, TypeError, "target must be a function: got string"],
    [{ target: {} }, TypeError, "target must be a function: got object"],
    [{ target, args: "ab" }, TypeError, "args must be an array"],
    [{ target, args: {} }, TypeError, "args must be an array"],
    [{ target, kwargs: 1 }, TypeError, "kwargs must be an object"],
    [{ target, kwargs: null }, TypeError, "kwargs must be an object"],
    [{ target, name: 1 }, TypeError, "got number, not a string"],
    [{ target, daemon: 1 }, TypeError, "daemon must be a boolean"],
    [{ target, method: "fork" }, RangeError, 'got "fork"'],
  ];
  const next = () =>
    Number(new mp.Process({ target }).name.slice("Process-".length));
  const before = next();
  for (const [options, error, text] of wrong) {
    assertRefused(() => new mp.Process(options), error, text);
  }
  assertEquals(next(), before + 1, "a refused one was counted");
});

Deno.test("Process.start() names the argument that cannot be cloned", () => {
  const { nothing: target } = targets;
  const lock = new mp.Lock();
  const callback = () => {};
  const tree = { a: { "b c": [new Map([["k", new Set([1, callback])]])] } };
  const wrong: [Partial<mp.ProcessOptions>, string][] = [
    [{ args: [callback] }, "args[0]: it is a function"],
    [{ args: [{ callback }] }, "args[0].callback: it is a function"],
    [{ args: [lock, { callback }] }, "args[1].callback: it is a function"],
    [{ args: [1, [Symbol()]] }, "args[1][0]: it is a symbol"],
    [
      { args: [tree] },
      'args[0].a["b c"][0]<value 0><item 1>: it is a function',
    ],
    [{ args: [new Map([[{ callback }, 1]])] }, "args[0]<key 0>.callback"],
    [
      { args: [new SharedArrayBuffer(4), callback] },
      "args[1]: it is a function",
    ],
    [{ args: [new WeakMap()] }, "args[0]: it is a WeakMap"],
    [{ args: [Promise.resolve()] }, "args[0]: it is a Promise"],
    [{ kwargs: { callback } }, "kwargs.callback: it is a function"],
  ];
  for (const [options, text] of wrong) {
    const p = new mp.Process({ target, module: MODULE, ...options });
    assertRefused(() => p.start(), DOMException, `Cannot clone ${text}`);
    assertEquals(p.isAlive(), false);
    assertEquals(p.ident, undefined);
    const error = assertThrows(() => p.start(), DOMException);
    assertEquals(error.name, "DataCloneError");
  }
});

Deno.test("Process.start() names the field that cannot be cloned", () => {
  const p = new AsyncRun({ target: targets.nothing });
  Object.assign(p, { hooks: { done: () => {} } });
  assertRefused(
    () => p.start(),
    DOMException,
    "Cannot clone this.hooks.done: it is a function",
  );
});

Deno.test("Process.start() refuses a process among its arguments", () => {
  const other = made("worker", targets.nothing);
  const p = made("worker", targets.nothing, { other });
  assertRefused(
    () => p.start(),
    DOMException,
    "Cannot clone args[0].other: it is a Process: only its parent has it",
  );
});

Deno.test("Process.start() throws what a getter of an argument throws", () => {
  const bad = {
    get value(): never {
      throw new RangeError("mine");
    },
  };
  const p = made("worker", targets.nothing, bad);
  assertRefused(() => p.start(), RangeError, "mine");
});

Deno.test("Process.start() after a refusal works", async () => {
  const answers: Answers = new mp.Queue();
  const args: unknown[] = [answers, () => {}];
  const p = new mp.Process({ target: targets.answer, module: MODULE, args });
  assertRefused(() => p.start(), DOMException, "args[1]");
  args[1] = "mended";
  await run(p);
  assertEquals(answers.getNowait(), ["mended"]);
});

Deno.test("currentProcess() of the main process cannot be joined", async () => {
  const main = mp.currentProcess();
  assertInstanceOf(main, mp.Process);
  await assertRejects(() => main.join(), mp.StateError, "this process itself");
  assertRefused(() => main.terminate(), mp.StateError, "not a child");
  assertRefused(() => main.start(), mp.StateError, "started already");
  assertEquals(main.exitCode, undefined);
  assertNotStrictEquals(main.authKey, undefined);
  assertMatch(main.name, /^MainProcess$/);
  assertStringIncludes(Deno.inspect(main), "Process");
});
