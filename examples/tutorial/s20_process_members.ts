// Copyright 2026 the authors. MIT license.

// S-20 what a process object offers.
//
// Python: print(dir(current_process())). Names of more than one word are in
// camelCase here.

import * as mp from "../../mod.ts";

if (import.meta.main) {
  const members = Object.getOwnPropertyNames(mp.Process.prototype);
  console.log(members.filter((name) => name !== "constructor").sort());
}
