// Copyright 2026 the authors. MIT license.

// Shared values: how they lie in memory, structs as in C.

import { shown } from "../memory/check.ts";
import {
  type Cells,
  type CType,
  typeOf,
  uint8,
  type ValueType,
} from "./ctype.ts";
import type { IntegerCells } from "../memory/word.ts";

/** Where a field of a struct lies. */
export interface Field {
  readonly name: string;
  readonly type: CType;
  readonly offset: number;
}

/** How values of a type lie in memory, one after the other. */
export interface Layout {
  readonly size: number;
  /** The type, if it is not a struct. */
  readonly scalar: CType | undefined;
  /** The fields of a struct. */
  readonly fields: readonly Field[];
}

/** How values of `type` lie in memory; a TypeError if there is no such type. */
export function layoutOf(type: ValueType): Layout {
  if (typeof type !== "object" || type === null) {
    const scalar = typeOf(type);
    return { size: scalar.size, scalar, fields: [] };
  }
  const fields: Field[] = [];
  let end = 0;
  let alignment = 1;
  for (const [name, code] of Object.entries(type)) {
    const fieldType = typeOf(code);
    const offset = roundUp(end, fieldType.size);
    fields.push({ name, type: fieldType, offset });
    end = offset + fieldType.size;
    alignment = Math.max(alignment, fieldType.size);
  }
  if (fields.length === 0) {
    throw new TypeError("Cannot share struct: it has no fields");
  }
  return { size: roundUp(end, alignment), scalar: undefined, fields };
}

/** `value` rounded up to a multiple of `step`. */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Throws unless `index` can be one; it may be negative or too large. */
export function checkIndex(index: unknown): asserts index is number {
  if (Number.isInteger(index)) return;
  throw new TypeError(
    `Cannot use element: an index must be an integer: got ${shown(index)}`,
  );
}

/** The elements of anything that can be gone through. */
export function elementsOf<V>(values: Iterable<V>): V[] {
  if (
    typeof (values as Partial<Iterable<V>>)?.[Symbol.iterator] !== "function"
  ) {
    throw new TypeError(
      `Cannot fill array: it takes elements: got ${shown(values)}`,
    );
  }
  return [...values];
}

/** `length` values of one layout in shared bytes. */
export class Values {
  readonly length: number;
  readonly layout: Layout;
  /** The cells of the values that are not structs. */
  readonly cells: Cells;
  readonly #type: CType | undefined;
  readonly #bytes: Uint8Array;
  readonly #fields: FieldCells[];
  readonly #records: (IndexedRecord | undefined)[] = [];

  constructor(layout: Layout, bytes: Uint8Array, length: number) {
    this.length = length;
    this.layout = layout;
    this.#type = layout.scalar;
    this.#bytes = bytes;
    this.cells = (layout.scalar ?? uint8).cells(bytes);
    this.#fields = layout.fields.map((field) => ({
      ...field,
      cells: field.type.cells(bytes),
      first: field.offset / field.type.size,
      stride: layout.size / field.type.size,
    }));
  }

  /** The value at `index`; a struct as an object that writes through. */
  get(index: number): unknown {
    const type = this.#type;
    return type === undefined
      ? this.#record(index)
      : type.fromCell(this.cells[index]!);
  }

  /**
   * Writes all of `value` or, if a part of it is of the wrong kind, nothing.
   */
  set(index: number, value: unknown): void {
    const type = this.#type;
    if (type !== undefined) this.cells[index] = type.toCell(value);
    else this.#write(index, this.#partsOf(value));
  }

  /** Writes all of `values` or, if one is of the wrong kind, nothing. */
  setAll(start: number, values: readonly unknown[]): void {
    const type = this.#type;
    if (type !== undefined) {
      const cells = values.map((value) => type.toCell(value));
      cells.forEach((cell, i) => this.cells[start + i] = cell);
    } else {
      const parts = values.map((value) => this.#partsOf(value));
      parts.forEach((of, i) => this.#write(start + i, of));
    }
  }

  getField(index: number, name: string): unknown {
    const { type, cells, first, stride } = this.#field(name);
    return type.fromCell(cells[first + index * stride]!);
  }

  setField(index: number, name: string, value: unknown): void {
    const { type, cells, first, stride } = this.#field(name);
    cells[first + index * stride] = type.toCell(value);
  }

  /** The cells, for atomic operations on `what`, a value or an element. */
  integers(what: string): IntegerCells {
    const type = this.#type;
    if (type?.isInteger) return this.cells as IntegerCells;
    throw new TypeError(
      `Cannot use ${what} atomically: its type is ${
        type?.name ?? "a struct"
      }, not an integer`,
    );
  }

  /** The bytes of the values from `start` to `end`. */
  bytesOf(start: number, end: number): Uint8Array {
    const { size } = this.layout;
    return this.#bytes.subarray(start * size, end * size);
  }

  #partsOf(value: unknown): Part[] {
    if (typeof value !== "object" || value === null) {
      throw new TypeError(
        `Cannot store value: a struct takes an object with its fields: got ${
          shown(value)
        }`,
      );
    }
    return Object.entries(value).map(([name, part]) => {
      const field = this.#field(name);
      return { field, cell: field.type.toCell(part) };
    });
  }

  #write(index: number, parts: readonly Part[]): void {
    for (const { field, cell } of parts) {
      field.cells[field.first + index * field.stride] = cell;
    }
  }

  #field(name: string): FieldCells {
    const field = this.#fields.find((field) => field.name === name);
    if (field === undefined) {
      throw new TypeError(`Cannot use struct: it has no field ${name}`);
    }
    return field;
  }

  // An object with accessors of its own takes microseconds to make, so some are
  // kept; they have no state.
  #record(index: number): object {
    const place = index % KEPT_RECORDS;
    const kept = this.#records[place];
    if (kept?.index === index) return kept.record;
    const record = this.#makeRecord(index);
    this.#records[place] = { index, record };
    return record;
  }

  // Accessors of its own: it can be compared, cloned and spread like the plain
  // object that it looks like.
  #makeRecord(index: number): object {
    const properties: PropertyDescriptorMap = {};
    for (const { name, type, cells, first, stride } of this.#fields) {
      const at = first + index * stride;
      properties[name] = {
        enumerable: true,
        get: () => type.fromCell(cells[at]!),
        set: (value) => cells[at] = type.toCell(value),
      };
    }
    return Object.preventExtensions(Object.defineProperties({}, properties));
  }
}

/** How many objects of a struct array are kept. */
const KEPT_RECORDS = 1024;

interface IndexedRecord {
  readonly index: number;
  readonly record: object;
}

interface FieldCells extends Field {
  readonly cells: Cells;
  readonly first: number;
  readonly stride: number;
}

interface Part {
  readonly field: FieldCells;
  readonly cell: number | bigint;
}
