// Copyright 2026 the authors. MIT license.

// Stops a child by a signal, and ends: by itself, by an exit, or after it was
// told to stop.

import * as mp from "../../../mod.ts";

export function tell(started: mp.Event, go: mp.Event): void {
  started.set();
  go.waitSync();
  console.log("the child ends");
}

if (import.meta.main) {
  const [how] = Deno.args;
  mp.setStartMethod("spawn");
  const started = new mp.Event();
  const go = new mp.Event();
  const daemon = how === "daemon";
  const process = new mp.Process({ target: tell, args: [started, go], daemon });
  process.start();
  if (how !== "unborn" && how !== "exit") await started.wait();
  Deno.kill(process.pid!, "SIGSTOP");
  if (how !== "terminate") go.set();
  console.log("main ends");
  if (how === "terminate") {
    process.terminate();
    console.log(await process.join(), process.exitCode);
  }
  if (how === "exit") Deno.exit(3);
}
