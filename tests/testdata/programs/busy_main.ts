// Copyright 2026 the authors. MIT license.

// The main thread blocks in a wait that is none of ours; the grandchild that is
// asked for meanwhile starts when it comes back.

import * as mp from "../../../mod.ts";

export function parent(asked: Int32Array) {
  new mp.Process({ target: child }).start();
  Atomics.store(asked, 0, 1);
  Atomics.notify(asked, 0);
}

export function child() {
  console.log("grandchild");
}

if (import.meta.main) {
  const asked = new Int32Array(new SharedArrayBuffer(4));
  new mp.Process({ target: parent, args: [asked] }).start();
  Atomics.wait(asked, 0, 0);
  console.log("main is back");
}
