// Copyright 2026 the authors. MIT license.

// A copy of what the contestants of mp/ need, in which they import the built
// file and not the sources.

import { build } from "../tools/build.ts";

const ROOT = new URL("../", import.meta.url);

/** Makes the copy in a folder, and returns the folder of its contestants. */
export async function makeBuilt(folder: URL): Promise<URL> {
  await build(new URL("dist/", folder), { types: false });
  const there = new URL("bench/", folder);
  await Deno.mkdir(new URL("mp/", there), { recursive: true });
  for (const path of ["deno.json", "deno.lock"]) await copy(path, folder);
  for (const name of ["lib.ts", "workloads.json"]) {
    await copy(`bench/${name}`, folder);
  }
  for await (const { name } of Deno.readDir(new URL("bench/mp/", ROOT))) {
    await copy(`bench/mp/${name}`, folder);
  }
  return there;
}

async function copy(path: string, folder: URL): Promise<void> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  const changed = text.replaceAll('"../../mod.ts"', '"../../dist/mod.js"');
  await Deno.writeTextFile(new URL(path, folder), changed);
}
