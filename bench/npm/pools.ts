// Copyright 2026 the authors. MIT license.
// deno-lint-ignore-file no-import-prefix -- these files alone depend on them.

// Pools from npm, each behind the same three methods, with the fastest
// way that its manual shows for a function that is known beforehand.

/** A pool of another package. */
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
export const PEERS: Readonly<
  Record<string, (workers: number) => Promise<Peer>>
> = {
  async piscina(workers) {
    const { Piscina } = await import("npm:piscina@5.3.2");
    const pool = new Piscina({
      filename: TASKS,
      minThreads: workers,
      maxThreads: workers,
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
  async tinypool(workers) {
    const { default: Tinypool } = await import("npm:tinypool@2.2.0");
    const pool = new Tinypool({
      filename: TASKS,
      minThreads: workers,
      maxThreads: workers,
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
  async workerpool(workers) {
    const { default: workerpool } = await import("npm:workerpool@10.0.3");
    const pool = workerpool.pool({
      minWorkers: workers,
      maxWorkers: workers,
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
  async poolifier(workers) {
    const { FixedThreadPool } = await import(
      "npm:poolifier-web-worker@0.5.15"
    );
    const pool = new FixedThreadPool(
      workers,
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
  async multithreading(workers) {
    const { initRuntime, move, shutdown, spawn } = await import(
      "npm:multithreading@0.3.52"
    );
    initRuntime({ maxWorkers: workers });
    return {
      same: (value) => spawn(move(value), same).join(),
      // It moves what can move.
      size: (bytes) => spawn(move(bytes), size).join(),
      end: shutdown,
    };
  },
  async comlink(workers) {
    const { transfer, wrap } = await import("npm:comlink@4.4.2");
    const url = new URL("comlink_worker.ts", import.meta.url);
    const threads = Array.from(
      { length: workers },
      () => new Worker(url, { type: "module" }),
    );
    const ends = threads.map((worker) =>
      wrap<{ same: typeof same; size: typeof size }>(worker)
    );
    let turn = 0;
    const next = () => ends[turn++ % workers]!;
    return {
      same: (value) => next().same(value),
      size: (bytes, moves) =>
        next().size(moves ? transfer(bytes, [bytes.buffer]) : bytes),
      end: () => threads.forEach((worker) => worker.terminate()),
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
