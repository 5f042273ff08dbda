// Copyright 2026 the authors. MIT license.

// S-40 cars look at a traffic light.
//
// Python: event.set(), event.clear(), event.isSet(), random.randrange(10).
//
// A light may change between a car's look and its line, so that the line would
// tell of a light that is gone: a lock makes look and line one step. It never
// ends by itself: stop it with Ctrl-C.

import * as mp from "../../mod.ts";
import { randrange, sleepSync } from "./_seed.ts";

export function light(event: mp.Event, lock: mp.Lock) {
  if (!event.isSet()) event.set();
  let count = 0;
  while (true) {
    {
      using _ = lock.holdSync();
      if (count < 10) {
        console.log("--green light on---");
      } else if (count < 13) {
        console.log("--yellow light on---");
      } else if (count < 20) {
        if (event.isSet()) event.clear();
        console.log("--red light on---");
      } else {
        count = 0;
        event.set();
      }
    }
    sleepSync(1);
    count++;
  }
}

export function car(n: number, event: mp.Event, lock: mp.Lock) {
  while (true) {
    sleepSync(randrange(0, 10));
    using _ = lock.holdSync();
    if (event.isSet()) {
      console.log(`car [${n}] is running..`);
    } else {
      console.log(`car [${n}] is waiting for the red light..`);
    }
  }
}

if (import.meta.main) {
  const event = new mp.Event();
  const lock = new mp.Lock();
  new mp.Process({ target: light, args: [event, lock] }).start();
  for (let i = 0; i < 3; i++) {
    new mp.Process({ target: car, args: [i, event, lock] }).start();
  }
}
