// Copyright 2026 the authors. MIT license.

// A bare ring from a worker to the main thread: ints, objects, bytes.

import { insideWorker, measure, mebibyte, objects } from "../lib.ts";
import { Gate } from "./gate.ts";
import { onMessage, quit, startWorker } from "./link.ts";
import { Ring, type RingHandle } from "./ring.ts";

interface Start {
  kind: string;
  ring: RingHandle;
  gate: SharedArrayBuffer;
}

const MIB = 1 << 20;
const OBJECT_SLOT = 512;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function writer(kind: string, ring: Ring): (i: number) => void {
  if (kind === "ints") {
    return (i) => {
      ring.cells[ring.claim()] = i & 255;
      ring.publish();
    };
  }
  if (kind === "objects") {
    const values = objects();
    return (i) => {
      const at = ring.claim() * OBJECT_SLOT;
      const text = JSON.stringify(values[i & 255]);
      const slot = ring.bytes.subarray(at + 4, at + OBJECT_SLOT);
      ring.cells[at / 4] = encoder.encodeInto(text, slot).written;
      ring.publish();
    };
  }
  const value = mebibyte();
  return () => {
    ring.bytes.set(value, ring.claim() * MIB);
    ring.publish();
  };
}

function reader(kind: string, ring: Ring): () => unknown {
  if (kind === "ints") {
    return () => {
      const value = ring.cells[ring.peek()];
      ring.release();
      return value;
    };
  }
  if (kind === "objects") {
    return () => {
      const at = ring.peek() * OBJECT_SLOT;
      const length = ring.cells[at / 4]!;
      const text = decoder.decode(ring.bytes.slice(at + 4, at + 4 + length));
      ring.release();
      return JSON.parse(text);
    };
  }
  return () => {
    const at = ring.peek() * MIB;
    const value = new Uint8Array(MIB);
    value.set(ring.bytes.subarray(at, at + MIB));
    ring.release();
    return value;
  };
}

function serve(start: Start): void {
  const gate = new Gate(start.gate);
  const write = writer(start.kind, new Ring(start.ring));
  for (let size = gate.enter(); size > 0; size = gate.enter()) {
    for (let i = 0; i < size; i++) write(i);
  }
  quit();
}

function main(scenario: string): void {
  const kind = scenario.split("_")[1]!;
  const ring = kind === "ints"
    ? Ring.create(4096, 4)
    : kind === "objects"
    ? Ring.create(1024, OBJECT_SLOT)
    : Ring.create(8, MIB);
  const gate = new Gate();
  const start: Start = { kind, ring: ring.handle, gate: gate.memory };
  startWorker(import.meta.url, start);
  const read = reader(kind, ring);
  measure(scenario, function batch(size) {
    gate.open(size);
    for (let i = 0; i < size; i++) read();
  }, kind === "bytes" ? "MiB/s" : "items/s");
  gate.open(-1);
}

if (insideWorker()) onMessage(serve);
else main(Deno.args[0]!);
