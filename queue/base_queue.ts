// Copyright 2026 the authors. MIT license.

// The common part of all queues: which calls wait, for how long, and which are
// refused. Where the items are, and the order in which they leave, is a store's
// business.

import { Empty, Full, ShutDown, StateError } from "../errors.ts";
import {
  decode,
  encode,
  type Frame,
  keep,
  type Road,
} from "../message/codec.ts";
import { acquainted, reread } from "../message/reader.ts";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  printAs,
} from "../memory/check.ts";
import {
  AT_ONCE,
  deadlineOf,
  WAIT_OPTIONS,
  type WaitOptions,
} from "../memory/deadline.ts";
import {
  CLOSED,
  HANDLE,
  type Handle,
  revivedHandle,
} from "../message/handle.ts";
import { type RegionHandle, unuseRegion, useRegion } from "../memory/region.ts";
import type { Key } from "./order.ts";
import { EXPIRED, Line, rouse, type Steps } from "../memory/park.ts";
import { READINESS, type Readiness } from "../memory/ready.ts";
import { Wait } from "../memory/wait.ts";
import type { Locker } from "../program/locker.ts";
import { checkpoint, lookAfterSent, made, me } from "../program/self.ts";
import {
  Copies,
  type Entry,
  MAX_BYTES,
  OVER,
  putting,
  type Store,
  takeNext,
  taking,
} from "./store.ts";

/** How much a queue may hold. */
export interface QueueOptions {
  /**
   * The most items it holds; a put into a full queue waits. 0: no limit.
   *
   * @default {0}
   */
  maxsize?: number;
  /**
   * The most bytes that its encoded items may take together, rounded up to a
   * power of two from 4 KiB to 1 GiB. Each item takes a little more than its
   * own bytes (8 in most queues). Memory is reserved, not used, until there are
   * items: an idle queue takes a few kilobytes.
   *
   * @default {268435456}
   */
  maxBytes?: number;
}

/** How long a {@linkcode BaseQueue.getMany} may wait, and for how much. */
export interface GetManyOptions extends WaitOptions {
  /**
   * The most items to take.
   *
   * @default {Infinity}
   */
  max?: number | undefined;
  /**
   * How many items a call waits for; 0: it does not wait.
   *
   * @default {1}
   */
  min?: number | undefined;
}

/**
 * Says where an item goes in a store that sorts; runs in the putter's stack.
 */
export type KeyMaker = (item: unknown, options: object | undefined) => Key;

/** The handle that crosses in place of a queue. */
export interface QueueHandle extends Handle {
  readonly store: RegionHandle;
}

/**
 * The methods of every queue of this module; make a {@linkcode Queue} or one of
 * its sisters.
 *
 * @typeParam T The type of the items.
 * @typeParam O What a put may be told.
 */
export abstract class BaseQueue<
  T = unknown,
  O extends WaitOptions = WaitOptions,
> {
  readonly #kind: string;
  readonly #store: Store;
  readonly #keyOf: KeyMaker | undefined;
  /** What was taken behind an item that could not be read. */
  readonly #left: Frame[] = [];
  readonly #putters = new Line(`${this.constructor.name}.put()`);
  readonly #getters = new Line(`${this.constructor.name}.get()`);
  readonly #putting = Wait.toTake<Entry, true>(this.#putters, {
    now: (entry) => this.#tryPut(entry) || EXPIRED,
    steps: (entry) => {
      const own = kept(entry);
      return putting(this.#store, () => this.#tryPut(own) || undefined);
    },
  });
  readonly #puttingMany = Wait.toTake<Batch, true>(this.#putters, {
    now: (batch) => this.#tryPutMany(batch) || EXPIRED,
    steps: (batch) =>
      putting(this.#store, () => this.#tryPutMany(batch) || undefined),
  });
  readonly #getting = Wait.toTake<void, unknown>(this.#getters, {
    now: () => {
      const message = this.#tryGet();
      return message === undefined ? EXPIRED : valueOf(message);
    },
    steps: () => this.#stepsToGet(),
  });
  readonly #gettingMany = Wait.toTake<Haul, true>(this.#getters, {
    now: (haul) => this.#tryGetMany(haul) || EXPIRED,
    steps: (haul) =>
      taking(this.#store, () => this.#tryGetMany(haul) || undefined),
  });
  readonly #putOptions: readonly string[];
  readonly #road: Road;
  #isClosed = false;

  /** For the classes of this module: `kind` is what revives them in a child. */
  constructor(
    kind: string,
    store: Store,
    keyOf?: KeyMaker,
    putOptions: readonly string[] = WAIT_OPTIONS,
  ) {
    made(this);
    this.#kind = kind;
    this.#putOptions = putOptions;
    this.#store = store;
    this.#road = { reach: store.handle.kind, isForMany: false };
    this.#keyOf = keyOf;
    useRegion(store.handle);
  }

  /**
   * Puts an item, waiting while the queue is full.
   *
   * Python: `Queue.put(obj, block, timeout)`.
   *
   * @param item Anything that can be cloned.
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @throws {DOMException} `DataCloneError`, naming the part that cannot be
   * cloned; nothing is put.
   * @throws {Full} If `timeout` passed, or `block` is false and it is full;
   * nothing is put.
   * @throws {ShutDown} If the queue is shut down, also while this waits.
   * @throws {StateError} If this process has closed the queue.
   * @throws {RangeError} If the item is larger than `maxBytes`.
   */
  async put(item: T, options?: O): Promise<void> {
    const deadline = deadlineOf(options, this.#putOptions);
    const entry = this.#entryOf(item, options);
    const { cargo } = entry;
    try {
      // The shell would look first as well. Here it saves a tenth of a put that
      // need not wait.
      if (this.#putting.mayLook(deadline) && this.#tryPut(entry)) return;
      const put = this.#putting.inLine(entry, deadline, options?.signal);
      if ((put instanceof Promise ? await put : put) === EXPIRED) throw full();
    } catch (error) {
      cargo?.end();
      throw error;
    }
  }

  /** As {@linkcode BaseQueue.put}, blocking this thread. */
  putSync(item: T, options?: O): void {
    const deadline = deadlineOf(options, this.#putOptions);
    const entry = this.#entryOf(item, options);
    const { cargo } = entry;
    try {
      if (this.#tryPut(entry)) return;
      if (this.#putting.blocking(entry, deadline) === EXPIRED) throw full();
    } catch (error) {
      cargo?.end();
      throw error;
    }
  }

  /**
   * As {@linkcode BaseQueue.put}, without waiting.
   *
   * Python: `Queue.put_nowait(obj)`.
   *
   * @throws {Full} If the queue is full; nothing is put.
   */
  putNowait(item: T): void {
    this.putSync(item, AT_ONCE_OPTIONS as O);
  }

  /**
   * Takes the next item, waiting while the queue is empty.
   *
   * Python: `Queue.get(block, timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns The item, a structured clone of what was put.
   * @throws {Empty} If `timeout` passed, or `block` is false and it is empty;
   * no item is lost.
   * @throws {ShutDown} If the queue is shut down and empty, also while this
   * waits.
   * @throws {StateError} If this process has closed the queue, also while this
   * waits. Also if the item has an instance of a class that no module of this
   * process has registered; the item is gone, as after the next error. A module
   * that is not loaded yet is imported, unless this call blocks.
   * @throws {DOMException} `DataCloneError` if a class has not made an instance
   * for the item.
   * @throws {LostObjectError} If a shared object in the item is lost with its
   * sender; the item is taken, and the rest of it in the error.
   */
  async get(options?: WaitOptions): Promise<T> {
    const deadline = deadlineOf(options);
    try {
      if (this.#getting.mayLook(deadline)) {
        const message = this.#tryGet();
        if (message !== undefined) return acquainted(valueOf(message) as T);
      }
      const got = this.#getting.inLine(undefined, deadline, options?.signal);
      const item = got instanceof Promise ? await got : got;
      if (item !== EXPIRED) return acquainted(item as T);
    } catch (error) {
      return await reread(error) as T;
    }
    throw empty();
  }

  /** As {@linkcode BaseQueue.get}, blocking this thread. */
  getSync(options?: WaitOptions): T {
    const deadline = deadlineOf(options);
    const message = this.#tryGet();
    if (message !== undefined) return valueOf(message) as T;
    const item = this.#getting.blocking(undefined, deadline);
    if (item === EXPIRED) throw empty();
    return item as T;
  }

  /**
   * As {@linkcode BaseQueue.get}, without waiting.
   *
   * Python: `Queue.get_nowait()`.
   *
   * @throws {Empty} If the queue is empty.
   */
  getNowait(): T {
    const message = this.#tryGet();
    if (message === undefined) throw empty();
    return valueOf(message) as T;
  }

  /**
   * Puts many items in their order, taking the lock once for as many as there
   * is room for. It waits while the queue is full and items are left; items of
   * other putters may come in between where it waits.
   *
   * It throws only if nothing was put; otherwise it says how many were.
   *
   * @param items Anything that can be cloned. All are cloned before the first
   * is put.
   * @param options `timeout` in milliseconds from the call; `signal`.
   * @returns How many were put, from the front: fewer than there are if
   * `timeout` passed, `signal` was aborted, `block` is false, or it was shut
   * down.
   * @throws {DOMException} `DataCloneError`, naming the part that cannot be
   * cloned; nothing is put.
   * @throws {Full} If `timeout` passed, or `block` is false, and none was put.
   * @throws {ShutDown} If the queue is shut down and none was put.
   * @throws {StateError} If this process has closed the queue.
   * @throws {RangeError} If an item is larger than `maxBytes`; nothing is put.
   */
  async putMany(items: Iterable<T>, options?: O): Promise<number> {
    const deadline = deadlineOf(options, this.#putOptions);
    const batch = this.#batchOf(items, options);
    try {
      await this.#puttingMany.inLine(batch, deadline, options?.signal);
    } catch (error) {
      if (batch.put === 0) throw error;
    } finally {
      dropRest(batch);
    }
    return putSoFar(batch);
  }

  /** As {@linkcode BaseQueue.putMany}, blocking this thread. */
  putManySync(items: Iterable<T>, options?: O): number {
    const deadline = deadlineOf(options, this.#putOptions);
    const batch = this.#batchOf(items, options);
    try {
      this.#puttingMany.blocking(batch, deadline);
    } finally {
      dropRest(batch);
    }
    return putSoFar(batch);
  }

  /**
   * Takes items until there are `min` of them, and up to `max` if they are
   * there, taking the lock once for as many as it finds.
   *
   * It throws only if it took nothing; otherwise it returns what it took. That
   * ends before an item that cannot be read, of which the next call tells.
   *
   * @param options `max` and `min`; `timeout` in milliseconds from the call;
   * `signal` to give up.
   * @returns The items in their order: from `min` to `max`; fewer if `timeout`
   * passed, `signal` was aborted, `block` is false, or it was shut down. Only
   * with `min` 0 may there be none.
   * @throws {Empty} If `timeout` passed, or `block` is false, and there was
   * none.
   * @throws {ShutDown} If the queue is shut down and empty.
   * @throws {StateError} If this process has closed the queue.
   * @throws {TypeError} If `min` or `max` is not a number.
   * @throws {RangeError} If `min` or `max` is not an integer from 0 (`max` may
   * be Infinity), or `min` is more than `max`.
   */
  async getMany(options?: GetManyOptions): Promise<T[]> {
    const limit = deadlineOf(options, GET_MANY_OPTIONS);
    const haul = haulOf(options);
    // A call that is content with none does not wait, not even for its turn.
    const deadline = haul.min === 0 ? AT_ONCE : limit;
    try {
      await this.#gettingMany.inLine(haul, deadline, options?.signal);
    } catch (error) {
      if (haul.items.length === 0) throw error;
    }
    return gotSoFar(haul) as T[];
  }

  /** As {@linkcode BaseQueue.getMany}, blocking this thread. */
  getManySync(options?: GetManyOptions): T[] {
    const deadline = deadlineOf(options, GET_MANY_OPTIONS);
    const haul = haulOf(options);
    this.#gettingMany.blocking(haul, deadline);
    return gotSoFar(haul) as T[];
  }

  /**
   * How many items there are. Exact, but others may put and get before the
   * caller looks at it.
   *
   * Python: `Queue.qsize()`.
   */
  qsize(): number {
    checkpoint();
    return this.#count();
  }

  /** Whether this process has closed it. */
  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Whether there are no items. Others may put one before the caller looks.
   *
   * Python: `Queue.empty()`.
   */
  empty(): boolean {
    checkpoint();
    return this.#left.length === 0 && this.#store.isEmpty();
  }

  /**
   * Whether there are `maxsize` items; never, if there is no limit. Others may
   * get one before the caller looks.
   *
   * Python: `Queue.full()`.
   */
  full(): boolean {
    checkpoint();
    const { maxItems } = this.#store;
    return maxItems > 0 && this.#store.count() >= maxItems;
  }

  /**
   * Says that this process will not use the queue any more. The items that it
   * has put stay, and other processes are not told. Of its calls that wait,
   * puts go on and gets are refused. Closing twice does nothing.
   *
   * The file that the system lent for OS processes is given back: when the
   * children have begun that were given the queue. So an OS process cannot be
   * given it afterwards, unless no process was given it before and it holds
   * items; of such queues, the last 16 are kept.
   *
   * Python: `Queue.close()`.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // At once. A getter that was woken for a message later would be refused,
    // and the getters of other processes would have lost that wake.
    this.#getters.look();
    // The waits of `wait()` stand in lines of their own.
    const park = this.#store.parkForMessage();
    if (park !== undefined) rouse(park);
    // The memory stays, for the puts that wait and for `taskDone`.
    unuseRegion(this.#store.handle, !this.#store.isEmpty());
  }

  /**
   * Checks that the queue is closed, and does nothing else. Every put is
   * complete when it returns, so there is nothing to wait for.
   *
   * Python: `Queue.join_thread()`.
   *
   * @throws {StateError} If this process has not closed the queue.
   */
  joinThread(): void {
    if (!this.#isClosed) {
      throw new StateError("Cannot join queue thread: the queue is not closed");
    }
  }

  /**
   * Does nothing: no item is ever waiting to be flushed.
   *
   * Python: `Queue.cancel_join_thread()`.
   */
  cancelJoinThread(): void {}

  /**
   * Shuts the queue down for all processes. Puts are refused from now on, those
   * that wait included. Gets go on until the queue is empty, and are refused
   * then.
   *
   * Python: `queue.Queue.shutdown(immediate)`.
   *
   * @param options `immediate`: throw the items away, so that gets are refused
   * at once.
   */
  shutdown(options: { immediate?: boolean } = {}): void {
    checkpoint();
    this.#store.close({ drain: options.immediate });
    lookAfterSent();
  }

  /**
   * Takes items until the queue is shut down and empty.
   *
   * @throws {StateError} If this process has closed the queue.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (true) {
      let item: T;
      try {
        item = await this.get();
      } catch (error) {
        if (error instanceof ShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  /** @internal */
  [HANDLE](): QueueHandle {
    return { kind: this.#kind, store: this.#store.handle };
  }

  /** @internal */
  [CLOSED](): boolean {
    return this.#isClosed;
  }

  /** @internal */
  [READINESS](): Readiness {
    this.#checkOpen("get");
    const store = this.#store;
    return {
      isReady: () => {
        checkpoint();
        this.#checkOpen("get");
        // In any order: an item that is put in between makes it ready too.
        if (this.#left.length > 0 || !store.isEmpty()) return true;
        return store.isClosed() && store.isOver?.() !== false;
      },
      park: () => store.parkForMessage(),
    };
  }

  static {
    printAs(this, (queue) => {
      if (queue.#isClosed) return "closed";
      const store = queue.#store;
      const { maxItems } = store;
      const size = `${store.count()}${maxItems > 0 ? ` of ${maxItems}` : ""}`;
      return store.isClosed() ? `${size}, shut down` : size;
    });
  }

  /** Encodes in the caller's stack, before anything is locked. */
  #entryOf(item: T, options: object | undefined): Entry {
    checkpoint();
    this.#checkOpen("put");
    // Before the encoding: the user's function may put into a queue itself, and
    // what is encoded is good until the next encoding only.
    const key = this.#keyOf?.(item, options);
    const frame = encode(item, "item", undefined, this.#road);
    const keySize = key === undefined ? 0 : key.rest.length * 4;
    const size = (frame.bytes?.length ?? 0) + keySize;
    if (size > this.#store.maxMessage) {
      frame.cargo?.end();
      throw new RangeError(
        `Cannot put item: it takes ${size} bytes, and the queue holds ${this.#store.maxMessage}`,
      );
    }
    return key === undefined ? frame : { ...frame, key };
  }

  #batchOf(items: Iterable<T>, options: object | undefined): Batch {
    const entries: Entry[] = [];
    const copies = new Copies();
    try {
      for (const item of items) {
        entries.push(kept(this.#entryOf(item, options), copies));
      }
    } catch (error) {
      dropRest({ entries, put: 0 });
      throw error;
    }
    return { entries, put: 0 };
  }

  #tryPut(entry: Entry): boolean {
    const result = this.#store.tryPut(entry);
    if (result === "closed") {
      throw new ShutDown("Cannot put item: the queue is shut down");
    }
    if (result !== "put") return false;
    entry.cargo?.sent(this.#store);
    return true;
  }

  /** Puts as many items as there is room for; true if that was all. */
  #tryPutMany(batch: Batch): boolean {
    while (batch.put < batch.entries.length) {
      const count = this.#store.tryPutMany(batch.entries, batch.put);
      if (count === "closed") {
        if (batch.put > 0) return true;
        throw new ShutDown("Cannot put items: the queue is shut down");
      }
      if (count === 0) return false;
      for (let i = 0; i < count; i++) {
        batch.entries[batch.put++]!.cargo?.sent(this.#store);
      }
    }
    return true;
  }

  #count(): number {
    return this.#left.length + this.#store.count();
  }

  #tryGet(): Frame | undefined {
    checkpoint();
    this.#checkOpen("get");
    const message = this.#left.shift() ?? takeNext(this.#store);
    if (message === OVER) throw over();
    return message;
  }

  *#stepsToGet(): Steps<unknown> {
    const { value } = yield* taking(this.#store, () => {
      const message = this.#tryGet();
      // Decoded at once: its bytes are valid until the next message is taken.
      return message && { value: valueOf(message) };
    });
    return value;
  }

  /** Takes the items that there are; true if they are enough. */
  #tryGetMany({ items, min, max }: Haul): boolean {
    checkpoint();
    this.#checkOpen("get");
    // Beyond `min`, it takes no more items than there are now. Putters that are
    // faster than this loop would keep it from ever finding the queue empty.
    const there = items.length + this.#count();
    const enough = Math.min(max, Math.max(min, there));
    while (items.length < enough) {
      const isClosed = this.#store.isClosed();
      const messages = this.#takeMany(enough - items.length);
      if (messages.length > 0) {
        if (this.#readInto(items, messages)) continue;
        return true;
      }
      const isOver = isClosed && this.#store.isOver?.() !== false;
      if (isOver && items.length === 0 && min > 0) throw over();
      return items.length >= min || (isClosed && items.length > 0);
    }
    return true;
  }

  /**
   * Adds the items of messages that were taken; false if it stops before one
   * that cannot be read, which is the next to be taken.
   */
  #readInto(items: unknown[], messages: Frame[]): boolean {
    for (const [i, message] of messages.entries()) {
      try {
        items.push(valueOf(message));
      } catch (error) {
        // It alone is lost, and not with the items that came before it.
        const isFirst = items.length === 0;
        this.#left.unshift(...messages.slice(isFirst ? i + 1 : i));
        if (isFirst) throw error;
        return false;
      }
    }
    return true;
  }

  #takeMany(max: number): Frame[] {
    if (this.#left.length === 0) return this.#store.tryTakeMany(max);
    return this.#left.splice(0, max);
  }

  #checkOpen(action: string): void {
    if (!this.#isClosed) return;
    throw new StateError(
      `Cannot ${action} item: this process has closed the queue`,
    );
  }
}

/** Items on their way in. */
interface Batch {
  readonly entries: readonly Entry[];
  put: number;
}

/** Items on their way out. */
interface Haul {
  readonly items: unknown[];
  readonly min: number;
  readonly max: number;
}

/** The action that errors of the constructors name. */
export const CREATE = "create queue";

const DEFAULT_MAX_BYTES = 2 ** 28;

/** The names in {@linkcode QueueOptions}. */
export const QUEUE_OPTIONS: readonly string[] = ["maxsize", "maxBytes"];

/** The limits that a user gave. Throws if they are wrong. */
export function limitsOf(
  options: number | QueueOptions,
  known: readonly string[] = QUEUE_OPTIONS,
): { maxBytes: number; maxItems: number } {
  if (typeof options === "number") options = { maxsize: options };
  checkOptions(CREATE, options, known, "a number or an object");
  const { maxsize = 0, maxBytes = DEFAULT_MAX_BYTES } = options;
  checkInteger(CREATE, "maxsize", maxsize, 0, 2 ** 30);
  checkInteger(CREATE, "maxBytes", maxBytes, 1, MAX_BYTES);
  return { maxBytes, maxItems: maxsize };
}

/** The store of a queue that crosses, or a new one within the user's limits. */
export function storeOf(
  kind: {
    create(maxBytes: number, maxItems: number, locker: Locker): Store;
    open(handle: RegionHandle, locker: Locker): Store;
  },
  options: () => number | QueueOptions,
): Store {
  const handle = revivedHandle<QueueHandle>();
  if (handle !== undefined) return kind.open(handle.store, me().locker);
  const { maxBytes, maxItems } = limitsOf(options());
  return kind.create(maxBytes, maxItems, me().locker);
}

/** An entry that outlives the next encoding: as `keep()`, with its key. */
function kept(entry: Entry, copies?: Copies): Entry {
  const { key } = entry;
  return key === undefined
    ? keep(entry, copies)
    : { ...keep(entry, copies), key };
}

const AT_ONCE_OPTIONS: WaitOptions = { block: false };

const GET_MANY_OPTIONS = [...WAIT_OPTIONS, "min", "max"];

function haulOf(options: GetManyOptions = {}): Haul {
  const { min = 1, max = Infinity } = options;
  checkNumber("get items", "min", min);
  checkNumber("get items", "max", max);
  const isWhole = Number.isInteger(min) &&
    (Number.isInteger(max) || max === Infinity);
  if (!isWhole || min < 0 || max < min) {
    throw new RangeError(
      `Cannot get items: min and max must be integers, 0 <= min <= max: got ${min} and ${max}`,
    );
  }
  return { items: [], min, max };
}

/** The shared objects in the items that were not put are not on their way. */
function dropRest({ entries, put }: Batch): void {
  for (let i = put; i < entries.length; i++) entries[i]!.cargo?.end();
}

function putSoFar({ entries, put }: Batch): number {
  if (put === 0 && entries.length > 0) throw full();
  return put;
}

function gotSoFar({ items, min }: Haul): unknown[] {
  if (items.length === 0 && min > 0) throw empty();
  return items;
}

function valueOf({ tag, inline, bytes }: Frame): unknown {
  return decode(tag, inline, bytes);
}

function full(): Full {
  return new Full("Cannot put item: the queue is full");
}

function over(): ShutDown {
  return new ShutDown("Cannot get item: the queue is shut down and empty");
}

function empty(): Empty {
  return new Empty("Cannot get item: the queue is empty");
}
