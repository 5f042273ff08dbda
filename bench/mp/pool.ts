// Copyright 2026 the authors. MIT license.

// A pool of two: pool_noop_tasks, pool_map_default, pool_roundtrip,
// pool_objects, pool_bytes_1mib (copied), pool_bytes_1mib_moved,
// pool_first_result, pool_results_1mib, pool_results_1mib_each; a pool of
// eight: pool_idle_memory; and one of 32: pool_32.

import * as mp from "../../mod.ts";
import {
  batchSize,
  measureAsync,
  measureFirst,
  measureHold,
  mebibyte,
  objects,
  report,
  reportMemory,
  sampleAsync,
} from "../lib.ts";

/** The task. */
export function same<T>(value: T): T {
  return value;
}

/** What tells an OS process from others. */
export function pid(): number {
  return Deno.pid;
}

/** The task of the large results. */
export function block(): Uint8Array {
  return new Uint8Array(1 << 20);
}

/** The task of the buffers: only their size comes back. */
export function size(bytes: Uint8Array): number {
  return bytes.byteLength;
}

async function main(scenario: string): Promise<void> {
  if (scenario === "pool_first_result") return await firstResult(scenario);
  if (scenario === "pool_idle_memory") return await idleMemory(scenario);
  if (scenario === "pool_32") return await many(scenario);
  await using pool = new mp.Pool(2);
  // One by one, without waiting for each: what Python does with a chunk of 1.
  const drain = async (values: Iterable<unknown>) => {
    for await (const _ of pool.imapUnordered(same, values)) { /* counted */ }
  };
  switch (scenario) {
    case "pool_noop_tasks":
      await measureAsync(scenario, (size) => drain(range(size)), "tasks/s");
      break;
    case "pool_objects": {
      const values = objects();
      await measureAsync(
        scenario,
        (size) => drain(range(size).map((i) => values[i % values.length])),
        "tasks/s",
      );
      break;
    }
    case "pool_map_default":
      await measureAsync(scenario, async (size) => {
        await pool.map(same, range(size));
      }, "items/s");
      break;
    case "pool_results_1mib":
    case "pool_results_1mib_each": {
      const options = scenario.endsWith("each") ? { chunkSize: 1 } : {};
      await pool.map(block, range(4), { chunkSize: 1 });
      await measureFirst(
        scenario,
        () => pool.map(block, range(batchSize(scenario)), options),
      );
      break;
    }
    case "pool_roundtrip":
      await sampleAsync(
        scenario,
        async () => {
          await pool.apply(same, [1]);
        },
        batchSize(scenario),
        "µs",
      );
      break;
    case "pool_bytes_1mib": {
      const bytes = mebibyte();
      await measureAsync(scenario, async (count) => {
        const copies = Array.from({ length: count }, () => bytes);
        await pool.map(size, copies, { chunkSize: 1 });
      }, "MiB/s");
      break;
    }
    case "pool_bytes_1mib_moved": {
      const original = mebibyte();
      await measureAsync(scenario, async (count) => {
        const results = range(count).map(() => {
          const bytes = original.slice();
          return pool.apply(size, [bytes], { transfer: [bytes.buffer] });
        });
        await Promise.all(results);
      }, "MiB/s");
      break;
    }
  }
}

async function many(scenario: "pool_32"): Promise<void> {
  const count = batchSize(scenario);
  await measureHold(scenario, async () => {
    const start = performance.now();
    const pool = new mp.Pool(count);
    const tell = (metric: string) => {
      const value = performance.now() - start;
      report({ scenario, metric, value, unit: "ms" });
    };
    await Promise.all(range(count).map((i) => pool.apply(same, [i])));
    tell("mean");
    await pool.runOnAll(same, [1]);
    tell("a task in each");
    pool.terminate();
    await pool.join();
  });
}

async function firstResult(scenario: string): Promise<void> {
  await measureAsync(scenario, async (count) => {
    for (let i = 0; i < count; i++) {
      await using pool = new mp.Pool(2);
      await pool.apply(same, [1]);
      pool.terminate();
    }
  }, "ms");
}

async function idleMemory(scenario: "pool_idle_memory"): Promise<void> {
  const count = batchSize(scenario);
  const before = Deno.memoryUsage().rss;
  await using pool = new mp.Pool(count);
  // Workers start one by one, and a task goes to one that is there.
  await pool.runOnAll(same, [1]);
  if (mp.getStartMethod() === "worker") {
    return reportMemory(scenario, before, count);
  }
  // What a process has alone, and its part of what it shares.
  const shares = (await pool.runOnAll(pid)).map((pid) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
    return Number(/^Pss:\s*(\d+)/m.exec(text)![1]) / 1024;
  });
  const value = shares.reduce((sum, share) => sum + share) / count;
  report({ scenario, metric: "each", value, unit: "MiB" });
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i);
}

if (import.meta.main) await main(Deno.args[0]!);
