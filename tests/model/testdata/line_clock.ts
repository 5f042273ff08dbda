// Copyright 2026 the authors. MIT license.

// Time that a test moves, for memory/timers.ts, which takes the platform's
// timers when it is loaded: so this file loads it, with its own in their place.

const NAMES = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
] as const;

/** The longest time that a timer of the platform can be set to. */
const LONGEST = 2 ** 31 - 1;

/** A timer that is set. */
interface Entry {
  at: number;
  /** Its interval; undefined: it goes off once. */
  readonly every: number | undefined;
  readonly run: () => void;
}

class Clock {
  now = 0;
  /** Called once inside the next call that sets a timer, but not from one. */
  interrupt: (() => void) | undefined;
  /** How much too early, in milliseconds, the next timeouts go off. */
  early = 0;
  readonly #entries = new Map<number, Entry>();
  #last = 0;
  #isGoingOff = false;

  /** How many timers are set that go off once, and how many intervals. */
  get counts(): [timeouts: number, intervals: number] {
    const entries = [...this.#entries.values()];
    const intervals = entries.filter(({ every }) => every !== undefined).length;
    return [entries.length - intervals, intervals];
  }

  /** Forgets all timers, and begins at 0. */
  reset(): void {
    this.#entries.clear();
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
      if (entry.every === undefined) this.#entries.delete(id);
      else entry.at += entry.every;
      this.#isGoingOff = true;
      try {
        entry.run();
      } finally {
        this.#isGoingOff = false;
      }
    }
    this.now = end;
  }

  set(run: () => void, ms: number, isInterval: boolean): number {
    // As the platform does.
    if (ms > LONGEST) ms = 1;
    const every = isInterval ? ms : undefined;
    const early = isInterval || ms <= this.early ? 0 : this.early;
    this.#entries.set(++this.#last, { at: this.now + ms - early, every, run });
    const id = this.#last;
    if (this.#isGoingOff) return id;
    const { interrupt } = this;
    this.interrupt = undefined;
    interrupt?.();
    return id;
  }

  clear(id: number): void {
    this.#entries.delete(id);
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
  const clear = (id: number) => clock.clear(id);
  const fakes = {
    setTimeout: (run: () => void, ms: number) => clock.set(run, ms, false),
    clearTimeout: clear,
    setInterval: (run: () => void, ms: number) => clock.set(run, ms, true),
    clearInterval: clear,
  };
  const real = NAMES.map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const
  );
  for (const name of NAMES) {
    const value = fakes[name];
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  await import("../../../memory/timers.ts");
  for (const [name, descriptor] of real) {
    Object.defineProperty(globalThis, name, descriptor);
  }
}
