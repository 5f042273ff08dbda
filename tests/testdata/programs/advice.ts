// Copyright 2026 the authors. MIT license.

// Processes whose targets miss what did not cross with them.

import { Process, type StartMethod } from "../../../mod.ts";
import * as targets from "../stripped_targets.ts";

if (import.meta.main) {
  const method = Deno.args[0] as StartMethod;
  const point = new targets.Point(3);
  const processes = [
    new Process({
      name: "args",
      target: targets.normOf,
      args: [point],
      method,
    }),
    new Process({
      name: "kwargs",
      target: targets.normOf,
      kwargs: { norm: new Map([[point, 1]]) },
      method,
    }),
    new Process({
      name: "later",
      target: targets.normLater,
      args: [point],
      method,
    }),
    new Process({ name: "method", target: targets.account.withdraw, method }),
    new Process({
      name: "other",
      target: targets.misspell,
      args: [{}],
      method,
    }),
    new targets.PlainField({ name: "plain", method }),
    new targets.PrivateField({ name: "field", method }),
    new targets.PrivateMethod({ name: "private", method }),
  ];
  for (const process of processes) {
    process.start();
    await process.join();
    console.log(process.exitCode);
  }
}
