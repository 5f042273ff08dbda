// Copyright 2026 the authors. MIT license.

// Forgets an end of each of two pipes, one of them while it waits. Needs
// --expose-gc.

import { type Connection, Pipe } from "../../mod.ts";

const collect = (globalThis as unknown as { gc(): void }).gc;

const [near] = Pipe();
let waiting: Promise<unknown> | undefined;
const kept = ((): Connection => {
  const [a, b] = Pipe();
  waiting = b.recv();
  return a;
})();

const ended = near.recv({ timeout: 60_000 }).catch((error) => error.name);
let isOver = false;
ended.then(() => isOver = true);
while (!isOver) {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 1));
}
console.log(await ended);

kept.sendSync("still waits");
console.log(await waiting);
Deno.exit();
