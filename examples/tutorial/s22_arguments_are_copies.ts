// Copyright 2026 the authors. MIT license.

// S-22 arguments are copies (创建多进程2).
//
// Python: Process(target=work, args=(a, 'a')), Process(target=work,
// args=(a, 'zhang')).
//
// Neither child sees what the other did to its list, and the parent sees
// neither.

import * as mp from "../../mod.ts";

export function work(a: (number | string)[], first: string) {
  a[0] = first;
  console.log(a);
}

if (import.meta.main) {
  const a = [1, 2, 3];
  const p1 = new mp.Process({ target: work, args: [a, "a"] });
  const p2 = new mp.Process({ target: work, args: [a, "zhang"] });
  p1.start();
  p2.start();
  await p1.join();
  await p2.join();
  console.log(a);
}
