// Copyright 2026 the authors. MIT license.

// The state of a barrier (sync/barrier_state.ts), driven as barrier.ts
// drives it, and its mistakes.

import { lockerOf } from "../../../program/locker.ts";
import type * as barriers from "../../../sync/barrier_state.ts";
import { EXPIRED, runSync } from "../../../memory/park.ts";
import { GRANTED } from "../../../sync/tickets.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { BarrierState, formatBarrier } = await importWith(
  "sync/barrier_state.ts",
  import.meta.url,
  {
    forgetsTheWaiters: [[
      "    this.#tickets.give(Infinity, gift);\n",
      "    this.#tickets.give(0, gift);\n",
    ]],
    wakesOnlyOne: [[
      "this.#tickets.give(Infinity, gift);",
      "this.#tickets.give(1, gift);",
    ]],
    ignoresDeath: [[
      "if (this.#findDead() === 0 && !this.#lock.isAbandoned()) continue;",
      "continue;",
    ]],
    forgetsTheEarly: [[
      "    if (phaseOf(state) === ACTING) this.#words.notify(STATE, Infinity);\n",
      "",
    ]],
    leavesQuietly: [[
      "      this.#break(0);\n      return this.#tickets.collect(ticket);",
      "      this.#tickets.giveBack(ticket);\n      return 3;",
    ]],
    finishesWhatIsOver: [[
      "if (this.#words.load(STATE) !== state) return false;",
      "",
    ]],
  },
) as typeof barriers;

const PLACES = 4;
const TICKETS = 4;
const PLACES_USED = 5;
const MEMBERS = 16;

/** Behind the machine's own words: how many rounds each has gone through. */
const PASSED = 48;
/** How often the action ran. */
const ACTED = 56;
/** How often a party was refused. */
const REFUSALS = 57;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

function stateOf({ words, thread, isDead }: ThreadContext) {
  const registrar = {
    ...lockerOf(thread + 1, (token) => token > 0 && !isDead(token - 1)),
    hasFailed: () => true,
  };
  return new BarrierState(words, registrar, PLACES, TICKETS);
}

/** As `Barrier.waitSync()`; false: broken. */
function wait(
  context: ThreadContext,
  hasAction: boolean,
  timeout = Infinity,
): boolean {
  const { words } = context;
  const barrier = stateOf(context);
  const arrival = runSync(barrier.arriving(hasAction), Infinity);
  if (arrival === EXPIRED || arrival.kind === "broken") return false;
  if (arrival.kind === "actor") {
    words.add(ACTED, 1);
    return barrier.finish(arrival.state);
  }
  if (arrival.kind !== "waiter") return true;
  const deadline = performance.now() + timeout;
  let end = runSync(barrier.awaiting(arrival.ticket), deadline);
  if (end === EXPIRED) end = barrier.giveUp(arrival.ticket);
  if (end === 0) end = runSync(barrier.awaiting(arrival.ticket), Infinity);
  return end === GRANTED;
}

function walk(rounds: number, hasAction: boolean, timeout?: number) {
  return (context: ThreadContext): void => {
    const { words, thread } = context;
    for (let i = 0; i < rounds; i++) {
      if (!wait(context, hasAction, timeout)) {
        words.add(REFUSALS, 1);
        return;
      }
      words.add(PASSED + thread, 1);
    }
  };
}

function abort(context: ThreadContext): void {
  stateOf(context).abort();
}

function of(parties: number, threads: Scenario["threads"]): Scenario {
  return { threads, init: (words) => formatBarrier(words, parties) };
}

/** All parties have gone through this many rounds. */
function inStep(rounds: number, acted: number) {
  return (words: Words, { assert }: Ending): void => {
    assert(words.load(REFUSALS) === 0, "somebody was refused");
    assert(words.load(ACTED) === acted, "the action did not run once a round");
    assert(words.load(PASSED) === rounds, "the first is not in step");
    assert(words.load(PASSED + 1) === rounds, "the second is not in step");
  };
}

/** All are through, or none is. */
function alike(words: Words, { assert }: Ending): void {
  const passed = words.load(PASSED) + words.load(PASSED + 1);
  assert(passed === 0 || passed === 2, "one is through, the other is not");
}

export const twoRounds: Scenario = {
  ...of(2, [walk(2, false), walk(2, false)]),
  finally: inStep(2, 0),
};
export const three: Scenario = {
  ...of(3, [walk(1, false), walk(1, false), walk(1, false)]),
  finally: inStep(1, 0),
};
export const twoRoundsWithAction: Scenario = {
  ...of(2, [walk(2, true), walk(2, true)]),
  finally: inStep(2, 2),
};
/** Each is a round by itself, and one comes while the other acts. */
export const comesWhileOneActs: Scenario = {
  ...of(1, [walk(1, true), walk(1, true)]),
  finally: inStep(1, 2),
};
export const timeoutRacesWithTheLast: Scenario = {
  ...of(2, [walk(1, false, DEADLINE), walk(1, false)]),
  finally: alike,
};
export const abortRacesWithTheAction: Scenario = {
  ...of(2, [walk(1, true), walk(1, true), abort]),
  finally: alike,
};
/**
 * One may die at any point: the other is through, or refused. Both have taken
 * part before: no party can know of one that dies before it ever came.
 */
function withDeath(hasAction: boolean): Scenario {
  return {
    threads: [walk(1, hasAction), walk(1, hasAction)],
    init(words) {
      formatBarrier(words, 2);
      for (const token of [1, 2]) words.store(MEMBERS + token, token);
      words.store(PLACES_USED, MEMBERS + PLACES);
    },
  };
}

export const partyDies = withDeath(false);
export const actorDies = withDeath(true);
