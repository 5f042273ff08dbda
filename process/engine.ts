// Copyright 2026 the authors. MIT license.

// An engine, and what each can do: start a process, stop it, let go of it. Each
// engine is one file, and that file enters it here.

import type { StartMethod } from "../memory/method.ts";
import type { Packed } from "../message/handle.ts";
import type { Stripped } from "../message/writer.ts";
import type { Callable, TargetRef } from "../message/target.ts";
import { type Identity, me } from "../program/self.ts";

/** The message to a child at its start. */
export interface Start {
  readonly identity: Identity;
  readonly target: TargetRef | undefined;
  /** The class of the process object, if it is not Process itself. */
  readonly class: TargetRef | undefined;
  /** {@linkcode Arguments}. */
  readonly given: Packed;
  /** The arguments that arrive without their class. */
  readonly stripped: readonly Stripped[];
}

/** What a child is given, under the names that an error calls them by. */
export interface Arguments {
  readonly args: readonly unknown[];
  readonly kwargs: object | undefined;
  /** The own fields of the process object. */
  readonly this: Record<string, unknown>;
}

/** The work of a child. */
export interface Job {
  readonly target: Callable | undefined;
  readonly args: readonly unknown[];
  readonly kwargs: object | undefined;
  /** The class of the process object, if it is not Process itself. */
  readonly class: Callable | undefined;
  /** The own fields of the process object. */
  readonly fields: Record<string, unknown>;
}

/** A process to start. */
export interface Launch {
  /** The slot of the table that the process is to live in. */
  readonly token: number;
  readonly name: string;
  /** The message to the child. */
  readonly start: Start;
  /** The objects in `start` that move instead of being cloned. */
  readonly transfer: readonly Transferable[];
  readonly limits: Limits;
}

/** What a process may do and take. */
export interface Limits {
  /** The process's permissions; undefined: those of its parent. */
  readonly permissions: Deno.PermissionOptions | undefined;
  /** The most that the heap of the process may take, in bytes. */
  readonly maxMemory: number | undefined;
}

/** A way to run processes. */
export interface Engine {
  /** Throws if a process of this engine cannot have these limits. */
  checkLimits(limits: Limits): void;
  /** Whether `value` reaches its processes by the platform's own clone. */
  carries(value: object): boolean;
  /** Starts a process. If it throws, nothing is started. */
  launch(launch: Launch): void;
  /** Starts a spare; `died` is called when it is dead, and not at once. */
  prepare(died: () => void): Spare;
  /** Tells a process to stop, so that it ends with `code`. */
  stop(token: number, code: number): void;
  /**
   * Lets a process go on that a signal has stopped, if it is found so at look
   * after look: this process must not end before it.
   */
  wake?(token: number): void;
  /** Lets go of a process that has ended. */
  release(token: number): void;
  /** A promise that lasts until the platform has let go of an ended process. */
  remains?(token: number): Promise<unknown> | undefined;
  /** Waits, blocking, until its processes no longer need this one to begin. */
  awaitBegun?(): void;
}

/** A process without work: see process/spares.ts. */
export interface Spare {
  /** What the process may do, as text: that of the time of its start. */
  readonly rights: string;
  /** Whether it has loaded what it can; also if it has died since. */
  readonly isReady: boolean;
  /** Why it is dead, if that is known. */
  readonly error: unknown;
  isAlive(): boolean;
  /** Ends it; resolves when the platform has nothing of it any more. */
  end(): Promise<void>;
}

// The files of engines enter them, so that this one need not import them: a
// child that starts no process loads no engine
// (docs/decisions/0013-load-what-was-given.md).
const engines = new Map<StartMethod, Engine>();

/** Enters an engine. */
export function setEngine(method: StartMethod, engine: Engine): void {
  engines.set(method, engine);
}

/** The engine of a start method. */
export function engineOf(method: StartMethod): Engine {
  return engines.get(method)!;
}

/** The engine that runs a process of this program. */
export function engineOfProcess(token: number): Engine {
  return engineOf(me().table.isSpawned(token) ? "spawn" : "worker");
}

/** Waits, blocking, until no child of this process needs it to begin. */
export function awaitBegun(): void {
  for (const engine of engines.values()) engine.awaitBegun?.();
}

/** The word that makes a spare of an OS process, and by which one is ready. */
export const SPARE = "spare";

/** The method of a process that tells its token to other rooms. */
export const TOKEN: unique symbol = Symbol("token");
