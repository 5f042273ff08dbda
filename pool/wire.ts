// Copyright 2026 the authors. MIT license.

// The words and messages between a pool and its workers.
//
// A task is a ring message: its label is { id, note }, its value the argument,
// the arguments or a chunk of them. A result has the id of its task, and for
// value what the task returned or threw.
//
//   note of a task    { function:16, attempt:11, flags:2, kind:3 }
//   note of a result  { microseconds:29, status:3 }

import {
  encode,
  encodeFirst,
  type Frame,
  type Road,
} from "../message/codec.ts";
import type { Stripped } from "../message/writer.ts";

/** The value is the one argument. */
export const ONE = 1;
/** The value is the array of all arguments. */
export const SPREAD = 2;
/** The value is many tasks: the one argument of each. */
export const CHUNK = 3;
/** The value is many tasks: the array of arguments of each. */
export const SPREAD_CHUNK = 4;
/** The array of all arguments comes over the port, and some of it is moved. */
export const PORT = 5;

/** In a note: an error of one element does not end the chunk. */
export const EACH = 1 << 3;
/** In a note: the worker says when the task starts; it may be cancelled. */
export const WATCHED = 1 << 4;

/** The value is what the task returned. */
export const DONE = 0;
/** The value is what the task threw. */
export const FAILED = 1;
/**
 * The value is the [index, error] … of a chunk with EACH; all its values came
 * before, with undefined in the places of the errors.
 */
export const MIXED = 2;
/** A task with WATCHED starts now. */
export const STARTED = 3;
/** The worker takes tasks; the id is the worker's number. */
export const READY = 4;
/** The initializer threw the value; the id is the worker's number. */
export const UNFIT = 5;
/** The value is the next results of a chunk that goes on. */
export const PART = 6;
/** The value is the next result of a chunk that goes on. */
export const PIECE = 7;

/** How many functions a pool may be given. */
export const MAX_FUNCTIONS = 1 << 16;
/** The highest attempt that fits in a note. */
export const MAX_ATTEMPT = 2 ** 11 - 1;

const MAX_MICROS = 2 ** 29 - 1;

/** The note of a task without its attempt. */
export function noteOf(kind: number, func: number): number {
  return func << 16 | kind;
}

export function callOf(note: number): number {
  return note & 7;
}

export function functionOf(note: number): number {
  return note >>> 16;
}

export function attemptOf(note: number): number {
  return note >>> 5 & MAX_ATTEMPT;
}

export function withAttempt(note: number, attempt: number): number {
  return note & ~(MAX_ATTEMPT << 5) | Math.min(attempt, MAX_ATTEMPT) << 5;
}

/** The note of a result. */
export function outcomeNote(status: number, micros: number): number {
  return Math.min(micros, MAX_MICROS) << 3 | status;
}

export function statusOf(note: number): number {
  return note & 7;
}

export function microsOf(note: number): number {
  return note >>> 3;
}

/**
 * About how many bytes of many values go into one message. The draft in which
 * it is written has room for twice as many before it is given away.
 */
export const PORTION = 2 ** 19;
/**
 * The bytes from which on a value goes alone: as the whole message, a text, a
 * buffer or a view is copied half as often as inside an array.
 */
const LARGE = 2 ** 16;
/** The most numbers in one message: a quarter of a million. */
const MOST_NUMBERS = 2 ** 18;

/** The first of many values as a message, which the next encode overwrites. */
export interface Portion {
  frame: Frame;
  /** How many values are in it. */
  count: number;
  /** Whether the message is the value itself, and no array of values. */
  isAlone: boolean;
}

const portion: Portion = {
  frame: { tag: 0, inline: 0, bytes: undefined },
  count: 0,
  isAlone: false,
};

/**
 * The values from `start` to `end`, or the first of them, as one message of
 * about {@linkcode PORTION} bytes at most, unless one value has more. Numbers
 * alone, which are most of what is mapped over, go as the bytes of a typed
 * array: a fifth of the cost.
 */
export function encodeSome(
  values: readonly unknown[],
  start: number,
  end: number,
  root: string,
  wayOut?: string,
  road?: Road,
  stripped?: Stripped[],
): Portion {
  const most = Math.min(end, start + MOST_NUMBERS);
  const array = values.length > 1 ? numbers(values, start, most) : undefined;
  if (array !== undefined) return fill(encode(array), array.length, false);
  const stop = endOfPortion(values, start, end);
  const isLarge = stop === start + 1 && weightOf(values[start]) >= LARGE;
  if (isLarge || values.length === 1) {
    const name = `${root}[${start}]`;
    const frame = encode(values[start], name, wayOut, road, stripped);
    return fill(frame, 1, true);
  }
  const isAll = start === 0 && stop === values.length;
  const some = isAll ? values : values.slice(start, stop);
  const first = encodeFirst(some, PORTION, root, road, stripped);
  return fill(first, first.count, false);
}

/** All values as one message, as {@linkcode encodeSome}. */
export function encodeMany(
  values: readonly unknown[],
  root: string,
  road?: Road,
  stripped?: Stripped[],
): Frame {
  const array = numbers(values, 0, values.length);
  return encode(array ?? values, root, undefined, road, stripped);
}

/** The values that {@linkcode encodeSome} has encoded, but for one alone. */
export function decodedMany(value: unknown): unknown[] {
  return Array.isArray(value) ? value : Array.from(value as Float64Array);
}

/** About how many bytes a value takes, as far as one look tells. */
export function weightOf(value: unknown, unknown = 0): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  if (ArrayBuffer.isView(value)) {
    // A DataView that has lost its bytes throws.
    return "length" in value ? value.byteLength : unknown;
  }
  return value instanceof ArrayBuffer ? value.byteLength : unknown;
}

/** Behind which value a message has enough, or a large one stands alone. */
function endOfPortion(
  values: readonly unknown[],
  start: number,
  end: number,
): number {
  let sum = 0;
  for (let i = start; i < end; i++) {
    const weight = weightOf(values[i]);
    if (weight >= LARGE) return Math.max(i, start + 1);
    sum += weight;
    if (sum > PORTION) return i + 1;
  }
  return end;
}

function fill(frame: Frame, count: number, isAlone: boolean): Portion {
  portion.frame = frame;
  portion.count = count;
  portion.isAlone = isAlone;
  return portion;
}

function numbers(
  values: readonly unknown[],
  start: number,
  end: number,
): Int32Array | Float64Array | undefined {
  const length = end - start;
  if (length <= 0 || typeof values[start] !== "number") return undefined;
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[start + i] as number;
    // Minus zero is not the integer zero.
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      return floats(values, start, length);
    }
    integers[i] = value;
  }
  return integers;
}

function floats(
  values: readonly unknown[],
  start: number,
  length: number,
): Float64Array | undefined {
  const all = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[start + i];
    if (typeof value !== "number") return undefined;
    all[i] = value;
  }
  return all;
}
