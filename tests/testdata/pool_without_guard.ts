// Copyright 2026 the authors. MIT license.

// Forgets `if (import.meta.main)`.

import { Pool } from "../../mod.ts";

export function double(x: number): number {
  return x * 2;
}

const pool = new Pool(1);
try {
  console.log(await pool.apply(double, [1]));
} catch (error) {
  console.log((error as Error).message);
}
