// Copyright 2026 the authors. MIT license.

// The imap of a pool: elements are taken from their source only as results are
// taken by the caller, so an endless source holds memory flat.

import { LOCAL } from "../message/handle.ts";
import { StateError } from "../errors.ts";
import { deadlineOf, type WaitOptions } from "../memory/deadline.ts";
import { callAfterLoop, Limit } from "../memory/timers.ts";
import { type Core, Mixed } from "./core.ts";
import type { Feeder } from "./hands.ts";
import type { MapCall } from "./map.ts";
import { Reports } from "./progress.ts";
import { Source } from "./source.ts";
import { submitChunk } from "./submit.ts";
import type { Sink, Task } from "./task.ts";
import { tooLate } from "./wait.ts";

/** Whether results come in the order of the elements, or as they are done. */
export type ImapOrder = "ordered" | "unordered";

/**
 * The results of {@linkcode Pool.imap}, one by one.
 *
 * Python: `multiprocessing.pool.IMapIterator`.
 *
 * @typeParam T What the function returns.
 */
export interface IMapIterator<T> extends AsyncIterableIterator<T> {
  /**
   * As {@linkcode IMapIterator.next}, blocking this thread. It is not for an
   * async source, whose elements come in the event loop.
   *
   * @throws {TypeError} If the source is async.
   */
  nextSync(options?: WaitOptions): IteratorResult<T>;
  /** The results for a plain `for`, which blocks this thread. */
  [Symbol.iterator](): IterableIterator<T>;
  /**
   * Waits for the next result.
   *
   * Python: `IMapIterator.next(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give up
   * waiting. The result is not lost: the next call gets it.
   * @returns The result; `done` is true after the last.
   * @throws {Error} If the task threw: what it threw. The next call goes on.
   * @throws {DOMException} `TimeoutError` if `timeout` passed.
   * @throws {StateError} If it was withdrawn: see {@linkcode Pool.imap}.
   */
  next(options?: WaitOptions): Promise<IteratorResult<T>>;
  /** Drops what has not begun, and closes the source. */
  return(): Promise<IteratorResult<T>>;
  /** The iterator itself. */
  [Symbol.asyncIterator](): IMapIterator<T>;
  /** As {@linkcode IMapIterator.return}, at the end of an `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

// from              to        by
// FLOWING           HURRIED   hurry(): the pool was closed, and the source is
//                             known to have an end
// FLOWING           CLOSING   hurry(): the pool was closed, and it is not;
//                             leave(): the block of the pool is left
// all but DRY       DRY       the source ends or throws; return(): the caller
//                             leaves; stop(): the pool does not go on;
//                             withdraw: nobody reads, and the pool is to end
//
// Elements are taken in every state but DRY, by one feed at a time. The job is
// over when it is DRY and all results were taken. A chunk is pending until its
// task ends, then ready until the last of its results is taken (see Slot).
//
// #window bounds what is ahead: FLOWING and CLOSING count the chunks that the
// caller has not taken, HURRIED those that no worker has done. An ordered job
// enters a slot when its chunk is submitted, an unordered one when the chunk
// has ended: the first slot, once it is ready, is the next to give out. After
// return() no chunk is under way any more, so one that ends later is not
// entered.

/** Elements are taken as results are. */
const FLOWING = 0;
/** Elements are taken as results are; the pool is to end. */
const CLOSING = 1;
/** Elements are taken as fast as workers have room. */
const HURRIED = 2;
/** No more elements are taken. */
const DRY = 3;

/** After how many looks without a next() a job counts as not read: 0.5 s. */
const MOST_UNREAD = 5;
/** A slow reader may take so many times its longest pause so far. */
const PATIENCE = 4;

type Result = IteratorResult<unknown>;

/** One call of imap or imapUnordered. */
export class ImapJob implements IMapIterator<unknown>, Feeder {
  readonly #core: Core;
  readonly #mapping: MapCall;
  readonly #order: ImapOrder;
  readonly #size: number;
  readonly #source: Source;
  readonly #reports: Reports | undefined;
  /** Chunks whose results were not all taken; in order, if that is wanted. */
  #slots: Slot[] = [];
  #first = 0;
  /** The chunks of an unordered job that have not ended. */
  readonly #loose: Slot[] = [];
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
  /**
   * How many chunks may be ahead, by what the last feed knew: it is looked at
   * with every result.
   */
  #window = 0;
  #state: number = FLOWING;
  #sourceError: { error: unknown } | undefined;
  /** Calls of next() that wait; each keeps the program alive. */
  readonly #waiting: PromiseWithResolvers<Result>[] = [];
  /** How often next() was called. */
  #reads = 0;
  /** Whether the last result was an error: it ends a `for await` silently. */
  #isInterrupted = false;
  /** When the last result was given, and the longest time until the next(). */
  #givenAt = 0;
  #longestPause = 0;
  /** How many looks have found nobody waiting since then. */
  #unread = 0;

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
    this.#source = new Source(items);
    this.#reports = Reports.create(
      mapping.onProgress,
      (error) => this.#withdraw(error),
    );
    core.plan.addFeeder(this);
    this.#feed();
  }

  next(options?: WaitOptions): Promise<Result> {
    if (options !== undefined) return this.#nextWithin(options);
    return this.#takeNext() ?? this.#wait().promise;
  }

  nextSync(options?: WaitOptions): Result {
    const deadline = deadlineOf(options);
    if (this.#source.isAsync) {
      throw new TypeError(
        "Cannot block for a result: the elements are async iterable, and come in the event loop: use next()",
      );
    }
    this.#read();
    const isThere = () => this.#readySlot() !== undefined || this.#isOver;
    if (!this.#core.pulse.block(isThere, deadline)) {
      throw tooLate("get next result");
    }
    return this.#take();
  }

  *[Symbol.iterator](): Generator<unknown, undefined, void> {
    try {
      for (;;) {
        const { value, done } = this.nextSync();
        if (done) return undefined;
        yield value;
      }
    } finally {
      // What it awaits needs the event loop; all else is done at once.
      void this.return();
    }
  }

  /** Ends the job: chunks that no worker has begun are dropped. */
  async return(): Promise<Result> {
    this.#dryUp(undefined);
    this.#drop();
    this.#clear();
    this.#serve();
    // A source that was asked for more, ahead of the caller, may never answer:
    // its return() has one turn of the event loop then.
    const waits = [this.#source.close()];
    if (this.#isFeeding) waits.push(new Promise(callAfterLoop));
    await Promise.race(waits);
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  hurry(): void {
    if (this.#state !== FLOWING) return;
    const hasEnd = this.#source.length !== undefined && !this.#isAbandoned;
    this.#state = hasEnd ? HURRIED : CLOSING;
    this.#feed();
  }

  leave(): void {
    if (this.#isAbandoned || this.#reads === 0) this.#withdrawUnread();
    else if (this.#state === FLOWING) this.#state = CLOSING;
  }

  look(): void {
    if (this.#waiting.length > 0) return;
    if (this.#isAbandoned) return this.#withdrawUnread();
    if (this.#state !== CLOSING || ++this.#unread < MOST_UNREAD) return;
    const now = performance.now();
    if (this.#givenAt === 0) this.#givenAt = now;
    const pause = now - this.#givenAt;
    if (pause > this.#longestPause * PATIENCE) this.#withdrawUnread();
  }

  stop(error: unknown): void {
    this.#dryUp({ error });
    this.#source.drop();
    this.#serve();
  }

  /** A chunk has ended. */
  ended(slot: Slot): void {
    this.#done += slot.length;
    const { bar, onProgress } = this.#mapping;
    if (bar !== undefined || onProgress !== undefined) this.#tellProgress();
    if (this.#order === "unordered") {
      this.#tighten(slot);
      // What other chunks give comes before the error of what was withdrawn.
      if (slot.isWithdrawn) this.#underWay--;
      else if (this.#underWay > 0) this.#slots.push(slot);
    }
    if (this.#waiting.length > 0) this.#serve();
    if (this.#state !== FLOWING && !this.#isEnough) this.#feed();
  }

  /** @internal */
  [LOCAL](): string {
    return "send its results";
  }

  async #nextWithin(options: WaitOptions): Promise<Result> {
    const deadline = deadlineOf(options);
    const result = this.#takeNext();
    if (result !== undefined) return await result;
    const waiter = this.#wait();
    const giveUp = (reason: unknown) => {
      const place = this.#waiting.indexOf(waiter);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      this.#core.pulse.unref();
      this.#given(false);
      waiter.reject(reason);
    };
    const limit = new Limit(deadline, options.signal, {
      expire: () => giveUp(tooLate("get next result")),
      abort: giveUp,
    });
    try {
      return await waiter.promise;
    } finally {
      limit.end();
    }
  }

  /** The next result, or the end; undefined if it must be waited for. */
  #takeNext(): Promise<Result> | undefined {
    this.#read();
    if (this.#waiting.length > 0) return undefined;
    if (this.#readySlot() === undefined && !this.#isOver) return undefined;
    return this.#takeSettled();
  }

  /** Notes that the caller reads on. */
  #read(): void {
    this.#reads++;
    if (this.#givenAt > 0 && this.#waiting.length === 0) {
      const pause = performance.now() - this.#givenAt;
      if (pause > this.#longestPause) this.#longestPause = pause;
    }
    this.#isInterrupted = false;
    this.#unread = 0;
  }

  /**
   * Whether the pause after this result is measured. To look at the clock twice
   * costs a tenth of a small task, so of a long run it is one pause in 16.
   */
  get #isTimed(): boolean {
    return this.#reads < 64 || (this.#reads & 15) === 0 ||
      this.#state !== FLOWING;
  }

  /** A promise of the result that is there, or of the end. */
  #takeSettled(): Promise<Result> {
    try {
      return Promise.resolve(this.#take());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The result that is there, or the end. */
  #take(): Result {
    const slot = this.#readySlot();
    return slot === undefined ? this.#end() : this.#takeFrom(slot);
  }

  #wait(): PromiseWithResolvers<Result> {
    const waiter = Promise.withResolvers<Result>();
    this.#waiting.push(waiter);
    this.#core.pulse.ref();
    return waiter;
  }

  /** Notes that a caller has its result, or has given up. */
  #given(isError: boolean): void {
    this.#isInterrupted = isError;
    this.#givenAt = this.#isTimed ? performance.now() : 0;
  }

  /** Whether the last result was an error, and nobody has read on. */
  get #isAbandoned(): boolean {
    return this.#isInterrupted && this.#waiting.length === 0;
  }

  /**
   * Nobody reads, and the pool is to end. A reader that comes late after all
   * gets what is there, and then an error.
   */
  #withdrawUnread(): void {
    const error = new StateError(
      "Cannot go on with imap: its pool was closed and it was not read: read " +
        "it to its end before the pool is joined or disposed of",
    );
    this.#withdraw(error);
  }

  /** Submits no more, and drops what has not begun: `error` is in its place. */
  #withdraw(error: unknown): void {
    this.#dryUp({ error });
    const dropped = this.#drop();
    this.#source.drop();
    for (const slot of dropped) slot.withdraw();
    this.#serve();
  }

  #tellProgress(): void {
    const { bar } = this.#mapping;
    const progress = {
      done: this.#done,
      total: this.#isDry ? this.#taken : this.#source.length,
    };
    const isLast = this.#isDry && this.#done === this.#taken;
    if (isLast) bar?.finish(progress);
    else bar?.show(progress);
    this.#reports?.tell(progress);
  }

  /** Takes out a chunk that has ended; the last one gets its place. */
  #tighten(slot: Slot): void {
    if (this.#loose[slot.place] !== slot) return;
    const last = this.#loose.pop()!;
    if (last === slot) return;
    this.#loose[slot.place] = last;
    last.place = slot.place;
  }

  /** Drops the chunks that no worker has begun; returns them. */
  #drop(): Slot[] {
    const slots = this.#order === "unordered"
      ? [...this.#loose]
      : this.#slots.slice(this.#first);
    const tasks = new Set<Task>();
    for (const { task } of slots) if (task !== undefined) tasks.add(task);
    this.#core.withdraw(tasks);
    return slots.filter(({ task }) => task?.isSettled);
  }

  /** Gives out none of the results that are under way. */
  #clear(): void {
    this.#slots = [];
    this.#first = this.#underWay = 0;
  }

  /** Takes no more elements; an error is the caller's, after all results. */
  #dryUp(sourceError: { error: unknown } | undefined): void {
    if (!this.#isDry || sourceError !== undefined) {
      this.#sourceError = sourceError;
    }
    this.#state = DRY;
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
      if (this.#readySlot() === undefined && !this.#isOver) return;
      const { resolve } = this.#waiting.shift()!;
      this.#core.pulse.unref();
      resolve(this.#takeSettled());
    }
  }

  #takeFrom(slot: Slot): Result {
    this.#given(slot.failsNext);
    if (slot.isWithdrawn) {
      // One error tells of all that was withdrawn.
      this.#clear();
      return this.#end();
    }
    try {
      return slot.take();
    } finally {
      this.#leaveIfEmpty(slot);
    }
  }

  /** Goes on to the next slot after the last result of one. */
  #leaveIfEmpty(slot: Slot): void {
    if (slot.isEmpty) {
      this.#slots[this.#first++] = undefined as never;
      if (this.#first > 1024 || this.#first === this.#slots.length) {
        this.#slots.splice(0, this.#first);
        this.#first = 0;
      }
      this.#underWay--;
      if (this.#underWay * 2 <= this.#window) this.#feed();
    }
  }

  #end(): Result {
    const failure = this.#sourceError;
    this.#sourceError = undefined;
    if (failure !== undefined) throw failure.error;
    return { value: undefined, done: true };
  }

  get #limit(): number {
    return this.#core.plan.ahead / this.#size;
  }

  /** Whether no more should be submitted now. */
  get #isEnough(): boolean {
    const chunks = this.#state === HURRIED
      ? (this.#taken - this.#done) / this.#size
      : this.#underWay;
    return chunks >= this.#window;
  }

  /** Submits elements until enough are under way. */
  #feed(): void {
    if (this.#isFeeding || this.#isDry) return;
    this.#isFeeding = true;
    this.#window = this.#limit;
    if (this.#source.isAsync) {
      this.#feedAsync();
      return;
    }
    let items: unknown[] = [];
    try {
      do {
        const { value, done } = this.#source.next();
        // The source itself may have ended the job.
        if (this.#isDry) break;
        if (done) this.#dryUp(undefined);
        else items.push(value);
        if (items.length < this.#size && !done) continue;
        this.#submit(items);
        items = [];
      } while (!this.#isDry && (items.length > 0 || !this.#isEnough));
    } catch (error) {
      this.#endFeed(items, error);
    }
    this.#isFeeding = false;
  }

  async #feedAsync(): Promise<void> {
    let items: unknown[] = [];
    try {
      do {
        const { value, done } = await this.#source.ask();
        // The caller may have ended the job meanwhile.
        if (this.#isDry) return;
        if (done) {
          this.#source.end();
          this.#dryUp(undefined);
        } else {
          items.push(value);
        }
        if (items.length < this.#size && !done) continue;
        this.#submit(items);
        items = [];
      } while (!this.#isDry && (items.length > 0 || !this.#isEnough));
    } catch (error) {
      this.#source.end();
      // A caller that has ended the job is not told.
      if (!this.#isDry) this.#endFeed(items, error);
    }
    this.#isFeeding = false;
    this.#serve();
  }

  /** The source threw; what it gave before comes first. */
  #endFeed(items: unknown[], error: unknown): void {
    if (this.#isDry) return;
    this.#submit(items);
    this.#dryUp({ error });
  }

  #submit(items: unknown[]): void {
    const { length } = items;
    if (length === 0) return;
    const slot = new Slot(this, length);
    const start = this.#taken;
    this.#taken += length;
    this.#underWay++;
    if (this.#order === "ordered") this.#slots.push(slot);
    else slot.place = this.#loose.push(slot) - 1;
    const task = submitChunk(this.#core, this.#mapping, items, start, slot);
    // A chunk that cannot be encoded has ended already: nothing to withdraw.
    if (!slot.isReady) slot.task = task;
  }
}

/** A chunk and what became of it. */
class Slot implements Sink {
  task: Task | undefined;
  isReady = false;
  /** Whether no worker has begun it, and none will. */
  isWithdrawn = false;
  /** Its place among the chunks of an unordered job that have not ended. */
  place = 0;
  readonly length: number;
  readonly #job: ImapJob;
  #next = 0;
  #value: unknown;
  #error: { error: unknown } | undefined;
  #failures: Map<number, unknown> | undefined;

  constructor(job: ImapJob, length: number) {
    this.#job = job;
    this.length = length;
  }

  get isEmpty(): boolean {
    return this.#next === this.length;
  }

  /** Whether the result of the next element is an error. */
  get failsNext(): boolean {
    return this.#error !== undefined ||
      this.#failures?.has(this.#next) === true;
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

  failed(_task: Task | undefined, error: unknown): void {
    this.#error = { error };
    this.#end();
  }

  withdraw(): void {
    this.isWithdrawn = true;
    this.#end();
  }

  /** The result of the next element. */
  take(): Result {
    const i = this.#next++;
    if (this.#error) throw this.#error.error;
    if (this.#failures?.has(i)) throw this.#failures.get(i);
    const value = this.length === 1
      ? this.#value
      : (this.#value as ArrayLike<unknown>)[i];
    return { value, done: false };
  }

  #end(): void {
    this.task = undefined;
    this.isReady = true;
    this.#job.ended(this);
  }
}
