// Copyright 2026 the authors. MIT license.

// S-78 the same with apply.
//
// Python: res = pool.apply(func, (msg,)), a tenth of a second each.
//
// What apply gives is the result itself, which has no get().

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function func(msg: string): string {
  console.log(`msg: ${msg}`);
  sleepSync(0.1);
  console.log("end");
  return msg;
}

if (import.meta.main) {
  const pool = new mp.Pool({ processes: 3 });
  const resL: string[] = [];
  for (let i = 0; i < 10; i++) {
    resL.push(await pool.apply(func, [`hello ${i}`]));
  }
  console.log("==============================>");
  pool.close();
  await pool.join();
  console.log(JSON.stringify(resL));
  for (const i of resL) console.log("get" in Object(i));
}
