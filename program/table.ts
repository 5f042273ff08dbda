// Copyright 2026 the authors. MIT license.

// The table of processes: one slot for every process of the program, in shared
// memory, so that every process can see which others live, which ended and how.
//
// A slot's whole state is one word, { generation:20, code:9, phase:3 }, and
// every transition is one compare-exchange on it:
//
// from              to                by
// FREE    (gen g)   CLAIMED (gen g+1) a parent that starts a process
// ENDED   (gen g)   CLAIMED (gen g+1) the same, if its parent is dead too
// RUNNING, STOPPING CLAIMED (gen g+1) the same, if its OS process and parent
//                                     are gone: none is left to say how
// CLAIMED           RUNNING           the same, after it filled the slot in
// RUNNING           STOPPING (code)   the process that terminates it
// RUNNING           ENDED (code)      the process itself, as its last act
// STOPPING          ENDED (code kept) the process itself, or anyone after GRACE
// ENDED             FREE              its parent, which has read the code
//
// A process is named by its token, { generation:20, slot:10 }: a reused slot
// has another generation, so a token never means another process. A process
// whose word is not exactly { generation, 0, RUNNING } has been told to stop.
//
// STOPPING decides the exit code but leaves the process the time to come out of
// a critical section: its locks count as abandoned only once it has ENDED, so
// no process takes a lock from under a thread that still runs in it.
//
// A process runs as a thread of an OS process, its host. When a host is gone,
// so are all that ran in it, whatever their words say: a process lives if its
// word says so and its host lives. Only a parent writes the exit code of a
// child whose host was killed. Until a new OS process has taken its slot, the
// process that started it is its host, since that one learns how it ends. The
// word HOST names the host, and settles whether the slot can still be taken:
//
// from               to           by
// host               itself       the new OS process, as it moves in
// host, or itself    EVICTED      a parent that needs the slot, before it
//                                 claims it, if its host is gone
//
// A parent that dies with a slot CLAIMED leaves it so: that costs one slot.

import { type DeadProcess, StateError } from "../errors.ts";
import type { Steps } from "../memory/park.ts";
import type { RegionHandle } from "../memory/region.ts";
import type { Words } from "../memory/word.ts";

/** No process's. */
const FREE = 0;
/** Being filled in by a parent; not yet a process. */
const CLAIMED = 1;
/** A process lives here. */
const RUNNING = 2;
/** Told to stop, with the exit code that it will have. */
const STOPPING = 3;
/** Over; the exit code waits for the parent. */
const ENDED = 4;

/** How many processes a program may have at once. */
export const MAX_PROCESSES = 1024;

/** How long a process that was told to stop may take, in milliseconds. */
export const GRACE = 500;

/** How long a process seen alive is believed to be alive, in milliseconds. */
const BELIEVED = 2;

// The words of the header.
const IDENTS = 0;
const LAST_SLOT = 1;
const SLOTS_IN_USE = 2;
const HEADER_WORDS = 32;

// The words of a slot.
const STATE = 0;
const PARENT = 1;
const IDENT = 2;
const PID = 3;
const FLAGS = 4;
const STOPPED_AT = 5;
const REQUESTS = 6;
const CUT = 7;
const HOST = 8;
const LAST_WORDS = 9;
const NAME_LENGTH = 10;
const NAME = 11;
const SLOT_WORDS = 32;
const NAME_BYTES = (SLOT_WORDS - NAME) * 4;

/** How many words a table of {@linkcode MAX_PROCESSES} takes. */
export const TABLE_WORDS = HEADER_WORDS + MAX_PROCESSES * SLOT_WORDS;

const DAEMON = 1;
const SPAWNED = 2;

/** In HOST: the process is gone, and its slot about to be claimed. */
const EVICTED = 0;

const LOWEST_CODE = -128;

/** The facts that a parent writes into the slot of a new process. */
export interface NewProcess {
  /** The token of the parent; 0 for the first process. */
  parent: number;
  /** The `ident`; undefined: the next number that no OS process can have. */
  ident?: number | undefined;
  /** The OS process that runs it. */
  pid: number;
  /** The token of its host; undefined: itself. */
  host?: number | undefined;
  /** Whether it is to be an OS process of its own. */
  isSpawned?: boolean | undefined;
  /** Whether it ends with the main program's code. */
  daemon: boolean;
  /** Kept as far as it fits: it names the dead in errors. */
  name: string;
}

/** Where a table lies: it has as many slots as there are words for. */
export interface TableMemory {
  readonly words: Words;
  /** The memory of `words`, as bytes. */
  readonly bytes: Uint8Array;
  /** Other threads of this OS process make their view from it. */
  readonly handle: RegionHandle;
  /** Shows others that the OS process of that slot, this one, runs. */
  occupy(slot: number): void;
  /** Whether the OS process of that slot, another one, still runs. */
  isOccupied(slot: number): boolean;
}

/** The table; every process of a program has its own view of the same one. */
export class Table {
  /** The host of this process; set once, at its beginning. */
  host = 0;
  /**
   * Whether a child that this process has spawned has ended; if so, its code is
   * in the table now. Undefined for those of others.
   */
  hasEnded: (token: number) => boolean | undefined = () => undefined;

  /** For each slot, the token that was seen alive there, and when. */
  readonly #seen: Int32Array = new Int32Array(MAX_PROCESSES);
  readonly #seenAt: Float64Array = new Float64Array(MAX_PROCESSES);
  #memory: TableMemory;
  #words: Words;

  constructor(memory: TableMemory) {
    this.#memory = memory;
    this.#words = memory.words;
  }

  get words(): Words {
    return this.#words;
  }

  /** Other threads of this OS process make their view from it. */
  get handle(): RegionHandle {
    return this.#memory.handle;
  }

  /**
   * Moves the table to memory of the same size. Only while there is no process
   * but this one, since no other hears of it.
   */
  moveTo(memory: TableMemory): void {
    memory.bytes.set(this.#memory.bytes);
    this.#memory = memory;
    this.#words = memory.words;
  }

  /** Enters a process as RUNNING and returns its token. */
  allocate(process: NewProcess): number {
    const words = this.words;
    const slots = (words.length - HEADER_WORDS) / SLOT_WORDS;
    const first = words.load(LAST_SLOT) + 1;
    // Slots are handed out in turn, so that the dead keep their names for long.
    for (let i = 0; i < slots; i++) {
      const slot = (first + i) % slots;
      const at = stateAt(slot);
      const state = words.load(at);
      if (!this.#isReusable(slot, state)) continue;
      const generation = nextGeneration(generationOf(state));
      if (words.cas(at, state, pack(generation, 0, CLAIMED)) !== state) {
        continue;
      }
      words.store(LAST_SLOT, slot);
      this.#raiseSlotsInUse(slot + 1);
      this.#fill(at, tokenOf(generation, slot), process);
      // Publishes the fields above; pairs with the loads of STATE everywhere.
      words.store(at, pack(generation, 0, RUNNING));
      return tokenOf(generation, slot);
    }
    throw new StateError(
      `Cannot start process: ${slots} processes are running already`,
    );
  }

  /**
   * Whether a process has not ended. One that was told to stop still has
   * {@linkcode GRACE}.
   */
  isAlive(token: number): boolean {
    const at = stateAt(slotOf(token));
    const state = this.words.load(at);
    if (generationOf(state) !== generationOfToken(token)) return false;
    const phase = phaseOf(state);
    if (phase === STOPPING && this.#isOverdue(at)) {
      this.words.store(at + CUT, token);
      this.end(token, 0);
      return false;
    }
    return (phase === RUNNING || phase === STOPPING) &&
      !this.#isGone(token, at);
  }

  /** Whether a process has neither ended nor been told to stop. */
  isRunning(token: number): boolean {
    return this.words.load(stateAt(slotOf(token))) === runningState(token);
  }

  /**
   * The exit code of a process: undefined while it runs, decided once it was
   * told to stop. Only its parent may ask, before it frees the slot.
   */
  exitCode(token: number): number | undefined {
    const state = this.words.load(stateAt(slotOf(token)));
    return phaseOf(state) >= STOPPING ? codeOf(state) : undefined;
  }

  /** Tells a process to stop with `code`; false if it ended or was told. */
  stop(token: number, code: number): boolean {
    const at = stateAt(slotOf(token));
    const running = runningState(token);
    if (this.words.load(at) !== running) return false;
    // Before the state says STOPPING, or the grace would count from nowhere.
    this.words.store(at + STOPPED_AT, clock());
    const stopping = pack(generationOfToken(token), code, STOPPING);
    if (this.words.cas(at, running, stopping) !== running) return false;
    this.words.notify(at, Infinity);
    return true;
  }

  /**
   * Enters a process as ENDED: its last act, or the cut after the grace. A code
   * decided before is kept.
   */
  end(token: number, code: number): void {
    const at = stateAt(slotOf(token));
    const generation = generationOfToken(token);
    while (true) {
      const state = this.words.load(at);
      if (generationOf(state) !== generation) return;
      const phase = phaseOf(state);
      if (phase !== RUNNING && phase !== STOPPING) return;
      const final = phase === STOPPING ? codeOf(state) : code;
      const ended = pack(generation, final, ENDED);
      if (this.words.cas(at, state, ended) === state) break;
    }
    this.words.notify(at, Infinity);
  }

  /** Whether a process was given up, and did not end by itself. */
  wasCut(token: number): boolean {
    return this.words.load(stateAt(slotOf(token)) + CUT) === token;
  }

  /** Gives the slot of an ended process back. Its parent does, once. */
  free(token: number): void {
    const at = stateAt(slotOf(token));
    const state = this.words.load(at);
    if (generationOf(state) !== generationOfToken(token)) return;
    if (phaseOf(state) !== ENDED) return;
    // The code stays readable: a lock may be taken back from it much later.
    this.words.cas(at, state, state - ENDED + FREE);
  }

  /**
   * Waits until a process has ended. One that ignores a stop is cut after the
   * grace.
   */
  *ended(token: number): Steps<true> {
    const index = stateAt(slotOf(token));
    while (this.isAlive(token)) {
      const value = this.words.load(index);
      const phase = phaseOf(value);
      if (phase !== RUNNING && phase !== STOPPING) continue;
      yield { words: this.words, index, value };
    }
    return true;
  }

  /** The tokens of all that live. */
  living(): number[] {
    const tokens: number[] = [];
    const used = this.words.load(SLOTS_IN_USE);
    for (let slot = 0; slot < used; slot++) {
      const state = this.words.load(stateAt(slot));
      const phase = phaseOf(state);
      if (phase !== RUNNING && phase !== STOPPING) continue;
      const token = tokenOf(generationOf(state), slot);
      if (this.isAlive(token)) tokens.push(token);
    }
    return tokens;
  }

  /** The token of a process's parent; 0 for the first process. */
  parentOf(token: number): number {
    return this.words.load(stateAt(slotOf(token)) + PARENT);
  }

  identOf(token: number): number {
    return this.words.load(stateAt(slotOf(token)) + IDENT);
  }

  pidOf(token: number): number {
    return this.words.load(stateAt(slotOf(token)) + PID);
  }

  /** Shows other OS processes that this one runs, whose first thread it is. */
  occupy(token: number): void {
    this.#memory.occupy(slotOf(token));
  }

  /**
   * Takes the slot that the parent has kept for this OS process, which answers
   * for itself from now on; false if it has been told to stop, or the slot is
   * another's by now: its parent may have died.
   */
  moveIn(token: number): boolean {
    const words = this.words;
    const at = stateAt(slotOf(token));
    // Before the state: if that is the token's, so was this.
    const host = words.load(at + HOST);
    if (host === EVICTED || !this.isRunning(token)) return false;
    this.occupy(token);
    return words.cas(at + HOST, host, token) === host && this.isRunning(token);
  }

  /** An OS process is about to exit with `code`. */
  announceExit(token: number, code: number): void {
    this.words.store(stateAt(slotOf(token)) + LAST_WORDS, code + 1);
  }

  /** The code that an OS process has said it would exit with. */
  announcedExitOf(token: number): number | undefined {
    const said = this.words.load(stateAt(slotOf(token)) + LAST_WORDS);
    return said === 0 ? undefined : said - 1;
  }

  /** Writes the pid that a parent learns when it has started an OS process. */
  setPid(token: number, pid: number): void {
    const at = stateAt(slotOf(token));
    this.words.store(at + PID, pid);
    this.words.store(at + IDENT, pid);
  }

  /** Whether a process runs in the same OS process as this one. */
  isHostedHere(token: number): boolean {
    return this.words.load(stateAt(slotOf(token)) + HOST) === this.host;
  }

  /** Whether a process is an OS process of its own. */
  isSpawned(token: number): boolean {
    return (this.words.load(stateAt(slotOf(token)) + FLAGS) & SPAWNED) !== 0;
  }

  isDaemon(token: number): boolean {
    return (this.words.load(stateAt(slotOf(token)) + FLAGS) & DAEMON) !== 0;
  }

  /** The beginning of a process's name, as far as the slot could keep it. */
  nameOf(token: number): string {
    const at = stateAt(slotOf(token));
    const length = this.words.load(at + NAME_LENGTH);
    const start = (at + NAME) * 4;
    // Copied, since a decoder does not read shared memory.
    return decoder.decode(this.#memory.bytes.slice(start, start + length));
  }

  /** Whether one that does not live any more ended otherwise than with 0. */
  hasFailed(token: number): boolean {
    const state = this.words.load(stateAt(slotOf(token)));
    if (generationOf(state) !== generationOfToken(token)) return false;
    if (phaseOf(state) !== RUNNING) return codeOf(state) !== 0;
    // Gone with its OS process, and its parent has not told how: one that ended
    // by itself has, and one that was killed has not.
    return this.announcedExitOf(token) !== 0 && this.#isItsSlot(token);
  }

  /** A process that died, as far as its slot still tells. */
  epitaph(token: number): DeadProcess {
    const state = this.words.load(stateAt(slotOf(token)));
    if (generationOf(state) !== generationOfToken(token)) return FORGOTTEN;
    const name = this.nameOf(token);
    const ident = this.identOf(token);
    // Another process may have been written into the slot meanwhile.
    if (!this.#isItsSlot(token)) return FORGOTTEN;
    // Killed with its OS process, and its parent has not looked yet.
    const isUnknown = phaseOf(state) === RUNNING;
    // A freed slot keeps its generation and fields until it is claimed again.
    return { name, ident, exitCode: isUnknown ? undefined : codeOf(state) };
  }

  /** Counts a request of a process to the one that starts workers. */
  countRequest(token: number): void {
    this.words.add(stateAt(slotOf(token)) + REQUESTS, 1);
  }

  /** How many requests a process has made. */
  requestsOf(token: number): number {
    return this.words.peek(stateAt(slotOf(token)) + REQUESTS);
  }

  /**
   * Whether no process needs a slot: it is free, or its process and the parent
   * of that are dead. A process that has not ended is evicted.
   */
  #isReusable(slot: number, state: number): boolean {
    const phase = phaseOf(state);
    if (phase === FREE) return true;
    if (phase === CLAIMED) return false;
    const at = stateAt(slot);
    const parent = this.words.load(at + PARENT);
    if (parent === 0 || this.isAlive(parent)) return false;
    if (phase === ENDED) return true;
    const host = this.words.load(at + HOST);
    return this.#isGone(tokenOf(generationOf(state), slot), at) &&
      // If it has moved in since, it lives.
      this.words.cas(at + HOST, host, EVICTED) === host;
  }

  /** Whether the OS process in which it ran has ended. */
  #isGone(token: number, at: number): boolean {
    while (true) {
      // Written once or twice in a life, and read anew at each look.
      const host = this.words.peek(at + HOST);
      if (host === this.host && (this.words.peek(at + FLAGS) & SPAWNED) === 0) {
        return false;
      }
      // To ask the system costs more than a message does.
      const slot = slotOf(token);
      const now = performance.now();
      if (this.#seen[slot] === token && now - this.#seenAt[slot]! < BELIEVED) {
        return false;
      }
      if (!this.#hasVanished(token, at, host)) {
        this.#seen[slot] = token;
        this.#seenAt[slot] = now;
        return false;
      }
      // If the process has moved in since, the lock that was looked at is that
      // of its parent.
      if (this.words.load(at + HOST) === host) return true;
    }
  }

  #hasVanished(token: number, at: number, host: number): boolean {
    if (host === EVICTED) return true;
    if ((this.words.peek(at + FLAGS) & SPAWNED) !== 0) {
      // Its own parent believes it dead only together with its exit code.
      const hasEnded = this.hasEnded(token);
      if (hasEnded !== undefined) return hasEnded;
    }
    return host !== this.host && !this.#memory.isOccupied(slotOf(host));
  }

  #fill(at: number, token: number, process: NewProcess): void {
    const words = this.words;
    const ident = process.ident ??
      FIRST_IDENT + words.add(IDENTS, 1);
    words.store(at + PARENT, process.parent);
    words.store(at + IDENT, ident);
    words.store(at + PID, process.pid);
    words.store(
      at + FLAGS,
      (process.daemon ? DAEMON : 0) | (process.isSpawned ? SPAWNED : 0),
    );
    words.store(at + HOST, process.host ?? token);
    words.store(at + REQUESTS, 0);
    words.store(at + LAST_WORDS, 0);
    const name = new Uint8Array(NAME_BYTES);
    const { written } = encoder.encodeInto(process.name, name);
    this.#memory.bytes.set(name, (at + NAME) * 4);
    words.store(at + NAME_LENGTH, written);
  }

  // Several parents may raise it at once: a store could lower it again.
  #raiseSlotsInUse(used: number): void {
    let seen = this.words.load(SLOTS_IN_USE);
    while (seen < used) {
      const found = this.words.cas(SLOTS_IN_USE, seen, used);
      if (found === seen) return;
      seen = found;
    }
  }

  /** Whether its slot has not been claimed for another since. */
  #isItsSlot(token: number): boolean {
    const state = this.words.load(stateAt(slotOf(token)));
    return generationOf(state) === generationOfToken(token);
  }

  #isOverdue(at: number): boolean {
    return (clock() - this.words.load(at + STOPPED_AT) | 0) > GRACE;
  }
}

/** The word of a process that runs and was not told to stop. */
export function runningState(token: number): number {
  return pack(generationOfToken(token), 0, RUNNING);
}

/** Where the state word of a process is. */
export function stateIndex(token: number): number {
  return stateAt(slotOf(token));
}

/** The epitaph of a process whose slot was given away since. */
const FORGOTTEN: DeadProcess = {
  name: undefined,
  ident: undefined,
  exitCode: undefined,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// Above every pid that Linux gives out (PID_MAX_LIMIT is 2^22).
const FIRST_IDENT = (1 << 22) + 1;

function stateAt(slot: number): number {
  return HEADER_WORDS + slot * SLOT_WORDS + STATE;
}

function pack(generation: number, code: number, phase: number): number {
  return generation << 12 | (code - LOWEST_CODE) << 3 | phase;
}

function generationOf(state: number): number {
  return state >>> 12;
}

function codeOf(state: number): number {
  return (state >>> 3 & 0x1ff) + LOWEST_CODE;
}

function phaseOf(state: number): number {
  return state & 7;
}

function tokenOf(generation: number, slot: number): number {
  return generation << 10 | slot;
}

function generationOfToken(token: number): number {
  return token >>> 10;
}

/** The place of a process: no two that live at once have the same. */
export function slotOf(token: number): number {
  return token & 0x3ff;
}

// Never 0, so that no token is 0.
function nextGeneration(generation: number): number {
  return generation === 0xfffff ? 1 : generation + 1;
}

// Milliseconds that all processes of a machine agree on, modulo 2^32.
function clock(): number {
  return (performance.timeOrigin + performance.now()) | 0;
}
