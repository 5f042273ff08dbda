// Copyright 2026 the authors. MIT license.

// The letters of the codec's alphabet, which its writer and its reader share.
//
// A value is one byte that says what it is, then what that kind needs. Numbers
// of more than a byte are little-endian. Objects are numbered in the order in
// which both sides meet them, and a second meeting is a REFERENCE to the first.

// byte                what follows
// UNDEFINED … FALSE   nothing
// INT32               int32
// FLOAT64             float64
// INT64               int64: a bigint that fits
// BIGINT              sign byte, SHORT or TEXT of hexadecimal digits
// SHORT               length:8, that many ASCII characters
// TEXT                length:32, that many bytes of UTF-8
// UNITS               length:32, that many UTF-16 units: has lone surrogates
// OBJECT              entries
// WIDE                entries: an object of many keys
// ARRAY               length:32, values: no holes, no properties of its own
// SPARSE              length:32, entries
// MAP, SET            size:32, keys and values, or items
// DATE                float64
// REGEXP              source, flags, as values
// BOXED               the primitive, as a value
// BUFFER              length:64 (a float64), bytes
// RESIZABLE           maximum:64 (a float64), then as BUFFER
// VIEW                kind:8, offset:64, length:64 or −1, buffer as a value
// ERROR               class as a value, fields
// OWN_ERROR           count:8, as many keys of its classes, its name if that is
//                     none of theirs, as a value, then as ERROR
// EXCEPTION           message, name, as values, fields: a DOMException
// REFERENCE           number:32
// INSTANCE            class, its state as a value, or its fields as entries
// BESIDE              place:32, in the list that goes beside the message
// SHARED              form as a value: a Lock, a Queue …, see transit.ts
// SMALL + n           nothing: the integer n, 0 to 127
//
// entries: { key, value } … LAST_KEY
// fields:  { key, 1 if enumerable else 0, value } … LAST_KEY
// class:   CLASS and a key, or the REFERENCE to one
// key:     length:8 and ASCII, or LONG_KEY and a string as a value

export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INT32 = 4;
export const FLOAT64 = 5;
export const INT64 = 6;
export const BIGINT = 7;
export const SHORT = 8;
export const TEXT = 9;
export const UNITS = 10;
export const OBJECT = 11;
export const ARRAY = 12;
export const SPARSE = 13;
export const MAP = 14;
export const SET = 15;
export const DATE = 16;
export const REGEXP = 17;
export const BOXED = 18;
export const BUFFER = 19;
export const RESIZABLE = 20;
export const VIEW = 21;
export const ERROR = 22;
export const EXCEPTION = 23;
export const REFERENCE = 24;
export const BESIDE = 25;
export const INSTANCE = 26;
export const CLASS = 27;
export const OWN_ERROR = 28;
export const SHARED = 29;
export const WIDE = 30;
export const SMALL = 128;

/** In place of a key's length: there are no more keys. */
export const LAST_KEY = 255;
/** In place of a key's length: the key follows as a string value. */
export const LONG_KEY = 254;

/** An object of more keys than this is WIDE. */
export const MANY_KEYS = 256;

/** The length of a VIEW that follows its resizable buffer's length. */
export const TRACKING = -1;

/** Makes a view; DataView and the typed arrays have this in common. */
export type BufferViewConstructor = new (
  buffer: ArrayBuffer,
  byteOffset?: number,
  length?: number,
) => ArrayBufferView<ArrayBuffer>;

/**
 * The kinds of view. A view's kind is its place here, on both sides, so a place
 * is kept for what a runtime may lack.
 */
export const VIEWS: ReadonlyArray<BufferViewConstructor | undefined> = [
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  (globalThis as { Float16Array?: BufferViewConstructor }).Float16Array,
];

/** Where {@linkcode VIEWS} has the DataView. */
export const DATA_VIEW = 0;
/** Where {@linkcode VIEWS} has the Uint8Array. */
export const UINT8 = 2;

/** How many bytes an element of each of {@linkcode VIEWS} takes. */
export const ELEMENT_BYTES: readonly number[] = VIEWS.map((view) =>
  (view as { BYTES_PER_ELEMENT?: number } | undefined)?.BYTES_PER_ELEMENT ?? 1
);

/** In place of a key: what follows stands in the state of an instance. */
export const STATE: unique symbol = Symbol("state");

/** The part of a way to a value that leads from `holder` to one in it. */
export function step(holder: object, key: unknown): string {
  if (key === STATE) return "<state>";
  if (typeof key === "number") {
    if (Array.isArray(holder)) return `[${key}]`;
    if (holder instanceof Set) return `<item ${key}>`;
    return `<${key % 2 === 0 ? "key" : "value"} ${Math.floor(key / 2)}>`;
  }
  const name = String(key);
  if (Array.isArray(holder) && /^\d+$/.test(name)) return `[${name}]`;
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name)) {
    return `.${name}`;
  }
  return `[${JSON.stringify(name)}]`;
}

/** Gives an error its cause, which a DOMException is not made with. */
export function blame(error: Error, cause: unknown): void {
  Object.defineProperty(error, "cause", {
    value: cause,
    configurable: true,
    writable: true,
  });
}

/** What was thrown, for the text of another error. */
export function told(error: unknown): string {
  return error instanceof Error
    ? `${error.name}: ${error.message}`
    : Deno.inspect(error, { colors: false });
}
