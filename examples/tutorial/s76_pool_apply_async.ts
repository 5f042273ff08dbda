// Copyright 2026 the authors. MIT license.

// S-76 apply_async runs three at a time.
//
// Python: Pool(3); res = p.apply_async(work, args=(i,)); close(); join();
// res.get().
//
// A worker gets what is shared through its initializer.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

let inside: mp.RawValue<"i">;

export function setUp(value: mp.RawValue<"i">) {
  inside = value;
}

export function work(n: number): number {
  const { ident } = mp.currentProcess();
  console.log(`${ident} run, inside: ${inside.add(1) + 1}`);
  sleepSync(Math.random());
  inside.add(-1);
  return n ** 2;
}

if (import.meta.main) {
  const initargs = [new mp.RawValue("i", 0)];
  const p = new mp.Pool({ processes: 3, initializer: setUp, initargs });
  const resList: mp.AsyncResult<number>[] = [];
  for (let i = 0; i < 10; i++) resList.push(p.applyAsync(work, [i]));
  p.close();
  await p.join();
  const squares: number[] = [];
  for (const res of resList) squares.push(await res.get());
  console.log(JSON.stringify(squares));
}
