// Copyright 2026 the authors. MIT license.

// The work of a pool's worker: takes a message, runs it, puts the result, and
// only then takes the next. So it has one task at most in hand: the parent of a
// dead worker drains the results first, and the task that is then neither among
// them nor in the worker's ring is the one that was lost.
//
// A task belongs to the ring until the worker's take, which moves HEAD, and the
// parent takes from the same ring what it wants back. Each message is taken
// once, so a task is run here or goes to another worker, never both.

import { stackOf } from "../message/classes.ts";
import {
  decode,
  encode,
  type Frame,
  keep,
  type Road,
} from "../message/codec.ts";
import { type Packed, unpack } from "../message/handle.ts";
import { isUnread, reread } from "../message/reader.ts";
import { EXPIRED, Line, runSync, type Steps } from "../memory/park.ts";
import {
  checkSize,
  Chunk,
  isThenable,
  isTurnDue,
  turn,
  turned,
} from "./chunk.ts";
import { begin, end, enter, expect, isOfTask, settled } from "./current.ts";
import { setJudge } from "../process/child.ts";
import type { PoolLink } from "../process/pool_link.ts";
import * as wire from "./wire.ts";
import type { Labelled } from "../queue/ring.ts";
import { putting, taking } from "../queue/store.ts";
import { beginImport, checkpoint, endImport, me } from "../program/self.ts";
import {
  explained,
  resolve,
  type Target,
  type TargetRef,
} from "../message/target.ts";
import { pause } from "../memory/word.ts";

/**
 * How often a worker that finds no task looks before it sleeps: about 30 µs.
 */
const SPINS = 150;

/**
 * How long it blocks then: a blocked thread wakes in a quarter of the time that
 * an event loop takes.
 */
const BLOCK = 2;

// Loaded by the first task that must be told from others.
let contexts: typeof import("./contexts.ts") | undefined;

/** The whole life of a worker: until the ring of its tasks is closed. */
export async function poolWorker(
  link: PoolLink,
  number: number,
  initializer: TargetRef | undefined,
  initargs: readonly unknown[],
): Promise<void> {
  const worker = new PoolWorker(link, number);
  setJudge((error) => isOfTask(contexts?.contextOf(error) ?? 0));
  if (!await worker.initialize(initializer, initargs)) Deno.exit(1);
  await worker.serve();
}

class PoolWorker {
  readonly #link: PoolLink;
  /** By which results go, and the shared objects in them. */
  readonly #road: Road;
  readonly #number: number;
  /** The most bytes of a result. */
  readonly #most: number;
  readonly #line = new Line();
  readonly #putters = new Line();
  readonly #refs: TargetRef[] = [];
  readonly #functions: (Target | undefined)[] = [];
  /**
   * Arguments that came over the port, by the id of their task. They and the
   * task's message come in any order; the first of the two makes the promise.
   */
  readonly #parcels = new Map<number, PromiseWithResolvers<unknown[]>>();
  /** Whether code of the user's was called here. */
  #hasCalled = false;
  /** What a result takes of late, in bytes, by function; for its chunks. */
  readonly #usual: number[] = [];
  /** The functions whose calls are in contexts of their own. */
  readonly #inContexts = new Set<number>();
  /** The time from which the running task's run time counts. */
  #since = 0;

  constructor(link: PoolLink, number: number) {
    this.#link = link;
    this.#road = { reach: link.results.handle.kind, isForMany: false };
    this.#number = number;
    this.#most = link.results.maxMessage - 8;
    if (link.port === undefined) return;
    link.port.onmessage = ({ data: { id, packed } }) => {
      this.#parcel(id).resolve(unpacked(packed));
    };
  }

  /** Runs the initializer. False if it failed: the pool was told of it. */
  async initialize(
    initializer: TargetRef | undefined,
    initargs: readonly unknown[],
  ): Promise<boolean> {
    try {
      if (initializer !== undefined) {
        this.#hasCalled = true;
        const target = await load(initializer);
        expect();
        try {
          await target.value(...initargs);
        } catch (error) {
          throw explained(error, target);
        }
      }
    } catch (error) {
      await this.#put(this.#number, wire.UNFIT, encodeError(error));
      return false;
    } finally {
      settled();
    }
    await this.#put(this.#number, wire.READY, encode(undefined));
    return true;
  }

  async serve(): Promise<void> {
    const { tasks } = this.#link;
    turned(this.#since = performance.now());
    while (true) {
      checkpoint();
      const message = tasks.tryTake();
      if (message === undefined) {
        if (!await this.#awaitTask()) return;
        this.#since = performance.now();
        continue;
      }
      // Awaited even if there is nothing to wait for: the microtasks that the
      // task has left behind run before the next task.
      await this.#handle(message);
      if (isTurnDue(this.#since)) await turn();
    }
  }

  #handle(
    { id, note, tag, inline, bytes }: Labelled,
  ): Promise<void> | undefined {
    const isWatched = (note & wire.WATCHED) !== 0;
    begin(
      id,
      wire.attemptOf(note) + 1,
      isWatched ? this.#link.control : undefined,
    );
    let isWaiting: Promise<void> | undefined;
    try {
      if (isWatched) {
        isWaiting = this.#put(id, wire.STARTED, encode(undefined));
      }
      const value = decode(tag, inline, bytes);
      const target = this.#functions[wire.functionOf(note)];
      const isReady = target !== undefined && !isWatched &&
        wire.callOf(note) !== wire.PORT;
      return isReady
        ? this.#run(id, note, target, value)
        : this.#prepare(id, note, value, isWaiting);
    } catch (error) {
      return isUnread(error)
        ? this.#reread(id, note, error, isWaiting)
        : this.#fail(id, error);
    }
  }

  /**
   * Runs a task whose function or arguments are not here yet. The parent writes
   * a function to the log before it puts a task that names it: one read finds
   * it. `before` is the wait for room to say that the task starts: the parent
   * must hear of the start before it hears of the result.
   */
  async #prepare(
    id: number,
    note: number,
    value: unknown,
    before?: Promise<void>,
  ): Promise<void> {
    await before;
    try {
      const index = wire.functionOf(note);
      if (this.#refs[index] === undefined) {
        this.#refs.push(...this.#link.functions.readNew());
      }
      const target = this.#functions[index] ??= await this.#load(index);
      this.#hasCalled = true;
      if (wire.callOf(note) === wire.PORT) {
        value = await this.#parcel(id).promise;
        this.#parcels.delete(id);
      }
      return await this.#run(id, note, target, value);
    } catch (error) {
      return await this.#fail(id, error);
    }
  }

  /** Runs a task with an instance of a class whose module is not here yet. */
  async #reread(
    id: number,
    note: number,
    error: unknown,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    let value: unknown;
    try {
      value = await inImport(reread, error);
    } catch (failure) {
      return await this.#fail(id, failure);
    }
    return await this.#prepare(id, note, value);
  }

  /**
   * Loads a function. One that returns promises runs in contexts of its own,
   * unless nothing was called here before it: an uncaught error that comes
   * while it is awaited may be of another.
   */
  async #load(index: number): Promise<Target> {
    const target = await load(this.#refs[index]!);
    const isAsync = this.#inContexts.has(index);
    if (!this.#hasCalled && !isAsync) return target;
    contexts ??= await import("./contexts.ts");
    contexts.beginContexts();
    this.#inContexts.add(index);
    const isSync = () => {
      if (isAsync) return;
      this.#inContexts.delete(index);
      this.#functions[index] = target;
    };
    return { ...target, value: contexts.inOwnContext(target.value, isSync) };
  }

  /** A function has returned a promise: its next call is in a context. */
  #noteAsync(note: number): void {
    const index = wire.functionOf(note);
    if (this.#inContexts.has(index)) return;
    this.#inContexts.add(index);
    this.#functions[index] = undefined;
  }

  #parcel(id: number): PromiseWithResolvers<unknown[]> {
    let parcel = this.#parcels.get(id);
    if (parcel === undefined) {
      this.#parcels.set(id, parcel = Promise.withResolvers());
      // Its task, which may come later, hears of a parcel that cannot be read.
      parcel.promise.catch(() => {});
    }
    return parcel;
  }

  #run(
    id: number,
    note: number,
    target: Target,
    value: unknown,
  ): Promise<void> | undefined {
    const func = target.value;
    enter(0);
    switch (wire.callOf(note)) {
      case wire.ONE:
        return this.#single(id, note, target, () => func(value));
      case wire.SPREAD:
      case wire.PORT:
        return this.#single(
          id,
          note,
          target,
          () => func(...value as unknown[]),
        );
      case wire.CHUNK:
        return this.#chunk(id, note, target, wire.decodedMany(value));
      default:
        return this.#chunk(id, note, target, value as unknown[]);
    }
  }

  #single(
    id: number,
    note: number,
    target: Target,
    call: () => unknown,
  ): Promise<void> | undefined {
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      return this.#fail(id, explained(error, target));
    }
    if (!isThenable(result)) return this.#finish(id, result);
    this.#noteAsync(note);
    expect();
    const finish = (value: unknown) => this.#finish(id, value);
    return this.#await(id, target, result, finish);
  }

  async #await<T>(
    id: number,
    target: Target,
    promise: PromiseLike<T>,
    finish: (result: T) => Promise<void> | undefined,
  ): Promise<void> {
    let result: T;
    try {
      result = await promise;
    } catch (error) {
      settled();
      return await this.#fail(id, explained(error, target));
    }
    settled();
    await finish(result);
  }

  #chunk(
    id: number,
    note: number,
    target: Target,
    items: readonly unknown[],
  ): Promise<void> | undefined {
    const index = wire.functionOf(note);
    const usual = this.#usual[index] ?? 0;
    const give = (chunk: Chunk) => this.#give(id, chunk);
    const chunk = new Chunk(target.value, items, note, usual, give);
    const finish = () => {
      if (chunk.isAsync) this.#noteAsync(note);
      const isPut = this.#finishChunk(id, chunk);
      this.#usual[index] = chunk.usual;
      return isPut;
    };
    try {
      const running = chunk.run();
      return running === undefined
        ? finish()
        : this.#await(id, target, running, finish);
    } catch (error) {
      return this.#fail(id, explained(error, target));
    }
  }

  /** Puts what a chunk that goes on has gathered. */
  #give(id: number, chunk: Chunk): Promise<void> | undefined {
    for (;;) {
      const some = chunk.portion(this.#road, this.#most);
      if (some === undefined) return undefined;
      const isPut = this.#putPart(id, some);
      if (isPut !== undefined) return isPut.then(() => this.#give(id, chunk));
    }
  }

  /** Puts what is left of a chunk that has ended; mostly, that is all of it. */
  #finishChunk(id: number, chunk: Chunk): Promise<void> | undefined {
    for (;;) {
      const some = chunk.portion(this.#road, this.#most);
      if (some === undefined) break;
      if (chunk.isOver && !some.isAlone && chunk.errors.length === 0) {
        return this.#putResult(id, wire.DONE, some.frame);
      }
      const isPut = this.#putPart(id, some);
      if (isPut !== undefined) {
        return isPut.then(() => this.#finishChunk(id, chunk));
      }
    }
    const { refusal, errors } = chunk;
    if (refusal !== undefined) return this.#fail(id, refusal.error);
    return errors.length === 0
      ? this.#putResult(id, wire.DONE, encode([]))
      : this.#putResult(id, wire.MIXED, encodeErrors(errors));
  }

  #finish(id: number, result: unknown): Promise<void> | undefined {
    let frame: Frame;
    try {
      frame = encode(result, "result", undefined, this.#road);
    } catch (error) {
      return this.#fail(id, error);
    }
    return this.#putResult(id, wire.DONE, frame);
  }

  #fail(id: number, error: unknown): Promise<void> | undefined {
    return this.#putResult(id, wire.FAILED, encodeError(error));
  }

  /** Puts the result of the task, which has ended. */
  #putResult(
    id: number,
    status: number,
    frame: Frame,
  ): Promise<void> | undefined {
    end();
    try {
      checkSize(frame, this.#most);
    } catch (error) {
      return this.#put(id, wire.FAILED, encodeError(error));
    }
    return this.#put(id, status, frame);
  }

  /** Puts results of a chunk that goes on; its time goes on as well. */
  #putPart(
    id: number,
    { frame, isAlone }: wire.Portion,
  ): Promise<void> | undefined {
    const since = this.#since;
    const isPut = this.#put(id, isAlone ? wire.PIECE : wire.PART, frame);
    const putAt = this.#since;
    this.#since = since;
    // The time for which it waits for room is not the task's.
    return isPut?.then(() => {
      this.#since += since - putAt;
    });
  }

  #put(
    id: number,
    status: number,
    frame: Frame,
  ): Promise<void> | undefined {
    // A worker that was told to stop does not come further than this. Its task
    // may have been given to another worker, and must not have two results.
    checkpoint();
    const now = performance.now();
    const micros = (now - this.#since) * 1000;
    this.#since = now;
    const note = wire.outcomeNote(status, micros);
    const { results } = this.#link;
    if (results.tryPut(frame, id, note) === "full") {
      return this.#putLater(id, note, frame);
    }
    frame.cargo?.sent(results);
    return undefined;
  }

  async #putLater(id: number, note: number, frame: Frame): Promise<void> {
    const { results } = this.#link;
    const kept = keep(frame);
    const steps = putting(results, () => {
      const result = results.tryPut(kept, id, note);
      return result === "full" ? undefined : result;
    });
    await this.#putters.run(steps, Infinity);
    kept.cargo?.sent(results);
    this.#since = performance.now();
  }

  /**
   * Waits for a task; false if there will be none. It looks for a while, then
   * blocks, and only then sleeps in the event loop, which wakes slowest. Each
   * stage looks at the ring before it sleeps: a task that is put in between
   * changes the word, and the sleep is refused.
   */
  async #awaitTask(): Promise<boolean> {
    const { tasks } = this.#link;
    for (let i = 0; i < SPINS; i++) {
      if (!tasks.isEmpty()) return true;
      pause();
    }
    const found = runSync(this.#waiting(), performance.now() + BLOCK);
    if (found !== EXPIRED) return found;
    const result = await this.#line.run(this.#waiting(), Infinity);
    turned(performance.now());
    return result as boolean;
  }

  #waiting(): Steps<boolean> {
    const { tasks } = this.#link;
    const { table, parent } = me();
    return taking(tasks, () => {
      if (!tasks.isEmpty()) return true;
      // In this order: a task that was put before the close is still there.
      // Without the parent there is nothing to work for.
      if (tasks.isClosed() && tasks.isEmpty()) return false;
      return table.isAlive(parent!.token) ? undefined : false;
    });
  }
}

function load(ref: TargetRef): Promise<Target> {
  return inImport(resolve, ref);
}

/** Has `run` import a module of the program. */
async function inImport<T, R>(
  run: (argument: T) => Promise<R>,
  argument: T,
): Promise<R> {
  beginImport();
  // A module that fails beside itself may never be loaded.
  enter(0);
  expect();
  try {
    return await run(argument);
  } finally {
    settled();
    await endImport();
  }
}

/** The arguments of a task, the modules of whose classes are imported. */
async function unpacked(packed: Packed): Promise<unknown[]> {
  try {
    return unpack(packed) as unknown[];
  } catch (error) {
    return await reread(error) as unknown[];
  }
}

/** A thrown value as a message; if it cannot be cloned, the error saying so. */
function encodeError(error: unknown): Frame {
  try {
    return encode(error, "error");
  } catch (refusal) {
    const said = refusal as DOMException;
    const plain = new Error(String((error as Partial<Error>)?.message));
    if (error instanceof Error) {
      plain.name = error.name;
      plain.stack = stackOf(error) ?? "";
    }
    return encode(Object.assign(said, { cause: plain }), "error");
  }
}

/** The errors of a chunk's elements; of one that cannot be cloned, why. */
function encodeErrors(errors: Chunk["errors"]): Frame {
  const sendable = errors.map(([i, error]) => {
    try {
      encode(error, "error");
      return [i, error];
    } catch (refusal) {
      return [i, refusal];
    }
  });
  return encode(sendable, "errors");
}
