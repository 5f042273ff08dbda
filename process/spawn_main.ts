// Copyright 2026 the authors. MIT license.

// The program of an OS process, which spawn_entry.js runs. Its parent sees by
// itself that it has ended: see process/spawn_engine.ts.

import { live } from "./child.ts";
import { awaitBegun } from "./engine.ts";
import { readLetter } from "./spawn_letter.ts";
import { Beat } from "../memory/timers.ts";
import { takeLeash } from "../program/liveness.ts";
import { awaitTaken, lookForOwner, me, OWNER_LOOKS } from "../program/self.ts";

/** Begins the child that the letter named on the command line tells of. */
export function beginSpawned(): void {
  // Deno ends a program with nothing left in its event loop; a process ends
  // when its target does, or its program is over.
  new Beat(OWNER_LOOKS, lookForOwner).start();
  const exit = Deno.exit;
  const [place, isSpare] = Deno.args;
  if (isSpare === undefined) return begin(place!, exit);
  // Its parent may be over at any time, and there is nobody else to end it.
  if (!takeLeash(true)) exit(0);
  const loading = import("./ahead.ts").then(({ loadAhead }) => loadAhead());
  const mail = import("./mailbox.ts");
  loading.then(() => mail)
    .then(({ awaitLetter }) => begin(awaitLetter(place!), exit));
}

function begin(place: string, exit: typeof Deno.exit): void {
  const { start, args, read } = readLetter(place);
  // The arguments of the program, as in its workers. Python hands sys.argv down
  // too.
  Object.defineProperty(Deno, "args", { value: args });
  const leave = (code: number): never => {
    const { table, token } = me();
    awaitBegun();
    awaitTaken();
    table.announceExit(token, code);
    return exit(code);
  };
  live(start, { begun: read, leave });
}
