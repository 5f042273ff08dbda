// Copyright 2026 the authors. MIT license.

// `structuredClone` of the values that the codec scenarios carry. It returns
// numbers and strings as they are, so those two have no figure.

import { codecValue, measure } from "../lib.ts";

function main(scenario: string): void {
  const value = codecValue(scenario);
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) structuredClone(value);
  }, "ns");
}

main(Deno.args[0]!);
