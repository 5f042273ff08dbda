// Copyright 2026 the authors. MIT license.

/** A signal that counts its listeners. */
export class CountedSignal {
  readonly #controller = new AbortController();
  /** The signal itself. */
  readonly signal: AbortSignal = this.#controller.signal;
  /** How many listen. */
  listeners = 0;

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    const heard = new Set<unknown>();
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      heard.add(args[1]);
      this.listeners = heard.size;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      heard.delete(args[1]);
      this.listeners = heard.size;
      remove(...args);
    };
  }

  /** Aborts the signal. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
