// Copyright 2026 the authors. MIT license.

// Keys: the order of priorities as unsigned words, compared one by one.
//
// The order is Python's: numbers by value, strings by code points, arrays
// element by element, and the shorter of two that agree first. No key is the
// beginning of another key of the same kind unless more than zeroes follow, so
// the zeroes behind a key do not matter.
//
// A bigint is a number among others: its key is that of the greatest double not
// above it and, if it is more than that, how much more: a count of words, which
// is not zero, and the words.
//
// In an array, numbers and strings are compared. Anything else ends the
// comparison: such items go by their turn, after those that can be compared.

import { typeName } from "../memory/check.ts";

/** The place of an item among others. */
export interface Key {
  /** What it is made of; see {@linkcode mergeKinds}. */
  readonly kinds: number;
  /** The first 32 bits. */
  readonly high: number;
  /** The next 32 bits. */
  readonly low: number;
  /** All words behind the first two. */
  readonly rest: readonly number[];
}

/** How many elements of an array count. */
const MAX_ELEMENTS = 8;

// Kinds: two bits for the priority itself, and two for each element.
const NUMBER = 1;
const STRING = 2;
const ARRAY = 3;

// The byte before each element in an array's key.
const END = 0;
const AN_ELEMENT = 1;
const NO_MORE = 2;
// The byte behind a number in an array's key that is more than its double: it
// is greater than those that may stand there otherwise.
const A_REST = 3;

/** The key of items without a priority: they go by their turn. */
export const NO_KEY: Key = { kinds: 0, high: 0, low: 0, rest: [] };

const NO_REST: readonly number[] = [];

const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);
const bits = new BigInt64Array(float.buffer);
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const encoder = new TextEncoder();

/**
 * The key of a number, a bigint, a string, or an array that begins with one.
 * `what` names the priority in errors.
 */
export function keyOf(priority: unknown, what: string): Key {
  if (typeof priority === "number") {
    fillFloat(priority, what);
    return {
      kinds: NUMBER,
      high: floatHigh(),
      low: floatLow(),
      rest: NO_REST,
    };
  }
  if (typeof priority === "bigint") {
    const rest = fillBigInt(priority);
    return { kinds: NUMBER, high: floatHigh(), low: floatLow(), rest };
  }
  const bytes: number[] = [];
  let kinds: number;
  if (typeof priority === "string") {
    kinds = STRING;
    pushString(bytes, priority);
  } else if (Array.isArray(priority)) {
    kinds = pushArray(bytes, priority, what);
  } else {
    throw new TypeError(
      `Cannot put item: ${what} must be a number, a bigint, a string or an array that begins with one: got ${
        typeName(priority)
      }`,
    );
  }
  const [high = 0, low = 0, ...rest] = wordsOf(bytes);
  return { kinds, high, low, rest };
}

/**
 * The kinds of items that may stand beside those of `a` and those of `b`; -1 if
 * they must not meet.
 */
export function mergeKinds(a: number, b: number): number {
  for (let shift = 0; shift <= 2 * MAX_ELEMENTS; shift += 2) {
    const mine = a >>> shift & 3;
    const yours = b >>> shift & 3;
    if (mine !== 0 && yours !== 0 && mine !== yours) return -1;
  }
  return a | b;
}

/** The kinds as a user would say them. */
export function describeKinds(kinds: number): string {
  const [first, ...elements] = [0, 2, 4, 6, 8, 10, 12, 14, 16]
    .map((shift) => NAMES[kinds >>> shift & 3]!);
  if (first !== NAMES[ARRAY]) return `a ${first}`;
  while (elements.at(-1) === NAMES[0]) elements.pop();
  return `[${elements.join(", ")}]`;
}

const NAMES = ["anything", "number", "string", "array"] as const;

function pushArray(
  bytes: number[],
  array: readonly unknown[],
  what: string,
): number {
  const [first] = array;
  if (!isCompared(first)) {
    throw new TypeError(
      `Cannot put item: ${what}[0] must be a number, a bigint or a string: got ${
        typeName(first)
      }`,
    );
  }
  let kinds = ARRAY;
  const length = Math.min(array.length, MAX_ELEMENTS);
  for (let i = 0; i < length; i++) {
    const element = array[i];
    if (!isCompared(element)) {
      bytes.push(NO_MORE);
      return kinds;
    }
    bytes.push(AN_ELEMENT);
    if (typeof element === "string") {
      pushString(bytes, element);
      kinds |= STRING << 2 * (i + 1);
    } else {
      pushNumber(bytes, element, `${what}[${i}]`);
      kinds |= NUMBER << 2 * (i + 1);
    }
  }
  bytes.push(array.length > length ? NO_MORE : END);
  return kinds;
}

function isCompared(element: unknown): element is number | bigint | string {
  const type = typeof element;
  return type === "number" || type === "bigint" || type === "string";
}

function pushNumber(
  bytes: number[],
  value: number | bigint,
  what: string,
): void {
  const rest = typeof value === "number"
    ? fillFloat(value, what)
    : fillBigInt(value);
  pushWord(bytes, floatHigh());
  pushWord(bytes, floatLow());
  if (rest.length === 0) return;
  bytes.push(A_REST);
  for (const word of rest) pushWord(bytes, word);
}

/**
 * Appends a text in UTF-8, which sorts as code points do. A zero ends it; one
 * that stands in the text is escaped.
 */
function pushString(bytes: number[], text: string): void {
  const encoded = text.isWellFormed() ? encoder.encode(text) : utf8(text);
  for (const byte of encoded) {
    bytes.push(byte);
    if (byte === 0) bytes.push(0xff);
  }
  bytes.push(0);
}

/** As TextEncoder, but a surrogate without its other half stays what it is. */
function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character.isWellFormed()) bytes.push(...encoder.encode(character));
    else bytes.push(0xed, 0x80 | code >>> 6 & 63, 0x80 | code & 63);
  }
  return bytes;
}

/** Fills in a double; nothing is left of it. */
function fillFloat(value: number, what: string): readonly number[] {
  if (Number.isNaN(value)) {
    throw new RangeError(
      `Cannot put item: ${what} must have a place among numbers: got NaN`,
    );
  }
  // Minus zero is equal to zero.
  float[0] = value + 0;
  return NO_REST;
}

/**
 * Fills in the greatest double that is not above `value`, and returns what is
 * left of it, which sorts by its value.
 */
function fillBigInt(value: bigint): readonly number[] {
  const near = Number(value);
  float[0] = near;
  const isAbove = Number.isFinite(near) ? BigInt(near) > value : near > 0;
  // The next double below: those of each sign sort as their bits.
  if (isAbove) bits[0] = bits[0]! + (near > 0 ? -1n : 1n);
  const below = float[0]!;
  if (below === -Infinity) {
    // More than that are all: here the greater amount is the lesser value.
    const words = wordsOfBigInt(-value);
    return [~words.length, ...words.map((word) => ~word)];
  }
  const rest = value - BigInt(below);
  if (rest === 0n) return NO_REST;
  const words = wordsOfBigInt(rest);
  return [words.length, ...words];
}

/** The words of a positive bigint, the highest first. */
function wordsOfBigInt(value: bigint): number[] {
  const digits = value.toString(16);
  const padded = digits.padStart(Math.ceil(digits.length / 8) * 8, "0");
  const words: number[] = [];
  for (let i = 0; i < padded.length; i += 8) {
    words.push(Number.parseInt(padded.slice(i, i + 8), 16) | 0);
  }
  return words;
}

// The bits of a double sort as those of an unsigned number do, once those of
// negative ones are turned round and the sign of positive ones is set.
function floatHigh(): number {
  const high = halves[LITTLE ? 1 : 0]! | 0;
  return high < 0 ? ~high : high | 1 << 31;
}

function floatLow(): number {
  const low = halves[LITTLE ? 0 : 1]! | 0;
  return (halves[LITTLE ? 1 : 0]! | 0) < 0 ? ~low : low;
}

function pushWord(bytes: number[], word: number): void {
  bytes.push(
    word >>> 24,
    word >>> 16 & 0xff,
    word >>> 8 & 0xff,
    word & 0xff,
  );
}

function wordsOf(bytes: readonly number[]): number[] {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4) {
    words.push(
      bytes[i]! << 24 | (bytes[i + 1] ?? 0) << 16 | (bytes[i + 2] ?? 0) << 8 |
        (bytes[i + 3] ?? 0),
    );
  }
  return words;
}
