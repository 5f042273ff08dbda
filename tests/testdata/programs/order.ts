// Copyright 2026 the authors. MIT license.

// A child's lines come out whole and in order, also its last one.

import * as mp from "../../../mod.ts";

export function print(name: string) {
  for (let i = 0; i < 200; i++) console.log(`${name} ${i} ${"x".repeat(200)}`);
  Deno.exit(0);
}

if (import.meta.main) {
  const children = ["a", "b", "c"].map((name) =>
    new mp.Process({ target: print, args: [name] })
  );
  for (const child of children) child.start();
  for (const child of children) await child.join();
}
