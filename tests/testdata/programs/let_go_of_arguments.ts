// Copyright 2026 the authors. MIT license.

// Starts processes that wait, and prints how many of their arguments are still
// in the memory of their parent meanwhile.

import * as mp from "../../../mod.ts";

const COUNT = 3;

const { gc } = globalThis as unknown as { gc: () => void };

export function waitFor(
  done: mp.Event,
  _args: unknown,
  _kwargs: object,
): Promise<boolean> {
  return done.wait();
}

function start(done: mp.Event): [mp.Process, WeakRef<object>[]] {
  const arg = { bytes: new Uint8Array(1000) };
  const kwargs = { more: new Uint8Array(1000) };
  const process = new mp.Process({
    target: waitFor,
    args: [done, arg],
    kwargs,
  });
  process.start();
  return [process, [new WeakRef(arg), new WeakRef(kwargs)]];
}

if (import.meta.main) {
  mp.setStartMethod(Deno.args[0] as mp.StartMethod);
  const done = new mp.Event();
  const started = Array.from({ length: COUNT }, () => start(done));
  const kept = started.flatMap(([_, refs]) => refs);
  let left = kept.length;
  for (let i = 0; i < 50 && left > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    left = kept.filter((ref) => ref.deref() !== undefined).length;
  }
  console.log(kept.length, left);
  done.set();
  for (const [process] of started) await process.join();
}
