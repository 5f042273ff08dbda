// Copyright 2026 the authors. MIT license.

// Words that ask a scheduler before each operation, and words for the code that
// runs while every thread stands still.

import type { WaitResult, Words } from "../../memory/word.ts";
import {
  type Control,
  NOT_EQUAL,
  Op,
  RUN,
  SLEEPS,
  TIMED_OUT,
  UNLIMITED,
  WAIT_RESULTS,
} from "./control.ts";

/** Thrown inside a thread that gets no more turns; no code may keep it. */
export const KILLED: unique symbol = Symbol("killed");

/** How a thread of a scenario sees its words. */
export interface ModelWordsOptions {
  readonly cells: Int32Array;
  readonly control: Control;
  readonly thread: number;
  /** Are `peek` and `poke` steps? */
  readonly plain: boolean;
  /** Has the code between operations steps of its own? */
  readonly gaps: boolean;
  /** Asked after each operation. */
  readonly invariant: () => void;
}

/** The words of one thread in one schedule. */
export class ModelWords implements Words {
  readonly #cells: Int32Array;
  readonly #control: Control;
  readonly #thread: number;
  readonly #plain: boolean;
  readonly #gaps: boolean;
  readonly #invariant: () => void;
  #over = false;

  constructor(options: ModelWordsOptions) {
    this.#cells = options.cells;
    this.#control = options.control;
    this.#thread = options.thread;
    this.#plain = options.plain;
    this.#gaps = options.gaps;
    this.#invariant = options.invariant;
  }

  get length(): number {
    return this.#cells.length;
  }

  peek(index: number): number {
    if (!this.#plain) return this.#get(index);
    this.#point();
    const value = this.#get(index);
    this.#done(Op.PEEK, index, 0, 0, value);
    return value;
  }

  poke(index: number, value: number): void {
    if (this.#plain) this.#point();
    const old = this.#set(index, value);
    if (this.#plain) this.#done(Op.POKE, index, value, 0, old, old !== value);
  }

  load(index: number): number {
    this.#point();
    const value = this.#get(index);
    this.#done(Op.LOAD, index, 0, 0, value);
    return value;
  }

  store(index: number, value: number): void {
    this.#point();
    const old = this.#set(index, value);
    this.#done(Op.STORE, index, value, 0, old, old !== value);
  }

  add(index: number, delta: number): number {
    this.#point();
    const old = this.#get(index);
    this.#set(index, old + delta);
    this.#done(Op.ADD, index, delta, 0, old, delta !== 0);
    return old;
  }

  exchange(index: number, value: number): number {
    this.#point();
    const old = this.#set(index, value);
    this.#done(Op.EXCHANGE, index, value, 0, old, old !== value);
    return old;
  }

  cas(index: number, expected: number, replacement: number): number {
    this.#point();
    const old = this.#get(index);
    const wins = old === expected;
    if (wins) this.#set(index, replacement);
    const changed = wins && old !== replacement;
    this.#done(Op.CAS, index, expected, replacement, old, changed);
    return old;
  }

  wait(index: number, expected: number, ms: number): WaitResult {
    this.#point();
    if (this.#get(index) !== expected) {
      return this.#waited(index, expected, ms, NOT_EQUAL);
    }
    if (ms <= 0) return this.#waited(index, expected, ms, TIMED_OUT);
    // No other thread has the turn between the comparison above and the sleep,
    // as none gets in between in the real wait.
    this.#log(Op.WAIT, index, expected, limit(ms), SLEEPS, 0, false);
    this.#control.sleep(this.#thread, index, expected, ms);
    this.#pause();
    this.#gap();
    return WAIT_RESULTS[this.#control.wakeResult(this.#thread)] ?? "ok";
  }

  waitAsync(): never {
    throw new TypeError("Cannot waitAsync in a model: threads only block");
  }

  notify(index: number, count: number): number {
    this.#point();
    this.#get(index);
    const woken = this.#control.wake(index, count);
    const total = bitCount(woken);
    this.#done(Op.NOTIFY, index, limit(count), 0, total, woken !== 0, woken);
    return total;
  }

  /** The death of a thread, as a step. */
  isDead(thread: number): boolean {
    this.#point();
    const dead = this.#control.isDead(thread);
    this.#done(Op.IS_DEAD, thread, 0, 0, dead ? 1 : 0);
    return dead;
  }

  /** Begins the code before the first operation. */
  begin(): void {
    this.#gap();
  }

  /** Stops before an operation if the turn is used up. */
  #point(): void {
    if (this.#over) throw KILLED;
    if (!this.#control.spend()) {
      this.#pause();
      this.#control.spend();
    }
  }

  /** Hands the turn back and waits for the next one. */
  #pause(): void {
    this.#control.back();
    if (this.#control.take(this.#thread) === RUN) return;
    // From now on each operation throws, so that what a `finally` does on the
    // way out changes nothing: a thread that was cut runs no `finally`.
    this.#over = true;
    throw KILLED;
  }

  #done(
    op: number,
    index: number,
    a: number,
    b: number,
    result: number,
    changed = false,
    woken = 0,
  ): void {
    this.#log(op, index, a, b, result, woken, changed);
    if (changed) this.#invariant();
    this.#gap();
  }

  #gap(): void {
    if (!this.#gaps) return;
    this.#point();
    this.#log(Op.LOCAL, 0, 0, 0, 0, 0, false);
  }

  #log(
    op: number,
    index: number,
    a: number,
    b: number,
    result: number,
    woken: number,
    changed: boolean,
  ): void {
    this.#control.log(this.#thread, op, index, a, b, result, woken, changed);
  }

  #waited(
    index: number,
    expected: number,
    ms: number,
    result: number,
  ): WaitResult {
    this.#done(Op.WAIT, index, expected, limit(ms), result);
    return WAIT_RESULTS[result] ?? "ok";
  }

  #get(index: number): number {
    return at(this.#cells, index);
  }

  #set(index: number, value: number): number {
    const old = at(this.#cells, index);
    this.#cells[index] = value;
    return old;
  }
}

/** Words for the scenario's hooks: every thread stands still meanwhile. */
export class StillWords implements Words {
  readonly #cells: Int32Array;
  readonly #control: Control;

  constructor(cells: Int32Array, control: Control) {
    this.#cells = cells;
    this.#control = control;
  }

  get length(): number {
    return this.#cells.length;
  }

  peek(index: number): number {
    return at(this.#cells, index);
  }

  poke(index: number, value: number): void {
    at(this.#cells, index);
    this.#cells[index] = value;
  }

  load(index: number): number {
    return this.peek(index);
  }

  store(index: number, value: number): void {
    this.poke(index, value);
  }

  add(index: number, delta: number): number {
    const old = this.peek(index);
    this.poke(index, old + delta);
    return old;
  }

  exchange(index: number, value: number): number {
    const old = this.peek(index);
    this.poke(index, value);
    return old;
  }

  cas(index: number, expected: number, replacement: number): number {
    const old = this.peek(index);
    if (old === expected) this.poke(index, replacement);
    return old;
  }

  wait(): never {
    throw new TypeError("Cannot wait here: no thread is running");
  }

  waitAsync(): never {
    throw new TypeError("Cannot wait here: no thread is running");
  }

  notify(index: number, count: number): number {
    return bitCount(this.#control.wake(index, count));
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}

function limit(count: number): number {
  return Math.min(Math.ceil(count), UNLIMITED);
}

function at(cells: Int32Array, index: number): number {
  const value = cells[index];
  if (value === undefined) {
    throw new RangeError(
      `Cannot reach word ${index}: the scenario has ${cells.length}`,
    );
  }
  return value;
}
