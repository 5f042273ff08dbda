// Copyright 2026 the authors. MIT license.

// What a test of clones needs: an equality that sees everything that a clone
// keeps (holes, minus zero, order, which objects are one and the same), and
// random values to try it on.

import { AssertionError } from "@std/assert";

/** Throws an AssertionError at the first place where the two differ. */
export function assertSame(actual: unknown, expected: unknown): void {
  compare(actual, expected, "value", new Map(), new Map());
}

function compare(
  a: unknown,
  b: unknown,
  path: string,
  forth: Map<object, object>,
  back: Map<object, object>,
): void {
  if (!isObject(a) || !isObject(b)) {
    if (!Object.is(a, b)) differ(path, show(a), show(b));
    return;
  }
  // Both graphs must have the same shape: one partner for each, both ways.
  if (forth.has(a) || back.has(b)) {
    if (forth.get(a) !== b || back.get(b) !== a) {
      differ(path, "another object", "one met before");
    }
    return;
  }
  forth.set(a, b);
  back.set(b, a);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
    differ(path, show(a), show(b));
  }
  const below = (a: unknown, b: unknown, step: string) =>
    compare(a, b, path + step, forth, back);
  for (const [i, part] of parts(a).entries()) {
    below(part, parts(b)[i], `(${i})`);
  }
  if (parts(a).length !== parts(b).length) differ(path, "parts", "parts");
  const keys = ownKeys(a);
  if (keys.join() !== ownKeys(b).join()) {
    differ(path, keys.join(), ownKeys(b).join());
  }
  for (const key of keys) {
    const mine = Object.getOwnPropertyDescriptor(a, key)!;
    const other = Object.getOwnPropertyDescriptor(b, key)!;
    if (mine.enumerable !== other.enumerable) {
      differ(`${path}.${key}`, "enumerable", "not");
    }
    below(Reflect.get(a, key), Reflect.get(b, key), `.${key}`);
  }
}

/** What an object holds beside its properties. */
function parts(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof RegExp) return [value.source, value.flags];
  if (value instanceof DOMException) return [value.name, value.message];
  if (value instanceof ArrayBuffer) {
    const { resizable, maxByteLength } = value;
    return [resizable, maxByteLength, ...new Uint8Array(value)];
  }
  if (ArrayBuffer.isView(value)) {
    const length = (value as Partial<Uint8Array>).length ?? value.byteLength;
    return [value.byteOffset, length, value.buffer];
  }
  const isBoxed = value instanceof Number || value instanceof String ||
    value instanceof Boolean || value instanceof BigInt;
  return isBoxed ? [value.valueOf()] : [];
}

function ownKeys(value: object): string[] {
  // The elements of a view are its buffer's.
  if (ArrayBuffer.isView(value)) return [];
  const keys = Object.getOwnPropertyNames(value);
  return value instanceof Error ? keys.sort() : keys;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 1 }).slice(0, 200);
}

function differ(path: string, actual: string, expected: string): never {
  throw new AssertionError(`${path} is ${actual}, not ${expected}`);
}

/** Numbers from 0 up to `n`, the same for the same seed (mulberry32). */
export function dice(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

type ViewConstructor = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) => ArrayBufferView;

const LEAVES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  NaN,
  Infinity,
  -Infinity,
  127,
  128,
  -1,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  0.1,
  Number.MAX_VALUE,
  0n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 63n,
  -(2n ** 200n),
  "",
  "a",
  "x".repeat(40),
  "x".repeat(41),
  "y".repeat(70_000),
  "é",
  "汉字".repeat(30),
  "\u{1f600}",
  "\ud800",
  "a\udc00b",
  "\ufeffafter a mark",
  "\0",
];

const KEYS = [
  "a",
  "b",
  "id",
  "1",
  "0",
  "long key ".repeat(40),
  "é",
  "\ud800",
  "",
];

/**
 * A random value that a structured clone keeps. Objects made before come up
 * again, so it has shared references and cycles.
 */
export function randomValue(roll: (n: number) => number): unknown {
  const made: object[] = [];
  const keep = <T extends object>(value: T): T => {
    made.push(value);
    return value;
  };
  const bytes = () => Uint8Array.from({ length: 8 + roll(9) }, () => roll(256));
  const make = (depth: number): unknown => {
    const kind = roll(depth > 4 ? 8 : 20);
    const size = roll(roll(10) === 0 ? 40 : 5);
    const inner = () => make(depth + 1);
    switch (kind) {
      case 5:
        return made.length > 0 ? made[roll(made.length)] : inner();
      case 6:
        return keep(new Date(roll(2) === 0 ? NaN : roll(1e9)));
      case 7:
        return keep(Object([1.5, "boxed", false, 7n][roll(4)]));
      case 8:
        return keep(new RegExp(["a/b", "", "\\d+"][roll(3)]!, "gi"));
      case 9:
        return keep(bytes().buffer);
      case 10: {
        const buffers = made.filter((one) => one instanceof ArrayBuffer);
        const buffer = buffers[roll(buffers.length + 1)] ??
          keep(bytes().buffer);
        const views: ViewConstructor[] = [DataView, Uint8Array, Uint16Array];
        return keep(new views[roll(3)]!(buffer, 0, 1));
      }
      case 11:
      case 12: {
        const map = keep(new Map());
        for (let i = 0; i < size; i++) map.set(inner(), inner());
        return map;
      }
      case 13: {
        const set = keep(new Set());
        for (let i = 0; i < size; i++) set.add(inner());
        return set;
      }
      case 14:
      case 15:
      case 16: {
        const array: unknown[] = keep([]);
        for (let i = 0; i < size; i++) {
          if (roll(20) === 0) array.length++;
          else array.push(inner());
        }
        if (roll(10) === 0) Object.assign(array, { extra: inner() });
        return array;
      }
      case 17:
      case 18:
      case 19: {
        const record: Record<string, unknown> = keep({});
        for (let i = 0; i < size; i++) {
          record[KEYS[roll(KEYS.length)]!] = inner();
        }
        return record;
      }
      default:
        return LEAVES[roll(LEAVES.length)];
    }
  };
  return make(0);
}
