// Copyright 2026 the authors. MIT license.

// Tasks of large arguments and results, of which a message carries few.

import { currentTask, type Value } from "../../mod.ts";

/** A value to be made, as its name says. */
export type Order =
  | ["bytes" | "buffer" | "text" | "nested" | "numbers", size: number]
  | ["number", value: number]
  | ["function"]
  | ["throw", message: string]
  | ["exit", attempts: number]
  | ["wait"];

let counter: Value<"i"> | undefined;

/** Has `make()` count its calls. */
export function countIn(value: Value<"i">): void {
  counter = value;
}

export function make([what, size]: Order): unknown {
  counter?.add(1);
  switch (what) {
    case "bytes":
      return new Uint8Array(size).fill(size);
    case "buffer":
      return new Uint8Array(size).fill(size).buffer;
    case "text":
      return "x".repeat(size);
    case "nested":
      return { size, of: [new Uint8Array(size)] };
    case "numbers":
      return Array.from({ length: size }, (_, i) => i / 2);
    case "number":
      return size;
    case "function":
      return [() => 1];
    case "throw":
      throw new RangeError(size);
    case "exit":
      if (currentTask().attempt <= size) Deno.exit(7);
      return currentTask().attempt;
    case "wait":
      return untilCancelled();
  }
}

/** As {@linkcode make}, later. */
export async function makeLater(order: Order): Promise<unknown> {
  await undefined;
  return make(order);
}

/** As {@linkcode make}, of arguments. */
export function makeOf(...order: Order): unknown {
  return make(order);
}

/** How many bytes it is given. */
export function sizeOf(value: Uint8Array | { data: Uint8Array }): number {
  return "data" in value ? value.data.length : value.length;
}

/** The sum of two sizes. */
export function sizesOf(a: Uint8Array, b: Uint8Array): number {
  return a.length + b.length;
}

function untilCancelled(): Promise<string> {
  const { signal } = currentTask();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve("cancelled"))
  );
}
