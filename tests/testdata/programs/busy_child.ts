// Copyright 2026 the authors. MIT license.

// A terminated child goes on computing for ever; the program ends all the same.

import * as mp from "../../../mod.ts";

export function busy(running: mp.Queue) {
  running.putSync("running");
  while (true);
}

if (import.meta.main) {
  const running = new mp.Queue();
  const [first, second] = [1, 2].map(() => {
    const p = new mp.Process({ target: busy, args: [running] });
    p.start();
    running.getSync();
    return p;
  });
  first!.terminate();
  console.log(first!.joinSync(), first!.exitCode);
  second!.kill();
  console.log("main code ends");
}
