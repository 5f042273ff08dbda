// Copyright 2026 the authors. MIT license.

// Time that a test moves, for memory/timers.ts, which takes the platform's
// timers when it is loaded: so this file loads it, with its own in their place.

const NAMES = ["setTimeout", "clearTimeout"] as const;

/** The longest time that a timer of the platform can be set to. */
const LONGEST = 2 ** 31 - 1;

/** A timer that is set. */
interface Entry {
  readonly at: number;
  readonly run: () => void;
}

/** A signal with a timeout, as far as a beat looks at it. */
class TimeoutSignal {
  aborted = false;
  #listener: (() => void) | undefined;

  /** Whether the platform waits for it. */
  get isHeard(): boolean {
    return this.#listener !== undefined;
  }

  addEventListener(_: "abort", listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(_: "abort", listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined;
  }

  abort(): void {
    this.aborted = true;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }
}

class Clock {
  now = 0;
  /** Called once inside the next call that sets a timer, but not from one. */
  interrupt: (() => void) | undefined;
  /** How much too early, in milliseconds, the next timeouts go off. */
  early = 0;
  readonly #entries = new Map<number, Entry>();
  readonly #signals = new Map<number, TimeoutSignal>();
  #last = 0;
  #isGoingOff = false;

  /** How many timers are set, and how many signals have a listener. */
  get counts(): [timeouts: number, beats: number] {
    const beats = [...this.#signals.values()].filter(({ isHeard }) => isHeard);
    return [this.#entries.size - this.#signals.size, beats.length];
  }

  /** Forgets all timers, and begins at 0. */
  reset(): void {
    for (const signal of this.#signals.values()) signal.aborted = true;
    this.#entries.clear();
    this.#signals.clear();
    this.now = 0;
    this.early = 0;
    this.interrupt = undefined;
  }

  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    const end = this.now + ms;
    while (true) {
      let next: [number, Entry] | undefined;
      for (const entry of this.#entries) {
        if (next === undefined || entry[1].at < next[1].at) next = entry;
      }
      if (next === undefined || next[1].at > end) break;
      const [id, entry] = next;
      this.now = Math.max(this.now, entry.at);
      this.clear(id);
      this.#isGoingOff = true;
      try {
        entry.run();
      } finally {
        this.#isGoingOff = false;
      }
    }
    this.now = end;
  }

  set(run: () => void, ms: number): number {
    // As the platform does.
    if (ms > LONGEST) ms = 1;
    const early = ms <= this.early ? 0 : this.early;
    const id = this.#add(ms - early, run);
    if (this.#isGoingOff) return id;
    const { interrupt } = this;
    this.interrupt = undefined;
    interrupt?.();
    return id;
  }

  clear(id: number): void {
    this.#entries.delete(id);
    this.#signals.delete(id);
  }

  signalAfter(ms: number): TimeoutSignal {
    const signal = new TimeoutSignal();
    this.#signals.set(this.#add(ms, () => signal.abort()), signal);
    return signal;
  }

  #add(ms: number, run: () => void): number {
    this.#entries.set(++this.#last, { at: this.now + ms, run });
    return this.#last;
  }
}

/** The clock of all copies of memory/park.ts. */
export const clock: Clock = new Clock();

await loadTimers();

/** Lets `performance.now()` tell the clock's time until it is disposed. */
export function takeTime(): Disposable {
  const real = performance.now;
  performance.now = () => clock.now;
  return {
    [Symbol.dispose]: () => {
      performance.now = real;
    },
  };
}

async function loadTimers(): Promise<void> {
  const fakes = {
    setTimeout: (run: () => void, ms: number) => clock.set(run, ms),
    clearTimeout: (id: number) => clock.clear(id),
  };
  const real = NAMES.map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const
  );
  for (const name of NAMES) {
    const value = fakes[name];
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (ms) => clock.signalAfter(ms) as unknown as AbortSignal;
  await import("../../../memory/timers.ts");
  AbortSignal.timeout = timeout;
  for (const [name, descriptor] of real) {
    Object.defineProperty(globalThis, name, descriptor);
  }
}
