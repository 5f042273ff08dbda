// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { contract } from "../_support/contract.ts";
import { HUNG, SHORT } from "../_support/delays.ts";
import { assertAborts } from "../_support/refusals.ts";
import { startIn } from "../_support/processes.ts";
import { getContext, type Queue, sleep, sleepSync } from "../../mod.ts";

export function sleepLong(ready: Queue<string>): void {
  ready.putSync("ready");
  sleepSync(Infinity);
}

export async function sleepLongAsync(ready: Queue<string>): Promise<void> {
  ready.putSync("ready");
  await sleep(10 * HUNG);
}

for (const target of [sleepLong, sleepLongAsync]) {
  contract.test(`terminate() ends ${target.name}()`, async (method) => {
    const ready = new (getContext(method).Queue)<string>();
    const p = startIn(import.meta.url, method, target, ready);
    assertEquals(await ready.get({ timeout: HUNG }), "ready");
    p.terminate();
    assert(await p.join({ timeout: HUNG }), "it sleeps on");
    assertEquals(p.exitCode, -15);
  });
}

Deno.test("sleep() and sleepSync() last as long as they should", async () => {
  for (const ms of [0, 0.5, SHORT]) {
    const start = performance.now();
    await sleep(ms);
    const between = performance.now();
    sleepSync(ms);
    const end = performance.now();
    assertGreaterOrEqual(between - start, ms);
    assertGreaterOrEqual(end - between, ms);
  }
});

Deno.test("sleep() ends with its signal, and leaves no timer", async () => {
  await assertAborts((signal) => sleep(HUNG, { signal }));
  await assertRejects(() => sleep(HUNG, { signal: AbortSignal.abort() }));
});

Deno.test("sleep() and sleepSync() refuse what is no time", async () => {
  for (
    const [ms, error] of [["1", TypeError], [-1, RangeError], [
      NaN,
      RangeError,
    ]] as const
  ) {
    assertThrows(() => sleepSync(ms as number), error);
    await assertRejects(() => sleep(ms as number), error);
  }
  await assertRejects(() => sleep(1, { timeout: 1 } as never), TypeError);
});
