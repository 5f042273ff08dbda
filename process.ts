// Copyright 2026 the authors. MIT license.

/**
 * Processes: functions that run beside the program that started them.
 *
 * | you want to | take |
 * |---|---|
 * | run a function beside the program | {@linkcode Process} |
 * | know what this process is, and which one started it | {@linkcode currentProcess}, {@linkcode parentProcess} |
 * | find the children that still run | {@linkcode activeChildren} |
 * | know how many can run at once | {@linkcode cpuCount} |
 * | have processes started before they are needed | {@linkcode keepSpares} |
 * | sleep, and end when told to | {@linkcode sleep}, {@linkcode sleepSync} |
 *
 * @module
 */

export * from "./process/process.ts";
export * from "./process/sleep.ts";
export {
  keepSpares,
  type SpareOptions,
  type Spares,
} from "./process/spares.ts";
