// Copyright 2026 the authors. MIT license.

// Starts children and ends without join(): it waits for them.

import * as mp from "../../../mod.ts";
import { sleepSync } from "./_sleep.ts";

export function sync(mainEnds: mp.Event) {
  mainEnds.waitSync();
  sleepSync(3);
  console.log("sync child ends");
}

export async function async(mainEnds: mp.Event) {
  await mainEnds.wait();
  await new Promise((resolve) => setTimeout(resolve, 1));
  new mp.Process({ target: grandchild }).start();
  console.log("async child ends");
}

export function grandchild() {
  sleepSync(3);
  console.log("grandchild ends");
}

if (import.meta.main) {
  addEventListener("unload", () => console.log("unload"));
  const mainEnds = new mp.Event();
  new mp.Process({ target: sync, args: [mainEnds] }).start();
  new mp.Process({ target: async, args: [mainEnds] }).start();
  console.log("main code ends");
  mainEnds.set();
}
