// Copyright 2026 the authors. MIT license.

// S-01: run another program and wait until it ends.
//
// Python: r = subprocess.call(['nslookup', 'python.org']).
// Here the program is one that needs no network.

import { subprocess } from "../../mod.ts";

if (import.meta.main) {
  console.log("$ echo python.org");
  const r = await subprocess.call(["echo", "python.org"]);
  console.log("Exit code:", r);
}
