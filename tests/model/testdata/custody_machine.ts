// Copyright 2026 the authors. MIT license.

// Permits with owners (sync/custody.ts), and the mistakes.

import { lockerOf } from "../../../program/locker.ts";
import type * as custodies from "../../../sync/custody.ts";
import { runSync } from "../../../memory/park.ts";
import type { Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Custody, formatCustody } = await importWith(
  "sync/custody.ts",
  import.meta.url,
  {
    ignoresDeath: [[
      "return this.#take() || (this.#reclaim() && this.#take());",
      "return this.#take();",
    ]],
    forgetsToRecount: [[
      "if (this.#lock.acquireSync() !== 0) this.#recount();",
      "this.#lock.acquireSync();",
    ]],
    givesTooMuch: [[
      "if (count > words.peek(LIMIT) - left) return false;",
      "",
    ]],
    believesInTwo: [["if (left === 0) return false;", ""]],
    wakesNone: [["    this.#wake(count);\n", ""]],
    wakesTooEarly: [
      ["    this.#wake(count);\n", ""],
      [
        "    const words = this.#words;\n    this.#enter();",
        "    const words = this.#words;\n    this.#wake(count);\n    this.#enter();",
      ],
    ],
    wakesOnlyOne: [["notify(LEFT, count)", "notify(LEFT, 1)"]],
    sleepsUncounted: [["      words.add(SLEEPERS, 1);\n", ""]],
  },
) as typeof custodies;

/** Behind the machine's own words. */
const INSIDE = 48;

const PLACES = 4;
const LEFT = 16;
const CUSTODY = 32;

function custodyOf({ words, thread, isDead }: ThreadContext) {
  const locker = lockerOf(
    thread + 1,
    (token) => token > 0 && !isDead(token - 1),
  );
  return new Custody(words, locker, PLACES);
}

function once(context: ThreadContext): void {
  const { words, thread, assert, isDead } = context;
  const custody = custodyOf(context);
  runSync(custody.acquiring(), Infinity);
  const before = words.exchange(INSIDE, thread + 1);
  assert(before === 0 || isDead(before - 1), "two have the permit");
  words.cas(INSIDE, thread + 1, 0);
  assert(custody.release(1), "cannot release");
}

function twice(context: ThreadContext): void {
  once(context);
  once(context);
}

/** Takes a permit and keeps it. */
function keep(context: ThreadContext): void {
  runSync(custodyOf(context).acquiring(), Infinity);
}

/** Gives two back at once. */
function giveTwo(context: ThreadContext): void {
  context.assert(custodyOf(context).release(2), "cannot release");
}

/** Gives back what was not taken. */
function cheat(context: ThreadContext): void {
  context.assert(!custodyOf(context).release(1), "more releases than acquires");
}

const one: Omit<Scenario, "threads"> = {
  init: (words) => formatCustody(words, 1),
};

/** All that was taken is back, on both sides of the account. */
const whole: Omit<Scenario, "threads"> = {
  ...one,
  finally(words, { assert }) {
    assert(words.load(LEFT) === 1, "a permit is lost or made");
    for (let place = 0; place < PLACES; place++) {
      assert(words.load(CUSTODY + place * 2 + 1) === 0, "somebody keeps one");
    }
  },
};

export const twoTwice: Scenario = { ...whole, threads: [twice, twice] };
export const three: Scenario = { ...whole, threads: [once, once, once] };
export const twoWithDeath: Scenario = { ...one, threads: [twice, twice] };
export const oneGivesTwo: Scenario = {
  init(words) {
    formatCustody(words, 2);
    const first = new Custody(words, lockerOf(1, () => true), PLACES);
    for (let i = 0; i < 2; i++) first.tryAcquire();
  },
  threads: [giveTwo, keep, keep],
  finally: (words, { assert }) =>
    assert(words.load(LEFT) === 0, "a permit is lost or made"),
};
export const cheats: Scenario = { ...one, threads: [cheat, cheat] };
