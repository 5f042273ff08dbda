// Copyright 2026 the authors. MIT license.

// Whether a command keeps this program running: for as long as somebody waits
// for its end or reads its output, as in Python, and not for as long as it
// runs.

/** What keeps a program running, or not. */
export type Keepable = Pick<Deno.ChildProcess, "ref" | "unref">;

/** Counts who waits for a command. */
export class KeepAlive {
  #child: Keepable;
  #waiting = 0;

  constructor(child: Keepable) {
    this.#child = child;
    child.unref();
  }

  /**
   * Keeps the program running until `promise` is settled. The platform's
   * `unref` is for the reads of both outputs too, also for one that has begun.
   */
  async during<T>(promise: Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#child.ref();
    try {
      return await promise;
    } finally {
      if (--this.#waiting === 0) this.#child.unref();
    }
  }
}
