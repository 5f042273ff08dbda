// Copyright 2026 the authors. MIT license.

// What every engine can do: start a process, stop it, let go of it. Each engine
// is one file, which enters itself here.

import type { Start } from "./child.ts";
import type { StartMethod } from "../memory/method.ts";
import { me } from "../program/self.ts";

/** A process to start. */
export interface Order {
  /** The slot it is to live in. */
  readonly token: number;
  readonly name: string;
  /** What it is told; a structured clone of it arrives. */
  readonly start: Start;
  /** What of it moves instead of being cloned. */
  readonly transfer: readonly Transferable[];
  readonly limits: Limits;
}

/** What a process may do and take. */
export interface Limits {
  /** Undefined: what its parent may. */
  readonly permissions: Deno.PermissionOptions | undefined;
  /** The most that its heap may take, in bytes. */
  readonly maxMemory: number | undefined;
}

/** A way to run processes. */
export interface Engine {
  /** Throws if a process cannot be limited so. */
  checkLimits(limits: Limits): void;
  /**
   * Starts a process. Throws if it cannot, and then nothing is started; a
   * `DataCloneError` if what it is told cannot be cloned.
   */
  launch(order: Order): void;
  /** Tells it to stop, so that it ends with `code`. */
  stop(token: number, code: number): void;
  /** Lets go of one that has ended. */
  release(token: number): void;
  /** What remains of one that has ended, until the platform is rid of it too. */
  remains?(token: number): Promise<unknown> | undefined;
}

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
