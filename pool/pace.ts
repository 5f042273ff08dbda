// Copyright 2026 the authors. MIT license.

// How long the tasks of one function take, as far as is known. A busy machine
// makes some of them long that are short by nature: so it is their share that
// counts, and one long result among short ones moves the average little.
//
// Every result is noted: all numbers here are small integers, which are cheap.

/** From how many microseconds on a result is a long one. */
const LONG = 1000;
/** Of the last eight results, how many of short tasks may be long. */
const MOST_LONG = 2;
const ALL_LONG = 0xff;
/** The parts of a microsecond in which the average is kept. */
const PARTS = 16;
/** A second. */
const MOST = 1_000_000 * PARTS;
/** How many times the average one result counts at most. */
const MOST_ABOVE = 8;

/** The pace of the tasks of one function. */
export class Pace {
  /** How long a task takes, in parts of a microsecond; 0: unknown. */
  #usual = 0;
  /** Which of the last eight results were long, a bit each. */
  #longs = ALL_LONG;
  #longCount = 8;

  /** Whether tasks are known to be short: they may wait behind each other. */
  get isShort(): boolean {
    return this.#longCount <= MOST_LONG;
  }

  /** How long a task takes, in microseconds; 0: unknown. */
  get usual(): number {
    return this.#usual / PARTS;
  }

  /** A task has a result; it took `micros` microseconds. */
  note(micros: number): void {
    const usual = this.#usual;
    // One that took no time counts as half a microsecond.
    const most = usual === 0 ? LONG * PARTS : usual * MOST_ABOVE;
    const parts = Math.max(Math.min(micros * PARTS, most, MOST), PARTS / 2);
    this.#usual = usual === 0 ? parts : usual + (parts - usual >> 3);
    const isLong = micros >= LONG ? 1 : 0;
    if (isLong === 0 && this.#longs === 0) return;
    this.#longCount += isLong - (this.#longs >> 7);
    this.#longs = (this.#longs << 1 | isLong) & ALL_LONG;
  }
}

/** The paces of all functions of a pool. */
export class Paces {
  /** By note: it names the function, and whether the task is a chunk. */
  readonly #paces = new Map<number, Pace>();
  #latestNote = -1;
  #latest = new Pace();

  /** The pace of the tasks with this note. */
  of(note: number): Pace {
    if (note === this.#latestNote) return this.#latest;
    let pace = this.#paces.get(note);
    if (pace === undefined) this.#paces.set(note, pace = new Pace());
    this.#latestNote = note;
    return this.#latest = pace;
  }
}
