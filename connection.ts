// Copyright 2026 the authors. MIT license.

/**
 * The ends that processes send through: connections, and waiting for several of
 * them.
 *
 * | you want to | take |
 * |---|---|
 * | send and receive at one end of a pipe | {@linkcode Connection} |
 * | wait for the first of several pipes, queues and processes | {@linkcode wait} |
 * | the same, blocking the thread | {@linkcode waitSync} |
 *
 * @module
 */

import "./message/transit.ts";
export * from "./pipe/connection.ts";
export * from "./pipe/wait.ts";
