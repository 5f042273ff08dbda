// Copyright 2026 the authors. MIT license.

// The words and messages between a pool and its workers.
//
// A task is a ring message: its label is { id, note }, its value the argument,
// the arguments or a chunk of them. A result has the id of its task, and for
// value what the task returned or threw.
//
//   note of a task    { function:16, attempt:11, flags:2, kind:3 }
//   note of a result  { microseconds:29, status:3 }

import { encode, type Frame, type Road } from "../message/codec.ts";
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
/** The value is [values, [index, error] …] of a chunk with EACH. */
export const MIXED = 2;
/** A task with WATCHED starts now. */
export const STARTED = 3;
/** The worker takes tasks; the id is the worker's number. */
export const READY = 4;
/** The initializer threw the value; the id is the worker's number. */
export const UNFIT = 5;

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
 * Many values as one message. Numbers alone, which are most of what is mapped
 * over, go as the bytes of a typed array: a fifth of the cost.
 */
export function encodeMany(
  values: readonly unknown[],
  root: string,
  road?: Road,
  stripped?: Stripped[],
): Frame {
  return encode(numbers(values) ?? values, root, undefined, road, stripped);
}

/** The values that {@linkcode encodeMany} has encoded. */
export function decodedMany(value: unknown): unknown[] {
  return Array.isArray(value) ? value : Array.from(value as Float64Array);
}

function numbers(
  values: readonly unknown[],
): Int32Array | Float64Array | undefined {
  const { length } = values;
  if (length === 0 || typeof values[0] !== "number") return undefined;
  const integers = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    // Minus zero is not the integer zero.
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      return floats(values);
    }
    integers[i] = value;
  }
  return integers;
}

function floats(values: readonly unknown[]): Float64Array | undefined {
  const { length } = values;
  const all = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (typeof value !== "number") return undefined;
    all[i] = value;
  }
  return all;
}
