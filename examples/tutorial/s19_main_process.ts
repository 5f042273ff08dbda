// Copyright 2026 the authors. MIT license.

// S-19 the main process has a name too.
//
// Python: current_process().name.

import * as mp from "../../mod.ts";

if (import.meta.main) {
  console.log(`我是进程:${mp.currentProcess().name}`);
}
