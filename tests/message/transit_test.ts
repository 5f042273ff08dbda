// Copyright 2026 the authors. MIT license.

// Shared objects in messages, see docs/decisions/0026.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { contract, type Method, METHODS } from "../_support/contract.ts";
import { HUNG, LONG, many } from "../_support/delays.ts";
import { joinAll, startIn, type Target } from "../_support/processes.ts";
import { SOON } from "../_support/pipes.ts";
import { assertUncloneable } from "../_support/refusals.ts";
import { sh } from "../_support/shell.ts";
import * as targets from "../testdata/transit_targets.ts";

const PROGRAM = new URL(
  "../testdata/programs/round_trips.ts",
  import.meta.url,
);
const MODULE = new URL("../testdata/transit_targets.ts", import.meta.url).href;

function start(
  method: Method,
  target: Target,
  ...args: unknown[]
): mp.Process {
  return startIn(MODULE, method, target, ...args);
}

/** Sends a request with one end of a new pipe; returns the other end. */
function ask(
  requests: mp.Queue<targets.Request>,
  n: number,
): mp.Connection {
  const [mine, theirs] = mp.Pipe();
  requests.putSync({ reply: theirs, n });
  theirs.close();
  return mine;
}

contract.test("a Connection in a queue is a reply channel (sync)", async (method) => {
  const requests = new mp.Queue<targets.Request>();
  const server = start(method, targets.answer, requests);
  for (const n of [3, 2, 1, 0]) {
    using mine = ask(requests, n);
    assertEquals(mine.recvSync(SOON), n * 2);
    // The sender holds nothing of the end any more.
    assertThrows(() => mine.recvSync(SOON), mp.EOFError);
  }
  await joinAll(server);
});

contract.test("a Connection in a queue is a reply channel (async)", async (method) => {
  const requests = new mp.Queue<targets.Request>();
  const server = start(method, targets.answerLater, requests);
  const ends = [3, 2, 1, 0].map((n) => ask(requests, n));
  for (const [i, mine] of ends.entries()) {
    assertEquals(await mine.recv(SOON), (3 - i) * 2);
    await assertRejects(() => mine.recv(SOON), mp.EOFError);
    mine.close();
  }
  await joinAll(server);
});

/** An object of each kind, and whether another process has used it. */
function objects(): Map<object, () => boolean> {
  const all = new Map<object, () => boolean>();
  const lock = new mp.Lock();
  for (
    const one of [
      lock,
      new mp.RLock(),
      new mp.Semaphore(1),
      new mp.BoundedSemaphore(1),
      new mp.Condition(),
      new mp.Condition(lock),
      new mp.Barrier(1),
    ]
  ) all.set(one, () => true);
  const event = new mp.Event();
  all.set(event, () => event.isSet());
  for (
    const q of [
      new mp.Queue<unknown>(),
      new mp.SimpleQueue<unknown>(),
      new mp.JoinableQueue<unknown>(),
      new mp.LifoQueue<unknown>(),
      new mp.PriorityQueue<unknown>(),
    ]
  ) all.set(q, () => q.getSync() === 7);
  const value = new mp.Value("i", 0);
  const raw = new mp.RawValue("i", 0);
  const array = new mp.Array("d", 3);
  const rawArray = new mp.RawArray("d", 3);
  all.set(value, () => value.value === 7).set(raw, () => raw.value === 7);
  all.set(array, () => array.get(0) === 7);
  all.set(rawArray, () => rawArray.get(0) === 7);
  const memory = new mp.SharedMemory({ create: true, size: 8 });
  all.set(memory, () => {
    const isUsed = memory.buf[0] === 7;
    memory.unlink();
    return isUsed;
  });
  const list = new mp.ShareableList([0, "text"]);
  all.set(list, () => {
    const isUsed = list.get(0) === 7;
    list.shm.unlink();
    return isUsed;
  });
  const [a, b] = mp.Pipe();
  all.set(a, () => b.recvSync(SOON) === "Connection");
  return all;
}

contract.test("objects of all kinds cross in a queue, to a process without their classes", async (method) => {
  const items = new mp.Queue<unknown[]>();
  const told = new mp.Queue<string>();
  const all = objects();
  const p = start(method, targets.useAll, items, told);
  await items.put([...all.keys()]);
  await joinAll(p);
  const names = await told.getMany({ min: all.size, ...SOON });
  assertEquals(names, [...all.keys()].map((one) => one.constructor.name));
  for (const [one, isUsed] of all) {
    assert(isUsed(), `${one.constructor.name} was not used`);
  }
});

contract.test("objects cross in a pipe of each kind, and stay themselves", async () => {
  for (const transfer of [false, true]) {
    const [a, b] = mp.Pipe({ transfer });
    const lock = new mp.Lock();
    const event = new mp.Event();
    const value = new mp.Value("i", 3);
    const item = { map: new Map<unknown, unknown>([[lock, [event]]]), lock };
    await a.send({ item, value, again: item });
    const got = await b.recv(SOON) as {
      item: typeof item;
      value: typeof value;
      again: typeof item;
    };
    // One object of each in a process, however it has come.
    assert(got.item.lock === lock);
    assert(got.value === value);
    assert((got.item.map.get(lock) as unknown[])[0] === event);
    assert(got.again === got.item);
    a.close();
    b.close();
  }
});

contract.test("a queue crosses in itself", async () => {
  const q = new mp.Queue<unknown>();
  q.putSync({ q });
  assert((q.getSync() as { q: unknown }).q === q);
  const other = new mp.Queue<unknown>();
  await q.put([other, other]);
  const [one, two] = await q.get() as [mp.Queue, mp.Queue];
  assert(one === other && two === other);
  // A queue that was closed here is open where it comes again.
  await q.put(other);
  other.close();
  const again = await q.get() as mp.Queue<number>;
  again.putSync(1);
  assertEquals(again.getSync(), 1);
});

contract.test("a lock that comes through a pipe excludes", async (method) => {
  const count = many(200, 5_000);
  const shared = { lock: new mp.Lock(), value: new mp.Value("i", 0) };
  const crew = Array.from({ length: 3 }, () => {
    const [mine, theirs] = mp.Pipe();
    const p = start(method, targets.addOverPipe, theirs, count);
    mine.sendSync(shared);
    return p;
  });
  await joinAll(...crew);
  assertEquals(shared.value.value, 3 * count);
});

contract.test("a lock in the arguments of tasks excludes", async (method) => {
  const count = many(200, 5_000);
  const shared = { lock: new mp.Lock(), value: new mp.Value("i", 0) };
  await using pool = new mp.Pool({ processes: 3, method });
  const tasks = Array.from({ length: 9 }, () => [shared, count] as const);
  await pool.starmap(targets.addSlowly, tasks);
  assertEquals(shared.value.value, 9 * count);
});

contract.test("a queue crosses in tasks, in results and with what is moved", async (method) => {
  await using pool = new mp.Pool({ processes: 2, method });
  const q = new mp.Queue<number>();
  assert(await pool.apply(targets.putInto, [q, 1]) === q);
  const mapped = await pool.starmap(targets.putInto, [[q, 2], [q, 3], [q, 4]]);
  assert(mapped.every((one) => one === q));
  assert(await pool.apply(targets.putInto, [q, 5], { transfer: [] }) === q);
  assert(pool.applySync(targets.putInto, [q, 6]) === q);
  await using executor = new mp.ProcessPoolExecutor({ maxWorkers: 1 });
  assert(await executor.submit(targets.putInto, q, 7) === q);
  const got = await q.getMany({ min: 7, ...SOON });
  assertEquals(got.toSorted(), [1, 2, 3, 4, 5, 6, 7]);
});

contract.test("a task that is tried again has its queue again", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const q = new mp.Queue<string>();
  const value = new mp.Value("i", 0);
  await pool.apply(targets.dieOnce, [q, value], { retries: 1 });
  assertEquals(await q.get(SOON), "second");
});

contract.test("a grandchild passes an object to its sibling through the root's queue", async (method) => {
  const items = new mp.Queue<unknown>();
  const told = new mp.Queue<string>();
  const p = start(method, targets.family, items, told);
  assertEquals(await told.get(SOON), "from the queue");
  await joinAll(p);
});

contract.test("the end of a pipe is held while it lies in a queue", async () => {
  const q = new mp.Queue<mp.Connection>();
  const [mine, theirs] = mp.Pipe<string>();
  await q.put(theirs);
  theirs.close();
  await mine.send("there is a holder");
  const end = await q.get();
  assertEquals(await end.recv(SOON), "there is a holder");
  end.close();
  await assertRejects(() => mine.recv(SOON), mp.EOFError);
});

contract.test("the end of a pipe that was not sent is let go of", async () => {
  const q = new mp.Queue<unknown>(1);
  const [mine, theirs] = mp.Pipe();
  q.putSync("full");
  assertThrows(() => q.putNowait(theirs), mp.Full);
  await assertRejects(() => q.put(theirs, { timeout: 1 }), mp.Full);
  await assertUncloneable(() => q.put([theirs, () => {}]));
  q.shutdown();
  await assertRejects(() => q.put(theirs), mp.ShutDown);
  theirs.close();
  await assertRejects(() => mine.recv(SOON), mp.EOFError);
});

contract.test("the end of a pipe is let go of with the queue that it lies in", async () => {
  const q = new mp.Queue<unknown>();
  const [mine, theirs] = mp.Pipe();
  q.putSync(theirs);
  theirs.close();
  q.shutdown({ immediate: true });
  await assertRejects(() => mine.recv({ timeout: LONG }), mp.EOFError);
});

contract.test("the end of a pipe is let go of with the pipe that it lies in", async () => {
  const [a, b] = mp.Pipe();
  const [mine, theirs] = mp.Pipe();
  a.sendSync(theirs);
  theirs.close();
  b.close();
  await assertRejects(() => mine.recv({ timeout: LONG }), mp.EOFError);
});

contract.test("the end of a pipe is let go of when its receiver dies", async (method) => {
  const requests = new mp.Queue<targets.Request>();
  const server = start(method, targets.die, requests, 3);
  const mine = ask(requests, 1);
  await assertRejects(() => mine.recv({ timeout: LONG }), mp.EOFError);
  await server.join();
  assertEquals(server.exitCode, 3);
});

Deno.test("an object that workers alone can have is refused where OS processes may take it", async () => {
  const { Queue, Pipe } = mp.getContext("spawn");
  const lock = new mp.Lock();
  const text = "Cannot clone item[0]: it is a Lock: it reaches workers only, " +
    "and OS processes may be given what it is sent through: make it with " +
    'getContext("spawn")';
  const q = new Queue<unknown>();
  await assertUncloneable(() => q.put([lock]), text);
  assertEquals(q.qsize(), 0);
  const [a] = Pipe();
  await assertUncloneable(() => a.send(lock), "Cannot clone message: it is");
  await using pool = new mp.Pool({ processes: 1, method: "spawn" });
  await assertUncloneable(
    () => pool.apply(targets.putInto, [new mp.Queue(), 1] as never),
    "Cannot clone args[0]: it is a Queue: it reaches workers only",
  );
});

Deno.test("an object that OS processes can have reaches workers too", async () => {
  const { Queue } = mp.getContext("spawn");
  const requests = new Queue<unknown>();
  await using pool = new mp.Pool({ processes: 1, method: "worker" });
  const q = new Queue<number>();
  assert(await pool.apply(targets.putInto, [q, 1]) === q);
  assertEquals(await q.get(), 1);
  requests.close();
});

contract.test("the end of a pipe that moves is refused", async (method) => {
  if (method === "spawn") return;
  const [a, b] = mp.Pipe({ transfer: true });
  const q = new mp.Queue<unknown>();
  await assertUncloneable(
    () => q.put({ a }),
    "Cannot clone item.a: it is a Connection: an end of a pipe that was made with { transfer: true } is given to a process at its start",
  );
  a.close();
  b.close();
});

contract.test("a closed object is refused", async (method) => {
  const q = new mp.Queue<unknown>();
  const [a, b] = mp.Pipe();
  a.close();
  b.close();
  await assertRejects(() => q.put([a]), mp.StateError, "closed it");
  if (method === "worker") return;
  const other = new mp.Queue();
  other.close();
  await assertRejects(() => q.put([other]), mp.StateError, "has closed it");
});

contract.test("an object whose sender has closed it is there for its receiver", async (method) => {
  const items = new mp.Queue<unknown>();
  const told = new mp.Queue<string>();
  const q = new mp.Queue<string>();
  q.putSync("kept");
  items.putSync([q]);
  q.close();
  const p = start(method, targets.takeFrom, items, told);
  assertEquals(await told.get(SOON), "kept");
  await joinAll(p);
});

contract.test("an object whose sender lives is received, and what it has put", async (method) => {
  const items = new mp.Queue<unknown>();
  const end = new mp.Event();
  for (const kind of ["Queue", "Pipe"] as const) {
    const p = start(method, targets.sendNew, items, kind, end);
    const [got] = await items.get(SOON) as [mp.Queue | mp.Connection];
    const text = got instanceof mp.Queue
      ? await got.get(SOON)
      : await got.recv(SOON);
    assertEquals(text, `from the ${kind.toLowerCase()}`);
    end.set();
    await joinAll(p);
    end.clear();
  }
});

contract.test("a process ends when what it has sent is received", async (method) => {
  const items = new mp.Queue<unknown>();
  for (const kind of ["Queue", "Lock", "Pipe"] as const) {
    const p = start(method, targets.sendAndEnd, items, kind);
    const [got] = await items.get(SOON) as [object];
    await joinAll(p);
    assertEquals(got.constructor.name, kind === "Pipe" ? "Connection" : kind);
  }
});

const FEW_FILES = 40;

for (const method of METHODS) {
  // In a program of its own: the other test files have files open in this one.
  Deno.test(`many round trips leave no file and no mapping behind (${method})`, async () => {
    const count = many(400, 10_000);
    const [command, ...args] = sh(
      'ulimit -n 256 && exec "$@"',
      ...[Deno.execPath(), "run", "-A", "--quiet", PROGRAM.href],
      ...[method, String(count)],
    );
    const { code, stdout, stderr } = await new Deno.Command(command!, {
      args,
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(4 * HUNG),
    }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stderr), "");
    assertEquals(code, 0);
    const { before, after, there } = JSON.parse(decoder.decode(stdout));
    assert(after.fds < before.fds + FEW_FILES, `${after.fds} files here`);
    assert(there.fds < before.fds + FEW_FILES, `${there.fds} files there`);
    assert(after.maps < 2000, `${after.maps} mappings here`);
    assert(there.maps < 2000, `${there.maps} mappings there`);
  });
}
