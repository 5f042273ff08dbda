// Copyright 2026 the authors. MIT license.

// The scenarios of mp/pool.ts with a pool from npm: `pool.ts SCENARIO PEER`.

import {
  batchSize,
  measureAsync,
  mebibyte,
  objects,
  reportMemory,
  sampleAsync,
} from "../lib.ts";
import { PEERS } from "./pools.ts";

async function main(scenario: string, name: string): Promise<void> {
  const create = PEERS[name]!;
  if (scenario === "pool_first_result") {
    return await measureAsync(scenario, async (count) => {
      for (let i = 0; i < count; i++) {
        const peer = await create(2);
        await peer.same(1);
        await peer.end();
      }
    }, "ms");
  }
  if (scenario === "pool_idle_memory") {
    const count = batchSize(scenario);
    const before = Deno.memoryUsage().rss;
    const peer = await create(count);
    await Promise.all(range(count).map((i) => peer.same(i)));
    return reportMemory(scenario, before, count);
  }
  const peer = await create(2);
  const all = async (values: unknown[]) => {
    await Promise.all(values.map((value) => peer.same(value)));
  };
  switch (scenario) {
    case "pool_noop_tasks":
      await measureAsync(scenario, (size) => all(range(size)), "tasks/s");
      break;
    case "pool_objects": {
      const values = objects();
      await measureAsync(
        scenario,
        (size) => all(range(size).map((i) => values[i % values.length])),
        "tasks/s",
      );
      break;
    }
    case "pool_roundtrip":
      await sampleAsync(
        scenario,
        async () => {
          await peer.same(1);
        },
        batchSize(scenario),
        "µs",
      );
      break;
    case "pool_bytes_1mib":
    case "pool_bytes_1mib_moved": {
      const moves = scenario.endsWith("moved");
      const bytes = mebibyte();
      await measureAsync(scenario, async (count) => {
        await Promise.all(
          range(count).map(() =>
            peer.size(moves ? bytes.slice() : bytes, moves)
          ),
        );
      }, "MiB/s");
      break;
    }
  }
  await peer.end();
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i);
}

if (import.meta.main) {
  await main(Deno.args[0]!, Deno.args[1]!);
  // Some of them keep the program alive.
  Deno.exit();
}
