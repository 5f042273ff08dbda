// Copyright 2026 the authors. MIT license.

// The directory of shared memory (shared/blocks.ts) and its mistakes:
// `?mistake=publishesFirst` …

import { lockerOf } from "../../../program/locker.ts";
import type * as machines from "../../../shared/blocks.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";

const { Blocks } = await importWith("shared/blocks.ts", import.meta.url, {
  locksNothing: [
    ["    this.#mutex.acquireSync();\n", ""],
    ["      this.#mutex.release();\n", ""],
  ],
  looksBeforeItLocks: [[
    `    return this.#locked(() => {
      if (this.#find(encoded) !== undefined) return "exists";`,
    `    if (this.#find(encoded) !== undefined) return "exists";
    return this.#locked(() => {`,
  ]],
  publishesFirst: [[
    "      this.#clear(start, units);\n",
    `      this.#words.store(
        this.#at(entry) + STATE,
        stateOf(next(generationOf(this.#words.peek(this.#at(entry)))), LIVE),
      );
      this.#clear(start, units);
`,
  ]],
  clearsNothing: [["if (!isClear(cells)) cells.fill(0);", ""]],
  forgetsTheMark: [["if (end > high) words.store(HIGH, end);", ""]],
  forgetsTheLiving: [[
    "if (this.#locker.isAlive(holder)) return;",
    "if (holder === this.#locker.token) return;",
  ]],
  waitsForTheDead: [["this.#locker.isAlive(holder)", "true"]],
  freesByEntry: [[
    "if (this.#words.peek(at + STATE) !== live) return false;",
    "",
  ]],
}) as typeof machines;

/** Room for two blocks of a unit; or for one of two. */
const SHAPE = { entries: 2, holders: 4 };
const UNIT = 64;
/** Of the blocks; the words behind it are the scenario's. */
export const REGION_BYTES = 14 * UNIT;
/** How often a thread got a block. */
const GOT = REGION_BYTES / 4;
/** One thread tells another that it is ready. */
const READY = GOT + 1;
/** Of the block that it told of. */
const GENERATION = GOT + 2;

/** The process that looks when all others are gone. */
const JUDGE = 3;

function blocksOf(
  words: Words,
  bytes: Uint8Array,
  thread: number,
  isDead: (thread: number) => boolean,
): machines.Blocks {
  const locker = lockerOf(
    tokenOf(thread),
    (token) => !isDead(token - tokenOf(0)),
  );
  const region = { words, bytes: bytes.subarray(0, REGION_BYTES) };
  return new Blocks(region, locker, SHAPE);
}

function tokenOf(thread: number): number {
  return 1 << 10 | thread;
}

function own({ words, bytes, thread, isDead }: ThreadContext): machines.Blocks {
  return blocksOf(words, bytes, thread, isDead);
}

/** Writes all over a new block; no other thread may. */
function use(context: ThreadContext, block: machines.Block): void {
  const { words, thread, assert } = context;
  assert(block.bytes.every((byte) => byte === 0), "a new block is not empty");
  block.bytes.fill(thread + 1);
  words.add(GOT, 1);
  assert(
    block.bytes.every((byte) => byte === thread + 1),
    "two have the same block",
  );
}

/** Makes a block of that name and does away with it. */
function round(context: ThreadContext, name: string, size: number): void {
  const blocks = own(context);
  const block = blocks.create(name, size);
  if (typeof block === "string") return;
  use(context, block);
  context.assert(blocks.unlink(block), "somebody else unlinked it");
  blocks.close(block);
}

function sameName(context: ThreadContext): void {
  round(context, "a", UNIT);
}

function ownName(context: ThreadContext): void {
  round(context, String(context.thread), UNIT);
}

function twice(context: ThreadContext): void {
  round(context, "a", UNIT);
  round(context, "a", 2 * UNIT);
}

/** The first thread to come keeps the name. */
function claim(context: ThreadContext): void {
  const block = own(context).create("a", UNIT);
  if (typeof block === "string") {
    context.assert(block === "exists", block);
  } else {
    use(context, block);
  }
}

/** Unlinks what it has open, and goes without a close. */
function leave(context: ThreadContext): void {
  const blocks = own(context);
  const block = blocks.create("a", 2 * UNIT);
  if (typeof block === "string") return;
  use(context, block);
  blocks.unlink(block);
}

/** Opens a block that another has made, and goes on when it is unlinked. */
function reader(context: ThreadContext): void {
  const { words, assert } = context;
  const block = own(context).attach("a");
  if (typeof block === "string") return;
  words.add(READY, 1);
  // 0 if it was published only just now.
  assert(block.bytes.every((byte) => byte <= 1), "somebody else has it too");
}

/** Makes a block for the reader and takes it away again. */
function writer(context: ThreadContext): void {
  const blocks = own(context);
  const block = blocks.create("a", 2 * UNIT);
  if (typeof block === "string") return;
  block.bytes.fill(1);
  blocks.close(block);
  blocks.unlink(block);
}

/** Wants all of the space. */
function hog(context: ThreadContext): void {
  const block = own(context).create("b", 2 * UNIT);
  if (typeof block !== "string") use(context, block);
}

/** Does away with the first block of a name; the second has nothing to fear. */
function lateUnlinker(context: ThreadContext): void {
  const { words, assert } = context;
  const blocks = own(context);
  const first = blocks.create("a", UNIT) as machines.Block;
  blocks.close(first);
  assert(blocks.unlink(first), "somebody else unlinked it");
  words.store(READY, 1);
  words.notify(READY, 1);
  if (words.load(GENERATION) === 0) return;
  assert(!blocks.unlink(first), "unlinked what another made");
}

function successor(context: ThreadContext): void {
  const { words, assert } = context;
  while (words.load(READY) === 0) words.wait(READY, 0, Infinity);
  const blocks = own(context);
  const second = blocks.create("a", UNIT) as machines.Block;
  words.store(GENERATION, second.generation);
  assert(typeof blocks.attach("a") !== "string", "somebody took the name");
}

/** Nothing is left, and all of the space can be had. */
function empty(words: Words, ending: Ending): void {
  const { assert, bytes, isDead } = ending;
  const blocks = blocksOf(words, bytes, JUDGE, isDead);
  assert(blocks.usage().blocks === 0, "a block is left");
  const block = blocks.create("all", 2 * UNIT);
  assert(typeof block !== "string", `there is ${block}`);
}

/** The words that are left are in order: a living thread can go on. */
function usable(words: Words, ending: Ending): void {
  const { assert, bytes, isDead } = ending;
  const blocks = blocksOf(words, bytes, JUDGE, isDead);
  const { blocks: count, bytes: taken } = blocks.usage();
  assert(taken >= count * UNIT, "a block has no space");
  assert(taken <= 2 * UNIT, "blocks overlap");
  const room = 2 * UNIT - taken;
  if (room === 0) return;
  const block = blocks.create("rest", room);
  assert(typeof block !== "string", `there is ${block}`);
  assert(
    (block as machines.Block).bytes.every((byte) => byte === 0),
    "a new block is not empty",
  );
}

export const twoOfOneName: Scenario = {
  threads: [sameName, sameName],
  finally: empty,
};

export const twoNames: Scenario = {
  threads: [ownName, ownName],
  finally(words, ending) {
    ending.assert(words.load(GOT) === 2, "somebody was refused");
    empty(words, ending);
  },
};

export const twoRounds: Scenario = {
  threads: [twice, sameName],
  finally: empty,
};

export const twoClaims: Scenario = {
  threads: [claim, claim],
  finally(words, { assert }) {
    assert(words.load(GOT) === 1, "the name was given twice");
  },
};

export const oneReads: Scenario = {
  threads: [writer, reader, hog],
  finally: usable,
};

export const oneIsLate: Scenario = {
  threads: [lateUnlinker, successor],
  finally: usable,
};

export const oneDies: Scenario = { threads: [twice, ownName], finally: usable };

export const oneDiesOpen: Scenario = {
  threads: [leave, sameName],
  finally(words, ending) {
    if (ending.isDead(0)) usable(words, ending);
  },
};

/** One that died had nothing but what it had open, and that has no name. */
export const oneDiesUnlinked: Scenario = {
  threads: [leave],
  finally(words, ending) {
    const blocks = blocksOf(words, ending.bytes, JUDGE, ending.isDead);
    if (!ending.isDead(0) || typeof blocks.attach("a") !== "string") return;
    empty(words, ending);
  },
};
