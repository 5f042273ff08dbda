// Copyright 2026 the authors. MIT license.

// Programs that have their own idea of errors, and a pool.

import { Pool, type StartMethod } from "../../mod.ts";

export function failWith(message: string): never {
  throw new RangeError(message);
}

/** As libraries that read call sites do, and do not put it back. */
export function failWithSites(message: string): never {
  Error.prepareStackTrace = (_, sites) => sites;
  throw new RangeError(message);
}

export function failWithoutStack(message: string): never {
  Error.prepareStackTrace = () => {
    throw new TypeError("no stacks here");
  };
  throw new RangeError(message, { cause: () => 1 });
}

export function half(x: number): number {
  return x / 2;
}

/** The target of a process. */
export async function useFrozenErrors(method: StartMethod): Promise<void> {
  Object.freeze(Error);
  await using pool = new Pool({
    processes: 1,
    method,
    module: import.meta.url,
  });
  const outcome = await pool.apply(failWith, ["cold"]).catch(String);
  if (outcome !== "RangeError: cold" || await pool.apply(half, [4]) !== 2) {
    throw new TypeError(`Cannot use pool: ${outcome}`);
  }
}
