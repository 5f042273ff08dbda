// Copyright 2026 the authors. MIT license.

// Imports two functions of one name and one text from two modules.

import { scaled as one } from "./deep.ts";
import { scaled as other } from "./twin.ts";

/** What they make of one. */
export function both(): number[] {
  return [one(1), other(1)];
}
