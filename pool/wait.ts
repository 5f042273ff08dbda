// Copyright 2026 the authors. MIT license.

// A wait in the parent that a timeout or a signal may end first.

import { AT_ONCE, deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { callAfter, cancel } from "../memory/timers.ts";

/**
 * Resolves with true when `begin` has its argument called, with false at the
 * deadline; `end` is called either way. Rejects if the signal is aborted.
 */
export async function waitFor(
  options: WaitOptions | undefined,
  begin: (arrive: () => void) => void,
  end: (arrive: () => void) => void,
): Promise<boolean> {
  const deadline = deadlineOf(options);
  const signal = options?.signal;
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const arrive = () => resolve(true);
  const abort = () => reject(signal!.reason);
  begin(arrive);
  const timer = deadline === Infinity ? undefined : callAfter(
    deadline === AT_ONCE ? 0 : deadline - performance.now(),
    () => resolve(false),
  );
  signal?.addEventListener("abort", abort);
  try {
    return await promise;
  } finally {
    cancel(timer);
    signal?.removeEventListener("abort", abort);
    end(arrive);
  }
}
