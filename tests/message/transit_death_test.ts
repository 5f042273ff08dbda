// Copyright 2026 the authors. MIT license.

// Shared objects in messages whose sender or receiver is killed: the table of
// docs/decisions/0026.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as mp from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { HUNG, many } from "../_support/delays.ts";
import { startIn } from "../_support/processes.ts";
import { SOON } from "../_support/pipes.ts";
import { until } from "../_support/until.ts";
import * as targets from "../testdata/transit_targets.ts";

const MODULE = new URL("../testdata/transit_targets.ts", import.meta.url).href;

/** A queue with an object in it whose sender was killed. */
async function orphaned(
  method: Method,
  kind: "Lock" | "Queue" | "Pipe",
): Promise<mp.Queue<unknown[]>> {
  const items = new mp.Queue<unknown[]>();
  const end = new mp.Event();
  const p = startIn(MODULE, method, targets.sendNew, items, kind, end);
  await until(() => items.qsize() === 1);
  p.kill();
  assert(await p.join(SOON));
  return items;
}

contract.test("an object whose sender was killed is lost, or in the depot", async (method) => {
  for (const kind of ["Lock", "Queue"] as const) {
    const items = await orphaned(method, kind);
    if (method === "worker") {
      const [got] = await items.get(SOON);
      assertEquals((got as object).constructor.name, kind);
      continue;
    }
    const error = await assertRejects(
      () => items.get(SOON),
      mp.LostObjectError,
      `Cannot receive ${kind}: no process has its memory any more: Process-`,
    );
    assertEquals(error.kind, kind);
    assertEquals(error.value, [undefined]);
    // The next item is read as ever.
    items.putSync([1]);
    assertEquals(items.getSync(SOON), [1]);
  }
});

contract.test("a Connection whose sender was killed is over", async (method) => {
  const items = await orphaned(method, "Pipe");
  const [end] = await items.get(SOON) as [mp.Connection];
  // What was sent is there where the memory is.
  if (method === "worker") {
    assertEquals(await end.recv(SOON), "from the pipe");
  }
  await assertRejects(() => end.recv(SOON), mp.EOFError);
  await assertRejects(() => end.send(1), mp.BrokenPipeError);
  assertThrows(() => end.sendSync(1), mp.BrokenPipeError);
  assert(await end.poll());
  end.close();
});

contract.test("an object whose sender was killed is found with another", async (method) => {
  const items = new mp.Queue<unknown>();
  const shared = new mp.Queue<string>();
  const back = new mp.Queue<[mp.Queue<string>]>();
  const p = startIn(MODULE, method, targets.pass, items, [shared], back);
  await until(() => back.qsize() === 1);
  p.kill();
  assert(await p.join(SOON));
  // Not the creator, which knows it by its key.
  const told = new mp.Queue<string>();
  const taker = startIn(MODULE, method, targets.takeFrom, back, told);
  shared.putSync("found");
  assertEquals(await told.get(SOON), "found");
  assert(await taker.join(SOON));
});

contract.test("the other end hears of a sender that was killed", async (method) => {
  const items = new mp.Queue<unknown>();
  const back = new mp.Queue<unknown>();
  const [mine, theirs] = mp.Pipe();
  const p = startIn(MODULE, method, targets.pass, items, [theirs], back);
  theirs.close();
  await until(() => back.qsize() === 1);
  p.kill();
  assert(await p.join(SOON));
  await assertRejects(() => mine.recv({ timeout: HUNG }), mp.EOFError);
});

contract.test("receivers that are killed at any moment leave the rest whole", async (method) => {
  const rounds = many(4, 60);
  for (let round = 0; round < rounds; round++) {
    const items = new mp.Queue<unknown>();
    const back = new mp.Queue<unknown>();
    const lock = new mp.Lock();
    const p = startIn(MODULE, method, targets.echo, items, back);
    const [mine, theirs] = mp.Pipe();
    items.putMany(
      Array.from({ length: 50 }, () => ({ lock, end: theirs, theirs })),
    );
    theirs.close();
    await until(() => back.qsize() > round);
    p.kill();
    assert(await p.join(SOON));
    for (const q of [back, items]) {
      while (!q.empty()) {
        try {
          const got = q.getSync(SOON) as Record<string, mp.Connection>;
          assert(got.lock as unknown === lock);
          got.theirs!.close();
        } catch (error) {
          assert(error instanceof mp.LostObjectError, `${error}`);
        }
      }
    }
    await assertRejects(() => mine.recv({ timeout: HUNG }), mp.EOFError);
  }
});
