// Copyright 2026 the authors. MIT license.

// Three children print 300 lines each, at once.

import { Process, type StartMethod } from "../../../mod.ts";
import { printMany } from "../spawn_targets.ts";

const module = new URL("../spawn_targets.ts", import.meta.url);

if (import.meta.main) {
  const method = Deno.args[0] as StartMethod;
  for (const id of [0, 1, 2]) {
    new Process({ target: printMany, args: [id, 300], module, method }).start();
  }
}
