// Copyright 2026 the authors. MIT license.

// One item there and back between two processes: pipe_pingpong.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

/** The child: sends back what comes, until the other end is closed. */
export function echo(far: mp.Connection<number>): void {
  try {
    while (true) far.sendSync(far.recvSync());
  } catch (error) {
    if (!(error instanceof mp.EOFError)) throw error;
  }
}

async function main(scenario: string): Promise<void> {
  const [near, far] = mp.Pipe<number>();
  const child = new mp.Process({ target: echo, args: [far] });
  child.start();
  far.close();
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      near.sendSync(i);
      near.recvSync();
    }
  }, "µs");
  near.close();
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
