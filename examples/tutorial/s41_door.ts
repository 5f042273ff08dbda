// Copyright 2026 the authors. MIT license.

// S-41 five of the staff swipe their cards at a door that closes by itself.
//
// Python: event.wait(), event.set(), event.clear(), event.is_set().
//
// A lock makes each look and its line one step, as in S-40. Python's set()
// returns None, which reads `undefined` here. The door never ends: stop it with
// Ctrl-C.

import * as mp from "../../mod.ts";
import { randrange, sleep, sleepSync } from "./_seed.ts";

export function door(event: mp.Event, lock: mp.Lock) {
  let opened = 0;
  while (true) {
    if (watch()) event.waitSync();
    sleepSync(0.5);
  }

  /** Tells whether somebody must open it. */
  function watch(): boolean {
    using _ = lock.holdSync();
    if (!event.isSet()) {
      console.log("door closed...., swipe to open.");
      opened = 0;
      return true;
    }
    console.log("door opening....");
    opened++;
    if (opened > 3) event.clear();
    return false;
  }
}

export function staff(n: number, event: mp.Event, lock: mp.Lock) {
  console.log(`staff [${n}] is comming...`);
  while (!pass()) sleepSync(0.5);

  function pass(): boolean {
    using _ = lock.holdSync();
    if (event.isSet()) {
      console.log("door is opened, passing.....");
      return true;
    }
    console.log(
      `staff [${n}] sees door got closed, swipping the card.....`,
    );
    console.log(event.set());
    console.log("after set ", event.set());
    return false;
  }
}

if (import.meta.main) {
  const event = new mp.Event();
  const lock = new mp.Lock();
  new mp.Process({ target: door, args: [event, lock] }).start();
  for (let i = 0; i < 5; i++) {
    const p = new mp.Process({ target: staff, args: [i, event, lock] });
    await sleep(randrange(0, 3));
    p.start();
  }
}
