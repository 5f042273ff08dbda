// Copyright 2026 the authors. MIT license.

// S-77 three workers, ten messages.
//
// Python: Pool(processes=3); res = pool.apply_async(func, (msg,));
// print(res_l); i.get().
//
// Python shows its results as <multiprocessing.pool.ApplyResult object …>; here
// their tag says AsyncResult. get() within the loop would make it serial.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function func(msg: string): string {
  console.log(`msg: ${msg}`);
  sleepSync(1);
  console.log("end");
  return msg;
}

if (import.meta.main) {
  const pool = new mp.Pool({ processes: 3 });
  const resL: mp.AsyncResult<string>[] = [];
  for (let i = 0; i < 10; i++) {
    resL.push(pool.applyAsync(func, [`hello ${i}`]));
  }
  console.log("==============================>");
  pool.close();
  await pool.join();
  console.log(resL.map(String).join(" "));
  for (const i of resL) console.log(await i.get());
}
