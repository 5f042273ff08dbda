// Copyright 2026 the authors. MIT license.

// A wait in the parent that a timeout or a signal may end early.

import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { Limit } from "../memory/timers.ts";

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
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const arrive = () => resolve(true);
  begin(arrive);
  const limit = new Limit(deadline, options?.signal, {
    expire: () => resolve(false),
    abort: reject,
  });
  try {
    return await promise;
  } finally {
    limit.end();
    end(arrive);
  }
}

/** The error of a wait whose timeout passed. */
export function tooLate(action: string): DOMException {
  return new DOMException(
    `Cannot ${action}: the timeout passed`,
    "TimeoutError",
  );
}
