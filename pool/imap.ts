// Copyright 2026 the authors. MIT license.

// The imap of a pool: elements are taken from their source only as results are
// taken by the caller, so an endless source holds memory flat.

import { LOCAL } from "../message/handle.ts";
import { typeName } from "../memory/check.ts";
import { type Core, Mixed } from "./core.ts";
import { isAsyncIterable, isIterable, type MapCall } from "./map.ts";
import type { Feeder } from "./hands.ts";
import { submitChunk } from "./submit.ts";
import type { Sink, Task } from "./task.ts";
import { callAfterLoop } from "../memory/timers.ts";

/** Whether results come in the order of the elements, or as they are done. */
export type ImapOrder = "ordered" | "unordered";

// from              to        by
// FLOWING           HURRIED   hurry(): the pool was closed
// FLOWING, HURRIED  DRY       the source ends or throws; return(): the caller
//                             leaves; stop(): the pool does not go on
//
// Elements are taken in every state but DRY, by one feed at a time. The job is
// over when it is DRY and all results were taken. A chunk is pending until its
// task ends, then ready until the last of its results is taken (see Slot).
//
// #limit bounds what is ahead: FLOWING counts the chunks that the caller has
// not taken, HURRIED those that no worker has done. An ordered job enters a
// slot when its chunk is submitted, an unordered one when the chunk has ended:
// the first slot, once it is ready, is the next to give out. After return() no
// chunk is under way any more, so one that ends later is not entered.

/** Elements are taken as results are. */
const FLOWING = 0;
/** Elements are taken as fast as workers have room. */
const HURRIED = 1;
/** No more elements are taken. */
const DRY = 2;

type Source = Iterator<unknown> | AsyncIterator<unknown>;

/** One call of imap or imapUnordered. */
export class ImapJob implements AsyncIterableIterator<unknown>, Feeder {
  readonly #core: Core;
  readonly #mapping: MapCall;
  readonly #order: ImapOrder;
  readonly #size: number;
  readonly #source: Source;
  readonly #isAsync: boolean;
  /** Chunks whose results were not all taken; in order, if that is wanted. */
  #slots: Slot[] = [];
  #first = 0;
  /** Chunks that were submitted and whose results were not all taken. */
  #underWay = 0;
  /** Elements that were taken from the source and submitted. */
  #taken = 0;
  /** Elements whose chunk has ended. */
  #done = 0;
  /**
   * Whether `#feed` runs. A submit may end its chunk at once, and that would
   * feed again. An async source is asked for one element at a time.
   */
  #isFeeding = false;
  #state: number = FLOWING;
  #sourceError: { error: unknown } | undefined;
  /** Calls of next() that wait; each keeps the program alive. */
  readonly #waiting: PromiseWithResolvers<IteratorResult<unknown>>[] = [];

  constructor(
    core: Core,
    mapping: MapCall,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    order: ImapOrder,
  ) {
    this.#core = core;
    this.#mapping = mapping;
    this.#order = order;
    this.#size = mapping.chunkSize ?? 1;
    if (isIterable(items)) {
      this.#source = items[Symbol.iterator]();
      this.#isAsync = false;
    } else if (isAsyncIterable(items)) {
      this.#source = items[Symbol.asyncIterator]();
      this.#isAsync = true;
    } else {
      throw new TypeError(
        `Cannot map: items must be iterable: got ${typeName(items)}`,
      );
    }
    core.plan.addFeeder(this);
    this.#feed();
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#waiting.length === 0) {
      const slot = this.#readySlot();
      if (slot !== undefined) return this.#takeFrom(slot);
      if (this.#isOver) return this.#end();
    }
    const waiter = Promise.withResolvers<IteratorResult<unknown>>();
    this.#waiting.push(waiter);
    this.#core.pulse.ref();
    return waiter.promise;
  }

  /** Ends the job: chunks that no worker has begun are dropped. */
  async return(): Promise<IteratorResult<unknown>> {
    this.#dryUp(undefined);
    for (const { task } of this.#slots.slice(this.#first)) {
      if (task !== undefined) this.#core.plan.withdraw(task);
    }
    this.#slots = [];
    this.#first = this.#underWay = 0;
    this.#serve();
    const closing = this.#closeSource();
    // A source that was asked for more, ahead of the caller, may never answer:
    // its return() has one turn of the event loop then.
    const waits = [closing];
    if (this.#isFeeding) waits.push(new Promise(callAfterLoop));
    await Promise.race(waits);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The pool was closed: feeds on without waiting for the caller. */
  hurry(): void {
    if (this.#state === FLOWING) this.#state = HURRIED;
    this.#feed();
  }

  /** The pool was terminated, or gave up. */
  stop(error: unknown): void {
    this.#dryUp({ error });
    this.#serve();
  }

  /** A chunk has ended. */
  ended(slot: Slot): void {
    this.#done += slot.length;
    const { bar, onProgress } = this.#mapping;
    const progress = {
      done: this.#done,
      total: this.#isDry ? this.#taken : undefined,
    };
    const isLast = this.#isDry && this.#done === this.#taken;
    if (isLast) bar?.finish(progress);
    else bar?.show(progress);
    if (onProgress) queueMicrotask(() => onProgress(progress));
    if (this.#order === "unordered" && this.#underWay > 0) {
      this.#slots.push(slot);
    }
    if (this.#waiting.length > 0) this.#serve();
    if (this.#state === HURRIED && !this.#isEnough) this.#feed();
  }

  /** @internal */
  [LOCAL](): string {
    return "send its results";
  }

  async #closeSource(): Promise<void> {
    await this.#source.return?.();
  }

  /** Takes no more elements; an error is the caller's, after all results. */
  #dryUp(sourceError: { error: unknown } | undefined): void {
    this.#state = DRY;
    this.#sourceError = sourceError;
    this.#core.removeFeeder(this);
  }

  get #isDry(): boolean {
    return this.#state === DRY;
  }

  get #isOver(): boolean {
    return this.#isDry && this.#underWay === 0;
  }

  #readySlot(): Slot | undefined {
    const slot = this.#slots[this.#first];
    return slot?.isReady ? slot : undefined;
  }

  /** Gives the results that there are to the calls that wait. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      const slot = this.#readySlot();
      if (slot === undefined && !this.#isOver) return;
      const { resolve } = this.#waiting.shift()!;
      this.#core.pulse.unref();
      resolve(slot === undefined ? this.#end() : this.#takeFrom(slot));
    }
  }

  #takeFrom(slot: Slot): Promise<IteratorResult<unknown>> {
    const result = slot.take();
    if (slot.isEmpty) {
      this.#slots[this.#first++] = undefined as never;
      if (this.#first > 1024 || this.#first === this.#slots.length) {
        this.#slots.splice(0, this.#first);
        this.#first = 0;
      }
      this.#underWay--;
      if (this.#underWay * 2 <= this.#limit) this.#feed();
    }
    return result;
  }

  #end(): Promise<IteratorResult<unknown>> {
    const failure = this.#sourceError;
    this.#sourceError = undefined;
    return failure === undefined
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(failure.error);
  }

  get #limit(): number {
    return this.#core.plan.ahead / this.#size;
  }

  /** Whether no more should be submitted now. */
  get #isEnough(): boolean {
    const chunks = this.#state === HURRIED
      ? (this.#taken - this.#done) / this.#size
      : this.#underWay;
    return chunks >= this.#limit;
  }

  /** Submits elements until enough are under way. */
  #feed(): void {
    if (this.#isFeeding || this.#isDry) return;
    this.#isFeeding = true;
    if (this.#isAsync) {
      this.#feedAsync();
      return;
    }
    try {
      const source = this.#source as Iterator<unknown>;
      do {
        const items: unknown[] = [];
        while (items.length < this.#size) {
          const { value, done } = source.next();
          if (done) {
            this.#dryUp(undefined);
            break;
          }
          items.push(value);
        }
        this.#submit(items);
      } while (!this.#isDry && !this.#isEnough);
    } catch (error) {
      this.#dryUp({ error });
    }
    this.#isFeeding = false;
  }

  async #feedAsync(): Promise<void> {
    const source = this.#source as AsyncIterator<unknown>;
    let items: unknown[] = [];
    try {
      do {
        const { value, done } = await source.next();
        // The caller may have ended the job meanwhile.
        if (this.#isDry) return;
        if (done) {
          this.#dryUp(undefined);
          break;
        }
        items.push(value);
        if (items.length < this.#size) continue;
        this.#submit(items);
        items = [];
      } while (items.length > 0 || !this.#isEnough);
      this.#submit(items);
    } catch (error) {
      // A caller that has ended the job is not told.
      if (!this.#isDry) this.#dryUp({ error });
    }
    this.#isFeeding = false;
    this.#serve();
  }

  #submit(items: unknown[]): void {
    const { length } = items;
    if (length === 0) return;
    const slot = new Slot(this, length);
    const start = this.#taken;
    this.#taken += length;
    this.#underWay++;
    if (this.#order === "ordered") this.#slots.push(slot);
    const task = submitChunk(this.#core, this.#mapping, items, start, slot);
    // A chunk that cannot be encoded has ended already: nothing to withdraw.
    if (!slot.isReady) slot.task = task;
  }
}

/** A chunk and what became of it. */
class Slot implements Sink {
  task: Task | undefined;
  isReady = false;
  readonly length: number;
  readonly #job: ImapJob;
  #next = 0;
  #value: unknown;
  #error: { error: unknown } | undefined;
  #failures: Map<number, unknown> | undefined;

  constructor(job: ImapJob, length: number) {
    this.length = length;
    this.#job = job;
  }

  get isEmpty(): boolean {
    return this.#next === this.length;
  }

  done(_task: Task, value: unknown): void {
    if (value instanceof Mixed) {
      this.#value = value.values;
      this.#failures = new Map(value.errors);
    } else {
      this.#value = value;
    }
    this.#end();
  }

  failed(_task: Task, error: unknown): void {
    this.#error = { error };
    this.#end();
  }

  /** The result of the next element. */
  take(): Promise<IteratorResult<unknown>> {
    const i = this.#next++;
    if (this.#error) return Promise.reject(this.#error.error);
    if (this.#failures?.has(i)) return Promise.reject(this.#failures.get(i));
    const value = this.length === 1
      ? this.#value
      : (this.#value as ArrayLike<unknown>)[i];
    return Promise.resolve({ value, done: false });
  }

  #end(): void {
    this.task = undefined;
    this.isReady = true;
    this.#job.ended(this);
  }
}
