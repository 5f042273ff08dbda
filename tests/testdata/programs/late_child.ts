// Copyright 2026 the authors. MIT license.

// A child that ends after the main code, which does not join it.

import { Process, type StartMethod } from "../../../mod.ts";
import { SHORT } from "../../_support/delays.ts";

export async function late() {
  await new Promise((resolve) => setTimeout(resolve, 3 * SHORT));
  console.log("child ends");
}

if (import.meta.main) {
  new Process({ target: late, method: Deno.args[0] as StartMethod }).start();
  console.log("main ends");
}
