// Copyright 2026 the authors. MIT license.

// Parking: how a waiting algorithm sleeps. The algorithm is a generator that
// looks at its words, yields the word it wants to sleep on, and looks again
// when it is resumed; so its slow path is written once, and `runSync` and
// `block` (which hold the thread) and `Line` (promises, first come first
// served) drive it.
//
// A resume promises nothing: it may be a notify, the end of a slice, or chance.
// Slices are what makes a death harmless. A process that is cut between its
// store and its notify leaves sleepers that no process will wake; they wake by
// themselves within a slice and look.

import { Beat, Limit, type Limited, takeTurn } from "./timers.ts";
import type { Words } from "./word.ts";

/** Sleep while `words[index] === value`. */
export interface Park {
  readonly words: Words;
  readonly index: number;
  readonly value: number;
}

/** A waiting algorithm. `return()` is called when its caller gives up. */
export type Steps<T> = Generator<Park, T, void>;

/** The result of a driver when the deadline came first. */
export const EXPIRED: unique symbol = Symbol("expired");

/**
 * How often a blocked thread looks at more than its word, in milliseconds: for
 * a stop, for a dead holder.
 */
const SYNC_SLICE = 20;

/** The same for a while after {@linkcode hasten}. */
const HASTY_SLICE = 0.25;
/** How long that is, in milliseconds. */
const HASTE = 1000;
let hastyUntil = 0;

/** Blocked threads of this process look often for a second. */
export function hasten(): void {
  hastyUntil = performance.now() + HASTE;
}

/** How often a line of pending promises looks at more, in milliseconds. */
const ASYNC_SLICE = 100;

let attend: () => void = () => {};
let someoneElseLives: () => boolean = () => true;

/**
 * Sets what a waiting process does between slices (obey a stop word, serve its
 * children), and how it knows whether another process could end a wait.
 */
export function setAttendant(
  look: () => void,
  isAnyoneElseAlive: () => boolean,
): void {
  attend = look;
  someoneElseLives = isAnyoneElseAlive;
}

/**
 * Drives `steps` by blocking this thread, no longer than `slice` at a time;
 * {@linkcode EXPIRED} at `deadline`.
 */
export function runSync<T>(
  steps: Steps<T>,
  deadline: number,
  slice: number = SYNC_SLICE,
): T | typeof EXPIRED {
  return drive(steps, deadline, slice, false);
}

/**
 * As {@linkcode runSync}, for a wait that the program asked for, and that may
 * be long: the chores of this thread are done in it, of which none has its turn
 * until then. A wait of ours may come in the middle of one.
 */
export function block<T>(
  steps: Steps<T>,
  deadline: number,
  slice: number = SYNC_SLICE,
): T | typeof EXPIRED {
  return drive(steps, deadline, slice, true);
}

function drive<T>(
  steps: Steps<T>,
  deadline: number,
  slice: number,
  doesChores: boolean,
): T | typeof EXPIRED {
  let step = steps.next();
  while (step.done !== true) {
    const now = performance.now();
    const left = deadline - now;
    if (left <= 0) {
      steps.return(undefined as T);
      return EXPIRED;
    }
    const { words, index, value } = step.value;
    const most = now < hastyUntil ? HASTY_SLICE : slice;
    // After a piece of a chore it looks again, before it sleeps.
    if (!doesChores || !takeTurn()) {
      words.wait(index, value, Math.min(left, most));
    }
    attend();
    step = steps.next();
  }
  return step.value;
}

/**
 * The promises of one process that wait for the same thing, in the order of
 * their calls. Only the first in line looks at the words; so a thousand of them
 * cost one sleep, and none overtakes another.
 */
export class Line {
  /** The call that waits in it, as users know it; undefined: one of ours. */
  readonly name: string | undefined;
  // deno-lint-ignore no-explicit-any -- waiters of one line may differ in T.
  readonly #waiters: Waiter<any>[] = [];
  #advancing = false;
  #watching: Watch | undefined;
  /** A pending call to the system that no promise needs any more. */
  #leftover: Promise<unknown> | undefined;
  readonly #wake = () => this.#advance();

  constructor(name?: string) {
    this.name = name;
  }

  /** How many wait. */
  get length(): number {
    return this.#waiters.length;
  }

  /** Waits at the end of the line; {@linkcode EXPIRED} at `deadline`. */
  run<T>(
    steps: Steps<T>,
    deadline: number,
    signal?: AbortSignal,
  ): Promise<T | typeof EXPIRED> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const waiter = new Waiter(steps, deadline, signal);
    this.#waiters.push(waiter);
    if (this.#waiters.length === 1) {
      this.#advance();
      // No other process lives by now: the last of them may have ended this
      // wait since the look, and nothing keeps the program until its wake
      // arrives. If this wait is over, its steps may have run another in this
      // line.
      if (this.length > 0 && !ticker.join(this)) this.#advance();
    }
    waiter.limit({
      expire: () => this.#expire(waiter),
      abort: (reason) => this.#abort(waiter, reason),
    });
    return waiter.promise;
  }

  /** Lets those in line look now: what they wait for cannot come any more. */
  look(): void {
    this.#advance();
  }

  /** Lets the first in line look, and each that becomes first after it. */
  #advance(): void {
    // A waiter's steps may themselves wake this line; the outer loop goes on.
    if (this.#advancing) return;
    this.#advancing = true;
    this.#watching?.wakers.delete(this.#wake);
    try {
      while (this.#waiters.length > 0) {
        const waiter = this.#waiters[0]!;
        let step: IteratorResult<Park, unknown>;
        try {
          step = waiter.steps.next();
        } catch (error) {
          this.#drop(waiter);
          this.#fail(waiter, error);
          continue;
        }
        if (step.done === true) {
          this.#drop(waiter);
          this.#settle(waiter, step.value);
        } else {
          const watching = watch(step.value, this.#wake);
          if (watching === undefined) continue;
          if (watching !== this.#watching) this.#stopWatching();
          this.#watching = watching;
          return;
        }
      }
    } finally {
      this.#advancing = false;
    }
  }

  #expire<T>(waiter: Waiter<T>): void {
    // The first in line looks a last time: what it waits for may have come.
    if (this.#waiters[0] === waiter) this.#advance();
    if (this.#leave(waiter)) this.#settle(waiter, EXPIRED);
  }

  #abort<T>(waiter: Waiter<T>, reason: unknown): void {
    // False: while its limit was made (see `Waiter.limit`), the same signal
    // ended the first in line, and this waiter had its turn.
    if (this.#leave(waiter)) this.#fail(waiter, reason);
  }

  /** Takes a waiter that gives up out of the line; false if it had its turn. */
  #leave<T>(waiter: Waiter<T>): boolean {
    const wasFirst = this.#waiters[0] === waiter;
    if (!this.#drop(waiter)) return false;
    waiter.steps.return(undefined as T);
    if (wasFirst) this.#advance();
    return true;
  }

  #drop<T>(waiter: Waiter<T>): boolean {
    const place = this.#waiters.indexOf(waiter);
    if (place < 0) return false;
    this.#waiters.splice(place, 1);
    if (this.#waiters.length === 0) {
      ticker.leave(this);
      // A notify that comes now is for another waiter.
      this.#stopWatching();
    }
    return true;
  }

  #settle<T>(waiter: Waiter<T>, result: T | typeof EXPIRED): void {
    waiter.end();
    this.#whenQuiet(() => waiter.resolve(result));
  }

  #fail<T>(waiter: Waiter<T>, error: unknown): void {
    waiter.end();
    this.#whenQuiet(() => waiter.reject(error));
  }

  #stopWatching(): void {
    if (this.#watching === undefined) return;
    const end = unwatch(this.#watching, this.#wake);
    this.#watching = undefined;
    if (end === undefined) return;
    // The line may have slept on another word before, and have left that too.
    const other = this.#leftover;
    this.#leftover = other === undefined ? end : Promise.all([other, end]);
  }

  /**
   * Goes on at once, or when the call to the system that this line has left
   * behind has ended: a caller whose wait is over finds nothing of it running.
   */
  #whenQuiet(go: () => void): void {
    const leftover = this.#leftover;
    this.#leftover = undefined;
    if (leftover === undefined || this.#waiters.length > 0) go();
    else leftover.then(go);
  }
}

/** A promise that stands in a line, and what may end it besides its steps. */
class Waiter<T> {
  readonly steps: Steps<T>;
  readonly #signal: AbortSignal | undefined;
  readonly promise: Promise<T | typeof EXPIRED>;
  readonly resolve: (result: T | typeof EXPIRED) => void;
  readonly reject: (error: unknown) => void;
  /** Whether its outcome is known; the promise may settle a little later. */
  isOver = false;
  readonly #deadline: number;
  #limit: Limit | undefined;

  constructor(
    steps: Steps<T>,
    deadline: number,
    signal: AbortSignal | undefined,
  ) {
    this.steps = steps;
    this.#signal = signal;
    this.#deadline = deadline;
    ({ promise: this.promise, resolve: this.resolve, reject: this.reject } =
      Promise.withResolvers());
  }

  /** Lets its deadline or its signal end it from now on. */
  limit(wait: Limited): void {
    if (this.isOver) return;
    // Its event was before: only a listener of that moment hears it.
    if (this.#signal?.aborted) return wait.abort(this.#signal.reason);
    if (this.#deadline <= performance.now()) return wait.expire();
    if (this.#deadline === Infinity && this.#signal === undefined) return;
    const limit = new Limit(this.#deadline, this.#signal, wait);
    this.#limit = limit;
    // The first timer of a program loads the platform's, which runs microtasks:
    // the wait may have ended in one of them.
    if (this.isOver) limit.end();
  }

  /** Its outcome is known: nothing else may end it. */
  end(): void {
    this.isOver = true;
    this.#limit?.end();
  }
}

/** The one `waitAsync` of this process on a word, and what its end wakes. */
export interface Watch {
  readonly words: Words;
  readonly index: number;
  /** Called once each; empty at the notify: it is passed on. */
  readonly wakers: Set<() => void>;
}

/**
 * `wake` need not be called any more. If that leaves a call to the system with
 * nobody to wait for it, its end is returned.
 */
export function unwatch(
  watch: Watch,
  wake: () => void,
): Promise<unknown> | undefined {
  const { words, index, wakers } = watch;
  wakers.delete(wake);
  if (wakers.size === 0) wanted.delete(watch);
  // Another may run on the same word since: this one has ended then.
  const isOver = watches.get(words)?.get(index) !== watch;
  return isOver || wakers.size > 0 ? undefined : words.forget?.(index);
}

/**
 * Lets the promises of this process look now that wait on the word of `park`:
 * what they wait for cannot come any more here, though it may elsewhere.
 */
export function rouse({ words, index }: Park): void {
  const running = watches.get(words)?.get(index);
  if (running !== undefined) callOnce(running);
}

const watches = new WeakMap<Words, Map<number, Watch>>();

/**
 * The watches that have wakers, which this set keeps alive. Nothing keeps the
 * others, whose notify may never come: the platform keeps a pending `waitAsync`
 * for ever, and with it all that hears of its end, but not the memory that it
 * waits on.
 */
const wanted = new Set<Watch>();

/**
 * Calls `wake` once when the word of `park` is notified; undefined if the word
 * has another value already, and then `wake` is not kept. It neither keeps the
 * program alive nor calls `wake` by itself.
 */
export function watch(
  { words, index, value }: Park,
  wake: () => void,
): Watch | undefined {
  let ofWords = watches.get(words);
  if (ofWords === undefined) ofWords = watchesOf(words);
  const running = ofWords.get(index);
  if (running !== undefined) {
    // It was registered under an older value, yet every notify reaches it. A
    // notify that it has used up before this load left its value behind: the
    // load sees that; one after the load finds `wake` in the set.
    if (words.load(index) !== value) return undefined;
    running.wakers.add(wake);
    wanted.add(running);
    return running;
  }
  const notified = words.waitAsync(index, value);
  if (notified === undefined) return undefined;
  const fresh: Watch = { words, index, wakers: new Set([wake]) };
  ofWords.set(index, fresh);
  wanted.add(fresh);
  hearEnd(notified, new WeakRef(fresh));
  return fresh;
}

// A function of its own: a closure in `watch` would keep the words alive for as
// long as the platform keeps the pending call, which may be for ever.
function hearEnd(notified: Promise<unknown>, ended: WeakRef<Watch>): void {
  notified.then((how) => {
    const watch = ended.deref();
    // This process had done with the words. If the notify was for another, that
    // one looks at the end of its slice.
    if (watch === undefined) return;
    const { words, index, wakers } = watch;
    watches.get(words)?.delete(index);
    if (wakers.size > 0) return callOnce(watch);
    // All waiters have given up since: the notify was meant for another, so it
    // is passed on. The end of a slice was meant for none.
    if (how !== "timed-out") words.notify(index, 1);
  });
}

/**
 * An empty list of watches, which hears of this process's own notifies at once:
 * a `waitAsync` would tell it a turn of the event loop later, and if nothing
 * else is left in the loop, there is no such turn.
 */
function watchesOf(words: Words): Map<number, Watch> {
  const ofWords = new Map<number, Watch>();
  watches.set(words, ofWords);
  words.onNotify = (index) => {
    const watch = ofWords.get(index);
    if (watch === undefined || watch.wakers.size === 0) return;
    // Not in the middle of what the one that notifies is doing.
    queueMicrotask(() => callOnce(watch));
  };
  return ofWords;
}

function callOnce(watch: Watch): void {
  const woken = [...watch.wakers];
  watch.wakers.clear();
  wanted.delete(watch);
  for (const wake of woken) wake();
}

/**
 * One beat for all lines that have waiters. It lets them look again, and it
 * keeps the program alive for as long as a process could still end the wait: a
 * pending `waitAsync` alone does not.
 */
class Ticker {
  /** Those that have waiters. */
  readonly lines = new Set<Line>();
  readonly #beat = new Beat(ASYNC_SLICE, () => this.#tick());
  /** Whether the last line has left, and the beat is about to be stopped. */
  #isResting = false;

  /** False if no process can end the wait: then there are no ticks. */
  join(line: Line): boolean {
    // A beat that rests is for no wait, and need not hold up this one. With an
    // older wait it goes on, though no other process may live any more: the
    // wake of that may be on its way.
    const isFirst = this.lines.size === 0;
    if (isFirst && this.#isResting && !someoneElseLives()) this.#beat.stop();
    this.lines.add(line);
    this.keepAlive();
    return this.#beat.isOn;
  }

  leave(line: Line): void {
    this.lines.delete(line);
    if (this.lines.size === 0) this.#rest();
  }

  /** Ticks from now on, if another process can end a wait. */
  keepAlive(): void {
    if (this.#beat.isOn || this.lines.size === 0) return;
    if (someoneElseLives()) this.#beat.start();
  }

  #tick(): void {
    attend();
    // Before they look: the last of the others may have ended their wait, and
    // its wake be still on its way.
    const isAlive = someoneElseLives();
    for (const line of [...this.lines]) line.look();
    // A beat that kept nothing alive would not do: with one, Deno waits for
    // ever for a top-level await that no process can end, instead of saying so.
    if (!isAlive) this.#beat.stop();
  }

  /**
   * Stops when the code that awaits the wait has gone on: a beat takes longer
   * to stop than a promise to settle. And if that code waits again, it goes on.
   */
  #rest(): void {
    if (!this.#beat.isOn || this.#isResting) return;
    this.#isResting = true;
    afterMicrotasks(FOLLOWERS, () => {
      this.#isResting = false;
      if (this.lines.size === 0) this.#beat.stop();
    });
  }
}

/** No call puts more promises than this between a wait and its caller. */
const FOLLOWERS = 6;

function afterMicrotasks(count: number, run: () => void): void {
  queueMicrotask(() => count === 1 ? run() : afterMicrotasks(count - 1, run));
}

const ticker = new Ticker();

/** The names of the calls that wait for a promise, one for each call. */
export function pendingWaits(): string[] {
  return [...ticker.lines].flatMap(({ name, length }) =>
    name === undefined ? [] : Array<string>(length).fill(name)
  );
}

/**
 * Lets pending waits keep the program alive from now on if a process could end
 * them. To be called when a process was started: a wait that no process could
 * end when it began does not keep the event loop going until the next tick.
 */
export function reconsider(): void {
  for (const hear of [...lonely]) hear();
  ticker.keepAlive();
}

const lonely = new Set<() => void>();

/**
 * Whether no other process could end a wait. Then no code need listen for it
 * until `hear` is called, since there is another; or `forget` comes before.
 */
export function isAlone(hear: () => void): boolean {
  if (someoneElseLives()) return false;
  lonely.add(hear);
  return true;
}

/** The wait for which `hear` was kept is over. */
export function forgetAlone(hear: () => void): void {
  lonely.delete(hear);
}
