// Copyright 2026 the authors. MIT license.

// S-11 the second way to start a process: a subclass with run().
//
// Python: class Piao(Process), super().__init__() first, then self.name = name.
//
// start() calls run() in the child. `name` is the process's own name, so the
// child is known by it to everybody, currentProcess() included.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export class Piao extends mp.Process {
  constructor(name: string) {
    super();
    this.name = name;
  }

  override run() {
    console.log(`${this.name} piaoing`);
    sleepSync(randrange(1, 5));
    console.log(`${mp.currentProcess().name} piao end`);
  }
}

if (import.meta.main) {
  const p1 = new Piao("egon");
  const p2 = new Piao("alex");
  const p3 = new Piao("wupeiqi");
  const p4 = new Piao("yuanhao");

  p1.start();
  p2.start();
  p3.start();
  p4.start();
  console.log("主线程");
}
