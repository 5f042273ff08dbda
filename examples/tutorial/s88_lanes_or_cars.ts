// Copyright 2026 the authors. MIT license.

// S-88 five lanes for a hundred cars, or five cars for a hundred trips.
//
// Python: Semaphore(5) and a hundred processes; Pool(5) and a hundred tasks.
//
// A semaphore bounds how many work at once, not how many there are: each of the
// hundred has been started. The five of a pool take one task after another;
// here they are written out, with a queue of tasks.

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function car(lanes: mp.Semaphore, inside: mp.RawValue<"i">) {
  lanes.acquireSync();
  const { ident } = mp.currentProcess();
  console.log(`lane: ${ident}, inside: ${inside.add(1) + 1}`);
  sleepSync(0.1);
  inside.add(-1);
  lanes.release();
}

export function driver(trips: mp.Queue<number>) {
  const { ident } = mp.currentProcess();
  for (let n = trips.getSync(); n >= 0; n = trips.getSync()) {
    sleepSync(0.1);
    console.log(`trip ${n}: ${ident}`);
  }
}

if (import.meta.main) {
  const lanes = new mp.Semaphore(5);
  const inside = new mp.RawValue("i", 0);
  const cars: mp.Process[] = [];
  for (let i = 0; i < 100; i++) {
    cars.push(new mp.Process({ target: car, args: [lanes, inside] }));
  }
  for (const p of cars) p.start();
  for (const p of cars) await p.join();

  const trips = new mp.Queue<number>();
  const drivers: mp.Process[] = [];
  for (let i = 0; i < 5; i++) {
    drivers.push(new mp.Process({ target: driver, args: [trips] }));
  }
  for (const p of drivers) p.start();
  for (let n = 0; n < 100; n++) await trips.put(n);
  for (let i = 0; i < 5; i++) await trips.put(-1);
  for (const p of drivers) await p.join();
}
