// Copyright 2026 the authors. MIT license.

// Makes what runs in workers a part of the program's own module graph: it is
// downloaded and checked together with it. A worker cannot download anything by
// itself while the main thread is blocked, since that thread does it.

/** Is never called: that it stands here is enough. */
export function workerModules(): Promise<unknown> {
  return import("./worker_main.ts");
}
