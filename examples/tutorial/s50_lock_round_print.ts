// Copyright 2026 the authors. MIT license.

// S-50 a lock round each line.
//
// Python: l.acquire(), try: print('hello world', i), finally: l.release().
//
// holdSync() is acquire and release in one: `using` releases at the end of the
// block, whatever happens in it, as Python's `with l:` does.

import * as mp from "../../mod.ts";

export function f(l: mp.Lock, i: number) {
  using _ = l.holdSync();
  console.log("hello world", i);
}

if (import.meta.main) {
  const lock = new mp.Lock();
  for (let num = 0; num < 10; num++) {
    new mp.Process({ target: f, args: [lock, num] }).start();
  }
}
