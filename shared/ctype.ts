// Copyright 2026 the authors. MIT license.

// C types: the size of each in bytes, as `ctypes` has it on 64-bit Linux, and
// what it is in JavaScript. Conversion from JavaScript checks the kind; the
// typed array below it wraps round, as C does.

import { shown } from "../memory/check.ts";

/** The JavaScript type of a value of each C type. */
export interface CodeTypes {
  /** `char`: one byte. */
  c: Uint8Array<ArrayBuffer>;
  /** `wchar_t`: a string of one code point, in 4 bytes. */
  u: string;
  /** `signed char`: 1 byte. */
  b: number;
  /** `unsigned char`: 1 byte. */
  B: number;
  /** `short`: 2 bytes. */
  h: number;
  /** `unsigned short`: 2 bytes. */
  H: number;
  /** `int`: 4 bytes. */
  i: number;
  /** `unsigned int`: 4 bytes. */
  I: number;
  /** `long`: 8 bytes. */
  l: bigint;
  /** `unsigned long`: 8 bytes. */
  L: bigint;
  /** `long long`: 8 bytes. */
  q: bigint;
  /** `unsigned long long`: 8 bytes. */
  Q: bigint;
  /** `float`: 4 bytes. */
  f: number;
  /** `double`: 8 bytes. */
  d: number;
  /** `bool`: 1 byte. */
  "?": boolean;
  /** Another name for `b`. */
  int8: number;
  /** Another name for `B`. */
  uint8: number;
  /** Another name for `h`. */
  int16: number;
  /** Another name for `H`. */
  uint16: number;
  /** Another name for `i`. */
  int32: number;
  /** Another name for `I`. */
  uint32: number;
  /** Another name for `q`. */
  int64: bigint;
  /** Another name for `Q`. */
  uint64: bigint;
  /** Another name for `f`. */
  float32: number;
  /** Another name for `d`. */
  float64: number;
  /** Another name for `?`. */
  bool: boolean;
  /** Another name for `c`. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** A type: Python's code, or a name that says the size. */
export type TypeCode = keyof CodeTypes;

/** The types that have atomic operations. */
export type IntegerCode = Exclude<
  TypeCode,
  "c" | "u" | "f" | "d" | "?" | "float32" | "float64" | "bool" | "bytes"
>;

/** The fields of a C struct in their order, and the type of each. */
export interface StructType {
  /** The type of one field. */
  readonly [field: string]: TypeCode;
}

/** A type that can be shared: one number, character …, or a struct of them. */
export type ValueType = TypeCode | StructType;

/** The JavaScript type of a value of type `T`; of a struct, its fields. */
export type ValueOf<T extends ValueType> = T extends TypeCode ? CodeTypes[T]
  : {
    -readonly [K in keyof T]: T[K] extends TypeCode ? CodeTypes[T[K]] : never;
  };

/**
 * A value that may be written: of a struct, some fields; a byte as a number.
 */
export type InitOf<T extends ValueType> = T extends "c" | "bytes"
  ? Uint8Array | number
  : T extends TypeCode ? CodeTypes[T]
  : { readonly [K in keyof T]?: T[K] extends TypeCode ? InitOf<T[K]> : never };

/** The memory of values of one type. */
export type Cells =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** One C type. */
export interface CType {
  readonly name: TypeCode;
  /** Its bytes, which is also its alignment. */
  readonly size: number;
  readonly isInteger: boolean;
  /** All of `bytes` as cells. They begin at a multiple of 8. */
  cells(bytes: Uint8Array): Cells;
  /**
   * The cell to write for `value`; a TypeError if that is of the wrong kind.
   */
  toCell(value: unknown): number | bigint;
  /** The value that a cell means. */
  fromCell(cell: number | bigint): unknown;
}

interface CellsConstructor {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Cells;
  readonly BYTES_PER_ELEMENT: number;
}

const int8 = integer("int8", Int8Array);
/** Bytes; also what structs are made of. */
export const uint8 = integer("uint8", Uint8Array);
const int16 = integer("int16", Int16Array);
const uint16 = integer("uint16", Uint16Array);
const int32 = integer("int32", Int32Array);
const uint32 = integer("uint32", Uint32Array);
const int64 = bigInteger("int64", BigInt64Array);
const uint64 = bigInteger("uint64", BigUint64Array);
const float32 = float("float32", Float32Array);
const float64 = float("float64", Float64Array);
const bool = cType("bool", Uint8Array, boolToCell, (cell) => cell !== 0);
const char = cType("bytes", Uint8Array, byteToCell, byteFromCell);
const wchar = cType("u", Uint32Array, codePointToCell, codePointFromCell);

const TYPES: Readonly<Record<TypeCode, CType>> = {
  c: char,
  u: wchar,
  b: int8,
  B: uint8,
  h: int16,
  H: uint16,
  i: int32,
  I: uint32,
  l: int64,
  L: uint64,
  q: int64,
  Q: uint64,
  f: float32,
  d: float64,
  "?": bool,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64,
  bool,
  bytes: char,
};

/** The type that `code` names; a TypeError if there is none. */
export function typeOf(code: unknown): CType {
  if (typeof code === "string" && Object.hasOwn(TYPES, code)) {
    return TYPES[code as TypeCode];
  }
  const name = typeof code === "string" ? `"${code}"` : shown(code);
  throw new TypeError(
    `Cannot share value: there is no type ${name}: one of ${
      Object.keys(TYPES).join(" ")
    }`,
  );
}

function cType(
  name: TypeCode,
  Memory: CellsConstructor,
  toCell: (value: unknown) => number | bigint,
  fromCell: (cell: number | bigint) => unknown,
  isInteger = false,
): CType {
  const size = Memory.BYTES_PER_ELEMENT;
  const cells = ({ buffer, byteOffset, length }: Uint8Array) =>
    new Memory(buffer, byteOffset, Math.floor(length / size));
  return { name, size, isInteger, cells, toCell, fromCell };
}

function integer(
  name: TypeCode,
  Memory: CellsConstructor,
): CType {
  const toCell = (value: unknown) => {
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw notStored(name, "an integer", value);
  };
  return cType(name, Memory, toCell, itself, true);
}

function bigInteger(
  name: TypeCode,
  Memory: CellsConstructor,
): CType {
  const toCell = (value: unknown) => {
    if (typeof value === "bigint") return value;
    throw notStored(name, "a bigint", value);
  };
  return cType(name, Memory, toCell, itself, true);
}

function float(
  name: TypeCode,
  Memory: CellsConstructor,
): CType {
  const toCell = (value: unknown) => {
    if (typeof value === "number") return value;
    throw notStored(name, "a number", value);
  };
  return cType(name, Memory, toCell, itself);
}

function itself(cell: number | bigint): number | bigint {
  return cell;
}

function boolToCell(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  throw notStored("bool", "a boolean", value);
}

function byteToCell(value: unknown): number {
  const byte = value instanceof Uint8Array && value.length === 1
    ? value[0]
    : value;
  if (typeof byte === "number" && (byte & 0xff) === byte) return byte;
  throw notStored("bytes", "one byte", value);
}

function byteFromCell(cell: number | bigint): Uint8Array {
  return Uint8Array.of(Number(cell));
}

function codePointToCell(value: unknown): number {
  if (typeof value === "string") {
    const code = value.codePointAt(0);
    if (code !== undefined && String.fromCodePoint(code) === value) return code;
  }
  throw notStored("u", "a string of one character", value);
}

function codePointFromCell(cell: number | bigint): string {
  return String.fromCodePoint(Number(cell));
}

function notStored(name: TypeCode, takes: string, value: unknown): TypeError {
  return new TypeError(
    `Cannot store value: ${name} takes ${takes}: got ${shown(value)}`,
  );
}
