// Copyright 2026 the authors. MIT license.

// A program that waits at its top, with an error class of its own, which is not
// registered: first it blocks, then it waits. Its argument is the start method.

import * as mp from "../../../mod.ts";

export class OwnError extends Error {
  override name = "OwnError";
}

export function fail(): never {
  throw new OwnError("own");
}

if (import.meta.main) {
  mp.setStartMethod(Deno.args[0] as mp.StartMethod);
  await using pool = new mp.Pool(1);
  const tell = (error: Error) => {
    const { name, message } = error;
    console.log(`${error instanceof OwnError} ${name} ${message}`);
  };
  const calls = [
    () => pool.applySync(fail),
    () => pool.apply(fail),
    // It is known by now.
    () => pool.applySync(fail),
  ];
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      tell(error as Error);
    }
  }
}
