// Copyright 2026 the authors. MIT license.

// The lock of a Value or an Array: made with it, given by the user, or none.

import { StateError } from "../errors.ts";
import { checkOptions, wrongKind } from "../memory/check.ts";
import { checkCopy } from "../message/handle.ts";
import { ACCESS, ACCESSED } from "../sync/mutex.ts";
import { Lock } from "../sync/lock.ts";
import { RLock } from "../sync/rlock.ts";
import type { WaitOptions } from "../memory/deadline.ts";

/** A lock that can guard a shared value. */
export type ValueLock = Lock | RLock;

/** How a shared value is guarded. */
export interface GuardOptions {
  /**
   * The lock that each access takes: true for a new RLock, one of your own to
   * guard several values with it, false for none.
   *
   * @default {true}
   */
  lock?: boolean | ValueLock | undefined;
}

/** The lock that `options` asks for. */
export function lockOf(
  what: string,
  options: GuardOptions,
): ValueLock | undefined {
  checkOptions(`create ${what}`, options, ["lock"]);
  const { lock = true } = options;
  if (lock === true) return new RLock();
  if (lock === false) return undefined;
  if (lock instanceof Lock || lock instanceof RLock) return lock;
  checkCopy(`create ${what}`, lock);
  throw wrongKind(`create ${what}`, "lock", "true, false or a lock", lock);
}

/** The lock of an object that may have none. */
export function present(what: string, lock: ValueLock | undefined): ValueLock {
  if (lock !== undefined) return lock;
  throw new StateError(`Cannot get lock: the ${what} was made without one`);
}

/** Holds the lock until the end of the block. */
export function hold(
  what: string,
  lock: ValueLock | undefined,
  options: WaitOptions | undefined,
): Promise<Disposable> {
  try {
    return present(what, lock).hold(options);
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Does `access` under the lock. Where another process holds it, that blocks the
 * thread; where this one does, the access needs no more.
 */
export function locked<R>(lock: ValueLock | undefined, access: () => R): R {
  const isEntered = lock?.[ACCESS]();
  try {
    return access();
  } finally {
    if (isEntered) lock![ACCESSED]();
  }
}
