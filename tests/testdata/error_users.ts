// Copyright 2026 the authors. MIT license.

import type { Connection, Queue } from "../../mod.ts";
import {
  errors,
  LostError,
  PairedError,
  RegisteredError,
} from "./error_classes.ts";

/** A task that fails with an error of the program. */
export function fail(code: number): never {
  throw new LostError(code, { cause: new RegisteredError("cause") });
}

export function failRegistered(): never {
  throw new RegisteredError("told");
}

export function failPaired(): never {
  throw new PairedError("paired", 7);
}

export function failOften(codes: number): number {
  return codes === 0 ? 0 : fail(codes);
}

export function returned(): Error[] {
  return errors();
}

export async function put(q: Queue<unknown>): Promise<void> {
  await q.put(errors());
}

export async function send(end: Connection): Promise<void> {
  await end.send(errors());
}

/** Whether what it got is as it was sent. */
export async function check(
  answers: Queue<unknown>,
  items: Queue<unknown>,
): Promise<void> {
  const [lost] = await items.get() as [unknown];
  await answers.put([lost instanceof LostError, Deno.inspect(lost).length > 0]);
}
