// Copyright 2026 the authors. MIT license.

// What a test hands to the checker: small programs over one block of words.

import type { Words } from "../../memory/word.ts";

/** What one thread of a scenario is given, new for every schedule. */
export interface ThreadContext {
  /** The shared words; every operation on them is a step of the schedule. */
  readonly words: Words;
  /** The same memory as bytes; see {@linkcode CheckOptions.bytes}. */
  readonly bytes: Uint8Array;
  /** The number of this thread, from 0. */
  readonly thread: number;
  /**
   * Fails the schedule unless `condition` holds, even if the throw is caught.
   */
  assert(condition: boolean, text: string): void;
  /**
   * Has that thread been killed? A step of its own, as a look in a table is.
   */
  isDead(thread: number): boolean;
}

/** What `finally` may ask when every thread has ended or was killed. */
export interface Ending {
  /** The same memory as bytes. */
  readonly bytes: Uint8Array;
  /** Fails the schedule unless `condition` holds. */
  assert(condition: boolean, text: string): void;
  /** Was that thread killed? */
  isDead(thread: number): boolean;
}

/** A program for the checker; all words are 0 when it begins. */
export interface Scenario {
  /** One function per thread; what it keeps must live inside the call. */
  readonly threads: readonly ((context: ThreadContext) => void)[];
  /** Prepares the words before any thread runs. */
  init?(words: Words, bytes: Uint8Array): void;
  /**
   * Throws, or returns false, if the words are wrong; asked after each step.
   */
  invariant?(words: Words): boolean | void;
  /** Writes what the system writes at a death, in the same step as the kill. */
  died?(words: Words, thread: number): void;
  /** Judges the words when no thread is left. */
  finally?(words: Words, ending: Ending): void;
}

/** Where a scenario is and how far to look. */
export interface CheckOptions {
  /** Names the scenario in errors. */
  name: string;
  /** URL of the module that exports the scenario. */
  module: string;
  /** The name it is exported under. */
  scenario: string;
  /** How many threads it has. */
  threads: number;
  /** How many words it shares. */
  words: number;
  /**
   * Does it use the bytes? Accesses to bytes are no steps, they belong to the
   * operation before them; with this, all that runs between two operations is
   * a step of its own, and so bytes can be seen half-published.
   *
   * @default {false}
   */
  bytes?: boolean;
  /**
   * How often a schedule may take the turn from a thread that could go on.
   *
   * @default {2}
   */
  preemptions?: number;
  /**
   * How many finite waits may time out. With 0 a lost wake is a deadlock.
   *
   * @default {0}
   */
  timeouts?: number;
  /**
   * Waits of at least this many milliseconds are slices of a longer wait, which
   * time out only after a death.
   *
   * @default {Infinity}
   */
  sliceMs?: number;
  /**
   * How many threads may be killed.
   *
   * @default {0}
   */
  kills?: number;
  /** Which threads may be killed; all, if not given. */
  victims?: readonly number[];
  /**
   * Are `peek` and `poke` steps? Without, they are part of the step before.
   *
   * @default {true}
   */
  plain?: boolean;
  /**
   * A schedule that takes more steps than this is reported as a livelock.
   *
   * @default {1000}
   */
  maxSteps?: number;
  /**
   * More schedules than this are an error: the scenario is too large.
   *
   * @default {200000}
   */
  maxSchedules?: number;
  /** Runs this one schedule, as an error printed it, and no other. */
  replay?: string;
}
