// Copyright 2026 the authors. MIT license.

// How long tasks wait and run: histograms with buckets an eighth of an octave
// wide, so that a percentile is right to a tenth at any scale.

const OCTAVES = 40;
const PARTS = 8;

/** Percentiles of a time; 0 if nothing was measured. */
export interface Percentiles {
  /** The median, in milliseconds. */
  readonly p50: number;
  /** Nine of ten were below it, in milliseconds. */
  readonly p90: number;
  /** 99 of a hundred were below it, in milliseconds. */
  readonly p99: number;
}

/** A histogram of microseconds. */
export class Histogram {
  readonly #counts = new Float64Array(OCTAVES * PARTS);
  #total = 0;

  add(micros: number): void {
    const scaled = Math.max(PARTS, micros * PARTS);
    const shift = scaled < 2 ** 31 ? 0 : 8;
    const value = Math.min(2 ** 31 - 1, scaled / 2 ** shift) | 0;
    // The top bit says which octave, the next three which part of it.
    const octave = 31 - Math.clz32(value);
    const part = value >>> (octave - 3) & (PARTS - 1);
    this.#counts[(octave + shift) * PARTS + part]!++;
    this.#total++;
  }

  percentiles(): Percentiles {
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99) };
  }

  /** Milliseconds that this share of all was below. */
  #at(share: number): number {
    if (this.#total === 0) return 0;
    let left = this.#total * share;
    let bucket = 0;
    while ((left -= this.#counts[bucket]!) > 0) bucket++;
    const octave = Math.floor(bucket / PARTS);
    const part = bucket % PARTS + 1;
    return 2 ** octave * (1 + part / PARTS) / PARTS / 1000;
  }
}
