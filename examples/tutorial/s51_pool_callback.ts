// Copyright 2026 the authors. MIT license.

// S-51 a pool of five whose tasks call back.
//
// Python: Pool(5); apply_async(func=Foo, args=(i,), callback=Bar); close();
// join().
//
// With the argument "forget" it leaves close and join out, and ends at once.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function foo(i: number): number {
  sleepSync(2);
  return i + 100;
}

function bar(arg: number) {
  console.log(`-->exec done: ${arg}`);
}

if (import.meta.main) {
  const pool = new mp.Pool(5);
  for (let i = 0; i < 10; i++) pool.applyAsync(foo, [i], { callback: bar });
  console.log("end");
  if (Deno.args[0] !== "forget") {
    pool.close();
    await pool.join();
  }
}
