// Copyright 2026 the authors. MIT license.

// Sends a new pipe, a queue and a lock to a child and back, many times. Prints,
// as JSON, the files and mappings after the first trips, and at last here and
// in the child.

import * as mp from "../../../mod.ts";
import { echo, files } from "../transit_targets.ts";

/** Trips after which there is all that is there for good. */
const FIRST = 20;

if (import.meta.main) {
  const [method, count] = Deno.args as [mp.StartMethod, string];
  mp.setStartMethod(method);
  const items = new mp.Queue<object | undefined>();
  const back = new mp.Queue<unknown>();
  const p = new mp.Process({ target: echo, args: [items, back] });
  p.start();
  const shared = new mp.Queue();
  const [end] = mp.Pipe();
  const trip = () => {
    const [mine, theirs] = mp.Pipe();
    const lock = new mp.Lock();
    items.putSync({ shared, lock, end, mine, theirs });
    theirs.close();
    mine.close();
    const got = back.getSync() as {
      shared: mp.Queue;
      lock: mp.Lock;
      end: mp.Connection;
      mine: mp.Connection;
      theirs: mp.Connection;
    };
    if (got.shared !== shared || got.lock !== lock) {
      throw new TypeError("another object came back");
    }
    for (const one of [got.end, got.mine, got.theirs]) one.close();
  };
  for (let i = 0; i < FIRST; i++) trip();
  const before = files();
  for (let i = 0; i < Number(count); i++) trip();
  const after = files();
  items.putSync(undefined);
  const there = back.getSync();
  p.joinSync();
  console.log(JSON.stringify({ before, after, there }));
}
