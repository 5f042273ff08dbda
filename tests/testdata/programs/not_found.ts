// Copyright 2026 the authors. MIT license.

// Targets that the child cannot find, or that miss what stood around them.

import * as mp from "../../../mod.ts";

const factor = 2;

function hidden() {
  console.log(3 * factor);
}

class Hidden extends mp.Process {
  override run() {
    console.log("hidden class");
  }
}

function wrapped(f: () => void): () => void {
  return function wrapper() {
    console.log("wrapped");
    f();
  };
}

export const first: () => void = wrapped(() => console.log("first"));
export const second: () => void = wrapped(() => console.log("second"));

const CASES: Record<string, () => mp.Process> = {
  "free variable": () => new mp.Process({ target: hidden }),
  "hidden class": () => new Hidden(),
  "decorated": () => new mp.Process({ target: second }),
  "missing module": () =>
    new mp.Process({ target: hidden, module: "file:///no/such/module.ts" }),
  "broken module": () =>
    new mp.Process({
      target: first,
      module: new URL("./_broken.ts", import.meta.url),
    }),
};

if (import.meta.main) {
  const p = CASES[Deno.args[0]!]!();
  p.start();
  console.log(await p.join(), p.exitCode);
}
