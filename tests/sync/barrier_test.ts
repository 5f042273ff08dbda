// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Barrier, BrokenBarrierError, Queue, RawArray } from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { isPending, until } from "../_support/until.ts";

const ROUNDS = many(200, 1_000);

const start = startIn.bind(undefined, import.meta.url);

/** Counts its steps; no party may be more than one step ahead. */
export function walk(
  barrier: Barrier,
  cells: RawArray<"i">,
  me: number,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) {
    cells.add(me, 1);
    barrier.waitSync();
    for (let other = 0; other < barrier.parties; other++) {
      const steps = cells.load(other);
      if (steps !== i + 1) throw new RangeError(`${other} is at ${steps}`);
    }
    barrier.waitSync();
  }
}

let acted = 0;

/** Counts in the process that runs it. */
export function act(): void {
  acted++;
}

/** Tells how often it was the one to act. */
export function walkAndTell(
  barrier: Barrier,
  said: Queue<number>,
  rounds: number,
): void {
  for (let i = 0; i < rounds; i++) barrier.waitSync();
  said.putSync(acted);
}

/** Takes part once, then ends with a code. */
export function takePart(barrier: Barrier, code: number): void {
  barrier.waitSync();
  Deno.exit(code);
}

/** Waits for the others for ever. */
export function waitForOthers(barrier: Barrier): void {
  barrier.waitSync();
}

/** Is the last to come, and tells why it fails. */
export async function tellFailure(
  barrier: Barrier,
  said: Queue<string>,
): Promise<void> {
  await until(() => barrier.nWaiting === 1);
  await barrier.wait().catch((error) => said.put(String(error)));
}

function failing(): void {
  throw new RangeError("the action fails");
}

Deno.test("Barrier.wait() gives each party its index, the first 0", async () => {
  const barrier = new Barrier(3);
  assertEquals(barrier.parties, 3);
  for (let round = 0; round < 3; round++) {
    const first = barrier.wait();
    const second = barrier.wait();
    assertEquals(barrier.nWaiting, 2);
    assertEquals(await barrier.wait(), 2);
    assertEquals(await Promise.all([first, second]), [0, 1]);
    assertEquals(barrier.nWaiting, 0);
  }
  assertFalse(barrier.broken);
});

Deno.test("Barrier.waitSync() of a single party returns at once", () => {
  const barrier = new Barrier(1);
  for (let i = 0; i < 3; i++) assertEquals(barrier.waitSync(), 0);
  assertEquals(new Barrier().parties, 1);
});

Deno.test("Barrier.wait() waits for the last", async () => {
  const barrier = new Barrier(2);
  const first = barrier.wait();
  assert(await isPending(first, SHORT));
  assertEquals(barrier.waitSync(), 1);
  assertEquals(await first, 0);
});

Deno.test("Barrier.wait() breaks the barrier at the timeout", async () => {
  const barrier = new Barrier(3);
  const patient = barrier.wait();
  const begin = performance.now();
  await assertRejects(
    () => barrier.wait({ timeout: SHORT }),
    BrokenBarrierError,
  );
  assert(performance.now() - begin >= SHORT, "it gave up too soon");
  await assertRejects(() => patient, BrokenBarrierError);
  assert(barrier.broken);
  assertEquals(barrier.nWaiting, 0);
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
  assertThrows(() => barrier.waitSync(), BrokenBarrierError);
  barrier.reset();
  assertThrows(() => barrier.waitSync({ timeout: SHORT }), BrokenBarrierError);
});

Deno.test("Barrier.wait() has the barrier's timeout if it is given none", async () => {
  const barrier = new Barrier(2, { timeout: SHORT });
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
  barrier.reset();
  assertThrows(() => barrier.waitSync({}), BrokenBarrierError);
  barrier.reset();
  const patient = barrier.wait({ timeout: HUNG });
  assert(await isPending(patient, 2 * SHORT));
  assertEquals(await barrier.wait(), 1);
  await patient;
});

Deno.test("Barrier.wait() breaks the barrier when its signal ends it", async () => {
  const barrier = new Barrier(3);
  const controller = new AbortController();
  const other = barrier.wait();
  const waiting = barrier.wait({ signal: controller.signal });
  controller.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  const error = await assertRejects(() => other, BrokenBarrierError);
  assertEquals(error.party, undefined);
  barrier.reset();
  await assertRejects(
    () => barrier.wait({ signal: controller.signal }),
    RangeError,
  );
  assertFalse(barrier.broken, "it never came");
});

Deno.test("Barrier.abort() breaks it until reset()", async () => {
  const barrier = new Barrier(2);
  const waiting = barrier.wait();
  barrier.abort();
  barrier.abort();
  await assertRejects(() => waiting, BrokenBarrierError);
  assert(barrier.broken);
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
  barrier.reset();
  assertFalse(barrier.broken);
  const first = barrier.wait();
  assertEquals(await barrier.wait(), 1);
  assertEquals(await first, 0);
});

Deno.test("Barrier.reset() refuses those who wait, and nobody else", async () => {
  const barrier = new Barrier(2);
  const waiting = barrier.wait();
  barrier.reset();
  const first = barrier.wait();
  await assertRejects(() => waiting, BrokenBarrierError);
  assertFalse(barrier.broken);
  assertEquals(await barrier.wait(), 1);
  assertEquals(await first, 0);
});

Deno.test("Barrier's action runs once a round, before anybody goes on", async () => {
  const log: string[] = [];
  const barrier = new Barrier(2, { action: () => void log.push("action") });
  for (let round = 0; round < 3; round++) {
    const first = barrier.wait().then(() => log.push("first"));
    await barrier.wait();
    await first;
  }
  assertEquals(log, Array(3).fill(["action", "first"]).flat());
});

Deno.test("Barrier's action may be async; who comes meanwhile waits", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const barrier = new Barrier(2, { action: () => promise });
  const round = [barrier.wait({ timeout: 1 }), barrier.wait()];
  const next = barrier.wait();
  assert(await isPending(Promise.race([...round, next]), SHORT));
  assertEquals(barrier.nWaiting, 0);
  resolve();
  assertEquals(await Promise.all(round), [0, 1]);
  assertEquals(await barrier.wait(), 1);
  assertEquals(await next, 0);
});

Deno.test("Barrier's action that throws breaks it", async () => {
  for (const wait of ["wait", "waitSync"] as const) {
    const barrier = new Barrier(2, { action: failing });
    const first = barrier.wait();
    const last = async () => await barrier[wait]();
    await assertRejects(last, RangeError, "the action fails");
    await assertRejects(() => first, BrokenBarrierError);
    assert(barrier.broken);
  }
});

Deno.test("Barrier.waitSync() refuses an async action", async () => {
  const barrier = new Barrier(2, { action: () => Promise.reject(7) });
  const first = barrier.wait();
  assertThrows(() => barrier.waitSync(), TypeError, "is async");
  await assertRejects(() => first, BrokenBarrierError);
});

Deno.test("Barrier.abort() and reset() refuse the one that acts", async () => {
  for (const end of ["abort", "reset"] as const) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const barrier = new Barrier(2, { action: () => promise });
    const first = barrier.wait();
    const actor = barrier.wait();
    barrier[end]();
    await assertRejects(() => first, BrokenBarrierError);
    resolve();
    await assertRejects(() => actor, BrokenBarrierError);
    assertEquals(barrier.broken, end === "abort");
  }
});

Deno.test("Barrier refuses wrong arguments", () => {
  for (const parties of [0, -1, 1.5, NaN, 2 ** 16]) {
    assertThrows(() => new Barrier(parties), RangeError);
  }
  assertThrows(() => new Barrier("2" as never), TypeError);
  assertThrows(() => new Barrier(2, { timeout: -1 }), RangeError);
  assertThrows(() => new Barrier(2, { action: 1 as never }), TypeError);
  assertThrows(() => new Barrier(2).waitSync({ timeout: -1 }), RangeError);
});

contract.test("Barrier keeps three processes in step", async (method) => {
  const barrier = new Barrier(3);
  const cells = new RawArray("i", 3);
  const workers = [0, 1, 2]
    .map((me) => start(method, walk, barrier, cells, me, ROUNDS / 2));
  await joinAll(...workers);
  assertFalse(barrier.broken);
});

contract.test("Barrier's action runs once a round in one of the processes", async (method) => {
  const barrier = new Barrier(2, { action: act });
  const said = new Queue<number>();
  const workers = [0, 1].map(() =>
    start(method, walkAndTell, barrier, said, 20)
  );
  assertEquals(await said.get() + await said.get(), 20);
  for (const worker of workers) await worker.join();
});

contract.test("Barrier's action says what it left behind", async (method) => {
  const left: string[] = [];
  const barrier = new Barrier(2, { action: () => left.push("behind") });
  const said = new Queue<string>();
  await using _ = start(method, tellFailure, barrier, said);
  await assertRejects(() => barrier.wait(), BrokenBarrierError);
  const text = await said.get();
  assertStringIncludes(text, "ReferenceError: left is not defined");
  assertStringIncludes(text, "it was sent by its source");
});

contract.test("Barrier is broken by a party that dies while it waits", async (method) => {
  const barrier = new Barrier(3);
  await using dead = start(method, waitForOthers, barrier);
  const waiting = barrier.wait();
  // One that dies before it has come is nobody's party.
  await until(() => barrier.nWaiting === 2);
  dead.terminate();
  const error = await assertRejects(() => waiting, BrokenBarrierError);
  const { name, ident } = dead;
  assertEquals(error.party, { name, ident, exitCode: -15 });
  assert(barrier.broken);
  barrier.reset();
  await assertRejects(
    () => barrier.wait({ timeout: SHORT }),
    BrokenBarrierError,
  );
});

contract.test("Barrier is broken by a party that took part and failed", async (method) => {
  for (const code of [0, 3]) {
    const barrier = new Barrier(2);
    await using party = start(method, takePart, barrier, code);
    await barrier.wait();
    const next = barrier.wait();
    const broken = assertRejects(() => next, BrokenBarrierError);
    await party.join();
    if (code === 0) {
      assert(await isPending(next, SHORT), "who ends well has just left");
      barrier.abort();
    }
    const error = await broken;
    assertEquals(error.party?.exitCode, code === 0 ? undefined : code);
  }
});
