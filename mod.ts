// Copyright 2026 the authors. MIT license.

/**
 * Python's `multiprocessing` for Deno: processes, and what they share.
 *
 * | you want to | take | of the module |
 * |---|---|---|
 * | run a function beside the program | {@linkcode Process} | `process` |
 * | hand values from some processes to others | {@linkcode Queue} | `queue` |
 * | talk with another process, both ways | {@linkcode Pipe} | `pipe` |
 * | wait for the first of several of these | {@linkcode wait} | `connection` |
 * | let one process at a time into a section | {@linkcode Lock} | `sync` |
 * | share a number, or many | {@linkcode Value}, {@linkcode Array} | `shared` |
 * | run many tasks in a few processes | {@linkcode Pool} | `pool` |
 * | the same, with futures | {@linkcode ProcessPoolExecutor} | `futures` |
 * | choose how processes run | {@linkcode getContext} | `context` |
 * | send instances of your classes | {@linkcode registerClass} | `classes` |
 * | know what went wrong | {@linkcode AbandonedLockError} … | `errors` |
 * | run other programs | {@linkcode subprocess} | `subprocess` |
 *
 * Each of these can be imported alone, and says there what else it has.
 *
 * Values cross as copies. Instances of a class keep it if the class is
 * registered ({@linkcode registerClass}), errors if a module of the program
 * exports theirs.
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
 *   const lock = new mp.Lock();
 *   const p = new mp.Process({ target: work, args: ["bob", q, lock] });
 *   p.start();
 *   console.log(await q.get());
 *   await p.join();
 * }
 * ```
 *
 * @module
 */

export * from "./classes.ts";
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
