// Copyright 2026 the authors. MIT license.

// The least a lock can be: a pair of compare-exchanges, alone and with another
// worker spinning on the same word; and the least a shared counter can be.

import { insideWorker, measure } from "../lib.ts";
import { Gate } from "./gate.ts";
import { onMessage, quit, startWorker } from "./link.ts";

interface Start {
  scenario: string;
  memory: SharedArrayBuffer;
  gate: SharedArrayBuffer;
}

function pairs(cells: Int32Array, size: number): void {
  for (let i = 0; i < size; i++) {
    while (Atomics.compareExchange(cells, 0, 0, 1) !== 0);
    Atomics.compareExchange(cells, 0, 1, 0);
  }
}

function adds(cells: Int32Array, size: number): void {
  for (let i = 0; i < size; i++) Atomics.add(cells, 0, 1);
}

function serve(start: Start): void {
  const cells = new Int32Array(start.memory);
  const gate = new Gate(start.gate);
  const work = start.scenario === "lock_contended" ? pairs : adds;
  for (let size = gate.enter(); size > 0; size = gate.enter()) {
    work(cells, size);
    gate.leave();
  }
  quit();
}

function main(scenario: string): void {
  const memory = new SharedArrayBuffer(4);
  if (scenario !== "lock_contended" && !scenario.startsWith("value_")) {
    const cells = new Int32Array(memory);
    measure(scenario, (size) => pairs(cells, size), "ns");
    return;
  }
  const gates = [new Gate(), new Gate()];
  for (const gate of gates) {
    const start: Start = { scenario, memory, gate: gate.memory };
    startWorker(import.meta.url, start);
  }
  measure(scenario, function batch(size) {
    for (const gate of gates) gate.open(size / 2);
    for (const gate of gates) gate.join();
  }, scenario === "lock_contended" ? "ns" : "adds/s");
  for (const gate of gates) gate.open(-1);
}

if (insideWorker()) onMessage(serve);
else main(Deno.args[0]!);
