// Copyright 2026 the authors. MIT license.

/**
 * Python's `multiprocessing` for Deno: processes, and what they share.
 *
 * | you want to | take |
 * |---|---|
 * | run a function beside the program | {@linkcode Process} |
 * | hand values from some processes to others | {@linkcode Queue} |
 * | let one process at a time into a section | {@linkcode Lock} |
 * | run many tasks in a few processes | {@linkcode Pool}, {@linkcode ProcessPoolExecutor} |
 * | share a number, or many | {@linkcode Value}, {@linkcode Array} |
 * | share bytes by name | {@linkcode SharedMemory} |
 * | run other programs | {@linkcode subprocess} |
 *
 * Waits come in two forms: `await q.get()`, and `q.getSync()`, which blocks the
 * thread. Times are milliseconds.
 *
 * @example
 * ```ts
 * import * as mp from "./mod.ts";
 *
 * export function work(name: string, q: mp.Queue<string>, lock: mp.Lock) {
 *   using _ = lock.holdSync();
 *   q.putSync(`hello ${name}`);
 * }
 *
 * if (import.meta.main) {
 *   const q = new mp.Queue<string>();
 *   const p = new mp.Process({ target: work, args: ["bob", q, new mp.Lock()] });
 *   p.start();
 *   console.log(await q.get());
 *   await p.join();
 * }
 * ```
 *
 * @module
 */

export * from "./connection.ts";
export * from "./context.ts";
export * from "./errors.ts";
export * from "./futures.ts";
export * from "./pipe.ts";
export * from "./pool.ts";
export * from "./process.ts";
export * from "./queue.ts";
export * from "./shared.ts";
export * as subprocess from "./subprocess.ts";
export * from "./sync.ts";
