// Copyright 2026 the authors. MIT license.

// A value to bytes and back, as a queue does it: codec_int, codec_string,
// codec_object, codec_nested, codec_bytes_1mib.

import { decode, encode, wantsOwn } from "../../message/codec.ts";
import { codecValue, measure } from "../lib.ts";

const NOTHING = new Uint8Array(0);

function main(scenario: string): void {
  const value = codecValue(scenario);
  // Kept, so that no compiler finds the work useless.
  let last: unknown;
  measure(scenario, function batch(size) {
    for (let i = 0; i < size; i++) {
      const { tag, inline, bytes } = encode(value);
      const taken = bytes === undefined
        ? NOTHING
        : wantsOwn(tag)
        ? bytes.slice()
        : bytes;
      last = decode(tag, inline, taken);
    }
  }, "ns");
  if (typeof last !== typeof value) {
    throw new TypeError(`Cannot go on: ${scenario} changed its kind`);
  }
}

if (import.meta.main) main(Deno.args[0]!);
