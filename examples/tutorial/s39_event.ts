// Copyright 2026 the authors. MIT license.

// S-39 what an event does.
//
// Python: event.wait(), event.set(), event.clear(), event.is_set().
//
// A barrier lets the main program go on when all three have said that they
// wait.

import * as mp from "../../mod.ts";
import { SCALE, sleep } from "./_seed.ts";

export function waiter(n: number, event: mp.Event, ready: mp.Barrier) {
  console.log(`waiter ${n} waits`);
  ready.waitSync();
  event.waitSync();
  console.log(`waiter ${n} goes on`);
}

if (import.meta.main) {
  const event = new mp.Event();
  console.log("at first", event.isSet());
  event.set();
  console.log("set", event.isSet(), await event.wait());
  event.clear();
  const timeout = SCALE * 1000;
  console.log("clear", event.isSet(), await event.wait({ timeout }));

  const ready = new mp.Barrier(4);
  const waiters = [1, 2, 3].map((n) =>
    new mp.Process({ target: waiter, args: [n, event, ready] })
  );
  for (const p of waiters) p.start();
  await ready.wait();
  await sleep(5);
  console.log("event.set()");
  event.set();
  for (const p of waiters) await p.join();
}
