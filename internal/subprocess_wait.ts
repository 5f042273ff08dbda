// Copyright 2026 the authors. MIT license.

// A wait for a promise that a timeout or a signal may end first.

import { deadlineOf, type WaitOptions } from "./deadline.ts";
import { callAfter, cancel } from "./timers.ts";

/** True when `end` has come, false if the deadline was before it. */
export async function waitUntil(
  end: Promise<unknown>,
  options: WaitOptions | undefined,
): Promise<boolean> {
  const deadline = deadlineOf(options);
  const signal = options?.signal;
  const { promise: given, resolve, reject } = Promise.withResolvers<false>();
  const abort = () => reject(signal!.reason);
  const left = Math.max(0, deadline - performance.now());
  const timer = left === Infinity
    ? undefined
    : callAfter(left, () => resolve(false));
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([end.then(() => true), given]);
  } finally {
    cancel(timer);
    signal?.removeEventListener("abort", abort);
  }
}
