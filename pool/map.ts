// Copyright 2026 the authors. MIT license.

// The map of a pool: many elements as a few messages, and their results
// together again in the order of the elements.

import { encode, type Frame } from "../message/codec.ts";
import type { Core, Feeder } from "./core.ts";
import type { Outcome } from "./outcome.ts";
import type { Bar } from "./progress.ts";
import { watched } from "./submit.ts";
import { type Sink, Task, type TaskRules } from "./task.ts";
import * as wire from "./wire.ts";

/** How far a map has come. */
export interface Progress {
  /** How many elements are done. */
  readonly done: number;
  /** How many there are; undefined if nobody knows. */
  readonly total: number | undefined;
}

/** What the elements of a map have in common. */
export interface Mapping {
  /** The function, by its place. */
  readonly func: number;
  /** Whether an element is the array of all arguments. */
  readonly isSpread: boolean;
  /** How many elements go into one message; undefined: Python's choice. */
  readonly chunkSize: number | undefined;
  readonly rules: TaskRules | undefined;
  readonly trace: Error | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly bar: Bar | undefined;
}

/** Makes the message of a chunk; a chunk of one is a task like any other. */
export function encodeChunk(
  { isSpread }: Mapping,
  items: readonly unknown[],
  start: number,
): Frame {
  try {
    if (items.length === 1) return encode(items[0], `items[${start}]`);
    return isSpread ? encode(items, "items") : wire.encodeMany(items, "items");
  } catch (error) {
    // The path is that in the chunk; the caller knows the elements.
    items.forEach((item, i) => encode(item, `items[${start + i}]`));
    throw error;
  }
}

/** The note for a chunk of `length` elements. */
export function chunkNote(
  { func, isSpread, rules }: Mapping,
  length: number,
  isEach: boolean,
): number {
  const kind = length === 1
    ? (isSpread ? wire.SPREAD : wire.ONE)
    : (isSpread ? wire.SPREAD_CHUNK : wire.CHUNK) | (isEach ? wire.EACH : 0);
  return wire.noteOf(kind, func) | watched(rules);
}

/** Python's: each worker gets about four chunks. */
export function defaultChunkSize(length: number, workers: number): number {
  return Math.max(1, Math.ceil(length / (workers * 4)));
}

/** One call of map. */
export class MapJob implements Feeder {
  readonly #core: Core;
  readonly #mapping: Mapping;
  readonly #outcome: Outcome<unknown[]>;
  #values: unknown[] = [];
  #left = 0;
  #done = 0;
  #hasFailed = false;

  constructor(core: Core, mapping: Mapping, outcome: Outcome<unknown[]>) {
    this.#core = core;
    this.#mapping = mapping;
    this.#outcome = outcome;
  }

  /** Submits the elements. */
  run(items: readonly unknown[]): void {
    const core = this.#core;
    const mapping = this.#mapping;
    const { length } = items;
    if (length === 0) return this.#outcome.settle(undefined, true, []);
    const size = mapping.chunkSize ?? defaultChunkSize(length, core.workers);
    this.#values = new Array(length);
    this.#left = Math.ceil(length / size);
    for (let start = 0; start < length; start += size) {
      const chunk = items.slice(start, start + size);
      const note = chunkNote(mapping, chunk.length, false);
      const sink = new Part(this, start, chunk.length);
      const task = new Task(note, sink, mapping.rules, core.now());
      task.trace = mapping.trace;
      let frame: Frame;
      try {
        frame = encodeChunk(mapping, chunk, start);
      } catch (error) {
        core.conclude(task, false, error);
        continue;
      }
      core.submit(task, frame);
    }
  }

  /** Submits the elements when they are there. */
  async runLater(items: Promise<readonly unknown[]>): Promise<void> {
    this.#core.addFeeder(this);
    try {
      const all = await items;
      this.#core.checkGoingOn();
      this.run(all);
    } catch (error) {
      this.stop(error);
    } finally {
      this.#core.removeFeeder(this);
    }
  }

  hurry(): void {}

  stop(error: unknown): void {
    this.#outcome.settle(undefined, false, error);
  }

  /** A chunk has ended. */
  settle(part: Part, isDone: boolean, value: unknown): void {
    const { bar, onProgress } = this.#mapping;
    this.#left--;
    if (!isDone) {
      this.#hasFailed = true;
      this.#outcome.settle(undefined, false, value);
    } else if (part.length === 1) {
      this.#values[part.start] = value;
    } else {
      const values = value as ArrayLike<unknown>;
      for (let i = 0; i < part.length; i++) {
        this.#values[part.start + i] = values[i];
      }
    }
    this.#done += part.length;
    const progress = { done: this.#done, total: this.#values.length };
    bar?.show(progress, this.#left === 0);
    if (onProgress) queueMicrotask(() => onProgress(progress));
    if (this.#left > 0) return;
    if (!this.#hasFailed) {
      this.#outcome.settle(undefined, true, this.#values);
    }
  }
}

/** A chunk of a map. */
class Part implements Sink {
  constructor(
    readonly job: MapJob,
    readonly start: number,
    readonly length: number,
  ) {}

  settle(_task: Task, isDone: boolean, value: unknown): void {
    this.job.settle(this, isDone, value);
  }
}

/** All elements of an iterable, or a promise of them. */
export function collect(
  items: Iterable<unknown> | AsyncIterable<unknown>,
): readonly unknown[] | Promise<unknown[]> {
  if (Array.isArray(items)) return items;
  if (isIterable(items)) return Array.from(items);
  if (isAsyncIterable(items)) return Array.fromAsync(items);
  throw new TypeError(
    `Cannot map: items must be iterable: got ${
      items === null ? "null" : typeof items
    }`,
  );
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] ===
      "function";
}

export function isAsyncIterable(
  value: unknown,
): value is AsyncIterable<unknown> {
  return value !== null && value !== undefined &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ===
      "function";
}
