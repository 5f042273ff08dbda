// Copyright 2026 the authors. MIT license.

// The table of processes (program/table.ts) and its mistakes:
// `?mistake=keepsTheGeneration` …

import type * as machines from "../../../program/table.ts";
import { runSync } from "../../../memory/park.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";
import { wordsWith } from "./own_words.ts";

const NOTIFY_END = `      if (this.words.cas(at, state, ended) === state) break;
    }
    this.words.notify(at, Infinity);
`;

const { runningState, stateIndex, Table } = await importWith(
  "program/table.ts",
  import.meta.url,
  {
    claimsWithoutComparing: [[
      `      if (words.cas(at, state, pack(generation, 0, CLAIMED)) !== state) {
        continue;
      }
`,
      "      words.store(at, pack(generation, 0, CLAIMED));\n",
    ]],
    keepsTheGeneration: [[
      "nextGeneration(generationOf(state))",
      "generationOf(state)",
    ]],
    publishesTooEarly: [[
      "      this.#fill(at, tokenOf(generation, slot), process);\n",
      `      words.store(at, pack(generation, 0, RUNNING));
      this.#fill(at, tokenOf(generation, slot), process);
`,
    ]],
    lowersSlotsInUse: [[
      "      this.#raiseSlotsInUse(slot + 1);\n",
      `      if (words.load(SLOTS_IN_USE) <= slot) {
        words.store(SLOTS_IN_USE, slot + 1);
      }
`,
    ]],
    takesALivingParentsSlot: [["|| this.isAlive(parent)) return", ") return"]],
    endsWithAnotherCode: [[
      "phase === STOPPING ? codeOf(state) : code",
      "code",
    ]],
    endsOnlyOnce: [[
      "if (this.words.cas(at, state, ended) === state) break;",
      "this.words.cas(at, state, ended); break;",
    ]],
    endsSilently: [[NOTIFY_END, NOTIFY_END.replace(/.*notify.*\n/, "")]],
    stopsWithoutComparing: [[
      "if (this.words.cas(at, running, stopping) !== running) return false;",
      "this.words.store(at, stopping);",
    ]],
    stopsSilently: [[
      `!== running) return false;
    this.words.notify(at, Infinity);
`,
      "!== running) return false;\n",
    ]],
    beginsTheGraceTooLate: [
      ["    this.words.store(at + STOPPED_AT, clock());\n", ""],
      [
        `!== running) return false;
    this.words.notify(at, Infinity);
`,
        `!== running) return false;
    this.words.store(at + STOPPED_AT, clock());
    this.words.notify(at, Infinity);
`,
      ],
    ],
    neverGivesUp: [["phase === STOPPING && this.#isOverdue(at)", "false"]],
    freesWithoutComparing: [[
      "this.words.cas(at, state, state - ENDED + FREE);",
      "this.words.store(at, state - ENDED + FREE);",
    ]],
    tellsOfAnother: [[
      "    if (!this.#isItsSlot(token)) return FORGOTTEN;\n",
      "",
    ]],
    blamesForAnother: [[" && this.#isItsSlot(token);", ";"]],
    trustsTheDead: [["!this.#memory.isOccupied(slotOf(host))", "false"]],
    asksForTheOldHost: [[
      "if (this.words.load(at + HOST) === host) return true;",
      "return true;",
    ]],
    claimsWithoutEvicting: [[
      `cas(at + HOST, host, EVICTED) === host;`,
      "load(at + HOST) === host;",
    ]],
    movesInWithoutComparing: [[
      "return words.cas(at + HOST, host, token) === host && this.isRunning(token);",
      "words.store(at + HOST, token); return true;",
    ]],
  },
) as typeof machines;

// Four slots, handed out from 1 on; where threads are OS processes, thread t
// has slot t + 1. Behind them are words of the scenarios' own.
const SLOTS = 4;
const TABLE = stateIndex(SLOTS);
/** The state of each slot as it was last seen by the invariant. */
const SEEN = TABLE;
/** Tokens that the threads tell each other. */
const TOKENS = TABLE + 8;
/** What was decided, by thread. */
const RESULTS = TABLE + 16;
/** Which OS processes have moved in, by slot. */
const HELD = TABLE + 24;

// Of program/table.ts, which does not export them.
const LAST_SLOT = 1;
const STOPPED_AT = 5;
const HOST = 8;
const FREE = 0;
const CLAIMED = 1;
const RUNNING = 2;
const STOPPING = 3;
const ENDED = 4;

/** A wait as long as the grace: its end is the end of that too. */
const LONG_SLICE = 501;

interface View {
  words: Words;
  bytes: Uint8Array;
  isDead?: (thread: number) => boolean;
}

/** The table as the OS process of `host` sees it. */
function tableOf({ words, bytes, isDead }: View, host = 0) {
  // All words of the checker, but only these of them are the table's.
  const own = wordsWith(words, { length: TABLE });
  const table = new Table({
    words: own,
    bytes,
    handle: undefined as never,
    occupy: (slot) => words.store(HELD + slot, 1),
    isOccupied: (slot) =>
      words.load(HELD + slot) === 1 && isDead?.(slot - 1) !== true,
  });
  table.host = host;
  return table;
}

function enter(
  table: machines.Table,
  process: Partial<machines.NewProcess> = {},
): number {
  return table.allocate({
    parent: 0,
    pid: 1,
    host: table.host,
    daemon: false,
    name: "",
    ...process,
  });
}

/** A slot that was used before: what is left of it must mislead no process. */
function nextSlot(words: Words, slot: number): void {
  words.store(LAST_SLOT, slot - 1);
}

function token(words: Words, place: number): number {
  return words.load(TOKENS + place);
}

/**
 * Every change of a state word is one of the table at the top of the file, and
 * an exit code never changes. The marks of what was seen before are no steps.
 */
function obeysTheTable(words: Words): boolean {
  for (let slot = 0; slot < SLOTS; slot++) {
    const state = words.peek(stateIndex(slot));
    const seen = words.peek(SEEN + slot);
    if (state === seen) continue;
    words.poke(SEEN + slot, state);
    if (!isAllowed(seen, state)) return false;
  }
  return true;
}

/** A scenario in which no change breaks the table of the states. */
function obeying(scenario: Scenario): Scenario {
  return { ...scenario, invariant: obeysTheTable };
}

function isAllowed(from: number, to: number): boolean {
  const [phase, next] = [from & 7, to & 7];
  const code = to >>> 3 & 0x1ff;
  const keepsCode = code === (from >>> 3 & 0x1ff);
  if (next === CLAIMED) {
    return to >>> 12 === (from >>> 12) + 1 && phase !== CLAIMED;
  }
  if (to >>> 12 !== from >>> 12) return false;
  if (phase === CLAIMED) return next === RUNNING && keepsCode;
  if (phase === RUNNING) return next === STOPPING || next === ENDED;
  if (phase === STOPPING) return next === ENDED && keepsCode;
  return phase === ENDED && next === FREE && keepsCode;
}

function end(words: Words, { bytes, assert }: Ending) {
  return { table: tableOf({ words, bytes }), assert };
}

function begin(
  prepare: (table: machines.Table, words: Words) => void,
): NonNullable<Scenario["init"]> {
  return (words, bytes) => {
    prepare(tableOf({ words, bytes }), words);
    obeysTheTable(words);
    for (let slot = 0; slot < SLOTS; slot++) {
      words.poke(SEEN + slot, words.peek(stateIndex(slot)));
    }
  };
}

/** A process in slot 1, whose token all know. */
const oneRuns = begin((table, words) => {
  words.store(TOKENS, enter(table, { ident: 7, name: "one" }));
  // Long ago, as the process before it has left it.
  words.store(stateIndex(token(words, 0)) + STOPPED_AT, -10_000);
});

/** The token of a process that is none of those of a scenario. */
function strangers(slot: number): number {
  return 77 << 10 | slot;
}

function allocates(context: ThreadContext): void {
  const { words, thread, assert } = context;
  const table = tableOf(context);
  const parent = strangers(thread);
  const mine = enter(table, { parent, ident: thread + 1 });
  words.store(TOKENS + thread, mine);
  assert(table.isRunning(mine), "it does not run");
  assert(table.parentOf(mine) === parent, "its parent is another");
  assert(table.identOf(mine) === thread + 1, "its ident is another");
}

function looksRound(context: ThreadContext): void {
  const table = tableOf(context);
  for (const token of table.living()) {
    context.assert(table.parentOf(token) !== 0, "it is not filled in yet");
  }
}

/** Two parents start a process at once. */
export const twoAllocate = obeying({
  threads: [allocates, allocates],
  finally(words, ending) {
    const { table, assert } = end(words, ending);
    const [a, b] = [token(words, 0), token(words, 1)];
    assert(a !== b, "both have the same token");
    const living = table.living();
    assert(living.includes(a) && living.includes(b), "one of them is missing");
  },
});

/** A third thread looks meanwhile which processes live. */
export const oneLooks = obeying({
  threads: [allocates, looksRound],
});

const deadInSlotOne = begin((table, words) => {
  words.store(TOKENS + 2, enter(table));
  table.end(token(words, 2), 3);
  nextSlot(words, 1);
});

/**
 * The same where a slot was used before, and its old token is not forgotten.
 */
export const aSlotIsReused = obeying({
  init: deadInSlotOne,
  threads: [
    (context) => {
      const table = tableOf(context);
      const old = token(context.words, 2);
      table.free(old);
      context.words.store(TOKENS, enter(table));
    },
    (context) => {
      const table = tableOf(context);
      const old = token(context.words, 2);
      context.assert(!table.isAlive(old), "the dead one lives");
      context.assert(!table.stop(old, -9), "the dead one was stopped");
      table.end(old, 9);
      table.free(old);
    },
  ],
  finally(words, ending) {
    const { table, assert } = end(words, ending);
    assert(table.isRunning(token(words, 0)), "the new one was taken for it");
  },
});

/** Two of its parent's threads free a slot, which a third takes in between. */
export const freedOnce = obeying({
  init: deadInSlotOne,
  threads: [
    aSlotIsReused.threads[0]!,
    (context) => tableOf(context).free(token(context.words, 2)),
  ],
  finally: aSlotIsReused.finally!,
});

/** An epitaph is read while the slot goes to another. */
export const anEpitaphIsRead = obeying({
  init: begin((table, words) => {
    words.store(TOKENS + 2, enter(table, { ident: 7, name: "dead" }));
    table.end(token(words, 2), 3);
    table.free(token(words, 2));
    nextSlot(words, 1);
  }),
  threads: [
    (context) => void enter(tableOf(context), { ident: 8, name: "new" }),
    (context) => {
      const { name, ident, exitCode } = tableOf(context).epitaph(
        token(context.words, 2),
      );
      const isItsOwn = name === "dead" && ident === 7 && exitCode === 3;
      const isEmpty = name === undefined && ident === undefined;
      context.assert(isItsOwn || isEmpty, `it tells of ${name}, ${ident}`);
    },
  ],
});

function joins(context: ThreadContext): void {
  const { words, thread } = context;
  const table = tableOf(context);
  runSync(table.ended(token(words, 0)), Infinity, LONG_SLICE);
  words.store(RESULTS + thread, table.exitCode(token(words, 0))!);
}

function stops(context: ThreadContext): void {
  const isIts = tableOf(context).stop(token(context.words, 0), -15);
  context.words.store(RESULTS + context.thread, isIts ? -15 : 3);
}

function worksAndEnds(context: ThreadContext): void {
  const table = tableOf(context);
  table.isRunning(token(context.words, 0));
  table.end(token(context.words, 0), 3);
}

/** A process ends by itself while it is told to stop, and a third joins it. */
export const endsOrIsStopped = obeying({
  init: oneRuns,
  threads: [worksAndEnds, stops, joins],
  finally(words, ending) {
    const { table, assert } = end(words, ending);
    const code = words.load(RESULTS + 2);
    assert(code === words.load(RESULTS + 1), `the joiner has seen ${code}`);
    assert(code === table.exitCode(token(words, 0)), "it has another code now");
    assert(!table.wasCut(token(words, 0)), "it was cut without any grace");
  },
});

/** Two tell it to stop: one of them decides. */
export const twoStop = obeying({
  init: oneRuns,
  threads: [stops, (context) => {
    const isIts = tableOf(context).stop(token(context.words, 0), -9);
    context.words.store(RESULTS + 1, isIts ? -9 : 3);
  }],
  finally(words, ending) {
    const { table, assert } = end(words, ending);
    const decided = [words.load(RESULTS), words.load(RESULTS + 1)]
      .filter((code) => code !== 3);
    assert(decided.length === 1, "not exactly one of them has stopped it");
    assert(table.exitCode(token(words, 0)) === decided[0], "another's code");
  },
});

/** A process that sleeps until it is told to stop. */
export const obeysAStop = obeying({
  init: oneRuns,
  threads: [
    (context) => {
      const table = tableOf(context);
      const at = stateIndex(token(context.words, 0));
      const running = runningState(token(context.words, 0));
      while (table.isRunning(token(context.words, 0))) {
        context.words.wait(at, running, Infinity);
      }
      table.end(token(context.words, 0), 0);
    },
    stops,
    joins,
  ],
  finally: endsOrIsStopped.finally!,
});

/** Told to stop at a time that the threads' clock knows. */
const oneIsStopped = begin((table, words) => {
  words.store(TOKENS, enter(table));
  table.stop(token(words, 0), -15);
  words.store(stateIndex(token(words, 0)) + STOPPED_AT, 0);
});

/** A process ignores a stop: one that looks after the grace cuts it. */
export const ignoresAStop = obeying({
  init: oneIsStopped,
  threads: [joins, joins],
  finally(words, ending) {
    const { table, assert } = end(words, ending);
    assert(words.load(RESULTS) === -15, "the first has seen another code");
    assert(words.load(RESULTS + 1) === -15, "the second has seen another code");
    assert(table.wasCut(token(words, 0)), "it does not say that it was cut");
  },
});

/** One obeys when two that wait for it may have given it up. */
export const obeysLate = obeying({
  init: oneIsStopped,
  threads: [joins, joins, worksAndEnds],
  finally(words, { assert }) {
    assert(words.load(RESULTS) === -15, "the first has seen another code");
    assert(words.load(RESULTS + 1) === -15, "the second has seen another code");
  },
});

/** An OS process that may be killed, and another that waits for its end. */
export const oneIsKilled = obeying({
  init: begin((table, words) => {
    words.store(TOKENS, enter(table, { isSpawned: true, host: 1 }));
    words.store(stateIndex(token(words, 0)) + HOST, token(words, 0));
    words.store(HELD + 1, 1);
  }),
  threads: [worksAndEnds, (context) => {
    const table = tableOf(context);
    runSync(table.ended(token(context.words, 0)), Infinity);
  }],
});

const PARENT = 0;
const CHILD = 1;
const THIRD = 2;

/**
 * Thread 0 is an OS process that has started another, thread 1, and may die;
 * thread 2 is a third. No slot is free.
 */
const aChildBegins = begin((table, words) => {
  for (const thread of [PARENT, CHILD, THIRD]) {
    const parent = thread === CHILD ? token(words, PARENT) : 0;
    const mine = enter(table, { parent, isSpawned: true });
    words.store(TOKENS + thread, mine);
    const host = thread === CHILD ? parent : mine;
    words.store(stateIndex(mine) + HOST, host);
    if (thread !== CHILD) words.store(HELD + thread + 1, 1);
  }
  enter(table);
});

/** Notes at the death of its parent whether the child answered for itself. */
function parentDied(words: Words): void {
  const child = token(words, CHILD);
  if (words.peek(stateIndex(child) + HOST) === child) {
    words.poke(RESULTS + PARENT, 1);
  }
}

function endsLast({ words }: ThreadContext): void {
  words.load(TOKENS);
}

function movesIn(context: ThreadContext): void {
  const { words } = context;
  const table = tableOf(context, token(words, CHILD));
  if (table.moveIn(token(words, CHILD))) words.store(RESULTS + CHILD, 1);
}

/** A third asks whether the child lives while that moves in. */
export const aChildIsSeen = obeying({
  init: aChildBegins,
  threads: [endsLast, movesIn, (context) => {
    const { words } = context;
    const table = tableOf(context, token(words, THIRD));
    if (!table.isAlive(token(words, CHILD))) words.store(RESULTS + THIRD, 1);
  }],
  died: parentDied,
  finally(words, { assert }) {
    const wasInItself = words.load(RESULTS + PARENT) === 1;
    const seemedDead = words.load(RESULTS + THIRD) === 1;
    assert(!(wasInItself && seemedDead), "it lived, and seemed to be dead");
  },
});

/** A third needs a slot: it may have the child's only if that cannot begin. */
export const aSlotIsNeeded = obeying({
  init: aChildBegins,
  threads: [endsLast, movesIn, (context) => {
    const { words } = context;
    const table = tableOf(context, token(words, THIRD));
    try {
      const mine = enter(table, {
        parent: strangers(0),
        isSpawned: true,
        host: 5,
      });
      words.store(TOKENS + THIRD, mine);
      words.store(RESULTS + THIRD, 1);
    } catch (error) {
      context.assert(error instanceof Error, "it failed otherwise");
    }
  }],
  died: parentDied,
  finally(words, { assert }) {
    if (words.load(RESULTS + THIRD) === 0) return;
    assert(words.load(RESULTS + CHILD) === 0, "its process had moved in");
    const host = words.load(stateIndex(token(words, THIRD)) + HOST);
    assert(host === 5, "the new process has another host");
  },
});

/** A third needs a slot while the parent reads the code of the dead in it. */
export const aCodeIsRead = obeying({
  init: begin((table, words) => {
    const parent = enter(table);
    const child = enter(table, { parent });
    table.end(child, 3);
    words.store(TOKENS + CHILD, child);
    for (let i = 2; i < SLOTS; i++) enter(table);
  }),
  threads: [
    (context) => {
      const table = tableOf(context);
      const child = token(context.words, CHILD);
      context.assert(table.exitCode(child) === 3, "its code is lost");
      table.free(child);
    },
    (context) => {
      try {
        enter(tableOf(context));
      } catch (error) {
        const isFull = `${error}`.includes("4 processes are running already");
        context.assert(isFull, `it failed otherwise: ${error}`);
      }
    },
  ],
});

/** One asks whether the dead has failed while its slot goes to another. */
export const aFailureIsLookedFor = obeying({
  init: begin((table, words) => {
    const parent = enter(table);
    table.end(parent, 0);
    const child = enter(table, { parent, isSpawned: true });
    words.store(TOKENS + CHILD, child);
    words.store(stateIndex(child) + HOST, child);
    table.announceExit(child, 0);
    nextSlot(words, 2);
  }),
  threads: [
    (context) => void enter(tableOf(context, 5), { parent: strangers(0) }),
    (context) => {
      const table = tableOf(context, 5);
      const hasFailed = table.hasFailed(token(context.words, CHILD));
      context.assert(!hasFailed, "another process was taken for it");
    },
  ],
});
