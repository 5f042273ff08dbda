// Copyright 2026 the authors. MIT license.

// Calls in the form of Python: arguments by position that are options here. In
// JavaScript what is beyond the parameters is dropped without a word, so each
// of them is refused in the caller, with the form that is meant.

import * as mp from "../../mod.ts";
import { checkCount, checkOptions } from "../../memory/check.ts";
import * as subprocess from "../../subprocess.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

// deno-lint-ignore no-explicit-any -- what no types allow.
type Any = any;

/** Calls, and how their errors go on after "Cannot ". */
type Table = Readonly<Record<string, readonly [() => unknown, string]>>;

const OPTIONS = "options must be an object, as";
const TIMEOUT = `wait: ${OPTIONS} { timeout: 5 } in milliseconds: got number`;
const BLOCK = `wait: ${OPTIONS} { block: true }: got boolean`;
const NO_BLOCK = `wait: ${OPTIONS} { block: false }: got boolean`;
const ALONE = "it takes no arguments: got 1";
const ONE = "it takes 1 argument at most";

const CONSTRUCTORS: Table = {
  "Process(target, args)": [
    () => make(mp.Process, idle, [1]),
    "create process: argument 2 must be an option, as { args }: got Array",
  ],
  "Process(None, target)": [
    () => make(mp.Process, undefined, idle),
    "create process: argument 2 must be an option, as { target }: got function",
  ],
  "Process(target)": [
    () => make(mp.Process, idle),
    `create process: ${OPTIONS} { target }: got function`,
  ],
  "Process({ target }, args)": [
    () => make(mp.Process, { target: idle }, [1]),
    "create process: argument 2 must be an option, as { args }: got Array",
  ],
  "Pool(2, initializer)": [
    () => make(mp.Pool, 2, idle),
    "create pool: argument 2 must be an option, as { initializer }: got function",
  ],
  "Pool(None, initializer)": [
    () => make(mp.Pool, undefined, idle, [1]),
    "create pool: argument 2 must be an option, as { initializer }: got function",
  ],
  "Pool(initializer)": [
    () => make(mp.Pool, idle),
    "create pool: options must be a number or an object, as { initializer }: got function",
  ],
  "Pool(2, { initializer })": [
    () => make(mp.Pool, 2, { initializer: idle }),
    `create pool: ${ONE}, with all options in one object: got 2`,
  ],
  "ThreadPool(2, initializer)": [
    () => make(mp.ThreadPool, 2, idle),
    "create pool: argument 2 must be an option, as { initializer }: got function",
  ],
  "ProcessPoolExecutor(2, context)": [
    () => make(mp.ProcessPoolExecutor, 2, mp.getContext()),
    `create executor: ${ONE}, with all options`,
  ],
  "ThreadPoolExecutor(2, prefix)": [
    () => make(mp.ThreadPoolExecutor, 2, "prefix"),
    `create executor: ${ONE}, with all options`,
  ],
  "Queue({}, 5)": [
    () => make(mp.Queue, {}, 5),
    "create queue: argument 2 must be an option, as { maxsize: 5 }: got number",
  ],
  "JoinableQueue(None, 5)": [
    () => make(mp.JoinableQueue, undefined, 5),
    "create queue: argument 2 must be an option, as { maxsize: 5 }",
  ],
  "LifoQueue(5, 3)": [
    () => make(mp.LifoQueue, 5, 3),
    "create queue: argument 2 must be an option, as { maxsize: 3 }",
  ],
  "PriorityQueue(5, 3)": [
    () => make(mp.PriorityQueue, 5, 3),
    "create queue: argument 2 must be an option, as { maxsize: 3 }",
  ],
  "SimpleQueue({}, 5)": [
    () => make(mp.SimpleQueue, {}, 5),
    `create queue: ${ONE}: got 2`,
  ],
  "Pipe(False)": [
    () => call(mp.Pipe, false),
    `create pipe: ${OPTIONS} { duplex: false }: got boolean`,
  ],
  "Pipe({}, False)": [
    () => call(mp.Pipe, {}, false),
    "create pipe: argument 2 must be an option, as { duplex: false }",
  ],
  "Lock(True)": [() => make(mp.Lock, true), `create lock: ${ALONE}`],
  "RLock(True)": [() => make(mp.RLock, true), `create lock: ${ALONE}`],
  "Event(True)": [() => make(mp.Event, true), `create event: ${ALONE}`],
  "Semaphore(1, 2)": [
    () => make(mp.Semaphore, 1, 2),
    `create semaphore: ${ONE}: got 2`,
  ],
  "BoundedSemaphore(1, 2)": [
    () => make(mp.BoundedSemaphore, 1, 2),
    `create semaphore: ${ONE}: got 2`,
  ],
  "Condition(lock, 1)": [
    () => make(mp.Condition, new mp.Lock(), 1),
    `create condition: ${ONE}: got 2`,
  ],
  "Barrier(1, action)": [
    () => make(mp.Barrier, 1, idle),
    `create barrier: ${OPTIONS} { action }: got function`,
  ],
  "Barrier(1, None, 5)": [
    () => make(mp.Barrier, 1, undefined, 5),
    "create barrier: argument 3 must be an option, as { timeout: 5 } in milliseconds",
  ],
  "Value('i', 1, False)": [
    () => make(mp.Value, "i", 1, false),
    `create value: ${OPTIONS} { lock: false }: got boolean`,
  ],
  "Value('i', 1, lock)": [
    () => make(mp.Value, "i", 1, new mp.Lock()),
    `create value: ${OPTIONS} { lock }: got Lock`,
  ],
  "Value('i', 1, {}, 2)": [
    () => make(mp.Value, "i", 1, {}, 2),
    "create value: it takes 3 arguments at most: got 4",
  ],
  "Array('i', 3, False)": [
    () => make(mp.Array, "i", 3, false),
    `create array: ${OPTIONS} { lock: false }: got boolean`,
  ],
  "Array('i', 3, lock)": [
    () => make(mp.Array, "i", 3, new mp.RLock()),
    `create array: ${OPTIONS} { lock }: got RLock`,
  ],
  "RawValue('i', 3, lock)": [
    () => make(mp.RawValue, "i", 3, new mp.Lock()),
    "create value: it takes 2 arguments at most: got 3",
  ],
  "RawArray('i', 3, lock)": [
    () => make(mp.RawArray, "i", 3, new mp.Lock()),
    "create array: it takes 2 arguments at most: got 3",
  ],
  "SharedMemory(name, True, 8)": [
    () => make(mp.SharedMemory, "name", true, 8),
    "use shared memory: argument 2 must be an option, as { create: true }",
  ],
  "SharedMemory(None, True, 8)": [
    () => make(mp.SharedMemory, undefined, true, 8),
    "use shared memory: argument 2 must be an option, as { create: true }",
  ],
  "ShareableList([1], name)": [
    () => make(mp.ShareableList, [1], "name"),
    `use shareable list: ${OPTIONS} { name }: got string`,
  ],
  "Popen('true', 5)": [
    () => make(subprocess.Popen, "true", [5]),
    "run command: options must be an object: got Array",
  ],
};

const WAITS: Table = {
  "Process.join(5)": [() => started().join(5), TIMEOUT],
  "Process.joinSync(5)": [() => started().joinSync(5), TIMEOUT],
  "Lock.acquire(True, 5)": [() => free().acquire(true, 5), BLOCK],
  "Lock.acquire(False)": [() => free().acquire(false), NO_BLOCK],
  "Lock.acquireSync(True, 5)": [() => free().acquireSync(true, 5), BLOCK],
  "Lock.hold(5)": [() => free().hold(5), TIMEOUT],
  "Lock.acquire(lock)": [
    () => free().acquire(free()),
    "wait: options must be an object: got Lock",
  ],
  "Lock.acquire(signal)": [
    () => free().acquire(new AbortController().signal),
    `wait: ${OPTIONS} { signal }: got AbortSignal`,
  ],
  "RLock.acquire(True, 5)": [
    () => (new mp.RLock() as Any).acquire(true, 5),
    BLOCK,
  ],
  "Semaphore.acquire(True, 5)": [
    () => (new mp.Semaphore() as Any).acquire(true, 5),
    BLOCK,
  ],
  "Condition.wait(5)": [() => held().wait(5), TIMEOUT],
  "Condition.waitFor(predicate, 5)": [
    () => held().waitFor(() => true, 5),
    TIMEOUT,
  ],
  "Event.wait(5)": [() => (new mp.Event() as Any).wait(5), TIMEOUT],
  "Barrier.wait(5)": [() => (new mp.Barrier() as Any).wait(5), TIMEOUT],
  "Queue.put(1, True, 5)": [() => filled().put(1, true, 5), BLOCK],
  "Queue.putSync(1, False)": [() => filled().putSync(1, false), NO_BLOCK],
  "Queue.get(True, 5)": [() => filled().get(true, 5), BLOCK],
  "Queue.getSync(False)": [() => filled().getSync(false), NO_BLOCK],
  "Queue.get(5)": [() => filled().get(5), TIMEOUT],
  "Connection.recv(5)": [() => (mp.Pipe()[0] as Any).recv(5), TIMEOUT],
  "wait([], 5)": [() => call(mp.wait, [], 5), TIMEOUT],
  "wait(queue)": [
    () => call(mp.wait, filled()),
    "wait: objects must be iterable: got Queue",
  ],
  "as_completed([], 5)": [() => call(mp.asCompleted, [], 5), TIMEOUT],
  "wait(fs, 5)": [
    () => call(mp.waitFutures, [], 5),
    `wait for futures: ${OPTIONS} { timeout: 5 } in milliseconds`,
  ],
  "wait(fs, FIRST_COMPLETED)": [
    () => call(mp.waitFutures, [], "FIRST_COMPLETED"),
    `wait for futures: ${OPTIONS} { returnWhen }: got string`,
  ],
  "wait(future)": [
    () => call(mp.waitFutures, 1),
    "wait for futures: futures must be iterable: got 1",
  ],
  "set_start_method('worker', True)": [
    () => call(mp.setStartMethod, "worker", true),
    `set start method: ${OPTIONS} { force: true }: got boolean`,
  ],
  "get_start_method(True)": [
    () => call(mp.getStartMethod, true),
    `get start method: ${OPTIONS} { allowNone: true }: got boolean`,
  ],
  "run('true', True)": [
    () => call(subprocess.run, "true", true),
    `run command: ${OPTIONS} { shell: true }: got boolean`,
  ],
  "runSync('true', ['word'])": [
    () => call(subprocess.runSync, "true", ["word"]),
    "run command: options must be an object: got Array",
  ],
  "checkOutput('true', 5)": [
    () => call(subprocess.checkOutput, "true", 5),
    `run command: ${OPTIONS} { timeout: 5 } in milliseconds`,
  ],
  "getOutput('true', 5)": [
    () => call(subprocess.getOutput, "true", 5),
    `run command: ${OPTIONS} { timeout: 5 } in milliseconds`,
  ],
  "getOutput('true', { shell })": [
    () => call(subprocess.getOutput, "true", { shell: false }),
    "run command: there is no option shell",
  ],
};

const CHUNKS = `map: ${OPTIONS} { chunkSize: 10 }: got number`;
const CALLBACK = "argument 4 must be an option, as { callback }: got function";

/** As above, of a pool and an executor. */
const POOLS: Readonly<
  Record<string, readonly [(pool: Any, executor: Any) => unknown, string]>
> = {
  "apply(f, 1)": [
    (pool) => pool.apply(idle, 1),
    "submit task: args must be an array: got number",
  ],
  "apply(f, 'ab')": [
    (pool) => pool.applySync(idle, "ab"),
    "submit task: args must be an array: got string",
  ],
  "apply(f, [1], { a: 1 })": [
    (pool) => pool.apply(idle, [1], { a: 1 }),
    "submit task: there is no option a",
  ],
  "apply_async(f, [1], callback)": [
    (pool) => pool.applyAsync(idle, [1], idle),
    `submit task: ${OPTIONS} { callback }: got function`,
  ],
  "apply_async(f, [1], {}, callback)": [
    (pool) => pool.applyAsync(idle, [1], {}, idle),
    `submit task: ${CALLBACK}`,
  ],
  "map(f, [1], 10)": [(pool) => pool.map(idle, [1], 10), CHUNKS],
  "mapSync(f, [1], 10)": [(pool) => pool.mapSync(idle, [1], 10), CHUNKS],
  "map_async(f, [1], None, callback)": [
    (pool) => pool.mapAsync(idle, [1], undefined, idle),
    `map: ${CALLBACK}`,
  ],
  "imap(f, [1], 10)": [(pool) => pool.imap(idle, [1], 10), CHUNKS],
  "imap_unordered(f, [1], 10)": [
    (pool) => pool.imapUnordered(idle, [1], 10),
    CHUNKS,
  ],
  "starmap(f, [[1]], 10)": [(pool) => pool.starmap(idle, [[1]], 10), CHUNKS],
  "starmap_async(f, [[1]], {}, callback)": [
    (pool) => pool.starmapAsync(idle, [[1]], {}, idle),
    `map: ${CALLBACK}`,
  ],
  "starmap(f, [[1], 2])": [
    (pool) => pool.starmap(idle, [[1], 2], { chunkSize: 1 }),
    "map: items[1] must be an array of arguments: got number",
  ],
  "starmap(f, 'ab')": [
    (pool) => pool.starmap(idle, "ab", { chunkSize: 2 }),
    "map: items[0] must be an array of arguments: got string",
  ],
  "runOnAll(f, 1)": [
    (pool) => pool.runOnAll(idle, 1),
    "submit task: args must be an array: got number",
  ],
  "runOnAll(f, [1], 2)": [
    (pool) => pool.runOnAll(idle, [1], 2),
    "submit task: it takes 2 arguments at most: got 3",
  ],
  "AsyncResult.get(5)": [
    (pool) => pool.applyAsync(idle).get(5),
    TIMEOUT,
  ],
  "next(5)": [(pool) => pool.imap(idle, [1]).next(5), TIMEOUT],
  "Executor.map(f, [1], 10)": [
    (_, executor) => executor.map(idle, [1], 10),
    CHUNKS,
  ],
  "Future.result(5)": [
    (_, executor) => executor.submit(idle).result(5),
    TIMEOUT,
  ],
  "Executor.shutdown(False)": [
    (_, executor) => executor.shutdown(false),
    `shut down executor: ${OPTIONS} { wait: false }: got boolean`,
  ],
};

for (const [name, [call, text]] of Object.entries(CONSTRUCTORS)) {
  Deno.test(`new ${name} is refused`, () => assertRefused(call, text));
}

for (const [name, [call, text]] of Object.entries(WAITS)) {
  Deno.test(`${name} is refused`, () => assertRefused(call, text));
}

Deno.test("calls of a pool in the form of Python are refused", async () => {
  await using pool = new mp.Pool(1);
  await using executor = new mp.ProcessPoolExecutor(1);
  for (const [name, [call, text]] of Object.entries(POOLS)) {
    await assertRefused(() => call(pool, executor), text, name);
  }
  assertEquals(await pool.apply(idle, []), undefined);
  const rows = [new Set([1]), [2], new Uint8Array([3])];
  const first = (n: number) => n;
  assertEquals(await pool.starmap(first, rows as unknown as [number][]), [
    1,
    2,
    3,
  ]);
  assertThrows(
    () => make(mp.Pool, { processes: 1, initializer: 5 }),
    TypeError,
    "Cannot create pool: initializer must be a function: got number",
  );
  assertThrows(
    () => make(mp.Pool, { processes: 1, initializer: idle, initargs: "ab" }),
    TypeError,
    "Cannot create pool: initargs must be an array: got string",
  );
});

Deno.test("checkCount() lets undefined through", () => {
  checkCount("test", [1, undefined, undefined], 1, ["timeout"]);
  checkCount("test", [], 0);
  assertThrows(
    () => checkCount("test", [1, undefined, null], 1, ["timeout"]),
    TypeError,
    "Cannot test: it takes 1 argument at most, with all options in one object: got 3",
  );
});

Deno.test("checkOptions() takes any object whose options can be seen", () => {
  class Limits {
    get timeout(): number {
      return 5;
    }
  }
  const all = [
    {},
    Object.create(null),
    Object.create({ timeout: 5 }),
    new Limits(),
    Object.freeze({ timeout: 5 }),
  ];
  for (const options of all) checkOptions("test", options, ["timeout"]);
  for (const options of [new Map(), new URL("data:,"), [], new Date()]) {
    assertThrows(
      () => checkOptions("test", options, ["timeout"]),
      TypeError,
      `Cannot test: options must be an object: got ${options.constructor.name}`,
    );
  }
});

function make(Class: unknown, ...args: unknown[]): unknown {
  return new (Class as new (...args: unknown[]) => unknown)(...args);
}

function call(func: unknown, ...args: unknown[]): unknown {
  return (func as (...args: unknown[]) => unknown)(...args);
}

function free(): Any {
  return new mp.Lock();
}

function held(): Any {
  const condition = new mp.Condition();
  condition.acquireSync();
  return condition;
}

function filled(): Any {
  const q = new mp.Queue();
  q.putSync(1);
  return q;
}

/** A process that can be joined: the error comes before that. */
function started(): Any {
  return new mp.Process({ target: idle });
}

async function assertRefused(
  call: () => unknown,
  text: string,
  name?: string,
): Promise<void> {
  let refusal: unknown;
  try {
    await call();
  } catch (error) {
    refusal = error;
  }
  assert(refusal !== undefined, `it is taken: ${name}`);
  assertInstanceOf(refusal, TypeError, name);
  assertStringIncludes(refusal.message, `Cannot ${text}`, name);
}

export function idle() {}
