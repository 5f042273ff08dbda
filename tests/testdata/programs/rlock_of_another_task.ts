// Copyright 2026 the authors. MIT license.

// A task that takes an RLock again after another await, twice, and so waits for
// itself. What it does after that has nothing to wait for.

import { RLock } from "../../../mod.ts";

const delay = (ms: number) => new Promise((go) => setTimeout(go, ms));

const lock = new RLock();
{
  using _ = await lock.hold();
  await delay(1);
  console.log(await lock.acquire({ timeout: 3_500 }));
  console.log(await lock.acquire({ timeout: 3_500 }));
}
console.log(await lock.acquire());
