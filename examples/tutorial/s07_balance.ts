// Copyright 2026 the authors. MIT license.

// S-07 two children move the same money in and out under a lock.
//
// Python: lock.acquire(), try: balance += n; balance -= n, finally:
// lock.release(), 2,000,000 times in each of two threads.
//
// The balance is shared memory, since a global would be one in each process. It
// is a RawValue: the lock that guards it is the one in the program.
// Deno.args[0] may give another number of rounds.

import * as mp from "../../mod.ts";

function changeIt(balance: mp.RawValue<"i">, n: number) {
  balance.value += n;
  balance.value -= n;
}

export function run(
  balance: mp.RawValue<"i">,
  lock: mp.Lock,
  n: number,
  rounds: number,
) {
  for (let i = 0; i < rounds; i++) {
    lock.acquireSync();
    try {
      changeIt(balance, n);
    } finally {
      lock.release();
    }
  }
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 2_000_000);
  const balance = new mp.RawValue("i", 0);
  const lock = new mp.Lock();
  const t1 = new mp.Process({ target: run, args: [balance, lock, 5, rounds] });
  const t2 = new mp.Process({ target: run, args: [balance, lock, 8, rounds] });
  t1.start();
  t2.start();
  await t1.join();
  await t2.join();
  console.log(balance.value);
}
