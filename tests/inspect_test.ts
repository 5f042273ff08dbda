// Copyright 2026 the authors. MIT license.

// What every object of the module prints as, in one table.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { inspect } from "node:util";
import * as mp from "../mod.ts";
import { contract, type Method } from "./_support/contract.ts";
import { HUNG } from "./_support/delays.ts";
import { startIn } from "./_support/processes.ts";
import { until } from "./_support/until.ts";

/** Objects in a state, and what they print as; `%` stands for a number. */
type Case = (method: Method) =>
  | AsyncIterable<readonly [object, string]>
  | Iterable<readonly [object, string]>;

const CASES: Record<string, Case> = {
  *Lock() {
    const lock = new mp.Lock();
    yield [lock, "Lock { unlocked }"];
    lock.acquireSync();
    yield [lock, "Lock { locked by MainProcess }"];
    lock.release();
    yield [lock, "Lock { unlocked }"];
  },
  async *RLock() {
    const lock = new mp.RLock();
    yield [lock, "RLock { unlocked }"];
    using held = await lock.hold();
    yield [lock, "RLock { locked by MainProcess }"];
    using _ = held.hold();
    yield [lock, "RLock { locked by MainProcess, 2 times }"];
  },
  *Semaphore() {
    const semaphore = new mp.Semaphore(3);
    yield [semaphore, "Semaphore { 3 }"];
    semaphore.acquireSync();
    yield [semaphore, "Semaphore { 2 }"];
    yield [new mp.BoundedSemaphore(2), "BoundedSemaphore { 2 }"];
  },
  *Event() {
    const event = new mp.Event();
    yield [event, "Event { clear }"];
    event.set();
    yield [event, "Event { set }"];
  },
  *Condition() {
    const condition = new mp.Condition();
    yield [condition, "Condition { RLock { unlocked } }"];
    const plain = new mp.Condition(new mp.Lock());
    using _ = plain.holdSync();
    yield [plain, "Condition { Lock { locked by MainProcess } }"];
  },
  async *Barrier() {
    const barrier = new mp.Barrier(2);
    yield [barrier, "Barrier { 0 of 2 waiting }"];
    const wait = barrier.wait().catch((error) => error);
    yield [barrier, "Barrier { 1 of 2 waiting }"];
    barrier.abort();
    yield [barrier, "Barrier { broken }"];
    assert(await wait instanceof mp.BrokenBarrierError);
  },
  *Queue() {
    const classes = [
      mp.Queue,
      mp.SimpleQueue,
      mp.JoinableQueue,
      mp.LifoQueue,
      mp.PriorityQueue,
    ];
    for (const Class of classes) {
      const q = new Class<number>();
      const { name } = q.constructor;
      yield [q, `${name} { 0 }`];
      q.putSync(1);
      yield [q, `${name} { 1 }`];
      if (q instanceof mp.SimpleQueue) continue;
      q.shutdown();
      yield [q, `${name} { 1, shut down }`];
      q.close();
      yield [q, `${name} { closed }`];
    }
    const q = new mp.Queue<string>(5);
    q.putManySync(["a", "b"]);
    yield [q, "Queue { 2 of 5 }"];
    yield [{ jobs: q }, "{ jobs: Queue { 2 of 5 } }"];
  },
  async *Value() {
    const value = new mp.Value("i", 4711);
    yield [value, "Value { 4711 }"];
    yield [new mp.RawValue("q", 5n), "RawValue { 5n }"];
    yield [value.getObj(), "RawValue { 4711 }"];
    using _ = await value.hold();
    yield [value, "Value { 4711 }"];
    yield [new mp.Value({ x: "d" }, { x: 1 }), "Value { { x: 1 } }"];
    yield [new mp.Value("u", "é"), 'Value { "é" }'];
  },
  *Array() {
    const array = new mp.Array("i", [1, 2]);
    using _ = array.holdSync();
    yield [array, "Array { [ 1, 2 ] }"];
    yield [array.getObj(), "RawArray { [ 1, 2 ] }"];
    yield [new mp.Array("u", "hi"), 'Array { "hi" }'];
    yield [new mp.RawArray("c", 1), "RawArray { Uint8Array(1) [ 0 ] }"];
    yield [new mp.RawArray({ n: "i" }, 1), "RawArray { [ { n: 0 } ] }"];
    const { length } = Deno.inspect(new mp.Array("i", 2 ** 22));
    assert(length < 1_000, `${length}`);
  },
  *SharedMemory() {
    const memory = new mp.SharedMemory({ create: true, size: 24 });
    const name = JSON.stringify(memory.name);
    yield [memory, `SharedMemory { name: ${name}, size: 24 }`];
    memory.close();
    yield [memory, `SharedMemory { name: ${name}, size: 24, closed }`];
    memory.unlink();
  },
  *ShareableList() {
    const list = new mp.ShareableList([1, "a"]);
    const name = JSON.stringify(list.shm.name);
    yield [list, `ShareableList { [ 1, "a" ], name: ${name} }`];
    list.shm.unlink();
    list.shm.close();
    yield [list, `ShareableList { name: ${name}, closed }`];
  },
  *Connection() {
    const [a, b] = mp.Pipe();
    yield [a, "Connection { readable, writable }"];
    a.close();
    yield [a, "Connection { closed }"];
    b.close();
    const [receiver, sender] = mp.Pipe({ duplex: false });
    yield [receiver, "Connection { readable }"];
    yield [sender, "Connection { writable }"];
    receiver.close();
    sender.close();
  },
  async *Process(method) {
    const go = new mp.Event();
    const p = new mp.Process({
      target: waitFor,
      args: [go],
      module: import.meta.url,
      method,
      name: "Waiter",
      daemon: true,
    });
    yield [p, 'Process { name: "Waiter", initial, daemon }'];
    p.start();
    yield [p, 'Process { name: "Waiter", pid: %, started, daemon }'];
    p.kill();
    assert(await p.join({ timeout: HUNG }));
    yield [
      p,
      'Process { name: "Waiter", pid: %, stopped, exitCode: -9, daemon }',
    ];
    p.close();
    yield [p, 'Process { name: "Waiter", pid: %, closed, daemon }'];
    yield [
      mp.currentProcess(),
      'Process { name: "MainProcess", pid: %, started }',
    ];
    class Sub extends mp.Process {
      own = 1;
      override run() {}
    }
    yield [new Sub({ name: "S" }), 'Sub { name: "S", initial }'];
  },
  async *Pool(method) {
    const go = new mp.Event();
    const options = { processes: 1, method, ...gated(go) };
    const pool = new mp.Pool(options);
    const results = [
      pool.applyAsync(tellAndWait),
      pool.applyAsync(fail),
    ];
    yield [pool, "Pool { 1 worker, 0 running, 2 waiting }"];
    yield [results[0]!, "AsyncResult { pending }"];
    go.set();
    await Promise.allSettled(results);
    yield [results[0]!, "AsyncResult { finished, returned string }"];
    yield [results[1]!, "AsyncResult { finished, raised RangeError }"];
    yield [pool, "Pool { 1 worker, 0 running, 0 waiting }"];
    pool.close();
    await pool.join();
    yield [pool, "Pool { 0 workers, 0 running, 0 waiting, closed }"];
    const cut = new mp.ThreadPool(2);
    yield [cut, "ThreadPool { 2 workers, 0 running, 0 waiting }"];
    cut.terminate();
    await cut.join();
    yield [cut, "ThreadPool { 0 workers, 0 running, 0 waiting, terminated }"];
  },
  async *Future(method) {
    const go = new mp.Event();
    const options = { maxWorkers: 1, method, ...gated(go) };
    const executor = new mp.ProcessPoolExecutor(options);
    const futures = [
      executor.submit(tellAndWait),
      executor.submit(tellAndWait),
      executor.submit(fail),
      executor.submit(fail),
    ];
    yield [futures[3]!, "Future { pending }"];
    await until(() => futures[0]!.running());
    yield [futures[0]!, "Future { running }"];
    yield [
      executor,
      "ProcessPoolExecutor { 1 worker, 1 running, 3 waiting }",
    ];
    futures[3]!.cancel();
    yield [futures[3]!, "Future { cancelled }"];
    go.set();
    await Promise.allSettled(futures.map((future) => future.exception()));
    yield [futures[0]!, "Future { finished, returned string }"];
    yield [futures[2]!, "Future { finished, raised RangeError }"];
    yield [
      executor,
      "ProcessPoolExecutor { 1 worker, 0 running, 0 waiting }",
    ];
    await executor.shutdown();
    yield [
      executor,
      "ProcessPoolExecutor { 0 workers, 0 running, 0 waiting, closed }",
    ];
  },
  async *Popen() {
    const { PIPE, Popen, run } = mp.subprocess;
    const args = ["cat", "-"];
    const cat = new Popen(args, { stdin: PIPE, stdout: PIPE });
    yield [cat, 'Popen { args: [ "cat", "-" ], pid: %, running }'];
    await cat.communicate();
    yield [cat, 'Popen { args: [ "cat", "-" ], pid: %, returnCode: 0 }'];
    const done = await run("true", { shell: true });
    assertMatch(Deno.inspect(done), /^CompletedProcess \{.*returnCode: 0/s);
  },
};

for (const [name, states] of Object.entries(CASES)) {
  contract.test(`${name} prints its state`, async (method) => {
    for await (const [object, expected] of states(method)) {
      for (const print of [Deno.inspect, inspect]) {
        const printed = print(object).replace(/(?<=pid: )\d+/, "%")
          .replaceAll("'", '"');
        assertEquals(printed, expected);
      }
      assertEquals(
        Object.keys(object).filter((key) => /inspect/i.test(key)),
        [],
      );
    }
  });
}

contract.test("a lock prints the holder, as others see it and after its death", async (method) => {
  const lock = new mp.Lock();
  const rlock = new mp.RLock();
  const value = new mp.Value("i", 5, { lock: rlock });
  const seen = new mp.Queue<string>();
  lock.acquireSync();
  const p = startIn(import.meta.url, method, printAndHold, lock, rlock, seen);
  assertEquals(await seen.get(), "Lock { locked by MainProcess }");
  assertEquals(await seen.get(), `RLock { locked by ${p.name} }`);
  assertEquals(Deno.inspect(rlock), `RLock { locked by ${p.name} }`);
  assertEquals(Deno.inspect(value), "Value { 5 }");
  p.kill();
  assert(await p.join({ timeout: HUNG }));
  const dead = `RLock { locked by ${p.name}, which died }`;
  assertEquals(Deno.inspect(rlock), dead);
  assertEquals(Deno.inspect(rlock), dead, "printing changes nothing");
  assertEquals(Deno.inspect(value), "Value { 5 }");
  lock.release();
});

Deno.test("a prototype of the module prints without an error", () => {
  for (const [name, thing] of Object.entries(mp)) {
    if (typeof thing !== "function" || thing.prototype === undefined) continue;
    // The platform cannot print the prototype of a DOMException, nor of a class
    // that extends it.
    if (thing.prototype instanceof DOMException) continue;
    const printed = Deno.inspect(thing.prototype);
    assert(printed.length > 0, name);
  }
});

export async function waitFor(go: mp.Event) {
  await go.wait();
}

function gated(go: mp.Event) {
  return { module: import.meta.url, initializer: keep, initargs: [go] };
}

let gate: mp.Event | undefined;

export function keep(go: mp.Event) {
  gate = go;
}

export function tellAndWait() {
  gate!.waitSync();
  return "told";
}

export function fail() {
  throw new RangeError("failed");
}

export function printAndHold(
  lock: mp.Lock,
  rlock: mp.RLock,
  seen: mp.Queue<string>,
) {
  seen.putSync(Deno.inspect(lock));
  rlock.acquireSync();
  seen.putSync(Deno.inspect(rlock));
  new mp.Event().waitSync();
}
