// Copyright 2026 the authors. MIT license.

// The engine of OS processes, and one of the two files that name Deno.Command.
// Each process is a Deno of its own, which runs process/spawn_entry.js.
//
// How a process ended is known to its parent. While the parent is in its event
// loop the platform tells it; while it blocks it asks the kernel. The parent
// alone writes the end into the table, when the OS process is really gone.

import { report } from "./child.ts";
import { StateError } from "../errors.ts";
import { MAIN, mustDropFfi, wordsFor } from "./spawn_flags.ts";
import { type Letter, writeLetter } from "./spawn_letter.ts";
import {
  type Launch,
  type Limits,
  setEngine,
  SPARE,
  type Spare,
} from "./engine.ts";
import { Mailbox } from "./mailbox.ts";
import { takeSpare } from "./spares.ts";
import { TERMINATED } from "./ending.ts";
import { hasFile, openKernel } from "../memory/kernel.ts";
import { checkProcessMemory } from "../memory/process_memory.ts";
import { exitCodeOf, isStopped } from "../program/liveness.ts";
import { isMain, me } from "../program/self.ts";

interface Child {
  readonly process: Deno.ChildProcess;
  /** Lasts until the platform has nothing of it any more. */
  readonly over: Promise<void>;
  /** The exit code that it was told to end with. */
  told?: number;
  /** How many looks in a row have found it stopped. */
  stops: number;
  /** When the kernel was first seen to have told the platform of its end. */
  takenAt?: number;
  /**
   * Kept until the child has ended: it may be slow to open what it is given.
   */
  readonly letter: Letter;
}

const children = new Map<number, Child>();

setEngine("spawn", {
  checkLimits({ maxMemory }: Limits): void {
    openKernel("start process");
    checkProcessMemory();
    checkEntry();
    // Deno.execPath() is the compiled program itself then: it would begin anew,
    // and start another.
    if (Deno.build.standalone) {
      throw new StateError(
        'Cannot start process: a compiled program has no deno to run an OS process: use method: "worker"',
      );
    }
    if (maxMemory !== undefined && !(maxMemory >= LEAST_MEMORY)) {
      throw new RangeError(
        `Cannot start process: maxMemory must be at least ${LEAST_MEMORY} bytes: got ${maxMemory}`,
      );
    }
  },

  // Memory and ports of this OS process are its own.
  carries: () => false,

  launch({ token, start, limits }: Launch): void {
    const { table } = me();
    const words = wordsFor(limits);
    const letter = writeLetter(start, mustDropFfi(limits));
    const { permissions, maxMemory } = limits;
    const spare = permissions === undefined && maxMemory === undefined
      ? takeSpare("spawn", () => rightsOf(words)) as SpareProcess | undefined
      : undefined;
    let process: Deno.ChildProcess;
    try {
      process = spare?.process ?? run([...words, letter.place]);
    } catch (error) {
      letter.end();
      throw error;
    }
    spare?.mailbox.give(letter.place);
    table.setPid(token, process.pid);
    table.hasEnded = hasEnded;
    const over = process.status.then(async ({ code, signal }) => {
      table.end(token, signal === null ? code : SIGNALLED - code);
      letter.end();
      spare?.mailbox.end();
      children.delete(token);
      await process.stdin.close().catch(() => {});
    });
    children.set(token, { process, letter, over, stops: 0 });
    if (isMain()) awaitBegunAtExit();
  },

  prepare(died: () => void): Spare {
    this.checkLimits({ permissions: undefined, maxMemory: undefined });
    return new SpareProcess(died);
  },

  stop(token: number, code: number): void {
    const child = children.get(token);
    if (child === undefined) return;
    child.told ??= code;
    try {
      child.process.kill(code === TERMINATED ? "SIGTERM" : "SIGKILL");
      // One that is stopped hears of no other signal but the second.
      child.process.kill("SIGCONT");
    } catch (error) {
      // The child has ended, and its status is on its way.
      if (!(error instanceof TypeError)) throw error;
    }
  },

  wake,

  release(): void {
    // The status of the child is still to come; the child is let go of then.
  },

  remains(token: number): Promise<unknown> | undefined {
    const child = children.get(token);
    // The caller awaits the end, so the child may keep the program alive.
    child?.process.ref();
    return child?.over;
  },

  awaitBegun,
});

/** Throws if an OS process could not load what it runs first. */
function checkEntry(): void {
  const { protocol, pathname } = new URL(MAIN);
  isEntryThere ||= protocol !== "file:" || Deno.build.standalone ||
    hasFile(decodeURIComponent(pathname));
  if (isEntryThere) return;
  throw new StateError(
    `Cannot start process: ${MAIN} is not there, which an OS process runs first: keep the files of the library together`,
  );
}

let isEntryThere = false;

function run(args: readonly string[]): Deno.ChildProcess {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args],
    // A leash, on which nothing is written: see program/liveness.ts.
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // A child must not keep the program alive by itself: whether it is waited for
  // is decided when the main code is done.
  process.unref();
  return process;
}

/** An OS process without work. */
class SpareProcess implements Spare {
  readonly rights: string;
  readonly process: Deno.ChildProcess;
  readonly mailbox = new Mailbox();
  readonly error: undefined;
  #isOver = false;

  constructor(died: () => void) {
    try {
      const words = wordsFor({ permissions: undefined, maxMemory: undefined });
      this.rights = rightsOf(words);
      this.process = run([...words, this.mailbox.place, SPARE]);
    } catch (error) {
      this.mailbox.end();
      throw error;
    }
    this.process.status.then(() => {
      this.#isOver = true;
      died();
    });
  }

  get isReady(): boolean {
    return this.mailbox.isReady;
  }

  isAlive(): boolean {
    // The platform may not have told it yet: this thread may have blocked.
    return !this.#isOver && exitCodeOf(this.process.pid) === undefined;
  }

  async end(): Promise<void> {
    try {
      this.process.kill("SIGKILL");
      this.process.ref();
    } catch {
      // It has ended.
    }
    await this.process.status;
    this.mailbox.end();
    await this.process.stdin.close().catch(() => {});
  }
}

/**
 * What an OS process with these words can do that inherits the rest: it has the
 * environment and the folder in which it was started.
 */
function rightsOf(words: readonly string[]): string {
  // Deno gives the variables in any order.
  const variables = Object.entries(Deno.env.toObject()).sort();
  return JSON.stringify([words, variables, Deno.cwd()]);
}

/**
 * Waits until the children of this process have opened what they were given: a
 * part of it can be found in this process only.
 */
function awaitBegun(): void {
  for (const [token, { letter }] of children) {
    const deadline = performance.now() + MOST_BEGINNING;
    while (!letter.waitUntilRead(READER_SLICE) && !hasEnded(token)) {
      if (performance.now() > deadline) break;
      wake(token);
    }
  }
}

/** A signal may have stopped one that this process must wait for. */
function wake(token: number): void {
  const child = children.get(token);
  if (child === undefined) return;
  child.stops = isStopped(child.process.pid) ? child.stops + 1 : 0;
  if (child.stops < MOST_STOPS) return;
  child.stops = 0;
  report(
    me().table.nameOf(token),
    "it was stopped: it goes on, since its parent waits for it to end",
  );
  try {
    child.process.kill("SIGCONT");
  } catch {
    // It has ended.
  }
}

/** How many looks find a process stopped before it is let go on. */
const MOST_STOPS = 20;

/** How long a process may take to open what it is given, in milliseconds. */
const MOST_BEGINNING = 30_000;

const READER_SLICE = 20;

// At every end of the main process but a signal. An uncaught error has an event
// of its own, and none follows at the exit.
function awaitBegunAtExit(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const type of ["unload", "error", "unhandledrejection"]) {
    addEventListener(type, awaitBegun);
  }
}

let isInstalled = false;

/** How long the platform may take to tell what it knows, in milliseconds. */
const TELLING = 50;

/** The least heap with which Deno itself comes up, in bytes. */
const LEAST_MEMORY = 2 ** 24;

const KILLED = -9;

/** The number that a status adds to that of a signal. */
const SIGNALLED = 128;

/** For a parent that blocks: the platform does not tell it meanwhile. */
function hasEnded(token: number): boolean | undefined {
  const child = children.get(token);
  if (child === undefined) return undefined;
  const { table } = me();
  let code = exitCodeOf(child.process.pid);
  if (code === "taken") {
    // The platform has its status, and tells us in this turn of the event loop.
    // If there is none, since this thread blocks, the child has said how it
    // would end, unless it was killed.
    child.takenAt ??= performance.now();
    if (performance.now() - child.takenAt < TELLING) return false;
    code = table.announcedExitOf(token) ?? child.told ?? KILLED;
  }
  if (code === undefined) return false;
  table.end(token, code);
  child.letter.end();
  return true;
}
