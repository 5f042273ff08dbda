// Copyright 2026 the authors. MIT license.

// The targets of tests/message/transit_test.ts. The classes are imported as
// types only: a process that receives an object must find its class by itself.

import type * as mp from "../../mod.ts";

/** A request, and where the answer goes. */
export interface Request {
  reply: mp.Connection;
  n: number;
}

/** Answers requests, blocking; 0 is the last. */
export function answer(requests: mp.Queue<Request>): void {
  while (true) {
    const { reply, n } = requests.getSync();
    reply.sendSync(n * 2);
    reply.close();
    if (n === 0) return;
  }
}

/** The same in the event loop. */
export async function answerLater(
  requests: mp.Queue<Request>,
): Promise<void> {
  while (true) {
    const { reply, n } = await requests.get();
    await reply.send(n * 2);
    reply.close();
    if (n === 0) return;
  }
}

/** Takes a request, and neither answers nor closes: ends by `code`. */
export function die(requests: mp.Queue<unknown>, code: number): void {
  requests.getSync();
  Deno.exit(code);
}

/** Uses each object of each kind that it receives. */
export function useAll(items: mp.Queue<unknown[]>, told: mp.Queue<string>) {
  for (const object of items.getSync()) told.putSync(use(object as object));
}

/** Works with an object as only its own class can. */
export function use(object: object): string {
  const { name } = object.constructor;
  const is = <T>(value: unknown): value is T => value === object;
  switch (name) {
    case "Lock":
    case "RLock":
    case "Semaphore":
    case "BoundedSemaphore":
    case "Condition":
      if (is<mp.Lock>(object)) object.acquireSync();
      if (is<mp.Lock>(object)) object.release();
      break;
    case "Event":
      if (is<mp.Event>(object)) object.set();
      break;
    case "Barrier":
      if (is<mp.Barrier>(object)) object.waitSync();
      break;
    case "Connection":
      if (is<mp.Connection>(object)) object.sendSync(name);
      break;
    case "SharedMemory":
      if (is<mp.SharedMemory>(object)) object.buf[0] = 7;
      break;
    case "ShareableList":
      if (is<mp.ShareableList>(object)) object.set(0, 7);
      break;
    default:
      if ("putSync" in object) (object as mp.Queue).putSync(7);
      else if ("length" in object) (object as mp.Array<"d">).set(0, 7);
      else (object as mp.Value<"i">).value = 7;
  }
  return name;
}

/** A task that puts into a queue that it was given. */
export function putInto(q: mp.Queue<number>, n: number): mp.Queue<number> {
  q.putSync(n);
  return q;
}

/** A task that adds to a value under a lock, and not at once. */
export function addSlowly(
  { lock, value }: { lock: mp.Lock; value: mp.Value<"i"> },
  times: number,
): void {
  for (let i = 0; i < times; i++) {
    using _ = lock.holdSync();
    const seen = value.value;
    for (let spin = 0; spin < 200; spin++) Math.sqrt(spin);
    value.value = seen + 1;
  }
}

/** Adds under the lock that comes through a pipe. */
export function addOverPipe(end: mp.Connection, times: number): void {
  addSlowly(
    end.recvSync() as { lock: mp.Lock; value: mp.Value<"i"> },
    times,
  );
}

/** Dies with its first attempt, and puts with its second. */
export function dieOnce(q: mp.Queue<string>, value: mp.Value<"i">): void {
  const isFirst = value.value === 0;
  value.value = 1;
  if (isFirst) Deno.exit(3);
  q.putSync("second");
}

/** Makes an object, sends it, and lives until it is told to end. */
export async function sendNew(
  items: mp.Queue<unknown>,
  kind: "Lock" | "Queue" | "Pipe",
  end: mp.Event,
): Promise<void> {
  await send(items, kind);
  await end.wait();
}

/** Makes an object, sends it, and ends. */
export async function sendAndEnd(
  items: mp.Queue<unknown>,
  kind: "Lock" | "Queue" | "Pipe",
): Promise<void> {
  await send(items, kind);
}

async function send(items: mp.Queue<unknown>, kind: string): Promise<void> {
  const { Lock, Pipe, Queue } = await import("../../mod.ts");
  if (kind === "Pipe") {
    const [mine, theirs] = Pipe();
    mine.sendSync("from the pipe");
    items.putSync([theirs]);
  } else if (kind === "Lock") items.putSync([new Lock()]);
  else {
    const q = new Queue();
    q.putSync("from the queue");
    items.putSync([q]);
  }
}

/** Takes an object of its sibling, and says what came of it. */
export async function takeFrom(
  items: mp.Queue<[mp.Queue<string>]>,
  told: mp.Queue<string>,
): Promise<void> {
  const [q] = await items.get();
  told.putSync(await q.get());
}

/** Starts two children, one of which sends the other what it has made. */
export async function family(
  items: mp.Queue<[mp.Queue<string>]>,
  told: mp.Queue<string>,
): Promise<void> {
  const { Event, Process } = await import("../../mod.ts");
  const end = new Event();
  const module = import.meta.url;
  const maker = new Process({
    target: sendNew,
    args: [items, "Queue", end],
    module,
  });
  const taker = new Process({ target: takeFrom, args: [items, told], module });
  maker.start();
  taker.start();
  await taker.join();
  end.set();
  await maker.join();
}

/** Sends everything back that comes, until there is nothing more. */
export function echo(
  items: mp.Queue<object | undefined>,
  back: mp.Queue<unknown>,
): void {
  while (true) {
    const item = items.getSync();
    if (item === undefined) return back.putSync(files());
    back.putSync(item);
    const { mine, theirs, end } = item as Record<string, mp.Connection>;
    for (const one of [mine, theirs, end]) one?.close();
  }
}

/** How many files and mappings this OS process has. */
export function files(): { fds: number; maps: number } {
  const fds = [...Deno.readDirSync("/proc/self/fd")].length;
  const maps = Deno.readTextFileSync("/proc/self/maps")
    .split("\n").filter((line) => line.includes("memfd:")).length;
  return { fds, maps };
}

/** Sends on what it was given, and waits to be killed. */
export function pass(
  items: mp.Queue<unknown>,
  given: unknown[],
  back: mp.Queue<unknown>,
): void {
  back.putSync(given);
  items.getSync();
}
