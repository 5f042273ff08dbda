// Copyright 2026 the authors. MIT license.

// S-74 map, and what a pool saves.
//
// Python: Pool(5).map(func, [(1, 2), 'alex']); map(func, range(100)) against a
// hundred Process objects.
//
// A tuple is an array here, and prints as one.

import * as mp from "../../mod.ts";

export function show(i: unknown) {
  console.log(i);
}

export function compute(i: number): number {
  return i * i;
}

if (import.meta.main) {
  const pool = new mp.Pool(5);
  await pool.map(show, [[1, 2], "alex"]);
  console.log("map has returned");

  const start = performance.now();
  await pool.map(compute, Array.from({ length: 100 }, (_, i) => i));
  const pooled = performance.now() - start;
  pool.close();
  await pool.join();

  const again = performance.now();
  const children: mp.Process[] = [];
  for (let i = 0; i < 100; i++) {
    children.push(new mp.Process({ target: compute, args: [i] }));
  }
  for (const p of children) p.start();
  for (const p of children) await p.join();
  const single = performance.now() - again;
  console.log(`pool: ${pooled.toFixed(1)} ms`);
  console.log(`processes: ${single.toFixed(1)} ms`);
}
