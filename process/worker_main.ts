// Copyright 2026 the authors. MIT license.

// What runs inside of a worker. A worker that closes or exits sends its starter
// no event, so it writes into the table how it ended, as its last act.

import "./process.ts";
import { live, type Start } from "./child.ts";
import { loadHomes } from "./homes.ts";
import { awaitReaders } from "./spawn_host.ts";
import { closeMappings } from "../memory/process_memory.ts";
import { me } from "../program/self.ts";
import { connect } from "./worker_host.ts";

const worker = self as unknown as {
  onmessage: ((event: MessageEvent<MessagePort>) => void) | null;
  close(): void;
};
const close = worker.close.bind(worker);

worker.onmessage = ({ data: port }) => {
  worker.onmessage = null;
  connect(port, (start) => live(start as Start, { load: loadHomes, leave }));
};

/** Does not return: closing stops the thread, wherever it stands. */
function leave(code: number): never {
  const { table, token } = me();
  awaitReaders();
  if (!hasWorkers()) closeMappings();
  table.end(token, code);
  return close() as never;
}

/**
 * Whether a worker lives that this one has started. It may not have begun: what
 * it is given it finds by numbers of files that this one has open.
 */
function hasWorkers(): boolean {
  const { table, token } = me();
  return table.living().some((other) =>
    table.parentOf(other) === token && table.isHostedHere(other)
  );
}
