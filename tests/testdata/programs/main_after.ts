// Copyright 2026 the authors. MIT license.

// The main code goes on after its own last line: events end it, not lines.

import * as mp from "../../../mod.ts";

export function child(q: mp.Queue<string>) {
  q.putSync("from the child");
}

if (import.meta.main) {
  const q = new mp.Queue<string>();
  new mp.Process({ target: child, args: [q] }).start();
  q.get().then((text) => {
    console.log(text);
    // A new child, started when the first has ended and the end has begun.
    const p = new mp.Process({ target: child, args: [q] });
    setTimeout(() => {
      p.start();
      q.get().then((text) => console.log("again", text));
    }, 1);
  });
}
