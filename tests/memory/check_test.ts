// Copyright 2026 the authors. MIT license.

import * as mp from "../../mod.ts";
import * as subprocess from "../../subprocess.ts";
import {
  checkInteger,
  checkObject,
  shown,
  typeName,
} from "../../memory/check.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

Deno.test("typeName() tells null and arrays from objects", () => {
  const values = [null, [], {}, undefined, 1, "", () => {}];
  assertEquals(
    values.map(typeName),
    ["null", "array", "object", "undefined", "number", "string", "function"],
  );
});

Deno.test("shown() tells numbers and the classes of objects", () => {
  const values = [0.5, NaN, null, [], new Map(), Object.create(null), "a"];
  assertEquals(
    values.map(shown),
    ["0.5", "NaN", "null", "Array", "Map", "object", "string"],
  );
});

Deno.test("checkObject() takes any object", () => {
  checkObject("test", "it", {});
  checkObject("test", "it", []);
  for (const value of [null, undefined, 1, "a", () => {}]) {
    assertThrows(
      () => checkObject("test", "it", value),
      TypeError,
      `Cannot test: it must be an object: got ${typeName(value)}`,
    );
  }
});

Deno.test("checkInteger() checks the kind, then the range", () => {
  for (const value of [1, 2, 3]) checkInteger("test", "it", value, 1, 3);
  assertThrows(
    () => checkInteger("test", "it", "1", 1, 3),
    TypeError,
    "Cannot test: it must be a number: got string",
  );
  for (const value of [0, 4, 1.5, NaN, Infinity]) {
    assertThrows(
      () => checkInteger("test", "it", value, 1, 3),
      RangeError,
      `Cannot test: it must be an integer from 1 to 3: got ${value}`,
    );
  }
  assertThrows(
    () => checkInteger("test", "it", -1, 0),
    RangeError,
    "Cannot test: it must be an integer from 0: got -1",
  );
});

/** Every public function and method that takes options, given some. */
const TAKERS: Readonly<Record<string, (none: never) => unknown>> = {
  "new Process()": (none) => new mp.Process(none),
  "Process.join()": (none) => new mp.Process({ target: idle }).join(none),
  "new Queue()": (none) => new mp.Queue(none),
  "new SimpleQueue()": (none) => new mp.SimpleQueue(none),
  "new JoinableQueue()": (none) => new mp.JoinableQueue(none),
  "new LifoQueue()": (none) => new mp.LifoQueue(none),
  "new PriorityQueue()": (none) => new mp.PriorityQueue(none),
  "Queue.put()": (none) => new mp.Queue().put(1, none),
  "Queue.putSync()": (none) => new mp.Queue().putSync(1, none),
  "Queue.get()": (none) => new mp.Queue().get(none),
  "Queue.getMany()": (none) => new mp.Queue().getMany(none),
  "Queue.getManySync()": (none) => new mp.Queue().getManySync(none),
  "Queue.putMany()": (none) => new mp.Queue().putMany([1], none),
  "PriorityQueue.put()": (none) => new mp.PriorityQueue().put(1, none),
  "JoinableQueue.join()": (none) => new mp.JoinableQueue().join(none),
  "Pipe()": (none) => mp.Pipe(none),
  "Connection.send()": (none) => mp.Pipe()[0].send(1, none),
  "Connection.recv()": (none) => mp.Pipe()[0].recv(none),
  "Connection.poll()": (none) => mp.Pipe()[0].poll(none),
  "wait()": (none) => mp.wait([], none),
  "Lock.acquire()": (none) => new mp.Lock().acquire(none),
  "Lock.holdSync()": (none) => new mp.Lock().holdSync(none),
  "RLock.acquireSync()": (none) => new mp.RLock().acquireSync(none),
  "Semaphore.acquire()": (none) => new mp.Semaphore(1).acquire(none),
  "Event.wait()": (none) => new mp.Event().wait(none),
  "new Barrier()": (none) => new mp.Barrier(1, none),
  "Barrier.wait()": (none) => new mp.Barrier(1).wait(none),
  "new Value()": (none) => new mp.Value("i", 0, none),
  "new Array()": (none) => new mp.Array("i", 1, none),
  "Value.hold()": (none) => new mp.Value("i").hold(none),
  "new SharedMemory()": (none) => new mp.SharedMemory(none),
  "new Pool()": (none) => new mp.Pool(none),
  "new ProcessPoolExecutor()": (none) => new mp.ProcessPoolExecutor(none),
  "new ThreadPool()": (none) => new mp.ThreadPool(none),
  "new ThreadPoolExecutor()": (none) => new mp.ThreadPoolExecutor(none),
  "waitFutures()": (none) => mp.waitFutures([], none),
  "asCompleted()": (none) => [...[mp.asCompleted([], none)]][0]!.next(),
  "setStartMethod()": (none) => mp.setStartMethod("worker", none),
  "getStartMethod()": (none) => mp.getStartMethod(none),
  "new Popen()": (none) => new subprocess.Popen("true", none),
  "run()": (none) => subprocess.run("true", none),
  "runSync()": (none) => subprocess.runSync("true", none),
  "call()": (none) => subprocess.call("true", none),
  "callSync()": (none) => subprocess.callSync("true", none),
  "checkCall()": (none) => subprocess.checkCall("true", none),
  "checkOutput()": (none) => subprocess.checkOutput("true", none),
  "Popen.wait()": (none) => inPopen((p) => p.wait(none)),
  "Popen.communicate()": (none) => inPopen((p) => p.communicate(none)),
  "ShareableList()": (none) => new mp.ShareableList([1], none),
};

for (const [name, take] of Object.entries(TAKERS)) {
  Deno.test(`${name} tells null as null`, async () => {
    // Null is what Python's None becomes first in a translated program.
    const refusal = await refusalOf(() => take(null as never));
    assert(refusal !== undefined, "it takes null");
    assertInstanceOf(refusal, TypeError);
    assertStringIncludes(refusal.message, "must be");
    assertStringIncludes(refusal.message, "got null");
  });
}

for (const [name, take] of Object.entries(TAKERS)) {
  Deno.test(`${name} refuses an option that it does not know`, async () => {
    const refusal = await refusalOf(() => take({ timout: 1 } as never));
    assert(refusal !== undefined, "it takes it");
    assertInstanceOf(refusal, TypeError);
    assertStringIncludes(refusal.message, "there is no option timout");
  });
}

/** Every public function and method that takes a number, given a value. */
const COUNTERS: Readonly<Record<string, (value: never) => unknown>> = {
  "Condition.notify()": (count) => new mp.Condition().notify(count),
  "new Semaphore()": (count) => new mp.Semaphore(count),
  "new BoundedSemaphore()": (count) => new mp.BoundedSemaphore(count),
  "Semaphore.release()": (count) => new mp.Semaphore(1).release(count),
  "new Barrier()": (parties) => new mp.Barrier(parties),
  "new Barrier({ timeout })": (timeout) => new mp.Barrier(1, { timeout }),
  "Lock.acquire({ timeout })": (timeout) => new mp.Lock().acquire({ timeout }),
  "Event.waitSync({ timeout })": (timeout) =>
    new mp.Event().waitSync({ timeout }),
  "new Queue({ maxsize })": (maxsize) => new mp.Queue({ maxsize }),
  "new Queue({ maxBytes })": (maxBytes) => new mp.Queue({ maxBytes }),
  "Queue.getMany({ min })": (min) => new mp.Queue().getMany({ min }),
  "Queue.getMany({ max })": (max) => new mp.Queue().getMany({ max }),
  "Pipe({ maxBytes })": (maxBytes) => mp.Pipe({ maxBytes }),
  "Connection.poll()": (timeout) => mp.Pipe()[0].poll(timeout),
  "Connection.recvBytes()": (most) => mp.Pipe()[0].recvBytes(most),
  "Connection.recvBytesInto()": (offset) =>
    mp.Pipe()[0].recvBytesInto(new Uint8Array(2), offset),
  "Connection.sendBytes(offset)": (offset) =>
    mp.Pipe()[0].sendBytes(new Uint8Array(2), offset),
  "Connection.sendBytes(size)": (size) =>
    mp.Pipe()[0].sendBytes(new Uint8Array(2), 0, size),
  "Array.get()": (index) => new mp.Array("i", 3).get(index),
  "Array.at()": (index) => new mp.Array("i", 3).at(index),
  "Array.set()": (index) => new mp.Array("i", 3).set(index, 1),
  "Array.slice(start)": (start) => new mp.Array("i", 3).slice(start),
  "Array.slice(end)": (end) => new mp.Array("i", 3).slice(0, end),
  "Array.setSlice()": (start) => new mp.Array("i", 3).setSlice(start, [1]),
  "RawArray.add()": (index) => new mp.RawArray("i", 3).add(index, 1),
  "new SharedMemory({ size })": (size) =>
    new mp.SharedMemory({ create: true, size }),
  "SharedMemory.view(byteOffset)": (byteOffset) =>
    viewed((shm) => shm.view(DataView, byteOffset)),
  "SharedMemory.view(length)": (length) =>
    viewed((shm) => shm.view(DataView, 0, length)),
  "new Process({ maxMemory })": (maxMemory) =>
    new mp.Process({ target: idle, method: "spawn", maxMemory }),
  "new Pool({ processes })": (processes) => new mp.Pool({ processes }),
  "new Pool({ min })": (min) => new mp.Pool({ min }),
  "new Pool({ max })": (max) => new mp.Pool({ max }),
  "new Pool({ idleTimeout })": (idleTimeout) => new mp.Pool({ idleTimeout }),
  "new Pool({ maxTasksPerChild })": (maxTasksPerChild) =>
    new mp.Pool({ maxTasksPerChild }),
  "new ProcessPoolExecutor({ maxWorkers })": (maxWorkers) =>
    new mp.ProcessPoolExecutor({ maxWorkers }),
  "waitFutures({ timeout })": (timeout) => mp.waitFutures([], { timeout }),
  "run({ timeout })": (timeout) => subprocess.run("true", { timeout }),
  "runSync({ timeout })": (timeout) => subprocess.runSync("true", { timeout }),
};

for (const [name, count] of Object.entries(COUNTERS)) {
  Deno.test(`${name} refuses what is no number with a TypeError`, async () => {
    for (const value of ["2", null, true]) {
      const refusal = await refusalOf(() => count(value as never));
      assertInstanceOf(refusal, TypeError, `${value}`);
      assertStringIncludes(refusal.message, `got ${typeName(value)}`);
    }
  });
}

Deno.test("Pool and executors refuse null, and options that they do not know", async () => {
  await using pool = new mp.Pool(1);
  await using executor = new mp.ProcessPoolExecutor(1);
  const takers: ((none: never) => unknown)[] = [
    (none) => pool.apply(idle, [], none),
    (none) => pool.map(idle, [], none),
    (none) => pool.starmapAsync(idle, [], none),
    (none) => pool.imap(idle, [], none),
    (none) => executor.shutdown(none),
    (none) => executor.map(idle as (n: number) => void, [], none),
  ];
  for (const take of takers.slice(0, -1)) {
    const refusal = await refusalOf(() => take(null as never));
    assertInstanceOf(refusal, TypeError);
    assertStringIncludes(refusal.message, "got null");
  }
  for (const take of takers) {
    const refusal = await refusalOf(() => take({ timout: 1 } as never));
    assertInstanceOf(refusal, TypeError);
    assertStringIncludes(refusal.message, "there is no option timout");
  }
});

Deno.test("an option that only a sister knows is refused", async () => {
  const takers: (() => unknown)[] = [
    () => new mp.Queue().put(1, { priority: 1 } as never),
    () => new mp.Queue({ redeliver: true } as never),
    () => new mp.SimpleQueue({ maxsize: 1 } as never),
    () => mp.Pipe()[0].recv({ transfer: [] } as never),
    () => new mp.ThreadPool({ method: "spawn" } as never),
    () => new mp.Pool({ maxWorkers: 1 } as never),
  ];
  for (const take of takers) {
    const refusal = await refusalOf(take);
    assertInstanceOf(refusal, TypeError);
    assertStringIncludes(refusal.message, "there is no option");
  }
});

async function refusalOf(take: () => unknown): Promise<unknown> {
  try {
    await take();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function inPopen(
  use: (p: subprocess.Popen) => unknown,
): Promise<void> {
  await using p = new subprocess.Popen("true");
  await use(p as never);
}

function viewed(view: (shm: mp.SharedMemory) => unknown): void {
  using shm = new mp.SharedMemory({ create: true, size: 8 });
  try {
    view(shm);
  } finally {
    shm.unlink();
  }
}

export function idle() {}
