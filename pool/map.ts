// Copyright 2026 the authors. MIT license.

// The map of a pool: many elements as a few messages, and their results
// together again in the order of the elements.

import type { Core } from "./core.ts";
import type { Outcome } from "./outcome.ts";
import type { Feeder } from "./hands.ts";
import { type Bar, Reports } from "./progress.ts";
import { isIterable, Source } from "./source.ts";
import { type Chunking, submitChunk, submitSome } from "./submit.ts";
import type { Sink, Task } from "./task.ts";

/** How far a map has come. */
export interface Progress {
  /** How many elements are done. */
  readonly done: number;
  /** How many elements there are; undefined if that is not known. */
  readonly total: number | undefined;
}

/** One call of map, for all its elements. */
export interface MapCall extends Chunking {
  /** How many elements go into one message; undefined: Python's choice. */
  readonly chunkSize: number | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly bar: Bar | undefined;
}

/** Python's chunk size: each worker gets about four chunks. */
export function defaultChunkSize(length: number, workers: number): number {
  return Math.max(1, Math.ceil(length / (workers * 4)));
}

/** One call of map. */
export class MapJob implements Feeder {
  readonly #core: Core;
  readonly #mapping: MapCall;
  readonly #outcome: Outcome<unknown[]>;
  readonly #reports: Reports | undefined;
  #values: unknown[] = [];
  /** An async source of which not all elements are there. */
  #source: Source | undefined;
  /** How many elements have ended. */
  #done = 0;

  constructor(core: Core, mapping: MapCall, outcome: Outcome<unknown[]>) {
    this.#core = core;
    this.#mapping = mapping;
    this.#outcome = outcome;
    const fail = (error: unknown) => outcome.failed(undefined, error);
    this.#reports = Reports.create(mapping.onProgress, fail);
    if (this.#reports !== undefined) {
      outcome.flush = () => this.#reports!.flush();
    }
  }

  /** Submits the elements. */
  run(items: readonly unknown[]): void {
    const core = this.#core;
    const mapping = this.#mapping;
    const { length } = items;
    if (length === 0) return this.#outcome.done(undefined, []);
    this.#values = new Array(length);
    const { chunkSize } = mapping;
    const size = chunkSize ?? defaultChunkSize(length, core.plan.size.max);
    for (let start = 0; start < length;) {
      const chunk = items.slice(start, start + size);
      const sinkOf = (count: number, isAlone: boolean) =>
        new Part(this, start, count, isAlone);
      if (chunkSize === undefined) {
        start += submitSome(core, mapping, chunk, start, sinkOf);
      } else {
        const { length } = chunk;
        const sink = sinkOf(length, length === 1);
        submitChunk(core, mapping, chunk, start, sink);
        start += length;
      }
    }
  }

  /** The call, until it is settled. */
  get caller(): Outcome<unknown[]> | undefined {
    return this.#outcome.caller;
  }

  /** Submits the elements of a source as soon as they are all there. */
  runAll(items: Iterable<unknown> | AsyncIterable<unknown>): void {
    if (Array.isArray(items)) return this.run(items);
    if (isIterable(items)) return this.run(Array.from(items));
    const source = this.#source = new Source(items);
    this.#core.plan.addFeeder(this);
    this.#runLater(source);
  }

  hurry(): void {}

  leave(): void {}

  look(): void {}

  stop(error: unknown): void {
    this.#source?.drop();
    this.#source = undefined;
    this.#outcome.failed(undefined, error);
  }

  /** A chunk has returned. */
  done(part: Part, value: unknown): void {
    if (part.isAlone) {
      this.#values[part.start] = value;
    } else {
      const values = value as ArrayLike<unknown>;
      for (let i = 0; i < part.length; i++) {
        this.#values[part.start + i] = values[i];
      }
    }
    this.#ended(part);
    if (this.#done < this.#values.length) return;
    // Does nothing if a chunk has failed before: the first settling counts.
    const done = () => this.#outcome.done(undefined, this.#values);
    if (this.#reports === undefined) done();
    else this.#reports.end(done);
  }

  /** A chunk has failed, and with it the map; the others go on. */
  failed(part: Part, error: unknown): void {
    this.#outcome.failed(undefined, error);
    this.#ended(part);
  }

  async #runLater(source: Source): Promise<void> {
    try {
      const all = await collect(source);
      // The pool may have stopped the job meanwhile, and it has failed.
      if (this.#source !== undefined) this.run(all);
    } catch (error) {
      this.#outcome.failed(undefined, error);
    }
    this.#core.removeFeeder(this);
  }

  #ended(part: Part): void {
    const { bar } = this.#mapping;
    this.#done += part.length;
    const progress = { done: this.#done, total: this.#values.length };
    if (progress.done === progress.total) bar?.finish(progress);
    else bar?.show(progress);
    this.#reports?.tell(progress);
  }
}

/** A chunk of a map. */
class Part implements Sink {
  readonly job: MapJob;
  readonly start: number;
  readonly length: number;
  /** Whether its result is that of its one element, and no array. */
  readonly isAlone: boolean;

  constructor(job: MapJob, start: number, length: number, isAlone: boolean) {
    this.job = job;
    this.start = start;
    this.length = length;
    this.isAlone = isAlone;
  }

  get caller(): Outcome<unknown[]> | undefined {
    return this.job.caller;
  }

  done(_task: Task, value: unknown): void {
    this.job.done(this, value);
  }

  failed(_task: Task, error: unknown): void {
    this.job.failed(this, error);
  }
}

/** All elements of an async source; those up to now if it is closed. */
async function collect(source: Source): Promise<unknown[]> {
  const all: unknown[] = [];
  while (!source.isClosed) {
    const { value, done } = await source.ask();
    if (done) break;
    all.push(value);
  }
  return all;
}
