// Copyright 2026 the authors. MIT license.

/**
 * Pipes between processes.
 *
 * @module
 */

export * from "./pipe/connection.ts";
export * from "./pipe/pipe.ts";
