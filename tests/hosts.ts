// Copyright 2026 the authors. MIT license.

/**
 * The start methods. A contract suite loops over them and puts the method into
 * each test's name, so that one text is the contract of every engine:
 *
 * ```ts ignore
 * for (const method of METHODS) {
 *   Deno.test(`Process.join() resolves with true (${method})`, async () => {});
 * }
 * ```
 */
export const METHODS = ["worker"] as const;

/** One of {@linkcode METHODS}. */
export type Method = typeof METHODS[number];
