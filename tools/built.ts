// Copyright 2026 the authors. MIT license.

// What the built file exports: all that users see, and what its entries and its
// pools import from it.

export * from "../mod.ts";
export { poolWorker } from "../pool/worker.ts";
export { beginSpawned } from "../process/spawn_main.ts";
export { workerModules } from "../process/worker_engine.ts";
export { beginWorker } from "../process/worker_main.ts";
