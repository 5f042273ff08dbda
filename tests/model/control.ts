// Copyright 2026 the authors. MIT license.

// The memory between the scheduler and its threads: which run, which sleep, and
// a log of all that was done. Only the thread that has the turn touches it, and
// the turn changes hands by an atomic store, so plain accesses suffice.

/** A thread is asked for nothing. */
export const IDLE = 0;
/** Go on, for as many steps as `budget` says. */
export const RUN = 1;
/** Leave the scenario's function: the schedule is over. */
export const UNWIND = 2;
/** Leave the worker's loop: there are no more schedules. */
export const QUIT = 3;

/** Not begun, or stopped before an operation. */
export const READY = 0;
/** In `wait`, until a notify or a time-out makes it READY. */
export const ASLEEP = 1;
/** The scenario's function has returned or thrown. */
export const ENDED = 2;

/** What a step did. */
export const Op = {
  PEEK: 0,
  POKE: 1,
  LOAD: 2,
  STORE: 3,
  ADD: 4,
  EXCHANGE: 5,
  CAS: 6,
  WAIT: 7,
  NOTIFY: 8,
  IS_DEAD: 9,
  /** Code between operations, when it has a step of its own. */
  LOCAL: 10,
  /** A turn in which the thread returned without any operation. */
  END: 11,
  /** The scheduler let a wait time out. */
  TIMEOUT: 12,
  /** The scheduler killed the thread. */
  KILL: 13,
} as const;

/** Results of `wait`, in the log and in `wake`. */
export const WAIT_RESULTS = ["ok", "not-equal", "timed-out"] as const;
/** Index of `"ok"` in {@linkcode WAIT_RESULTS}. */
export const OK = 0;
/** Index of `"not-equal"`. */
export const NOT_EQUAL = 1;
/** Index of `"timed-out"`. */
export const TIMED_OUT = 2;
/** In the log only: the thread went to sleep. */
export const SLEEPS = 3;

/** In the log: as long as it takes, or all of them. */
export const UNLIMITED = 0x7fff_ffff;

/** One line of the log. */
export interface Step {
  thread: number;
  op: number;
  index: number;
  a: number;
  b: number;
  result: number;
  /** Bit t: the step woke thread t. */
  woken: number;
  /** Did it change a word or wake a thread? */
  changed: boolean;
}

export const MAX_THREADS = 8;

/** What the checker sends a worker once; the rest goes through memory. */
export interface Assignment {
  module: string;
  scenario: string;
  thread: number;
  control: SharedArrayBuffer;
  memory: SharedArrayBuffer;
  plain: boolean;
  gaps: boolean;
}

/** What the worker answers when it can run, or why it cannot. */
export interface Readiness {
  failure: string | undefined;
}

const TEXT_BYTES = 4096;
const STEP_CELLS = 8;

// cells:  0 back, 1 log length, 2 sleeps so far, 3 failed, 4 text length,
//         5 budget; then 8 per thread; then the log.
const BACK = 0;
const LENGTH = 1;
const SLEEP_COUNT = 2;
const FAILED = 3;
const TEXT_LENGTH = 4;
const BUDGET = 5;
const THREADS = 16;
const THREAD_CELLS = 8;
const LOG = THREADS + MAX_THREADS * THREAD_CELLS;

// Fields of a thread.
const GO = 0;
const STATE = 1;
const SLEEPS_ON = 2;
const SLEEP_ORDER = 3;
const WAKE = 4;
const DEAD = 5;
const SLEEPS_WHILE = 6;

/** How much memory a control block for schedules of `maxSteps` needs. */
export function controlBytes(maxSteps: number): number {
  return TEXT_BYTES + 8 * (1 + MAX_THREADS) +
    4 * (LOG + (maxSteps + 1) * STEP_CELLS);
}

/** The control block, seen alike by the scheduler and by each thread. */
export class Control {
  readonly #text: Uint8Array;
  readonly #times: Float64Array;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#text = new Uint8Array(memory, 0, TEXT_BYTES);
    this.#times = new Float64Array(memory, TEXT_BYTES, 1 + MAX_THREADS);
    this.#cells = new Int32Array(memory, TEXT_BYTES + 8 * (1 + MAX_THREADS));
  }

  /** Makes ready for a schedule; no thread may be running. */
  reset(): void {
    this.#cells.fill(0, LENGTH, LOG);
    this.#times.fill(0);
  }

  /** Scheduler: gives the turn to a thread and waits until it comes back. */
  give(thread: number, command: number, budget: number, ms: number): boolean {
    const cells = this.#cells;
    cells[BUDGET] = budget;
    Atomics.store(cells, BACK, 0);
    const go = field(thread, GO);
    Atomics.store(cells, go, command);
    Atomics.notify(cells, go, 1);
    // Without spinning first, which takes the core that the thread needs. A
    // thread that was back before this sleeps may notify only now, into the
    // wait for the next one: a wake alone means nothing.
    while (Atomics.load(cells, BACK) === 0) {
      if (Atomics.wait(cells, BACK, 0, ms) === "timed-out") return false;
    }
    return true;
  }

  /** Scheduler: tells a thread to leave its worker's loop. */
  quit(thread: number): void {
    const go = field(thread, GO);
    Atomics.store(this.#cells, go, QUIT);
    Atomics.notify(this.#cells, go, 1);
  }

  /** Thread: waits for the turn, and says what to do with it. */
  take(thread: number): number {
    const cells = this.#cells;
    const go = field(thread, GO);
    while (Atomics.load(cells, go) === IDLE) Atomics.wait(cells, go, IDLE);
    return Atomics.exchange(cells, go, IDLE);
  }

  /** Thread: hands the turn back to the scheduler. */
  back(): void {
    Atomics.store(this.#cells, BACK, 1);
    Atomics.notify(this.#cells, BACK, 1);
  }

  /** Uses up one step of the turn; false if none was left. */
  spend(): boolean {
    if (this.#get(BUDGET) === 0) return false;
    this.#cells[BUDGET] = this.#get(BUDGET) - 1;
    return true;
  }

  state(thread: number): number {
    return this.#get(field(thread, STATE));
  }

  end(thread: number): void {
    this.#cells[field(thread, STATE)] = ENDED;
  }

  isDead(thread: number): boolean {
    return this.#get(field(thread, DEAD)) === 1;
  }

  kill(thread: number): void {
    this.#cells[field(thread, DEAD)] = 1;
    this.#cells[field(thread, STATE)] = ENDED;
  }

  /** Puts a thread at the end of those that sleep on a word. */
  sleep(thread: number, index: number, value: number, ms: number): void {
    const cells = this.#cells;
    cells[field(thread, STATE)] = ASLEEP;
    cells[field(thread, SLEEPS_ON)] = index;
    cells[field(thread, SLEEPS_WHILE)] = value;
    cells[field(thread, SLEEP_ORDER)] = this.#get(SLEEP_COUNT);
    cells[SLEEP_COUNT] = this.#get(SLEEP_COUNT) + 1;
    this.#times[1 + thread] = this.now() + ms;
  }

  /** Wakes up to `count` sleepers of a word, oldest first: their bits. */
  wake(index: number, count: number): number {
    let woken = 0;
    for (; count > 0; count--) {
      const oldest = this.#oldest(index);
      if (oldest === undefined) break;
      this.#rouse(oldest, OK);
      woken |= 1 << oldest;
    }
    return woken;
  }

  /** Ends a sleep by time-out, and moves the clock to where it ends. */
  timeOut(thread: number): void {
    this.#times[0] = Math.max(this.now(), this.#times[1 + thread] ?? 0);
    this.#rouse(thread, TIMED_OUT);
  }

  /** How a thread that slept was woken. */
  wakeResult(thread: number): number {
    return this.#get(field(thread, WAKE));
  }

  /** Can the sleep of this thread time out? */
  isFinite(thread: number): boolean {
    return Number.isFinite(this.#times[1 + thread]);
  }

  /** The word that a thread sleeps on, and the value it sleeps at. */
  sleepsOn(thread: number): { index: number; value: number } {
    return {
      index: this.#get(field(thread, SLEEPS_ON)),
      value: this.#get(field(thread, SLEEPS_WHILE)),
    };
  }

  /** The scenario's time: it moves by time-outs alone. */
  now(): number {
    return this.#times[0] ?? 0;
  }

  fail(text: string): void {
    // The first failure is the cause; what the unwinding meets is not.
    if (this.#get(FAILED) === 1) return;
    this.#cells[FAILED] = 1;
    const { written } = new TextEncoder().encodeInto(text, this.#text);
    this.#cells[TEXT_LENGTH] = written;
  }

  /** The text of the failure, if there was one. */
  failure(): string | undefined {
    if (this.#get(FAILED) === 0) return undefined;
    return new TextDecoder().decode(
      this.#text.slice(0, this.#get(TEXT_LENGTH)),
    );
  }

  /** How many steps were logged. */
  get length(): number {
    return this.#get(LENGTH);
  }

  log(
    thread: number,
    op: number,
    index: number,
    a: number,
    b: number,
    result: number,
    woken: number,
    changed: boolean,
  ): void {
    const cells = this.#cells;
    const at = LOG + this.length * STEP_CELLS;
    cells[at] = thread;
    cells[at + 1] = op;
    cells[at + 2] = index;
    cells[at + 3] = a;
    cells[at + 4] = b;
    cells[at + 5] = result;
    cells[at + 6] = woken;
    cells[at + 7] = changed ? 1 : 0;
    cells[LENGTH] = this.length + 1;
  }

  step(position: number): Step {
    const at = LOG + position * STEP_CELLS;
    return {
      thread: this.#get(at),
      op: this.#get(at + 1),
      index: this.#get(at + 2),
      a: this.#get(at + 3),
      b: this.#get(at + 4),
      result: this.#get(at + 5),
      woken: this.#get(at + 6),
      changed: this.#get(at + 7) === 1,
    };
  }

  #oldest(index: number): number | undefined {
    let oldest: number | undefined;
    let order = Infinity;
    for (let thread = 0; thread < MAX_THREADS; thread++) {
      if (this.state(thread) !== ASLEEP) continue;
      if (this.#get(field(thread, SLEEPS_ON)) !== index) continue;
      if (this.#get(field(thread, SLEEP_ORDER)) >= order) continue;
      oldest = thread;
      order = this.#get(field(thread, SLEEP_ORDER));
    }
    return oldest;
  }

  #rouse(thread: number, result: number): void {
    this.#cells[field(thread, STATE)] = READY;
    this.#cells[field(thread, WAKE)] = result;
  }

  #get(cell: number): number {
    return this.#cells[cell] ?? 0;
  }
}

function field(thread: number, name: number): number {
  return THREADS + thread * THREAD_CELLS + name;
}
