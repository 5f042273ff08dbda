// Copyright 2026 the authors. MIT license.

// Waits that end without what they wait for.

import { assertEquals, assertRejects } from "@std/assert";

/** Asserts that it throws a TimeoutError, as the platform's waits do. */
export function assertTimesOut(
  wait: () => unknown,
  text?: string,
): Promise<void> {
  return assertThrowsNamed("TimeoutError", wait, text);
}

/** Asserts that it throws a DataCloneError that says so. */
export function assertUncloneable(
  call: () => unknown,
  text?: string,
): Promise<void> {
  return assertThrowsNamed("DataCloneError", call, text);
}

/**
 * Asserts that a wait rejects with the reason of its signal, a RangeError
 * "enough", when that is aborted; gives the signal.
 */
export async function assertAborts(
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<AbortSignal> {
  const controller = new AbortController();
  const waiting = wait(controller.signal);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  return controller.signal;
}

async function assertThrowsNamed(
  name: string,
  call: () => unknown,
  text?: string,
): Promise<void> {
  const error = await assertRejects(
    async () => await call(),
    DOMException,
    text,
  );
  assertEquals(error.name, name);
}
