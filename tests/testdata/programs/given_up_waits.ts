// Copyright 2026 the authors. MIT license.

// Gives up waits for queues that are not used any more, and prints how many of
// their buffers the program still has.

import * as mp from "../../../mod.ts";

const COUNT = 20;

const { gc } = globalThis as unknown as { gc: () => void };

const kept: WeakRef<SharedArrayBuffer>[] = [];
const Buffers = SharedArrayBuffer;
globalThis.SharedArrayBuffer = class extends Buffers {
  constructor(byteLength: number) {
    super(byteLength);
    if (byteLength > 2 ** 24) kept.push(new WeakRef<SharedArrayBuffer>(this));
  }
} as typeof Buffers;

for (let i = 0; i < COUNT; i++) {
  await new mp.Queue().get({ timeout: 1 }).catch(() => {});
}
let left = COUNT;
for (let i = 0; i < 50 && left > 1; i++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
  left = kept.filter((buffer) => buffer.deref() !== undefined).length;
}
console.log(kept.length, left);
