// Copyright 2026 the authors. MIT license.

// A program that joins its pool before it looks at the results, the first of
// which is an error of a class that has to be looked for. Its argument is the
// start method.

import * as mp from "../../../mod.ts";

export class OwnError extends Error {
  override name = "OwnError";
}

export function fail(): never {
  throw new OwnError("own");
}

export function nothing(): number {
  return 0;
}

if (import.meta.main) {
  mp.setStartMethod(Deno.args[0] as mp.StartMethod);
  const pool = new mp.Pool(1);
  const failure = pool.applyAsync(fail);
  const success = pool.applyAsync(nothing);
  pool.close();
  await pool.join();
  const isReady = failure.ready();
  const error = await failure.get().catch((error) => error);
  console.log(isReady, error instanceof OwnError);
  console.log(await success.get(), success.ready());
}
