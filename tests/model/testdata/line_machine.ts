// Copyright 2026 the authors. MIT license.

// The promises of one process that wait in lines (`Line`, `watch` and the
// ticker of memory/park.ts), against an oracle: random histories of waits that
// are granted, expire, are aborted, throw, wake their own line; of notifies by
// this process and another; of ends of `waitAsync` that come late or for no
// reason; of the other's death. And the mistakes that the histories must find.
//
// The oracle keeps each line as a list in the order of the calls, and looks at
// the words themselves. The test gives the time and ends every sleep, so a
// history is the same at every run of its seed.

import type * as park from "../../../memory/park.ts";
import type { Park, Steps } from "../../../memory/park.ts";
import { type Random, randomOf } from "../../_support/random.ts";
import { clock, takeTime } from "./line_clock.ts";
import { HeldWords } from "./line_words.ts";
import { CountedSignal } from "../../_support/counted_signal.ts";
import { importWith } from "./mistake.ts";

const parking = await importWith("memory/park.ts", import.meta.url, {
  passesNothingOn: [[
    `if (how !== "timed-out") words.notify(index, 1);`,
    "",
  ]],
  passesTimeOutsOn: [[`if (how !== "timed-out") words`, "words"]],
  leavesNextAsleep: [["if (wasFirst) this.#advance();", ""]],
  keepsListener: [["this.#limit?.end();", ""]],
  keepsLimitOfOver: [["if (this.isOver) limit.end();", ""]],
  failsAfterItsTurn: [[
    "if (this.#leave(waiter)) this.#fail(waiter, reason);",
    "this.#leave(waiter);\n    this.#fail(waiter, reason);",
  ]],
  looksNoLastTime: [["if (this.#waiters[0] === waiter) this.#advance();", ""]],
  trustsRunningWatch: [[
    "if (words.load(index) !== value) return undefined;",
    "",
  ]],
  entersAgain: [["if (this.#advancing) return;", ""]],
  servesLastFirst: [["waiters.push(waiter)", "waiters.unshift(waiter)"]],
  tellsNoSteps: [["waiter.steps.return(undefined as T);", ""]],
  looksOnceIfAlone: [[
    "if (this.length > 0 && !ticker.join(this)) this.#advance();",
    "if (this.length > 0) ticker.join(this);",
  ]],
  joinsNoTicksForNext: [[
    "if (this.length > 0 && !t",
    "if (!waiter.isOver && !t",
  ]],
  ticksAlone: [["if (!isAlive) this.#beat.stop();", ""]],
  asksAfterLook: [
    ["const isAlive = someoneElseLives();", ""],
    ["if (!isAlive) this", "if (!someoneElseLives()) this"],
  ],
  ticksForNone: [["if (this.lines.size === 0) this.#beat.stop();", ""]],
  keepsWaker: [["  wakers.delete(wake);\n", ""]],
  hearsNoOwnNotify: [["queueMicrotask(() => callOnce(watch));", ""]],
  keepsOldSleep: [[
    "if (watching !== this.#watching) this.#stopWatching();",
    "",
  ]],
  stopsUnderAnother: [[
    "if (this.lines.size === 0) this.#beat.stop();",
    "this.#beat.stop();",
  ]],
  stopsUnderOlder: [["isFirst && this.#isResting", "this.#isResting"]],
  reconsidersNothing: [["  ticker.keepAlive();\n}", "}"]],
}) as typeof park;

const { EXPIRED, Line, reconsider, rouse, setAttendant, unwatch, watch } =
  parking;

const WORDS = 3;
const ALL = [0, 1, 2];
const LINES = 4;
const SIGNALS = 6;
const MOST_WAITS = 12;
/** No word gets more by chance. */
const ENOUGH = 4;
/** A tick comes within this time; also the slice of another process. */
const SLICE = 100;
/** More turns than the longest chain of promises takes. */
const QUIET = 12;

/** Runs the history of a seed; throws at the first finding. */
export async function runHistory(seed: number, steps: number): Promise<void> {
  clock.reset();
  using _time = takeTime();
  const history = new History(seed);
  try {
    for (let i = 0; i < steps; i++) await history.step();
    await history.end();
  } finally {
    setAttendant(() => {}, () => true);
    clock.reset();
  }
}

/** What a wait does. */
interface Plan {
  /** It takes `count` of each of these words, one word after the other. */
  readonly words: readonly number[];
  readonly count: number;
  /** It wakes its own line each time it ends, in the middle of its steps. */
  readonly looks: boolean;
  readonly fails: boolean;
  /** It runs another wait in its own line when it has all. */
  readonly runs: boolean;
}

type Outcome = { value: unknown } | { error: unknown };

/** The steps of one wait: by hand, so that each call is seen. */
class Wait {
  readonly history: History;
  readonly id: number;
  readonly line: number;
  readonly plan: Plan;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** What its promise must tell; undefined: it still stands in line. */
  outcome: Outcome | undefined;
  /** Its word changed after its look, so it must look again at once. */
  mustLook = false;
  #held = 0;
  #isRunning = false;

  constructor(
    history: History,
    id: number,
    line: number,
    plan: Plan,
    deadline: number,
    signal: AbortSignal | undefined,
  ) {
    this.history = history;
    this.id = id;
    this.line = line;
    this.plan = plan;
    this.deadline = deadline;
    this.signal = signal;
  }

  /** The word that it wants next. */
  get word(): number {
    return this.plan.words[this.#held]!;
  }

  /** Whether a look would get it further. */
  get canGo(): boolean {
    return this.outcome === undefined &&
      this.history.words.load(this.word) >= this.plan.count;
  }

  get steps(): Steps<number> {
    return {
      next: () => this.#whole(() => this.#next()),
      return: () => this.#whole(() => this.#return()),
    } as unknown as Steps<number>;
  }

  #whole<R>(run: () => R): R {
    if (this.#isRunning) throw this.history.find(`${this} runs inside itself`);
    this.#isRunning = true;
    this.history.depth++;
    try {
      return run();
    } finally {
      this.#isRunning = false;
      this.history.depth--;
    }
  }

  #next(): IteratorResult<Park, number> {
    const { history, plan } = this;
    history.mustBeFirst(this);
    this.mustLook = false;
    while (this.#held < plan.words.length) {
      const { words } = history;
      const index = this.word;
      const value = words.load(index);
      if (value < plan.count) {
        this.mustLook = history.interfere(index);
        return { done: false, value: { words, index, value } };
      }
      words.store(index, value - plan.count);
      this.#held++;
    }
    if (plan.looks) history.lines[this.line]!.look();
    if (plan.runs) history.run(this.line);
    if (plan.fails) {
      const error = new RangeError(`${this} fails`);
      history.over(this, { error });
      throw error;
    }
    history.over(this, { value: this.id });
    return { done: true, value: this.id };
  }

  #return(): IteratorResult<Park, number> {
    const { history } = this;
    if (this.outcome !== undefined) throw history.find(`${this} left twice`);
    this.mustLook = false;
    if (this.signal?.aborted) {
      history.over(this, { error: this.signal.reason });
    } else {
      if (clock.now < this.deadline) history.find(`${this} left too soon`);
      if (history.isFirst(this) && this.canGo) {
        history.find(`${this} expired without a last look`);
      }
      history.over(this, { value: EXPIRED });
    }
    while (this.#held > 0) {
      this.#held--;
      history.give(this.word, this.plan.count, true);
    }
    if (this.plan.looks) history.lines[this.line]!.look();
    return { done: true, value: this.id };
  }

  toString(): string {
    return `wait ${this.id}`;
  }
}

class History {
  readonly words: HeldWords;
  readonly lines = Array.from({ length: LINES }, () => new Line());
  /** How many steps run right now, one inside the other. */
  depth = 0;
  readonly #seed: number;
  readonly #random: Random;
  /** Whether a notify wakes all, so that waits may want more than one. */
  readonly #wakesAll: boolean;
  /** How many wait at once, at most. */
  readonly #most: number;
  readonly #waits: Wait[][] = Array.from({ length: LINES }, () => []);
  readonly #signals: CountedSignal[];
  /** Changed without a notify: only a slice heals that. */
  readonly #lost = new Set<number>();
  /** Notified by this process since the last step: heard without a delivery. */
  readonly #told = new Set<number>();
  /** Whether the next step ends with a quiet moment. */
  #isDue = false;
  #isAlive = true;
  /** What the other process gives when it is looked for and found dead. */
  #gift: number | undefined;
  #isGiving = false;
  /** How many waits have an outcome, and how many of them have settled. */
  #ended = 0;
  #settled = 0;
  /** Calls whose notify may be passed on, less those that were. */
  #passable = 0;
  #waited = 0;
  #finding: Error | undefined;
  readonly #log: string[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = randomOf(seed);
    this.#wakesAll = this.#chance(0.3);
    this.#most = 1 + this.#random(MOST_WAITS);
    this.words = new HeldWords(WORDS, this.#chance(0.5), () => {
      if (!this.#isGiving && --this.#passable < 0) {
        this.find("a notify came from nowhere");
      }
    });
    this.#signals = Array.from({ length: SIGNALS }, () => new CountedSignal());
    setAttendant(() => {}, () => this.#look());
  }

  /** Does something, lets promises go on for a while, and checks. */
  async step(): Promise<void> {
    if (this.#chance(0.1)) this.#interruptTimer();
    clock.early = this.#chance(0.2) ? 0.4 : 0;
    this.#act(this.#random(100));
    if (this.#told.size > 0) {
      await turns(QUIET);
      this.#mustBeServed([...this.#told], "did not hear of its own process");
      this.#told.clear();
    } else await turns(this.#random(4));
    this.#check();
    if (this.#isDue) await this.#settle();
    this.#isDue = false;
    this.#check();
  }

  /** Ends all that still waits, and looks for what is left behind. */
  async end(): Promise<void> {
    await this.#settle();
    for (let i = 0; this.#waits.some(({ length }) => length > 0); i++) {
      if (i > 1000) throw this.find("a line does not come to its end");
      const [wait] = this.#waits.find(({ length }) => length > 0)!;
      this.#say(`end: serves ${wait}`);
      this.give(wait!.word, wait!.plan.count, true);
      await this.#settle();
    }
    for (let index = 0; index < WORDS; index++) {
      const probe = () => {};
      const value = this.words.load(index);
      const watching = watch({ words: this.words, index, value }, probe)!;
      if (watching.wakers.size > 1) this.find("a waker was left behind");
      unwatch(watching, probe);
    }
    this.#check();
  }

  /** Takes down what is wrong; the step throws it when it is over. */
  find(what: string): Error {
    this.#finding ??= new Error(
      `seed ${this.#seed}: ${what}\n  ${this.#log.slice(-25).join("\n  ")}`,
    );
    return this.#finding;
  }

  isFirst(wait: Wait): boolean {
    return this.#waits[wait.line]![0] === wait;
  }

  mustBeFirst(wait: Wait): void {
    if (wait.outcome !== undefined) throw this.find(`${wait} looks when over`);
    if (!this.isFirst(wait)) throw this.find(`${wait} looks out of turn`);
  }

  /** The wait has left its line. */
  over(wait: Wait, outcome: Outcome): void {
    this.#say(`${wait} is over: ${Object.values(outcome).map(String)}`);
    wait.outcome = outcome;
    this.#ended++;
    const line = this.#waits[wait.line]!;
    line.splice(line.indexOf(wait), 1);
  }

  /** Another process gives to a word between the look at it and the sleep. */
  interfere(index: number): boolean {
    if (!this.#isAlive || !this.#chance(0.1) || this.#hasEnough(index)) {
      return false;
    }
    this.give(index, 1, false);
    return true;
  }

  /** This process gives to a word, or another does, and notifies. */
  give(index: number, count: number, isOwn: boolean): void {
    this.#say(`${isOwn ? "this" : "the other"} gives ${count} to [${index}]`);
    this.words.add(index, count);
    const woken = this.#wakesAll ? Infinity : count;
    if (!isOwn) {
      this.#told.delete(index);
      this.words.wake(index, woken);
      return;
    }
    this.#told.add(index);
    this.#isGiving = true;
    this.words.notify(index, woken);
    this.#isGiving = false;
  }

  /** A new wait in a line. */
  run(line: number): void {
    const first = this.#random(WORDS);
    const second = (first + 1) % WORDS;
    const plan: Plan = {
      words: this.#chance(0.3) ? [first, second] : [first],
      count: this.#wakesAll ? 1 + this.#random(3) : 1,
      looks: this.#chance(0.2),
      fails: this.#chance(0.1),
      runs: this.#chance(0.1),
    };
    const deadline = this.#chance(0.5)
      ? Infinity
      : clock.now - 5 + this.#random(150);
    const which = this.#random(2 * SIGNALS);
    const signal = this.#signals[which]?.signal;
    const wait = new Wait(this, ++this.#waited, line, plan, deadline, signal);
    const place = this.#waits[line]!;
    this.#say(
      `${wait} runs in line ${line} after ${place.length}: ` +
        `${plan.count} of [${plan.words}], until ${deadline}` +
        `${signal === undefined ? "" : `, signal ${which}`}` +
        `${plan.looks ? ", looks" : ""}${plan.fails ? ", fails" : ""}` +
        `${plan.runs ? ", runs" : ""}`,
    );
    if (signal?.aborted) {
      wait.outcome = { error: signal.reason };
      this.#ended++;
    } else place.push(wait);
    const promise = this.lines[line]!.run(wait.steps, deadline, signal);
    promise.then(
      (value) => this.#hear(wait, { value }),
      (error) => this.#hear(wait, { error }),
    );
  }

  /** The promise of a wait has settled. */
  #hear(wait: Wait, told: Outcome): void {
    this.#settled++;
    const { outcome } = wait;
    const isRight = outcome !== undefined &&
      ("value" in outcome
        ? "value" in told && told.value === outcome.value
        : "error" in told && told.error === outcome.error);
    if (!isRight) {
      this.find(`${wait} told ${Object.values(told).map(String)}`);
    }
  }

  #act(dice: number): void {
    const index = this.#random(WORDS);
    const line = this.#random(LINES);
    const asleep = this.words.callsAsleep.length;
    const woken = this.words.callsWoken;
    const isFull = this.#hasEnough(index);
    if (dice < 24) {
      if (this.#pending < this.#most) this.run(line);
    } else if (dice < 36) {
      if (this.#isAlive && !isFull) this.give(index, 1, false);
    } else if (dice < 38) this.#giveSilently(index);
    else if (dice < 46) {
      if (!isFull) this.give(index, 1, true);
    } else if (dice < 52) {
      if (this.#isAlive && this.words.load(index) === 0) {
        this.#say(`the other sleeps on [${index}]`);
        this.words.sleepOther(index);
      }
    } else if (dice < 58) this.#lookOthers();
    else if (dice < 68) {
      if (woken > 0) this.#deliver(this.#random(woken));
    } else if (dice < 71) {
      if (asleep > 0) {
        this.#say("a call times out");
        this.words.timeOut(this.#random(asleep));
      }
    } else if (dice < 77) this.#abort(this.#random(SIGNALS));
    else if (dice < 87) {
      this.#say("time passes");
      clock.advance(1 + this.#random(40));
    } else if (dice < 89) {
      this.#say(`rouse [${index}]`);
      rouse({ words: this.words, index, value: 0 });
    } else if (dice < 91) {
      this.#say(`look ${line}`);
      this.lines[line]!.look();
    } else if (dice < 92) this.#die();
    else if (dice < 93) this.#changeOver(line);
    else if (dice < 94) {
      if (this.#isAlive) this.#gift ??= index;
    } else if (dice < 97) this.#live();
    else this.#isDue = true;
  }

  #giveSilently(index: number): void {
    if (!this.#isAlive || this.#hasEnough(index)) return;
    this.#say(`the other gives to [${index}] and is cut before it notifies`);
    this.words.add(index, 1);
    this.#lost.add(index);
  }

  /** Other processes that were woken take what they slept for, or sleep on. */
  #lookOthers(): void {
    for (const index of this.words.takeOthers()) {
      this.#say(`the other looks at [${index}]`);
      if (this.words.load(index) > 0) this.words.add(index, -1);
      else this.words.sleepOther(index);
    }
  }

  #deliver(which: number): void {
    const how = this.words.deliver(which);
    this.#say(`a call ends: ${how}`);
    if (how === "ok") this.#passable++;
  }

  #abort(which: number): void {
    const old = this.#signals[which]!;
    if (old.signal.aborted) {
      this.#signals[which] = new CountedSignal();
      return;
    }
    this.#say(`abort ${which}`);
    old.abort(new RangeError(`abort ${which}`));
  }

  #die(): void {
    if (!this.#isAlive) return;
    this.#say("the other dies");
    this.#isAlive = false;
    this.#gift = undefined;
    // It may have been woken and take its wake with it.
    for (const index of this.words.othersWoken) this.#lost.add(index);
    this.words.killOthers();
  }

  /**
   * The only wait ends; a few microtasks later another begins, is given what it
   * wants by the other process, which dies, and a third begins.
   */
  #changeOver(line: number): void {
    const [wait] = this.#waits.flat();
    if (this.#pending !== 1 || !this.#isAlive) return;
    this.give(wait!.word, wait!.plan.count, true);
    let left = this.#random(QUIET / 2);
    const goOn = () => {
      if (left-- > 0) return queueMicrotask(goOn);
      this.run(line);
      // It may have died in that.
      if (!this.#isAlive) return;
      const [next] = this.#waits[line]!;
      if (next !== undefined) this.give(next.word, next.plan.count, false);
      this.#die();
      this.run((line + 1) % LINES);
    };
    goOn();
  }

  #live(): void {
    if (this.#isAlive) return;
    this.#say("another lives");
    this.#isAlive = true;
    reconsider();
    const [, beats] = clock.counts;
    if (this.#pending > 0 && beats === 0) this.find("nothing ticks");
  }

  /** What a line asks for: whether another process lives. */
  #look(): boolean {
    const gift = this.#gift;
    if (gift === undefined) return this.#isAlive;
    this.#say(`the other gives to [${gift}] without a notify`);
    this.words.add(gift, 1);
    this.#die();
    return false;
  }

  /** The next timer that is set runs microtasks, as a program's first does. */
  #interruptTimer(): void {
    const index = this.#random(WORDS);
    const which = this.#random(SIGNALS);
    const line = this.#random(LINES);
    const dice = this.#random(4);
    clock.interrupt = () => {
      if (this.depth > 0) return;
      this.#say("while a timer is set:");
      if (dice === 0) this.#abort(which);
      else if (dice === 1) this.lines[line]!.look();
      else if (dice === 2) this.run(line);
      else if (!this.#hasEnough(index)) {
        this.give(index, 1, true);
        this.lines[line]!.look();
      }
    };
  }

  /** Delivers all, then lets a slice pass: no promise may wait in vain. */
  async #settle(): Promise<void> {
    await this.#deliverAll();
    const clean = ALL.filter((index) => !this.#lost.has(index));
    this.#mustBeServed(clean, "was not woken");
    for (const index of this.words.othersAsleep) {
      if (clean.includes(index) && this.words.load(index) > 0) {
        this.find(`a notify of [${index}] was not passed on`);
      }
    }
    const wanted = this.#waits.map(([first]) => first?.word);
    const asleep = this.words.hasForget ? this.words.callsAsleep : [];
    for (const index of asleep.filter((index) => !wanted.includes(index))) {
      this.find(`a call on [${index}] was left behind`);
    }
    this.#say("a slice passes");
    clock.advance(SLICE);
    this.words.rouseOthers();
    await this.#deliverAll();
    this.#lost.clear();
    this.#mustBeServed(ALL, "slept for longer than a slice");
    if (this.#settled !== this.#ended) this.find("a promise never settles");
    const expected = this.#isAlive && this.#pending > 0 ? 1 : 0;
    const [, beats] = clock.counts;
    if (beats !== expected) {
      this.find(`${beats} beats instead of ${expected}`);
    }
  }

  async #deliverAll(): Promise<void> {
    do {
      this.#lookOthers();
      if (this.words.callsWoken > 0) this.#deliver(0);
      await turns(QUIET);
      if (this.#finding !== undefined) throw this.#finding;
    } while (this.words.callsWoken > 0 || this.words.othersWoken.length > 0);
  }

  /** The first of each line must not stand before what it waits for. */
  #mustBeServed(indexes: readonly number[], otherwise: string): void {
    for (const [first] of this.#waits) {
      if (first?.canGo && indexes.includes(first.word)) {
        this.find(`${first} ${otherwise}: [${first.word}]`);
      }
    }
  }

  /** What holds between any two steps. */
  #check(): void {
    const waits = this.#waits.flat();
    for (const wait of waits) {
      if (wait.mustLook) this.find(`${wait} sleeps on a word that has changed`);
    }
    this.#waits.forEach(({ length }, line) => {
      if (this.lines[line]!.length !== length) {
        this.find(`line ${line} tells another length than ${length}`);
      }
    });
    this.#signals.forEach(({ signal, listeners }, which) => {
      const expected = waits.filter((wait) => wait.signal === signal).length;
      if (listeners !== expected) {
        this.find(`signal ${which}: ${listeners} listeners, not ${expected}`);
      }
    });
    const limited = waits.filter(({ deadline }) => deadline !== Infinity);
    const [timeouts, beats] = clock.counts;
    for (const [first] of this.#waits) {
      // Its wake is on its way, and a pending call keeps no program alive.
      if (beats === 0 && first?.canGo) {
        this.find(`${first} is left alone with its wake`);
      }
    }
    if (timeouts !== limited.length) {
      this.find(`${timeouts} timeouts instead of ${limited.length}`);
    }
    if (this.#finding !== undefined) throw this.#finding;
  }

  /** How many stand in line. */
  get #pending(): number {
    return this.#waits.reduce((sum, { length }) => sum + length, 0);
  }

  #hasEnough(index: number): boolean {
    return this.words.load(index) >= ENOUGH;
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #say(what: string): void {
    this.#log.push(`${clock.now} ${what}`);
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}
