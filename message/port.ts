// Copyright 2026 the authors. MIT license.

// Message ports that are read on demand, also by a thread that blocks.

import { builtinModule } from "../memory/builtin.ts";

/** The result of {@linkcode receiveFrom} if no message has come. */
export const NO_MESSAGE: unique symbol = Symbol("no message");

/** Sends a structured clone of `value`; what is in `transfer` moves. */
export function sendTo(
  port: MessagePort,
  value: unknown,
  transfer: readonly Transferable[],
): void {
  port.postMessage(new Map([[VALUE, value]]), [...transfer]);
}

/** Takes the oldest message that {@linkcode sendTo} has sent to `port`. */
export function receiveFrom(port: MessagePort): unknown {
  const received = (receiveMessageOnPort ??= load())(port);
  if (received === undefined) return NO_MESSAGE;
  return (received.message as Map<number, unknown>).get(VALUE);
}

// The platform's function looks for ports in what it has received, to make
// Node's of them, and so visits every element of a typed array: a quarter of a
// second for a mebibyte (Deno 2.9.6). It does not look into a Map.
const VALUE = 0;

type Receive = (port: MessagePort) => { message: unknown } | undefined;

let receiveMessageOnPort: Receive | undefined;

// Loaded with the first message.
function load(): Receive {
  return builtinModule<{ receiveMessageOnPort: Receive }>(
    "node:worker_threads",
  ).receiveMessageOnPort;
}
