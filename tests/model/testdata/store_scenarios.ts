// Copyright 2026 the authors. MIT license.

// Scenarios that hold for every store of a queue but the ring, driven by the
// loops that drive them everywhere (queue/store.ts).

import type { Key } from "../../../queue/order.ts";
import { EXPIRED, runSync, type Steps } from "../../../memory/park.ts";
import type { Frame } from "../../../message/codec.ts";
import {
  type CloseOptions,
  type Entry,
  OVER,
  type PutResult,
  putting,
  type Store,
  takeNext,
  taking,
} from "../../../queue/store.ts";
import { type Locker, lockerOf } from "../../../program/locker.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { withoutSpins } from "./own_words.ts";

/** Makes a view of the store that lies at the beginning of the memory. */
export type Open<S extends Store> = (
  words: Words,
  bytes: Uint8Array,
  locker: Locker,
) => S;

type Assert = ThreadContext["assert"];

/** Where the scenarios keep their books: behind every store. */
const BOOKS = 5000;
/** How many messages a thread has put; by thread. */
const PUT = BOOKS;
/** How many messages were taken, and which. */
const TAKEN = BOOKS + 8;
const LOG = BOOKS + 9;
const TOLD = BOOKS + 40;

/** How many words a scenario shares. */
export const WORDS = 5100;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

/** The word of the lock. */
const LOCK = 0;

/** A number in `size` bytes, each of which says so; in the head if 0. */
export function entryOf(value: number, size: number, key?: Key): Entry {
  if (size === 0) return { tag: 0, inline: value, bytes: undefined, key };
  return { tag: 2, inline: 0, bytes: new Uint8Array(size).fill(value), key };
}

/** The number in a message, which must be whole. */
export function valueIn({ inline, bytes }: Frame, assert: Assert): number {
  if (bytes === undefined) return inline;
  const [value] = bytes;
  assert(bytes.every((byte) => byte === value), `torn: ${bytes}`);
  return value!;
}

/** What the threads of one scenario do to a store of one kind. */
export class Actors<S extends Store> {
  readonly #open: Open<S>;
  readonly #keyOf: ((value: number) => Key) | undefined;
  readonly #checkRoom: (store: S) => boolean;

  /** `checkRoom`: whether all of an empty store's memory can be had. */
  constructor(
    open: Open<S>,
    keyOf?: (value: number) => Key,
    checkRoom: (store: S) => boolean = () => true,
  ) {
    this.#open = open;
    this.#keyOf = keyOf;
    this.#checkRoom = checkRoom;
  }

  storeOf(context: ThreadContext): S {
    const { bytes, thread, isDead } = context;
    const locker = lockerOf(thread + 1, (token) => !isDead(token - 1));
    return this.#open(withoutSpins(context, LOCK), bytes, locker);
  }

  /** Puts `count` messages: thread 1 puts 11, 12 … */
  puts(count: number, size = 0) {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      for (let i = 1; i <= count; i++) {
        const value = context.thread * 10 + i;
        const steps = this.#putting(store, value, size);
        context.assert(runSync(steps, Infinity) === "put", `${value} not put`);
        context.words.poke(PUT + context.thread, i);
      }
    };
  }

  /** Puts `count` messages in batches. */
  putsMany(count: number) {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      const entries = Array.from({ length: count }, (_, i) => {
        const value = context.thread * 10 + i + 1;
        return entryOf(value, 0, this.#keyOf?.(value));
      });
      runSync(puttingMany(store, entries), Infinity);
      context.words.poke(PUT + context.thread, count);
    };
  }

  /** Takes `count` messages and writes them down. */
  takes(count: number) {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      for (let i = 0; i < count; i++) {
        const value = runSync(takingOne(store, context.assert), Infinity);
        context.assert(typeof value === "number", "the store is closed");
        note(context.words, value as number);
      }
    };
  }

  /** Takes batches until it has `count` messages. */
  takesMany(count: number) {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      let left = count;
      while (left > 0) {
        const messages = runSync(takingMany(store, left), Infinity);
        for (const message of messages as Frame[]) {
          note(context.words, valueIn(message, context.assert));
          left--;
        }
      }
    };
  }

  /** Takes one message if one comes in time. */
  triesToTake() {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      const deadline = performance.now() + DEADLINE;
      const value = runSync(takingOne(store, context.assert), deadline);
      if (value !== EXPIRED) note(context.words, value as number);
    };
  }

  /** Waits until it is told that the store is closed. */
  waitsForTheEnd() {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      const value = runSync(takingOne(store, context.assert), Infinity);
      context.assert(value === OVER, `took ${String(value)}`);
    };
  }

  /** Puts until it is told that the store is closed. */
  putsUntilTheEnd() {
    return (context: ThreadContext): void => {
      const store = this.storeOf(context);
      while (true) {
        const result = runSync(this.#putting(store, 0, 0), Infinity);
        if (result === "closed") return;
      }
    };
  }

  /** Puts a message and says so. */
  putsAndTells(size: number) {
    return (context: ThreadContext): void => {
      this.puts(1, size)(context);
      context.words.store(TOLD, 1);
      context.words.notify(TOLD, 1);
    };
  }

  /** Takes one, and the rest after the other has put its own. */
  takesOneThen(rest: number) {
    return (context: ThreadContext): void => {
      const { words } = context;
      this.takes(1)(context);
      while (words.load(TOLD) === 0) words.wait(TOLD, 0, Infinity);
      this.takes(rest)(context);
    };
  }

  putsAndTakes() {
    return (context: ThreadContext): void => {
      this.puts(1)(context);
      this.takes(1)(context);
    };
  }

  closes(options?: CloseOptions) {
    return (context: ThreadContext): void => {
      this.storeOf(context).close(options);
    };
  }

  /** All that was put is there once; `missing` may be lost with thread 0. */
  lossless(missing = 0) {
    return (words: Words, ending: Ending): void => {
      const { assert } = ending;
      const values = this.remains(words, ending);
      const whole = new Set(values);
      assert(whole.size === values.length, `doubled: ${values}`);
      assert(!whole.has(0), `garbage: ${values}`);
      let lost = 0;
      for (let thread = 0; thread < 4; thread++) {
        for (let i = 1; i <= words.load(PUT + thread); i++) {
          if (!whole.has(thread * 10 + i)) lost++;
        }
      }
      assert(
        lost <= (ending.isDead(0) ? missing : 0),
        `lost: there is only ${values}`,
      );
    };
  }

  /** What was taken, and then what is left. */
  remains(words: Words, ending: Ending): number[] {
    const locker = lockerOf(9, (token) => !ending.isDead(token - 1));
    const store = this.#open(words, ending.bytes, locker);
    const count = store.count();
    // A thread that died with a message may not have written it down.
    const values = Array.from(
      { length: words.load(TAKEN) },
      (_, i) => words.load(LOG + i),
    ).filter((value) => value !== 0);
    const left = store.tryTakeMany(99)
      .map((message) => valueIn(message, ending.assert));
    ending.assert(count === left.length, `counts ${count} of ${left}`);
    ending.assert(store.isEmpty(), "it is not empty");
    if (!store.isClosed()) {
      ending.assert(this.#checkRoom(store), "some memory is lost");
      const entry = entryOf(99, 0, this.#keyOf?.(99));
      ending.assert(store.tryPut(entry) === "put", "it takes nothing");
      ending.assert(store.count() === 1, "it does not count");
    }
    return [...values, ...left];
  }

  #putting(store: S, value: number, size: number): Steps<PutResult> {
    const entry = entryOf(value, size, this.#keyOf?.(value));
    return putting(store, () => {
      const result = store.tryPut(entry);
      return result === "full" ? undefined : result;
    });
  }
}

function puttingMany(store: Store, entries: Entry[]): Steps<true> {
  let put = 0;
  return putting(store, () => {
    put += store.tryPutMany(entries, put) as number;
    return put === entries.length || undefined;
  });
}

/** Takes at least one message. */
function takingMany(store: Store, most: number): Steps<Frame[]> {
  return taking(store, () => {
    const messages = store.tryTakeMany(most);
    return messages.length > 0 ? messages : undefined;
  });
}

/** {@linkcode OVER} if the store is closed and empty. */
export function takingOne(
  store: Store,
  assert: Assert,
): Steps<number | typeof OVER> {
  return taking(store, () => {
    const message = takeNext(store);
    if (message === undefined || message === OVER) return message;
    return valueIn(message, assert);
  });
}

export function note(words: Words, value: number): void {
  words.poke(LOG + words.add(TAKEN, 1), value);
}

/** The scenarios; two messages of `large` bytes and a third fit in. */
export function scenariosOf<S extends Store>(
  actors: Actors<S>,
  init: (words: Words, bytes: Uint8Array, maxItems: number) => void,
  large: number,
): Record<string, Scenario> {
  function scenario(
    threads: Scenario["threads"],
    maxItems = 0,
    missing = 0,
  ): Scenario {
    return {
      threads,
      init: (words, bytes) => init(words, bytes, maxItems),
      finally: actors.lossless(missing),
    };
  }
  const puts = (count: number, size?: number) => actors.puts(count, size);
  const takes = (count: number) => actors.takes(count);
  return {
    putAndTake: scenario([puts(2), takes(2)]),
    onePlace: scenario([puts(2), takes(2)], 1),
    twoPutters: scenario([puts(1), puts(1), takes(2)], 1),
    twoTakers: scenario([takes(1), takes(1), puts(2)], 1),
    batches: scenario([actors.putsMany(3), actors.takesMany(3)], 2),
    timeoutRacesWithPut: scenario([actors.triesToTake(), takes(1), puts(2)]),
    closeWhileTaking: scenario([
      actors.waitsForTheEnd(),
      actors.waitsForTheEnd(),
      actors.closes(),
    ]),
    closeWhilePutting: scenario([
      actors.putsUntilTheEnd(),
      actors.closes({ drain: true }),
    ], 1),
    putterDies: scenario([puts(2), actors.putsAndTakes()]),
    takerDies: scenario([takes(2), puts(2)], 0, 1),
    batchDies: scenario([actors.putsMany(2), puts(1)]),
    largePutterDies: scenario([puts(2, large), actors.putsAndTakes()]),
  };
}
