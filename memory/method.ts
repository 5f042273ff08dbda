// Copyright 2026 the authors. MIT license.

// The start methods: which there are, and which one is the program's default.

import { StateError } from "../errors.ts";

/**
 * How a process runs: `"worker"` is a Web Worker of this OS process, `"spawn"`
 * an OS process of its own.
 */
export type StartMethod = "worker" | "spawn";

/** All start methods, the default first. */
export const START_METHODS: readonly StartMethod[] = ["worker", "spawn"];

/**
 * The reach of memory: threads of one OS process, or other OS processes too.
 */
export type MemoryKind = "thread" | "process";

// For what a context makes. It is no argument: the parameters of a constructor
// are promises to users, and a shared object makes others in turn (a Condition
// its Lock), which then live where it does.
let making: MemoryKind | undefined;

/**
 * The kind of memory that a shared object which is made now lives in. Without a
 * context it fixes the program's method, as in Python: processes of another one
 * could not have it.
 */
export function madeMemory(): MemoryKind {
  return making ?? memoryOf(usedMethod());
}

/** The kind of memory that children of this method can have. */
export function memoryOf(method: StartMethod): MemoryKind {
  return method === "spawn" ? "process" : "thread";
}

/** Objects that `make` makes live in memory of this kind. */
export function makeIn<T>(kind: MemoryKind, make: () => T): T {
  const before = making;
  making = kind;
  try {
    return make();
  } finally {
    making = before;
  }
}

let chosen: StartMethod | undefined;

/** The program's default; undefined if none was chosen or used yet. */
export function chosenMethod(): StartMethod | undefined {
  return chosen;
}

/** The program's default, which is fixed by this use of it. */
export function usedMethod(): StartMethod {
  return chosen ??= START_METHODS[0]!;
}

/** Chooses the default, whatever it was. */
export function forceMethod(method: StartMethod): void {
  checkMethod(method, "set start method");
  chosen = method;
}

/** Chooses the default: once. */
export function chooseMethod(method: StartMethod): void {
  checkMethod(method, "set start method");
  if (chosen !== undefined) {
    throw new StateError(
      `Cannot set start method: it is "${chosen}" already, and force is false`,
    );
  }
  chosen = method;
}

/** Throws unless `method` is a start method. */
export function checkMethod(method: unknown, action: string): void {
  if (START_METHODS.includes(method as StartMethod)) return;
  const known = START_METHODS.map((name) => `"${name}"`).join(" or ");
  throw new RangeError(
    `Cannot ${action}: the start method must be ${known}: got ${
      JSON.stringify(method)
    }`,
  );
}
