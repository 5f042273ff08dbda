// Copyright 2026 the authors. MIT license.

// S-38 a timer that fires, and one that is cancelled before.
//
// Python: t = Timer(30.0, hello), t.start(), t.cancel().
//
// Python's Timer is a thread that waits on an event with a timeout; here it is
// a process that does so. The function is named in run(), since it cannot cross
// as a field.

import * as mp from "../../mod.ts";
import { SCALE, sleep } from "./_seed.ts";

function hello() {
  console.log("hello, world");
}

export class HelloTimer extends mp.Process {
  readonly interval: number;
  readonly finished = new mp.Event();

  constructor(interval: number) {
    super();
    this.interval = interval;
  }

  /** Stops it, if it has not fired yet. */
  cancel() {
    this.finished.set();
  }

  override run() {
    const timeout = this.interval * SCALE * 1000;
    if (!this.finished.waitSync({ timeout })) hello();
    this.finished.set();
  }
}

if (import.meta.main) {
  const t = new HelloTimer(30);
  t.start();
  const cancelled = new HelloTimer(30);
  cancelled.start();
  await sleep(3);
  console.log("cancel");
  cancelled.cancel();
  await cancelled.join();
  console.log("cancelled");
  await t.join();
  console.log("done");
}
