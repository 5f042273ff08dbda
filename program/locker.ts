// Copyright 2026 the authors. MIT license.

// The view that a lock has of processes.

/** A process that takes locks, and what it knows of the others. */
export interface Locker {
  /** Its number in the table, which its locks hold; never 0. */
  readonly token: number;
  /**
   * Whether a process lives: this one, or one of which `token` is the number.
   */
  isAlive(token: number): boolean;
}

/**
 * The locker of the process `token`; `isAlive` is asked of other processes
 * only. A process never takes itself to be dead: the table does, once it has
 * ignored a stop for too long, and it would take back from itself what it is
 * using.
 */
export function lockerOf(
  token: number,
  isAlive: (token: number) => boolean,
): Locker {
  return { token, isAlive: (other) => other === token || isAlive(other) };
}
