// Copyright 2026 the authors. MIT license.

/**
 * What processes send through: connections, and waiting for several of them.
 *
 * @module
 */

export * from "./pipe/connection.ts";
export * from "./pipe/wait.ts";
