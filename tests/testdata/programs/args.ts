// Copyright 2026 the authors. MIT license.

// The Deno.args of every process are those of the program.

import * as mp from "../../../mod.ts";

const ARGS = Deno.args;

export function print(method: mp.StartMethod, depth: number) {
  console.log(method, depth, ARGS.join(), Deno.args.join());
  if (depth === 2) return;
  const p = new mp.Process({
    method,
    target: print,
    args: [method, depth + 1],
  });
  p.start();
  p.joinSync();
}

if (import.meta.main) {
  for (const method of mp.getAllStartMethods()) print(method, 0);
}
