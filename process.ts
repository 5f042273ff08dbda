// Copyright 2026 the authors. MIT license.

/**
 * Processes: functions that run beside the program that started them.
 *
 * @module
 */

export * from "./process/process.ts";
