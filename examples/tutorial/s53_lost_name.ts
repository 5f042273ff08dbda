// Copyright 2026 the authors. MIT license.

// S-53 a subclass whose name is lost.
//
// Python: class MyProcess(Process), self.name = name, then super().__init__().
//
// Python's base constructor overwrites the name that was set before it. In
// JavaScript `this` cannot be touched before super(); a name that is never
// handed on is lost the same way, and the default one is printed. (S-11 does it
// right: first super(), then the name.)

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export class MyProcess extends mp.Process {
  constructor(_name: string) {
    super();
  }

  override run() {
    console.log(`${this.name} is runing`);
    sleepSync(3);
    console.log(`${this.name} is done`);
  }
}

if (import.meta.main) {
  const p = new MyProcess("太白金星");
  p.start();
  console.log("===主");
}
