// Copyright 2026 the authors. MIT license.

// The program inside of a worker, which worker_entry.js imports. A worker that
// closes or exits sends its host no event: its last act is to write into the
// table how it ended.

import { live } from "./child.ts";
import { awaitBegun, SPARE, type Start } from "./engine.ts";
import { closeMappings } from "../memory/process_memory.ts";
import { awaitTaken, me } from "../program/self.ts";

const worker = self as unknown as {
  close(): void;
  postMessage(message: unknown): void;
};
const close = worker.close.bind(worker);

/**
 * Begins a child with what it is told at its start, and the port over which it
 * asks its host for workers. Over that a spare is told, when it is taken.
 */
export function beginWorker(
  [requests, start]: [MessagePort, Start | undefined],
): void {
  if (start !== undefined) return void live(start, { requests, leave });
  requests.onmessage = ({ data }: MessageEvent<Start>) => {
    requests.onmessage = null;
    // The platform names a worker when it is made.
    Object.defineProperty(self, "name", { value: data.identity.name });
    live(data, { requests, leave });
  };
  import("./ahead.ts")
    .then(({ loadAhead }) => loadAhead())
    .then(() => worker.postMessage(SPARE));
}

/** Ends the worker. Does not return: closing stops the thread at once. */
function leave(code: number): never {
  const { table, token } = me();
  awaitBegun();
  awaitTaken();
  if (!hasWorkers()) closeMappings();
  table.end(token, code);
  return close() as never;
}

/**
 * Whether a worker lives that this one has started. It may not have begun, and
 * it finds what it is given by numbers of files that this worker has open.
 */
function hasWorkers(): boolean {
  const { table, token } = me();
  return table.living().some((other) =>
    table.parentOf(other) === token && table.isHostedHere(other)
  );
}
