// Copyright 2026 the authors. MIT license.

// S-09 a pool of one thread.
//
// Python: ThreadPool(processes=1); apply_async(foo, ('elin', 'foo')); get().

import * as mp from "../../mod.ts";

export function foo(bar: string, baz: string): string {
  console.log(`hello ${bar}`);
  return baz + baz;
}

if (import.meta.main) {
  await using pool = new mp.ThreadPool({ processes: 1 });
  const result = pool.applyAsync(foo, ["elin", "foo"]);
  console.log(await result.get());
}
