// Copyright 2026 the authors. MIT license.

import { me } from "../../../program/self.ts";

/** Whether any process of the program has this ident. */
export function isAlive(ident: number): boolean {
  const { table } = me();
  return table.living().some((token) => table.identOf(token) === ident);
}
