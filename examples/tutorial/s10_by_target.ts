// Copyright 2026 the authors. MIT license.

// S-10 the first way to start a process: give it a target.
//
// Python: Process(target=piao, args=('egon',)), start().
//
// There is no join: the program itself waits for its four children at the end.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function piao(name: string) {
  console.log(`${name} piaoing`);
  sleepSync(randrange(1, 5));
  console.log(`${name} piao end`);
}

if (import.meta.main) {
  const p1 = new mp.Process({ target: piao, args: ["egon"] });
  const p2 = new mp.Process({ target: piao, args: ["alex"] });
  const p3 = new mp.Process({ target: piao, args: ["wupeqi"] });
  const p4 = new mp.Process({ target: piao, args: ["yuanhao"] });

  p1.start();
  p2.start();
  p3.start();
  p4.start();
  console.log("主线程");
}
