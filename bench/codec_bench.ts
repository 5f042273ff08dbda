// Copyright 2026 the authors. MIT license.

// What one message costs on each side of a ring, beside the cheapest road that
// the platform has for the same value: JSON, which keeps less and of which no
// check is counted here, or `structuredClone`. Numbers: run `deno bench`.

import { decode, encode, wantsOwn } from "../message/codec.ts";

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const scratch = new Uint8Array(4 * 1024 * 1024);

/** Values that JSON keeps. */
const JSON_LIKE: Record<string, unknown> = {
  // A task or a result of a program that sends records: the main case.
  "200-byte object": {
    id: 12345,
    name: "worker result number 17",
    ok: true,
    score: 0.8125,
    tags: ["alpha", "beta", "gamma"],
    nested: { x: 1, y: 2.5, label: "inside", deep: { a: null, b: "text" } },
    note: "some free text to fill it up",
  },
  "small object": { id: 1, name: "a" },
  // A chunk of a map() over numbers.
  "1000 floats": Array.from({ length: 1000 }, (_, i) => i / 3),
  // A page of a table: many objects of one form.
  "100 rows": Array.from({ length: 100 }, (_, i) => ({
    id: i,
    name: `name${i}`,
    email: `user${i}@example.org`,
    tags: ["a", "b"],
  })),
  // A row of a very wide table, or a dictionary.
  "object of 600 keys": Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [`key${i}`, i]),
  ),
  "integer": 12345,
  "100-character string": "x".repeat(100),
  "100 characters of Chinese": "汉".repeat(100),
};

/** Values that need a structured clone. */
const OTHERS: Record<string, unknown> = {
  "object with a Date": { when: new Date(0), what: undefined },
  "Map of 10": new Map(Array.from({ length: 10 }, (_, i) => [i, `v${i}`])),
  "error": new TypeError("wrong"),
  "1 MiB Uint8Array": new Uint8Array(1024 * 1024),
  "1 MiB Uint8Array in an object": { data: new Uint8Array(1024 * 1024) },
};

for (const [name, value] of Object.entries(JSON_LIKE)) {
  const text = encoder.encode(JSON.stringify(value));
  benchCodec(name, value, {
    write: () => encoder.encodeInto(JSON.stringify(value), scratch),
    read: () => JSON.parse(decoder.decode(text)),
    label: "JSON",
  });
}

for (const [name, value] of Object.entries(OTHERS)) {
  Deno.bench({
    name: `${name}: structuredClone()`,
    group: `${name}, there and back`,
    baseline: true,
    fn: () => void structuredClone(value),
  });
  Deno.bench({
    name: `${name}: encode() and decode()`,
    group: `${name}, there and back`,
    fn() {
      const { tag, inline, bytes } = encode(value);
      decode(tag, inline, wantsOwn(tag) ? bytes!.slice() : bytes!);
    },
  });
}

interface Rival {
  write: () => unknown;
  read: () => unknown;
  label: string;
}

function benchCodec(name: string, value: unknown, rival: Rival): void {
  const { tag, inline, bytes } = encode(value);
  const taken = bytes?.slice() ?? NOTHING;
  const there = `${name}, there`;
  const back = `${name}, back`;
  Deno.bench({
    name: `${name}: to ${rival.label}`,
    group: there,
    baseline: true,
    fn: () => void rival.write(),
  });
  Deno.bench({
    name: `${name}: encode()`,
    group: there,
    fn: () => void encode(value),
  });
  Deno.bench({
    name: `${name}: from ${rival.label}`,
    group: back,
    baseline: true,
    fn: () => void rival.read(),
  });
  Deno.bench({
    name: `${name}: decode()`,
    group: back,
    fn: () => void decode(tag, inline, taken),
  });
}
