// Copyright 2026 the authors. MIT license.

// A program that joins its pool before it looks at the results, the first of
// which is an error of a class that has to be looked for, in a module that
// loads until the workers are gone. Its argument is the start method.

import * as mp from "../../../mod.ts";
import { SHORT } from "../../_support/delays.ts";
import { until } from "../../_support/until.ts";

const LATE = new URL("./_late_error.ts", import.meta.url).href;

declare const LateError: new (message: string) => Error;

/** Stands for that of the other module, which this one does not load. */
export function fail(): never {
  throw new LateError("late");
}

export function nothing(): number {
  return 0;
}

if (import.meta.main) {
  mp.setStartMethod(Deno.args[0] as mp.StartMethod);
  const begun = Promise.withResolvers<void>();
  const loaded = Promise.withResolvers<void>();
  const loading = () => {
    begun.resolve();
    return loaded.promise;
  };
  Object.assign(globalThis, { loading });
  const pool = new mp.Pool({ processes: 1, module: LATE });
  const failure = pool.applyAsync(fail);
  const success = pool.applyAsync(nothing);
  pool.close();
  let isJoined = false;
  const joined = pool.join().then(() => isJoined = true);
  await begun.promise;
  await until(() => mp.activeChildren().length === 0);
  await new Promise((resolve) => setTimeout(resolve, SHORT));
  console.log(`joined: ${isJoined}, ready: ${failure.ready()}`);
  loaded.resolve();
  await joined;
  console.log(`joined: ${isJoined}, ready: ${failure.ready()}`);
  const error = await failure.get().catch((error) => error);
  const { LateError: Known } = await import(LATE);
  console.log(error instanceof Known);
  console.log(await success.get(), success.ready());
}
