// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as mp from "../mod.ts";
import { contract, type Method, METHODS } from "./_support/contract.ts";
import { HUNG } from "./_support/delays.ts";
import { runProgram, runText } from "./_support/programs.ts";

const DOOR = new URL("../mod.ts", import.meta.url).href;

/** What a context binds to its method. */
const BOUND = [
  "Array",
  "Barrier",
  "BoundedSemaphore",
  "Condition",
  "Event",
  "JoinableQueue",
  "LifoQueue",
  "Lock",
  "Pipe",
  "Pool",
  "PriorityQueue",
  "Process",
  "ProcessPoolExecutor",
  "Queue",
  "RLock",
  "RawArray",
  "RawValue",
  "Semaphore",
  "SimpleQueue",
  "Value",
  "getContext",
  "getStartMethod",
  "keepSpares",
  "setStartMethod",
];

/** What uses the program's method. */
const USES = [
  "new mp.Lock()",
  "new mp.Condition()",
  "new mp.Barrier(2)",
  "new mp.Queue()",
  "new mp.PriorityQueue()",
  'new mp.Value("i")',
  'new mp.RawArray("i", 2)',
  "mp.Pipe()",
  "await using _ = new mp.Pool(1)",
  "await using _ = new mp.ProcessPoolExecutor(1)",
  "mp.getContext()",
  "mp.getStartMethod()",
  "const p = new mp.Process({ target() {} }); p.start(); await p.join()",
];

Deno.test("getAllStartMethods() begins with the default", () => {
  const methods = mp.getAllStartMethods();
  assertEquals(methods[0], "worker");
  for (const method of METHODS) assert(methods.includes(method));
});

Deno.test("getAllStartMethods() gives an array of one's own", () => {
  mp.getAllStartMethods().length = 0;
  assertEquals(mp.getAllStartMethods()[0], "worker");
});

Deno.test("getStartMethod() without allowNone fixes the method", () => {
  const chosen = mp.getStartMethod({ allowNone: true });
  assert(chosen === undefined || METHODS.includes(chosen as Method));
  assertEquals(mp.getStartMethod(), "worker");
  assertEquals(mp.getStartMethod({ allowNone: true }), "worker");
});

Deno.test("setStartMethod() is refused once a method is chosen", () => {
  mp.getStartMethod();
  assertThrows(
    () => mp.setStartMethod("worker"),
    mp.StateError,
    'Cannot set start method: it is "worker" already, and force is false',
  );
  assertThrows(
    () => mp.setStartMethod("worker", { force: false }),
    mp.StateError,
  );
  assertEquals(mp.getStartMethod(), "worker");
});

Deno.test("setStartMethod() with force chooses again", () => {
  mp.setStartMethod("worker", { force: true });
  assertEquals(mp.getStartMethod(), "worker");
});

Deno.test("a start method that does not exist is refused", () => {
  const none = "fork" as Method;
  const text = 'got "fork"';
  assertThrows(() => mp.setStartMethod(none), RangeError, text);
  assertThrows(
    () => mp.setStartMethod(none, { force: true }),
    RangeError,
    "Cannot set start method: the start method must be",
  );
  assertThrows(
    () => mp.getContext(none),
    RangeError,
    "Cannot get context: the start method must be",
  );
  assertThrows(
    () => new mp.Process({ target: () => {}, method: none }),
    RangeError,
    "Cannot create process: the start method must be",
  );
  assertEquals(mp.getStartMethod(), "worker");
});

Deno.test("getContext() without a method takes the program's", () => {
  assertEquals(mp.getContext().method, mp.getStartMethod());
});

contract.test("getContext() makes processes that work", async (method) => {
  const context = mp.getContext(method);
  assertEquals(context.method, method);
  const lock = new context.Lock();
  const q = new context.Queue<string>();
  const p = new context.Process({
    target: (q: mp.Queue<string>, lock: mp.Lock) => {
      using _ = lock.holdSync();
      q.putSync("from the child");
    },
    args: [q, lock],
  });
  p.start();
  assertEquals(context.activeChildren().includes(p), true);
  assert(await p.join({ timeout: HUNG }));
  assertEquals(q.getNowait(), "from the child");
});

contract.test("getContext() has the functions of the module", (method) => {
  const context = mp.getContext(method);
  assertEquals(context.cpuCount(), mp.cpuCount());
  assertEquals(context.currentProcess(), mp.currentProcess());
  assertEquals(context.parentProcess(), undefined);
  assertEquals(context.activeChildren(), []);
});

contract.test("setStartMethod() may follow what starts and shares nothing", async (method) => {
  const { code, lines, stderr } = await runProgram("context_unfixed", {
    args: [method],
  });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(lines, ["undefined", "undefined", method, "true"]);
});

for (const use of USES) {
  Deno.test(`setStartMethod() may not follow ${use}`, async () => {
    const { code, lines, stderr } = await runText(`
      import * as mp from "${DOOR}";
      if (import.meta.main) {
        ${use};
        console.log(mp.getStartMethod({ allowNone: true }));
        try {
          mp.setStartMethod("spawn");
        } catch (error) {
          console.log(error instanceof mp.StateError, error.message);
        }
      }
    `);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(lines, [
      "worker",
      'true Cannot set start method: it is "worker" already, and force is false',
    ]);
  });
}

contract.test("getContext() has all names of the module", (method) => {
  const context = mp.getContext(method);
  const names = Object.keys(context).filter((name) => name !== "method");
  assertEquals(names.sort(), Object.keys(mp).sort());
  // That of a context is another object where it makes something.
  const bound = names.filter((name) => {
    const key = name as keyof typeof mp;
    return context[key] !== mp[key];
  });
  assertEquals(bound.sort(), BOUND);
  for (const name of bound) {
    const key = name as keyof typeof mp;
    assertEquals(typeof context[key], typeof mp[key], name);
  }
});

contract.test("getContext() gives one context of a method, which keeps it", (method) => {
  const context = mp.getContext(method);
  assertStrictEquals(mp.getContext(method), context);
  assertStrictEquals(context.getContext(), context);
  assertStrictEquals(context.getContext(method), context);
  for (const other of METHODS) {
    assertStrictEquals(context.getContext(other), mp.getContext(other));
  }
  assertEquals(context.getStartMethod(), method);
  assertEquals(context.getStartMethod({ allowNone: true }), method);
  assertEquals(context.getAllStartMethods(), mp.getAllStartMethods());
  assertThrows(
    () => context.setStartMethod("worker", { force: true }),
    mp.StateError,
    `Cannot set start method: that of a context is "${method}" for good`,
  );
  assertEquals(context.getStartMethod(), method);
  assertThrows(() => context.getContext("fork" as Method), RangeError);
});

contract.test("getContext() makes executors and pools of its method", async (method) => {
  mp.setStartMethod("worker", { force: true });
  const context = mp.getContext(method);
  await using executor = new context.ProcessPoolExecutor(1);
  await using pool = new context.Pool(1);
  await using other = new context.ProcessPoolExecutor({ method: "worker" });
  await using threads = new context.ThreadPoolExecutor(1);
  const isOwn = method === "spawn";
  assertEquals(await executor.submit(pid).result() !== Deno.pid, isOwn);
  assertEquals(await pool.apply(pid) !== Deno.pid, isOwn);
  assertEquals(await other.submit(pid).result(), Deno.pid);
  assertEquals(await threads.submit(pid).result(), Deno.pid);
  assert(executor instanceof mp.ProcessPoolExecutor);
});

contract.test("getContext() refuses what the module refuses", (method) => {
  const context = mp.getContext(method);
  for (const wrong of ["2", null, true] as never[]) {
    assertThrows(() => new context.Process(wrong), TypeError);
    assertThrows(() => new context.Pool(wrong), TypeError);
    assertThrows(() => new context.ProcessPoolExecutor(wrong), TypeError);
  }
  assertThrows(() => new context.Process(2 as never), TypeError);
});

export function pid(): number {
  return Deno.pid;
}
