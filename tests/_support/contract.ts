// Copyright 2026 the authors. MIT license.

import { setStartMethod } from "../../mod.ts";

/** The start methods. */
export const METHODS = ["worker", "spawn"] as const;

/** Those whose processes can be given message ports. */
export const PORT_METHODS = ["worker"] as const;

/** One of {@linkcode METHODS}. */
export type Method = typeof METHODS[number];

/** Tests of what every start method keeps: one text for all of them. */
export interface Contract {
  /**
   * A test for each start method, which stands at the end of the test's name.
   * While it runs, its method is the program's, so that shared objects live in
   * memory that its processes can have.
   */
  test(name: string, body: (method: Method) => void | Promise<void>): void;
}

/** What sets a contract apart from others with the same tests. */
export interface ContractOptions {
  /** Stands before the start method, in the parentheses after a name. */
  variant?: string;
  /** @default {METHODS} */
  methods?: readonly Method[];
}

/**
 * The contract of all start methods:
 *
 * ```ts ignore
 * contract.test("Process.join() resolves with true", async (method) => {
 *   const process = new Process({ method, target, module });
 * });
 * ```
 */
export const contract: Contract = contractOf({});

/** A contract of some start methods, or of one variant among several. */
export function contractOf(options: ContractOptions): Contract {
  const { variant, methods = METHODS } = options;
  return {
    test(name, body) {
      for (const method of methods) {
        const how = variant === undefined ? method : `${variant}, ${method}`;
        Deno.test(`${name} (${how})`, () => runWith(method, body));
      }
    },
  };
}

async function runWith(
  method: Method,
  body: (method: Method) => void | Promise<void>,
): Promise<void> {
  setStartMethod(method, { force: true });
  try {
    await body(method);
  } finally {
    setStartMethod("worker", { force: true });
  }
}
