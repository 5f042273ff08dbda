// Copyright 2026 the authors. MIT license.

// Sends a new pipe, a queue and a lock to a child and back, many times.

import * as mp from "../../../mod.ts";
import { echo } from "../transit_targets.ts";

if (import.meta.main) {
  const [method, count] = Deno.args as [mp.StartMethod, string];
  mp.setStartMethod(method);
  const items = new mp.Queue<unknown>();
  const back = new mp.Queue<unknown>();
  const p = new mp.Process({ target: echo, args: [items, back] });
  p.start();
  const q = new mp.Queue();
  for (let i = 0; i < Number(count); i++) {
    const [mine, theirs] = mp.Pipe();
    items.putSync({ q, theirs, end: mine, lock: new mp.Lock() });
    theirs.close();
    mine.close();
    const got = back.getSync() as { theirs: mp.Connection; end: mp.Connection };
    got.theirs.close();
    got.end.close();
  }
  items.putSync(undefined);
  back.getSync();
  p.joinSync();
  console.log(`${count} round trips`);
}
