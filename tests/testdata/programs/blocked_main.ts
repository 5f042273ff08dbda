// Copyright 2026 the authors. MIT license.

// Nothing is awaited anywhere: the main thread is blocked all the time.

import * as mp from "../../../mod.ts";

export function parent(q: mp.Queue<string>) {
  const child = new mp.Process({ target: say, args: [q, "grandchild"] });
  child.start();
  child.joinSync();
  q.putSync(`child saw ${child.exitCode}`);
}

export function say(q: mp.Queue<string>, text: string) {
  q.putSync(text);
}

if (import.meta.main) {
  const q = new mp.Queue<string>();
  const p = new mp.Process({ target: parent, args: [q] });
  p.start();
  console.log(q.getSync());
  console.log(q.getSync());
  console.log(p.joinSync(), p.exitCode);
}
