// Copyright 2026 the authors. MIT license.

// How a Condition gives its lock back for the time of a wait, and takes it
// again.

import { AbandonedLockError, StateError } from "../errors.ts";
import { openRegion, type RegionHandle } from "../memory/region.ts";
import { Mutex } from "./mutex.ts";
import { me } from "../program/self.ts";

/** The method of a lock on which a Condition can stand. */
export const SUSPENDER: unique symbol = Symbol("suspender");

/**
 * Says how a wait ends, under the lock. `isAbandoned`: the lock was taken back
 * from the dead and is about to be freed, and the wait throws.
 */
export type Settle<T> = (isAbandoned: boolean) => T;

/** The part of a lock that a Condition uses. */
export interface Suspender {
  /** Whether this process holds it. */
  isMine(): boolean;
  /** Whether its holder is dead, and no process knows it yet. */
  isAbandoned(): boolean;
  /** Gives it back wholly; returns what the way back needs. */
  suspend(): unknown;
  /** Takes it as it was before `suspend`, however long that takes. */
  resume<T>(suspended: unknown, settle: Settle<T>): Promise<T>;
  /** As `resume`, blocking this thread. */
  resumeSync<T>(suspended: unknown, settle: Settle<T>): T;
  /**
   * Settles a promise, so that the code that awaits it is known as the holder.
   */
  handOver(settle: () => void): void;
}

/** A hold of a Lock, which is released at the end of a block. */
export interface Hold {
  /** Released by it already, or lost by a wait: there is nothing to release. */
  isOver: boolean;
}

/** Where a Lock keeps the hold that goes on. */
export const HOLD: unique symbol = Symbol("hold");

/** The part of a Lock that is used here. */
export interface PlainLock {
  acquire(): Promise<boolean>;
  acquireSync(): boolean;
  release(): void;
  [HOLD]: Hold | undefined;
}

/** The suspender of a lock that is taken once. */
export class PlainSuspender implements Suspender {
  readonly #lock: PlainLock;
  readonly #mutex: Mutex;

  constructor(lock: PlainLock, region: RegionHandle, word: number) {
    this.#lock = lock;
    this.#mutex = new Mutex(openRegion(region).words, word, me().locker);
  }

  isMine(): boolean {
    return this.#mutex.holder() === me().token;
  }

  isAbandoned(): boolean {
    return isDead(this.#mutex.holder());
  }

  suspend(): Hold | undefined {
    const hold = this.#lock[HOLD];
    this.#lock.release();
    return hold;
  }

  handOver(settle: () => void): void {
    settle();
  }

  async resume<T>(hold: unknown, settle: Settle<T>): Promise<T> {
    let told: AbandonedLockError | undefined;
    while (true) {
      try {
        await this.#lock.acquire();
        break;
      } catch (error) {
        told ??= asTold(error);
      }
    }
    return this.#settle(hold as Hold | undefined, settle, told);
  }

  resumeSync<T>(hold: unknown, settle: Settle<T>): T {
    let told: AbandonedLockError | undefined;
    while (true) {
      try {
        this.#lock.acquireSync();
        break;
      } catch (error) {
        told ??= asTold(error);
      }
    }
    return this.#settle(hold as Hold | undefined, settle, told);
  }

  #settle<T>(
    hold: Hold | undefined,
    settle: Settle<T>,
    told: AbandonedLockError | undefined,
  ): T {
    const result = settle(told !== undefined);
    this.#lock[HOLD] = hold;
    if (told === undefined) return result;
    if (hold !== undefined) hold.isOver = true;
    this.#lock.release();
    throw told;
  }
}

/** A lock with this holder, for people. */
export function lockState(holder: number): string {
  if (holder === 0) return "unlocked";
  const { table } = me();
  if (!isDead(holder)) return `locked by ${table.nameOf(holder)}`;
  return `locked by ${table.epitaph(holder).name ?? "a process"}, which died`;
}

/** Whether a token is that of a process that is no more. */
export function isDead(token: number): boolean {
  return token !== 0 && !me().locker.isAlive(token);
}

/**
 * Frees a lock, named `lock` in the error, that was taken back from the process
 * of the token `dead`, and says so.
 */
export function tellAbandoned(mutex: Mutex, lock: string, dead: number): never {
  mutex.release();
  const holder = me().table.epitaph(dead);
  throw new AbandonedLockError(
    `Cannot acquire ${lock}: its holder ${
      holder.name ?? "process"
    } died with it`,
    holder,
  );
}

/** The error of a call that needs the lock. */
export function notHeld(action: string): StateError {
  return new StateError(
    `Cannot ${action}: this process does not hold the lock of the condition`,
  );
}

function asTold(error: unknown): AbandonedLockError {
  if (error instanceof AbandonedLockError) return error;
  throw error;
}
