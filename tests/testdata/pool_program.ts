// Copyright 2026 the authors. MIT license.

// Programs that use a pool and end, or not, in different ways.

import { Pool, Process } from "../../mod.ts";
import { MEDIUM } from "../_support/delays.ts";

export function double(x: number): number {
  return x * 2;
}

export async function doubleLater(x: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, MEDIUM));
  return x * 2;
}

export async function sleep(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  console.log("slept");
  return "slept";
}

export async function useChildPool(): Promise<void> {
  const pool = new Pool(1);
  console.log(await pool.apply(double, [21]));
}

const PROGRAMS: Record<string, () => unknown> = {
  async forgetsToClose() {
    const pool = new Pool(2);
    console.log(await pool.map(double, [1, 2, 3]));
  },
  dropsResults() {
    const pool = new Pool(2);
    for (let i = 0; i < 10; i++) pool.applyAsync(sleep, [60_000]);
    console.log("end");
  },
  async dropsTimedResults() {
    const pool = new Pool(1);
    await pool.apply(double, [1]);
    pool.applyAsync(sleep, [60_000], { timeout: 60_000 });
    while (pool.stats().running === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.log("end");
  },
  async cannotGrow() {
    const pool = new Pool({ min: 1, max: 3, method: "spawn" });
    await pool.apply(double, [1]);
    Deno.permissions.revokeSync({ name: "run" });
    const results = [1, 2, 3].map((i) => pool.apply(doubleLater, [i]));
    console.log(await Promise.all(results));
  },
  async cannotStart() {
    Deno.permissions.revokeSync({ name: "run" });
    const pool = new Pool({ min: 0, max: 3, method: "spawn" });
    for (const options of [{}, { key: "k" }]) {
      const error = await pool.apply(double, [1], options).catch((it) => it);
      console.log(error.name, error.cause.name, pool.stats().queued);
    }
  },
  callsBackOnly() {
    const pool = new Pool(1);
    const callback = () => console.log("called");
    pool.applyAsync(sleep, [60_000], { callback });
    console.log("end");
  },
  async closesAndJoins() {
    const pool = new Pool(1);
    const callback = (text: string) => console.log("called", text);
    pool.applyAsync(sleep, [1], { callback });
    pool.close();
    console.log("end");
    await pool.join();
  },
  async givesUpWaiting() {
    const pool = new Pool(1);
    const result = pool.applyAsync(sleep, [60_000]);
    console.log(await result.wait({ timeout: 1 }));
  },
  async leavesPoolToChild() {
    const child = new Process({ target: useChildPool });
    child.start();
    await child.join();
    console.log(child.exitCode);
  },
  async throwsInCallback() {
    const pool = new Pool(1);
    const callback = () => {
      throw new TypeError("from the callback");
    };
    await pool.applyAsync(double, [1], { callback });
    console.log("not reached");
  },
  async throwsInCallbacks() {
    const pool = new Pool(1);
    const callback = async () => {
      await undefined;
      throw new TypeError("from the callback");
    };
    for (let i = 0; i < 10; i++) pool.applyAsync(double, [1], { callback });
    console.log(await pool.map(double, [1, 2, 3]));
  },
};

if (import.meta.main) await PROGRAMS[Deno.args[0]!]!();
