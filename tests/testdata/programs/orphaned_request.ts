// Copyright 2026 the authors. MIT license.

// A child that was given up as hopeless tries to start a process afterwards. It
// must not, nor may the program wait for a process that is never started.

import * as mp from "../../../mod.ts";

export function late(flag: Int32Array, running: mp.Queue) {
  running.putSync("running");
  while (Atomics.load(flag, 0) === 0);
  new mp.Process({ target: nothing }).start();
}

export function nothing() {
  console.log("started for nobody");
}

if (import.meta.main) {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const running = new mp.Queue();
  const p = new mp.Process({ target: late, args: [flag, running] });
  p.start();
  await running.get();
  p.terminate();
  await p.join();
  Atomics.store(flag, 0, 1);
  console.log("main code ends");
}
