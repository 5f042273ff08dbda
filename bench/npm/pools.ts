// Copyright 2026 the authors. MIT license.
// deno-lint-ignore-file no-import-prefix -- these files alone depend on them.

// Pools of two from npm, each behind the same three methods, with the fastest
// way that its manual shows for a function that is known beforehand.

/** A pool of somebody else's. */
export interface Peer {
  /** Runs `same(value)` in a worker. */
  same(value: unknown): Promise<unknown>;
  /** Runs `size(bytes)`; moves the buffer if `moves`, where the pool can. */
  size(bytes: Uint8Array<ArrayBuffer>, moves: boolean): Promise<unknown>;
  /** Ends its workers. */
  end(): unknown;
}

const TASKS = new URL("tasks.mjs", import.meta.url).href;

/** How each of them is made. */
export const PEERS: Readonly<Record<string, () => Promise<Peer>>> = {
  async piscina() {
    const { Piscina } = await import("npm:piscina@5.3.2");
    const pool = new Piscina({
      filename: TASKS,
      minThreads: 2,
      maxThreads: 2,
    });
    return {
      same: (value) => pool.run(value),
      size: (bytes, moves) =>
        pool.run(bytes, {
          name: "size",
          ...(moves && { transferList: [bytes.buffer] }),
        }),
      end: () => pool.destroy(),
    };
  },
  async tinypool() {
    const { default: Tinypool } = await import("npm:tinypool@2.2.0");
    const pool = new Tinypool({
      filename: TASKS,
      minThreads: 2,
      maxThreads: 2,
    });
    return {
      same: (value) => pool.run(value),
      size: (bytes, moves) =>
        pool.run(bytes, {
          name: "size",
          ...(moves && { transferList: [bytes.buffer] }),
        }),
      end: () => pool.destroy(),
    };
  },
  async workerpool() {
    const { default: workerpool } = await import("npm:workerpool@10.0.3");
    const pool = workerpool.pool({
      minWorkers: 2,
      maxWorkers: 2,
      workerType: "thread",
    });
    return {
      same: async (value) => await pool.exec(same, [value]),
      size: async (bytes, moves) =>
        await pool.exec(
          size,
          [bytes],
          moves ? { transfer: [bytes.buffer] } : {},
        ),
      end: () => pool.terminate(),
    };
  },
  async poolifier() {
    const { FixedThreadPool } = await import(
      "npm:poolifier-web-worker@0.5.15"
    );
    const pool = new FixedThreadPool(
      2,
      new URL("poolifier_worker.ts", import.meta.url),
    );
    return {
      same: (value) => pool.execute(value as never, "same"),
      size: (bytes, moves) =>
        pool.execute(
          bytes as never,
          "size",
          undefined,
          moves ? [bytes.buffer] : [],
        ),
      end: () => pool.destroy(),
    };
  },
  async multithreading() {
    const { initRuntime, move, shutdown, spawn } = await import(
      "npm:multithreading@0.3.52"
    );
    initRuntime({ maxWorkers: 2 });
    return {
      same: (value) => spawn(move(value), same).join(),
      // It moves what can move.
      size: (bytes) => spawn(move(bytes), size).join(),
      end: shutdown,
    };
  },
  async comlink() {
    const { transfer, wrap } = await import("npm:comlink@4.4.2");
    const url = new URL("comlink_worker.ts", import.meta.url);
    const workers = [0, 1].map(() => new Worker(url, { type: "module" }));
    const ends = workers.map((worker) =>
      wrap<{ same: typeof same; size: typeof size }>(worker)
    );
    let turn = 0;
    const next = () => ends[turn++ % 2]!;
    return {
      same: (value) => next().same(value),
      size: (bytes, moves) =>
        next().size(moves ? transfer(bytes, [bytes.buffer]) : bytes),
      end: () => workers.forEach((worker) => worker.terminate()),
    };
  },
};

// Sent by their source text.
function same<T>(value: T): T {
  return value;
}

function size(bytes: Uint8Array): number {
  return bytes.byteLength;
}
