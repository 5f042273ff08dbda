// Copyright 2026 the authors. MIT license.

// A buffer there and back: moved over a transfer pipe, or copied over a plain
// one: transfer_1mib, copy_1mib.

import * as mp from "../../mod.ts";
import { measureAsync, mebibyte } from "../lib.ts";

/** The child: sends back what comes, until the other end is closed. */
export async function echo(
  far: mp.Connection<Uint8Array>,
  moves: boolean,
): Promise<void> {
  try {
    while (true) await send(far, await far.recv(), moves);
  } catch (error) {
    if (!(error instanceof mp.EOFError)) throw error;
  }
}

function send(
  connection: mp.Connection<Uint8Array>,
  bytes: Uint8Array,
  moves: boolean,
): Promise<void> {
  const transfer = moves ? [bytes.buffer as ArrayBuffer] : [];
  return connection.send(bytes, { transfer });
}

async function main(scenario: string): Promise<void> {
  const moves = scenario === "transfer_1mib";
  const [near, far] = mp.Pipe<Uint8Array>({ transfer: moves });
  const child = new mp.Process({ target: echo, args: [far, moves] });
  child.start();
  far.close();
  let bytes: Uint8Array = mebibyte();
  await measureAsync(scenario, async function batch(size) {
    for (let i = 0; i < size; i++) {
      await send(near, bytes, moves);
      bytes = await near.recv();
    }
  }, "µs");
  near.close();
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
