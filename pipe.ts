// Copyright 2026 the authors. MIT license.

/**
 * Pipes between processes.
 *
 * | you want to | take |
 * |---|---|
 * | talk with another process, one way or both | {@linkcode Pipe} |
 * | send and receive at one end | {@linkcode Connection} |
 *
 * @module
 */

import "./message/transit.ts";
export * from "./pipe/connection.ts";
export * from "./pipe/pipe.ts";
