// Copyright 2026 the authors. MIT license.

// S-12 a daemon is cut when the parent's code has ended.
//
// Python: self.name = name, then super().__init__(); p.daemon = True before
// p.start().
//
// Python's base constructor overwrites the name that was set before it, so the
// child prints `Piao-1`, if it prints at all. JavaScript does not let `this` be
// touched before super(); a name that is never handed on is lost the same way.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export class Piao extends mp.Process {
  constructor(_name: string) {
    super();
  }

  override run() {
    console.log(`${this.name} is piaoing`);
    sleepSync(randrange(1, 3));
    console.log(`${this.name} is piao end`);
  }
}

if (import.meta.main) {
  const p = new Piao("egon");
  p.daemon = true;
  p.start();
  console.log("主");
}
