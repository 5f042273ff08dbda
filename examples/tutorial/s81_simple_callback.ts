// Copyright 2026 the authors. MIT license.

// S-81 the callback runs in the main process.
//
// Python: Pool(5); p.apply_async(func1, args=(10,), callback=func2).
//
// With the argument "many" it runs for range(10, 20). Idents stand for pids.

import * as mp from "../../mod.ts";

export function func1(n: number): number {
  console.log(`func1>> ${mp.currentProcess().ident}`);
  console.log("func1");
  return n * n;
}

function func2(nn: number) {
  console.log(`func2>> ${mp.currentProcess().ident}`);
  console.log("func2");
  console.log(nn);
}

if (import.meta.main) {
  console.log(`主进程 ${mp.currentProcess().ident}`);
  const p = new mp.Pool(5);
  const last = Deno.args[0] === "many" ? 20 : 11;
  for (let i = 10; i < last; i++) {
    p.applyAsync(func1, [i], { callback: func2 });
  }
  p.close();
  await p.join();
}
