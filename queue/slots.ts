// Copyright 2026 the authors. MIT license.

// Messages that leave in any order, and stay until they are done with: a table
// of slots in one region, under one lock.
//
// The truth is one word of each slot, STATE, and every transition is one store
// on it:
//
// from            to              by
// FREE            LIVE            a put, after it wrote all the rest
// LIVE            FREE            a take; a close that throws things away
// LIVE            { me, TAKEN }   a take of a queue of tasks
// { me, TAKEN }   FREE            the taker when the task is done
// { dead, TAKEN } FREE or LIVE    the process that finds the taker dead
//
// All else is derived: the heap of the LIVE slots, the free slots, the free
// memory, what each process has in hand, and the counts. A process that dies
// while it changes them dies with the lock. The next process to take the lock
// is told of the death, and makes them anew from the slots (#rebuild).
//
// So two orders matter. The words that a state promises are written before it:
// the item before LIVE, the stamp before TAKEN. The words that a state releases
// are changed after it: heap, free list and arena follow the store. A death
// between the two leaves words that no state promises, or lists that the
// rebuild replaces.
//
// Wakes. A waiter reads a bell, then looks under the lock, then sleeps on what
// it read. A process counts under the lock how many waiters its change is
// worth, and rings after the release: a look that missed the change has read
// the bell before the ring, so its sleep is refused. If the process dies
// between release and ring, the sleepers look again at the end of their slice
// (memory/park.ts). A death with the lock is followed by a rebuild, which wakes
// all.

import { Arena, GRANULE } from "./arena.ts";
import { Bell } from "./bell.ts";
import type { Frame } from "../message/codec.ts";
import { Heap } from "./heap.ts";
import { Hands, type Loss } from "./in_hand.ts";
import {
  createClosable,
  openRegion,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";
import type { Locker } from "../program/locker.ts";
import { Mutex } from "../sync/mutex.ts";
import { describeKinds, type Key, mergeKinds, NO_KEY } from "./order.ts";
import type { Park, Steps } from "../memory/park.ts";
import {
  ARENA_ORDER,
  CLOSED,
  DONE,
  FIRST,
  FIRST_ORDER,
  FLAGS,
  formatSlots,
  FREE,
  FREE_SLOT,
  GRANULE_WORDS,
  HANDS,
  HAS_BYTES,
  HELD_COUNT,
  HOLDS,
  isBefore,
  KEY_HIGH,
  KEY_LOW,
  KEY_REST,
  KINDS,
  LAST_ORDER,
  LINK,
  LISTS,
  LIVE,
  LIVE_COUNT,
  LOCK,
  MAX_ITEMS,
  PLACE,
  planOf,
  PUTS,
  REDELIVERS,
  SCARCE,
  SECOND,
  SIZE,
  SLOT_LIMIT,
  SLOT_STAMP,
  SLOT_TURN_HIGH,
  SLOT_TURN_LOW,
  SLOT_WORDS,
  SLOTS_IN_USE,
  STAMP,
  STATE,
  TAKEN,
  TAKES,
  TURN_HIGH,
  TURN_LOW,
  USER_FLAG,
} from "./slot_layout.ts";
import {
  BATCH_BYTES,
  type CloseOptions,
  Copies,
  copyMessage,
  type Entry,
  type PutResult,
  type Store,
} from "./store.ts";
import type { Words } from "../memory/word.ts";

/**
 * How many takes there are between two looks for the dead; there is another
 * when nothing is left.
 */
const TAKES_BETWEEN_LOOKS = 64;

/** How much slots may hold, and what becomes of a message that is taken. */
export interface SlotsOptions {
  readonly maxBytes: number;
  /** 0: no limit. */
  readonly maxItems: number;
  readonly flags: number;
}

/** A table of slots; every process has its own view of the same memory. */
export class Slots implements Store {
  readonly handle: RegionHandle;
  readonly #words: Words;
  readonly #bytes: Uint8Array;
  readonly #token: number;
  readonly #lock: Mutex;
  readonly #putBell: Bell;
  readonly #takeBell: Bell;
  readonly #doneBell: Bell;
  readonly #slots: number;
  readonly #data: number;
  readonly #flags: number;
  readonly #heap: Heap;
  readonly #arena: Arena;
  readonly #hands: Hands;
  // How many waiters to wake once the lock is given back.
  #newItems = 0;
  #newRoom = 0;
  #isNews = false;

  /** A view of a region that `formatSlots` has prepared. */
  constructor({ words, bytes, handle }: Region, locker: Locker) {
    this.handle = handle;
    this.#words = words;
    this.#bytes = bytes;
    this.#token = locker.token;
    this.#flags = words.peek(FLAGS);
    const lastOrder = words.peek(LAST_ORDER);
    const plan = planOf(words.peek(SLOT_LIMIT), lastOrder, this.#flags);
    this.#slots = plan.slots;
    this.#data = plan.data;
    this.#lock = new Mutex(words, LOCK, locker);
    this.#putBell = new Bell(words, PUTS);
    this.#takeBell = new Bell(words, TAKES);
    this.#doneBell = new Bell(words, DONE);
    this.#heap = new Heap(
      words,
      LIVE_COUNT,
      plan.heap,
      (a, b) => isBefore(words, this.#at(a), this.#at(b), plan.data),
    );
    this.#arena = new Arena(words, bytes, {
      order: ARENA_ORDER,
      lists: LISTS,
      map: plan.map,
      data: plan.data,
      lastOrder,
    });
    this.#hands = new Hands(
      words,
      HANDS,
      locker,
      (slot) => this.#at(slot) + LINK,
    );
  }

  /** Reserves slots and memory for them. */
  static create(options: SlotsOptions, locker: Locker): Slots {
    const { maxBytes, maxItems, flags } = options;
    const granules = Math.max(maxBytes / GRANULE, 2 ** FIRST_ORDER);
    const lastOrder = Math.ceil(Math.log2(granules));
    // A held message has a slot too, and is no item of the queue any more:
    // where messages are held, the slots must be more than the items.
    const limit = (flags & HOLDS) === 0 && maxItems !== 0
      ? Math.min(maxItems, 2 ** lastOrder)
      : 2 ** lastOrder;
    const { byteLength } = planOf(limit, lastOrder, flags);
    const [region] = createClosable([byteLength]) as [Region];
    formatSlots(region, { limit, lastOrder, maxItems, flags });
    return new Slots(region, locker);
  }

  /** A view of the slots that `handle` names. */
  static open(handle: RegionHandle, locker: Locker): Slots {
    return new Slots(openRegion(handle), locker);
  }

  get maxMessage(): number {
    return 2 ** this.#words.peek(LAST_ORDER) * GRANULE;
  }

  get maxItems(): number {
    return this.#words.peek(MAX_ITEMS);
  }

  /** Whether the user set the flag. */
  get userFlag(): boolean {
    return (this.#flags & USER_FLAG) !== 0;
  }

  /** Throws a TypeError if the key is of another kind than those before it. */
  tryPut(entry: Entry): PutResult {
    this.#enter();
    try {
      if (this.#words.peek(CLOSED) !== 0) return "closed";
      const kinds = this.#kindsWith(entry.key, this.#words.peek(KINDS));
      return this.#insert(entry, kinds) ? "put" : "full";
    } finally {
      this.#leave();
    }
  }

  tryPutMany(entries: readonly Entry[], from: number): number | "closed" {
    this.#enter();
    try {
      if (this.#words.peek(CLOSED) !== 0) return "closed";
      let at = from;
      // All kinds are checked before the first item is put.
      let kinds = this.#words.peek(KINDS);
      for (let i = at; i < entries.length; i++) {
        kinds = this.#kindsWith(entries[i]!.key, kinds);
      }
      for (let budget = BATCH_BYTES; at < entries.length && budget > 0;) {
        const entry = entries[at]!;
        const known = this.#kindsWith(entry.key, this.#words.peek(KINDS));
        if (!this.#insert(entry, known)) break;
        budget -= GRANULE + (entry.bytes?.length ?? 0);
        at++;
      }
      return at - from;
    } finally {
      this.#leave();
    }
  }

  tryTake(): Frame | undefined {
    this.#enter();
    try {
      this.#checkTakers();
      return this.#heap.size === 0 ? undefined : this.#remove();
    } finally {
      this.#leave();
    }
  }

  tryTakeMany(max: number): Frame[] {
    const messages: Frame[] = [];
    const copies = new Copies();
    this.#enter();
    try {
      this.#checkTakers();
      let budget = BATCH_BYTES;
      while (messages.length < max && this.#heap.size > 0 && budget > 0) {
        const message = this.#remove(copies);
        messages.push(message);
        budget -= GRANULE + (message.bytes?.length ?? 0);
      }
      return messages;
    } finally {
      this.#leave();
    }
  }

  /**
   * Frees the message that this process took first of those that it still
   * holds; false if it holds none.
   */
  done(): boolean {
    this.#enter();
    try {
      const slot = this.#hands.first(this.#token);
      if (slot < 0) return false;
      this.#words.store(this.#at(slot) + STATE, FREE);
      this.#hands.removeFirst(this.#token);
      this.#drop(slot);
      // Takers of a closed queue wait for held messages that may come back. One
      // fewer can: the takers look whether any still may.
      if (this.isClosed()) this.#newItems = Infinity;
      return true;
    } finally {
      this.#leave();
    }
  }

  /** How many deaths a waiter was told of; see {@linkcode Slots.finishing}. */
  told(): number {
    this.#enter();
    const { told } = this.#hands;
    this.#leave();
    return told;
  }

  /** The result of {@linkcode Slots.finishing}, if there is one now. */
  finished(since: number): readonly Loss[] | undefined {
    this.#enter();
    try {
      this.#recover();
      if (this.#hands.deaths !== since) return this.#hands.tell(since);
      const held = this.#words.peek(HELD_COUNT);
      return this.#heap.size + held === 0 ? [] : undefined;
    } finally {
      this.#leave();
    }
  }

  /**
   * Waits until every message was taken and is done, and returns an empty list.
   * If takers died with messages that will never be done, it returns these
   * deaths instead: those after the first `since`.
   */
  *finishing(since: number): Steps<readonly Loss[]> {
    while (true) {
      const seen = this.#doneBell.seen();
      const result = this.finished(since);
      if (result !== undefined) return result;
      const park = this.#doneBell.park(seen);
      if (park !== undefined) yield park;
    }
  }

  /** How many messages there are. Exact; held ones are not counted. */
  count(): number {
    this.#enter();
    if ((this.#flags & REDELIVERS) !== 0) this.#recover();
    const count = this.#heap.size;
    this.#leave();
    return count;
  }

  isEmpty(): boolean {
    return this.count() === 0;
  }

  isClosed(): boolean {
    return this.#words.load(CLOSED) !== 0;
  }

  /**
   * Whether the queue is empty and stays so: as long as another process holds
   * messages that its death would put back, it may not.
   */
  isOver(): boolean {
    this.#enter();
    try {
      this.#recover();
      const mayComeBack = (this.#flags & REDELIVERS) !== 0 &&
        this.#hands.othersHold();
      return this.#heap.size === 0 && !mayComeBack;
    } finally {
      this.#leave();
    }
  }

  close({ drain = false }: CloseOptions = {}): void {
    const words = this.#words;
    this.#enter();
    try {
      words.store(CLOSED, 1);
      if (drain) {
        const used = words.peek(SLOTS_IN_USE);
        for (let slot = 0; slot < used; slot++) {
          const at = this.#at(slot);
          if (words.peek(at) === LIVE) words.store(at, FREE);
        }
        this.#rebuild();
      }
    } finally {
      this.#newItems = this.#newRoom = Infinity;
      this.#isNews = true;
      this.#leave();
    }
  }

  parkForMessage(): Park | undefined {
    const seen = this.#putBell.seen();
    // In closed slots there is only a held message to wait for. The same bell
    // rings when it is put back, and when it is done.
    return this.#words.load(LIVE_COUNT) === 0 &&
        (!this.isClosed() || !this.isOver())
      ? this.#putBell.park(seen)
      : undefined;
  }

  seenRoom(): number {
    return this.#takeBell.seen();
  }

  parkForRoom(seen: number): Park | undefined {
    return this.#takeBell.park(seen);
  }

  #enter(): void {
    const dead = this.#lock.acquireSync();
    this.#newItems = this.#newRoom = 0;
    this.#isNews = false;
    if (dead !== 0) this.#rebuild();
  }

  #leave(): void {
    const items = this.#newItems;
    const room = this.#newRoom;
    const isNews = this.#isNews;
    this.#lock.release();
    if (items > 0) this.#putBell.ring(items);
    if (room > 0) this.#takeBell.ring(room);
    if (isNews) this.#doneBell.ring(Infinity);
  }

  /** The kinds of a queue once an item of this key stands among the `known`. */
  #kindsWith(key: Key | undefined, known: number): number {
    if (key === undefined || key.kinds === known) return known;
    const kinds = mergeKinds(known, key.kinds);
    if (kinds >= 0) return kinds;
    throw new TypeError(
      `Cannot put item: its priority is ${
        describeKinds(key.kinds)
      }, and the queue sorts by ${describeKinds(known)}`,
    );
  }

  /** Puts an item, if there is room; only then `kinds` become the queue's. */
  #insert(entry: Entry, kinds: number): boolean {
    const words = this.#words;
    const limit = words.peek(MAX_ITEMS);
    if (limit !== 0 && this.#heap.size >= limit) return false;
    const { tag, inline, bytes, key = NO_KEY } = entry;
    const rest = key.rest.length;
    const length = bytes === undefined ? 0 : bytes.length;
    const size = Math.ceil((rest * 4 + length) / GRANULE);
    const free = words.peek(FREE_SLOT);
    const slot = free === 0 ? words.peek(SLOTS_IN_USE) : free - 1;
    if (slot >= words.peek(SLOT_LIMIT)) return this.#noteScarcity();
    const place = size === 0 ? 0 : this.#arena.allocate(size);
    if (place < 0) return this.#noteScarcity();
    const at = this.#at(slot);
    if (free === 0) words.poke(SLOTS_IN_USE, slot + 1);
    else words.poke(FREE_SLOT, words.peek(at + SLOT_STAMP));
    words.poke(at + PLACE, place);
    words.poke(at + SIZE, size);
    words.poke(at + FIRST, bytes === undefined ? inline : length);
    words.poke(at + SECOND, bytes === undefined ? tag : tag | HAS_BYTES);
    words.poke(at + KEY_HIGH, key.high);
    words.poke(at + KEY_LOW, key.low);
    words.poke(at + KEY_REST, rest);
    const turn = words.peek(TURN_LOW);
    words.poke(at + SLOT_TURN_LOW, turn);
    words.poke(at + SLOT_TURN_HIGH, words.peek(TURN_HIGH));
    words.poke(TURN_LOW, turn + 1 | 0);
    if (turn === -1) words.poke(TURN_HIGH, words.peek(TURN_HIGH) + 1);
    const start = this.#wordAt(place);
    for (let i = 0; i < rest; i++) words.poke(start + i, key.rest[i]!);
    if (bytes !== undefined) this.#bytes.set(bytes, (start + rest) * 4);
    words.poke(KINDS, kinds);
    // Publishes the item. Until here the slot is FREE, whatever it says: a
    // death leaves a free slot, and memory that no slot names.
    words.store(at + STATE, LIVE);
    this.#heap.push(slot);
    this.#newItems++;
    return true;
  }

  /**
   * Notes that a put finds too little memory or no slot. A put that wants
   * memory may need many takes: as long as one may wait for it, every take
   * wakes all waiters. The first such put wakes all of them too: if it was
   * woken for a place that is free now, another waiter can use the place.
   */
  #noteScarcity(): false {
    if (this.#words.peek(SCARCE) === 0) this.#newRoom = Infinity;
    this.#words.poke(SCARCE, 1);
    return false;
  }

  #remove(copies?: Copies): Frame {
    const words = this.#words;
    const slot = this.#heap.first;
    const at = this.#at(slot);
    const message = this.#read(at, copies);
    if ((this.#flags & HOLDS) === 0) {
      // Takes the message, which is copied already: a death before this leaves
      // it in the queue, and one after this takes it along.
      words.store(at + STATE, FREE);
      this.#heap.pop();
      this.#drop(slot);
    } else {
      const stamp = words.peek(STAMP) + 1 | 0;
      words.poke(STAMP, stamp);
      words.poke(at + SLOT_STAMP, stamp);
      // After the stamp, by which a rebuild sorts what a process has in hand.
      words.store(at + STATE, this.#token << 2 | TAKEN);
      this.#heap.pop();
      words.poke(HELD_COUNT, words.peek(HELD_COUNT) + 1);
      this.#hands.add(this.#token, slot);
      if ((this.#flags & REDELIVERS) === 0) this.#freeMemory(at);
    }
    this.#newRoom = words.peek(SCARCE) !== 0 ? Infinity : this.#newRoom + 1;
    return message;
  }

  #read(at: number, copies?: Copies): Frame {
    const words = this.#words;
    const first = words.peek(at + FIRST);
    const second = words.peek(at + SECOND);
    const start = this.#wordAt(words.peek(at + PLACE)) +
      words.peek(at + KEY_REST);
    const bytes = (second & HAS_BYTES) === 0
      ? undefined
      : this.#bytes.subarray(start * 4, start * 4 + first);
    return copyMessage(second & 0xffff, first, bytes, copies);
  }

  /** Gives back a slot that has become FREE, and its memory. */
  #drop(slot: number): void {
    const words = this.#words;
    const at = this.#at(slot);
    this.#freeMemory(at);
    words.poke(at + SLOT_STAMP, words.peek(FREE_SLOT));
    words.poke(FREE_SLOT, slot + 1);
    if ((this.#flags & HOLDS) !== 0) {
      words.poke(HELD_COUNT, words.peek(HELD_COUNT) - 1);
    }
    const isScarce = words.peek(SCARCE) !== 0;
    if (isScarce) this.#newRoom = Infinity;
    if (this.#heap.size + words.peek(HELD_COUNT) > 0) return;
    // The slots are empty: a put that waits for memory finds all there is, and
    // notes it anew if that is too little.
    words.poke(SCARCE, 0);
    if ((this.#flags & HOLDS) !== 0) this.#isNews = true;
  }

  #freeMemory(at: number): void {
    const words = this.#words;
    const size = words.peek(at + SIZE);
    // First: if this process dies in between, no slot names the memory, and the
    // rebuild frees it.
    words.poke(at + SIZE, 0);
    this.#arena.free(words.peek(at + PLACE), size);
  }

  /** Releases what the dead hold, now and then: called before each take. */
  #checkTakers(): void {
    if (this.#words.peek(HELD_COUNT) === 0) return;
    const isTime = this.#heap.size === 0 ||
      this.#words.peek(STAMP) % TAKES_BETWEEN_LOOKS === 0 ||
      this.#hands.isTaken(this.#token);
    if (isTime) this.#recover();
  }

  /** Puts back what the dead hold, or writes down that it is lost. */
  #recover(): void {
    const words = this.#words;
    const hands = this.#hands;
    if (words.peek(HELD_COUNT) === 0) return;
    const redelivers = (this.#flags & REDELIVERS) !== 0;
    for (let dead = hands.dead(); dead !== 0; dead = hands.dead()) {
      if (!redelivers) {
        hands.enterDeath(dead);
        this.#isNews = true;
      }
      for (let slot; (slot = hands.first(dead)) >= 0;) {
        // Counted before it is freed: a death in between lets the task count
        // twice. The other order would let it count for nothing.
        if (!redelivers) hands.countLoss();
        words.store(this.#at(slot) + STATE, redelivers ? LIVE : FREE);
        hands.removeFirst(dead);
        if (redelivers) {
          words.poke(HELD_COUNT, words.peek(HELD_COUNT) - 1);
          this.#heap.push(slot);
          this.#newItems++;
        } else {
          this.#drop(slot);
        }
      }
    }
  }

  /** Makes all that is derived anew from the states of the slots. */
  #rebuild(): void {
    const words = this.#words;
    const taken: [place: number, size: number][] = [];
    const held: number[] = [];
    this.#heap.clear();
    // Slots that hold nothing have no memory for hands.
    if ((this.#flags & HOLDS) !== 0) this.#hands.clear();
    words.poke(FREE_SLOT, 0);
    for (let slot = words.peek(SLOTS_IN_USE) - 1; slot >= 0; slot--) {
      const at = this.#at(slot);
      const state = words.peek(at + STATE);
      if (state === FREE) {
        words.poke(at + SLOT_STAMP, words.peek(FREE_SLOT));
        words.poke(FREE_SLOT, slot + 1);
        continue;
      }
      if (state === LIVE) this.#heap.append(slot);
      else held.push(slot);
      const size = words.peek(at + SIZE);
      const keeps = state === LIVE || (this.#flags & REDELIVERS) !== 0;
      if (size > 0 && keeps) taken.push([words.peek(at + PLACE), size]);
      if (!keeps) words.poke(at + SIZE, 0);
    }
    this.#arena.rebuild(taken.sort(([a], [b]) => a - b));
    this.#heap.build();
    words.poke(HELD_COUNT, held.length);
    const stampOf = (slot: number) => words.peek(this.#at(slot) + SLOT_STAMP);
    held.sort((a, b) => stampOf(a) - stampOf(b) | 0);
    for (const slot of held) {
      this.#hands.add(words.peek(this.#at(slot) + STATE) >>> 2, slot);
    }
    // The changes of the dead process, and the wakes that it had not given yet,
    // cannot be known: every waiter looks again.
    words.poke(SCARCE, 1);
    this.#newItems = this.#newRoom = Infinity;
    this.#isNews = true;
  }

  #at(slot: number): number {
    return this.#slots + slot * SLOT_WORDS;
  }

  #wordAt(place: number): number {
    return this.#data + place * GRANULE_WORDS;
  }
}
