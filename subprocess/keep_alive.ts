// Copyright 2026 the authors. MIT license.

// Whether a command keeps this program running: for as long as a call waits for
// its end or reads its output, as in Python, and not for as long as it runs.

/** A handle of the platform that keeps a program running, or not. */
export type Keepable = Pick<Deno.ChildProcess, "ref" | "unref">;

/** Counts the waits for a command. */
export class KeepAlive {
  #child: Keepable;
  #waiting = 0;

  constructor(child: Keepable) {
    this.#child = child;
    child.unref();
  }

  /**
   * Keeps the program running until `promise` is settled. The platform's
   * `unref` holds for the reads of both outputs too, and for a read that has
   * begun.
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
