// Copyright 2026 the authors. MIT license.

import type { Words } from "../../../memory/word.ts";

/** A sleeper on a word: a `waitAsync` of this process, or another process. */
interface Sleeper {
  readonly index: number;
  /** Undefined: another process, which looks when it is woken. */
  readonly call: Call | undefined;
}

/** A `waitAsync`, and what has ended it. */
interface Call {
  readonly promise: Promise<unknown>;
  readonly resolve: (how: string) => void;
  how: string;
}

/**
 * Words whose sleepers the test ends: a `waitAsync` that was notified resolves
 * when the test delivers it.
 */
export class HeldWords implements Words {
  readonly #cells: Int32Array;
  /** Whether a call ends when it is forgotten, as the system's do. */
  readonly hasForget: boolean;
  /** All sleepers, in the order in which a notify wakes them. */
  #asleep: Sleeper[] = [];
  /** Those of them that were woken, and do not know it yet. */
  #woken: Sleeper[] = [];
  onNotify: ((index: number) => void) | undefined;
  /** Called at each notify through this view. */
  readonly #notified: (index: number) => void;

  constructor(
    length: number,
    hasForget: boolean,
    notified: (index: number) => void,
  ) {
    this.#cells = new Int32Array(length);
    this.hasForget = hasForget;
    this.#notified = notified;
  }

  get length(): number {
    return this.#cells.length;
  }

  /** The words on which another process sleeps. */
  get othersAsleep(): number[] {
    return this.#asleep.filter(isOther).map(({ index }) => index);
  }

  /** The words on which another process was woken, and has not looked yet. */
  get othersWoken(): number[] {
    return this.#woken.filter(isOther).map(({ index }) => index);
  }

  /** The words of this process's calls that sleep. */
  get callsAsleep(): number[] {
    return this.#asleep.filter(isMine).map(({ index }) => index);
  }

  /** How many calls of this process were woken. */
  get callsWoken(): number {
    return this.#woken.filter(isMine).length;
  }

  /** Another process sleeps on a word. */
  sleepOther(index: number): void {
    this.#asleep.push({ index, call: undefined });
  }

  /** The other processes that were woken look; returns at which words. */
  takeOthers(): number[] {
    const taken = this.othersWoken;
    this.#woken = this.#woken.filter(isMine);
    return taken;
  }

  /** The slices of all other processes end. */
  rouseOthers(): void {
    this.#woken.push(...this.#asleep.filter(isOther));
    this.#asleep = this.#asleep.filter(isMine);
  }

  /** The other processes die. */
  killOthers(): void {
    this.rouseOthers();
    this.takeOthers();
  }

  /** Resolves a call of this process that was woken; returns how. */
  deliver(which: number): string {
    const mine = this.#woken.filter(isMine);
    const sleeper = mine[which]!;
    this.#woken.splice(this.#woken.indexOf(sleeper), 1);
    sleeper.call!.resolve(sleeper.call!.how);
    return sleeper.call!.how;
  }

  /** Ends a sleeping call of this process for no reason. */
  timeOut(which: number): void {
    const mine = this.#asleep.filter(isMine);
    this.#end(mine[which]!, "timed-out");
  }

  /** Another process notifies. */
  wake(index: number, count: number): number {
    const woken = this.#asleep.filter((sleeper) => sleeper.index === index)
      .slice(0, count);
    for (const sleeper of woken) this.#end(sleeper, "ok");
    return woken.length;
  }

  peek(index: number): number {
    return this.#cells[index]!;
  }

  poke(index: number, value: number): void {
    this.#cells[index] = value;
  }

  load(index: number): number {
    return this.#cells[index]!;
  }

  store(index: number, value: number): void {
    this.#cells[index] = value;
  }

  add(index: number, delta: number): number {
    return this.exchange(index, this.load(index) + delta);
  }

  exchange(index: number, value: number): number {
    const old = this.load(index);
    this.store(index, value);
    return old;
  }

  cas(index: number, expected: number, replacement: number): number {
    const old = this.load(index);
    if (old === expected) this.store(index, replacement);
    return old;
  }

  wait(): never {
    throw new TypeError("Cannot block: the test is one thread");
  }

  waitAsync(index: number, expected: number): Promise<unknown> | undefined {
    if (this.load(index) !== expected) return undefined;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#asleep.push({ index, call: { promise, resolve, how: "" } });
    return promise;
  }

  forget(index: number): Promise<unknown> | undefined {
    if (!this.hasForget) return undefined;
    const all = [...this.#woken, ...this.#asleep];
    const sleeper = all.findLast((one) => isMine(one) && one.index === index);
    if (sleeper === undefined) return undefined;
    if (this.#asleep.includes(sleeper)) this.#end(sleeper, "timed-out");
    return sleeper.call!.promise;
  }

  notify(index: number, count: number): number {
    const woken = this.wake(index, count);
    this.#notified(index);
    this.onNotify?.(index);
    return woken;
  }

  #end(sleeper: Sleeper, how: string): void {
    this.#asleep.splice(this.#asleep.indexOf(sleeper), 1);
    this.#woken.push(sleeper);
    if (sleeper.call !== undefined) sleeper.call.how = how;
  }
}

function isOther(sleeper: Sleeper): boolean {
  return sleeper.call === undefined;
}

function isMine(sleeper: Sleeper): boolean {
  return sleeper.call !== undefined;
}
