// Copyright 2026 the authors. MIT license.

// One word there and back with `Atomics.wait` and `Atomics.notify`: asleep at
// once, or (second argument `spin`) after having looked for some microseconds.

import { insideWorker, measure } from "../lib.ts";
import { onMessage, quit, startWorker } from "./link.ts";

interface Start {
  memory: SharedArrayBuffer;
  spins: number;
}

const THERE = 0;
const BACK = 1;

/** Waits until the cell is not `old`, and returns what it is. */
function waitChange(
  cells: Int32Array,
  index: number,
  old: number,
  spins: number,
): number {
  for (let i = 0; i < spins; i++) {
    const value = Atomics.load(cells, index);
    if (value !== old) return value;
  }
  while (Atomics.load(cells, index) === old) Atomics.wait(cells, index, old);
  return Atomics.load(cells, index);
}

function put(cells: Int32Array, index: number, value: number): void {
  Atomics.store(cells, index, value);
  Atomics.notify(cells, index);
}

function serve(start: Start): void {
  const cells = new Int32Array(start.memory);
  let turn = 0;
  while (turn >= 0) {
    turn = waitChange(cells, THERE, turn, start.spins);
    put(cells, BACK, turn);
  }
  quit();
}

function main(scenario: string, mode?: string): void {
  const memory = new SharedArrayBuffer(8);
  const spins = mode === "spin" ? 2000 : 0;
  const cells = new Int32Array(memory);
  const start: Start = { memory, spins };
  startWorker(import.meta.url, start);
  let turn = 0;
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      put(cells, THERE, turn + 1);
      turn = waitChange(cells, BACK, turn, spins);
    }
  }, "µs");
  put(cells, THERE, -1);
}

if (insideWorker()) onMessage(serve);
else main(Deno.args[0]!, Deno.args[1]);
