// Copyright 2026 the authors. MIT license.

// A child that may read but not use the network.

import { Process } from "../../../mod.ts";

export function look() {
  for (const name of ["net", "read"] as const) {
    const { state } = Deno.permissions.querySync({ name });
    console.log(`${name}: ${state === "granted" ? "granted" : "denied"}`);
  }
}

if (import.meta.main) {
  const permissions = { net: false, read: true } as const;
  const p = new Process({ target: look, permissions });
  p.start();
  await p.join();
  console.log(`exit code: ${p.exitCode}`);
}
