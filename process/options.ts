// Copyright 2026 the authors. MIT license.

// What a process is made from, and whether it can be.

import { checkMethod, type StartMethod } from "../memory/method.ts";

/** What a {@linkcode Process} is made from. */
export interface ProcessOptions {
  /**
   * The function to run: exported by its module, or one that uses nothing
   * outside itself. It may be async. Needed unless a subclass has `run()`.
   */
  // deno-lint-ignore no-explicit-any -- a target takes and returns anything.
  target?: ((...args: any[]) => unknown) | undefined;
  /**
   * What it is called with: structured clones, and views of the shared objects
   * (locks, queues …) that stand anywhere in them.
   *
   * @default {[]}
   */
  args?: readonly unknown[] | undefined;
  /** Named arguments: an object that is passed as the last argument. */
  kwargs?: object | undefined;
  /**
   * The name, for people only.
   *
   * @default {"Process-1", "Process-2" …; the children of 2: "Process-2:1" …}
   */
  name?: string | undefined;
  /**
   * Whether it ends when the code of its parent is done, instead of being
   * waited for. A daemon may not start processes.
   *
   * @default {false}
   */
  daemon?: boolean | undefined;
  /**
   * How it runs.
   *
   * @default {the program's start method}
   */
  method?: StartMethod | undefined;
  /**
   * What the process may do, never more than its parent may. An OS process has
   * exactly these, or what its parent has in full. A worker takes this only if the program was started with the flag
   * `--unstable-worker-options` on the command line, and may read
   * `/proc/self/cmdline` to see that (`--allow-all`).
   *
   * @default {what its parent may}
   */
  permissions?: Deno.PermissionOptions | undefined;
  /**
   * The most that the heap of an OS process may take, in bytes; at least 16 MiB.
   * One that needs more is ended by the platform, with an exit code that is not
   * 0, and its parent lives on. A worker cannot be limited.
   *
   * @default {what the platform allows}
   */
  maxMemory?: number | undefined;
  /**
   * The URL of the module that exports `target` or the subclass:
   * `import.meta.url` there, if it is not the module that makes the process.
   *
   * @default {the module in which the process is made}
   */
  module?: string | URL | undefined;
}

/** Throws unless `options` are good for a process with or without `run()`. */
export function checkOptions(options: ProcessOptions, hasRun: boolean): void {
  const { target, args, kwargs, name, daemon, method, maxMemory } = options;
  if (target === undefined && !hasRun) {
    throw new TypeError(
      "Cannot create process: it has neither a target nor a run() method",
    );
  }
  if (target !== undefined && typeof target !== "function") {
    throw new TypeError(
      `Cannot create process: target must be a function: got ${typeof target}`,
    );
  }
  if (args !== undefined && !Array.isArray(args)) {
    throw new TypeError("Cannot create process: args must be an array");
  }
  if (kwargs === null || !["object", "undefined"].includes(typeof kwargs)) {
    throw new TypeError("Cannot create process: kwargs must be an object");
  }
  if (name !== undefined) checkName(name);
  if (daemon !== undefined && typeof daemon !== "boolean") {
    throw new TypeError("Cannot create process: daemon must be a boolean");
  }
  if (maxMemory !== undefined && typeof maxMemory !== "number") {
    throw new TypeError("Cannot create process: maxMemory must be a number");
  }
  if (method !== undefined) checkMethod(method, "create process");
}

/** Throws unless `name` can be one. */
export function checkName(name: unknown): void {
  if (typeof name === "string") return;
  throw new TypeError(`Cannot name process: got ${typeof name}, not a string`);
}
