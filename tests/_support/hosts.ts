// Copyright 2026 the authors. MIT license.

import { setStartMethod } from "../../mod.ts";

/**
 * The start methods. A contract suite loops over them and puts the method into
 * each test's name, so that one text is the contract of every engine:
 *
 * ```ts ignore
 * for (const method of METHODS) {
 *   testWith(method, `Process.join() resolves with true (${method})`, async () => {});
 * }
 * ```
 */
export const METHODS = ["worker", "spawn"] as const;

/** Those whose processes can be given message ports. */
export const PORT_METHODS = ["worker"] as const;

/** One of {@linkcode METHODS}. */
export type Method = typeof METHODS[number];

/**
 * A test in which `method` is the program's, so that shared objects live in
 * memory that its processes can have.
 */
export function testWith(
  method: Method,
  name: string,
  body: () => void | Promise<void>,
): void {
  Deno.test(name, async () => {
    setStartMethod(method, { force: true });
    try {
      await body();
    } finally {
      setStartMethod("worker", { force: true });
    }
  });
}
