// Copyright 2026 the authors. MIT license.

// A mutex behind a gate (sync/gate.ts), as lock.ts drives it, whose waiters
// have no patience at all; and the gate's mistakes.

import { lockerOf } from "../../../program/locker.ts";
import type * as gates from "../../../sync/gate.ts";
import { Mutex } from "../../../sync/mutex.ts";
import { runSync } from "../../../memory/park.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Gate } = await importWith("sync/gate.ts", import.meta.url, {
  letsAllThrough: [[
    "if (shutter === OPEN || shutter === this.#locker.token) return true;",
    "return true;",
  ]],
  opensQuietly: [["    this.#words.notify(this.#index, Infinity);\n", ""]],
  wakesOnlyOne: [["this.#index, Infinity", "this.#index, 1"]],
  staysShut: [[
    "if (isShutter) this.#open(this.#locker.token);",
    "",
  ]],
}) as typeof gates;

const LOCK = 0;
const GATE = 1;
/** The token of the thread in the critical section. */
const INSIDE = 2;
/** How often the section was gone through. */
const TOTAL = 3;
/** For each thread: at whose shut gate it took the lock. */
const OVERTOOK = 8;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function partsOf({ words, thread, isDead }: ThreadContext) {
  const locker = lockerOf(thread + 1, (token) => !isDead(token - 1));
  const mutex = new Mutex(words, LOCK, locker);
  return { mutex, gate: new Gate(words, GATE, locker, 0) };
}

function take(context: ThreadContext, deadline = Infinity): boolean {
  const { mutex, gate } = partsOf(context);
  if (gate.isOpen() && mutex.tryAcquire()) return true;
  const dead = runSync(gate.through(mutex.acquiring()), deadline);
  return typeof dead === "number";
}

function goThrough(context: ThreadContext): void {
  const { words, thread, assert, isDead } = context;
  const before = words.exchange(INSIDE, thread + 1);
  assert(before === 0 || isDead(before - 1), "two hold the lock");
  const shutter = words.load(GATE);
  if (shutter !== 0 && shutter !== thread + 1) {
    const last = words.exchange(OVERTOOK + thread, shutter);
    assert(last !== shutter, "one waiter was overtaken twice by the same");
  }
  words.poke(TOTAL, words.peek(TOTAL) + 1);
  words.store(INSIDE, 0);
  assert(partsOf(context).mutex.release(), "the holder cannot release");
}

function once(context: ThreadContext): void {
  take(context);
  goThrough(context);
}

function thrice(context: ThreadContext): void {
  for (let i = 0; i < 3; i++) once(context);
}

/** Gives up at a deadline. */
function patient(context: ThreadContext): void {
  if (take(context, performance.now() + DEADLINE)) goThrough(context);
}

function isWhole(total: number | undefined): NonNullable<Scenario["finally"]> {
  return (words, { assert, isDead }) => {
    const shutter = words.load(GATE);
    assert(shutter === 0 || isDead(shutter - 1), "the gate stays shut");
    if (total === undefined) return;
    assert(words.load(LOCK) === 0, "the lock is not free");
    assert(words.load(TOTAL) === total, "a round is lost");
  };
}

export const twoHammer: Scenario = {
  threads: [thrice, thrice],
  finally: isWhole(6),
};

export const oneAmongHammers: Scenario = {
  threads: [once, thrice, thrice],
  finally: isWhole(7),
};

export const threeOnce: Scenario = {
  threads: [once, once, once],
  finally: isWhole(3),
};

/** Its deadline passes while the gate is shut, by itself or another. */
export const oneGivesUp: Scenario = {
  threads: [once, patient, once],
  finally: isWhole(undefined),
};

export const oneDies: Scenario = {
  threads: [once, thrice, once],
  finally: isWhole(undefined),
};
