// Copyright 2026 the authors. MIT license.

// Single values that processes share, without a lock.

import { checkCount, printAs, shown } from "../memory/check.ts";
import type { InitOf, IntegerCode, ValueOf, ValueType } from "./ctype.ts";
import {
  HANDLE,
  type Handle,
  revivedHandle,
  setReviver,
  type Shareable,
} from "../message/handle.ts";
import {
  createRegion,
  openRegion,
  type RegionHandle,
} from "../memory/region.ts";
import { checkpoint, made } from "../program/self.ts";
import { layoutOf, roundUp, Values } from "./layout.ts";
import {
  atomicAdd,
  atomicCompareExchange,
  atomicExchange,
  atomicLoad,
  atomicStore,
  type IntegerCells,
} from "../memory/word.ts";

export type {
  CodeTypes,
  InitOf,
  IntegerCode,
  StructType,
  TypeCode,
  ValueOf,
  ValueType,
} from "./ctype.ts";

/**
 * The operand and result of an atomic operation; never, if the type has none.
 */
export type IntegerOf<T extends ValueType> = T extends IntegerCode ? ValueOf<T>
  : never;

/** The fields of a struct as properties; nothing for other types. */
export type FieldsOf<T extends ValueType> = T extends string ? unknown
  : ValueOf<T>;

/**
 * The method that gives the access to a field.
 *
 * @internal
 */
export const FIELD: unique symbol = Symbol("field");

interface FieldAccess {
  readonly get: () => unknown;
  readonly set: (value: unknown) => void;
}

/**
 * One value in shared memory, without a lock: see {@linkcode RawValue}, which
 * makes it.
 *
 * @typeParam T The type: a code, a name, or a struct.
 */
export class UnlockedValue<T extends ValueType> {
  readonly #memory: ValueMemory;
  readonly #values: Values;

  /** See {@linkcode RawValue}, which is this constructor. */
  constructor(type: T, init?: InitOf<T>) {
    checkCount("create value", arguments, 2);
    made(this);
    const memory = revivedHandle<RawValueHandle>()?.memory ??
      memoryFor(type, init);
    this.#memory = memory;
    const { bytes } = openRegion(memory.region);
    this.#values = new Values(layoutOf(memory.type), bytes, memory.length);
    for (const { name } of this.#values.layout.fields) {
      if (name in UnlockedValue.prototype || OF_VALUE.includes(name)) {
        throw new TypeError(
          `Cannot share struct: no field may be named ${name}`,
        );
      }
      Object.defineProperty(this, name, {
        enumerable: true,
        configurable: true,
        ...this[FIELD](name),
      });
    }
    if (init !== undefined) this.#write(init);
  }

  /**
   * The value. Integers wrap round as in C; a struct is read as a copy that
   * cannot be changed, and written as a whole or in part.
   *
   * Python: `RawValue.value`.
   *
   * @throws {TypeError} If it is set to a value of another kind; nothing
   * changes.
   * @throws {RangeError} If it is set to more bytes than it has; nothing
   * changes.
   */
  get value(): ValueOf<T> {
    checkpoint();
    const values = this.#values;
    if (this.#memory.type === "bytes") {
      return values.bytesOf(0, values.length).slice() as ValueOf<T>;
    }
    const value = values.get(0);
    if (values.layout.scalar !== undefined) return value as ValueOf<T>;
    return Object.freeze({ ...value as object }) as ValueOf<T>;
  }
  set value(value: InitOf<T>) {
    checkpoint();
    this.#write(value);
  }

  /**
   * Reads an integer atomically.
   *
   * @throws {TypeError} If the type is not an integer.
   */
  load(): IntegerOf<T> {
    return atomicLoad(this.#integer(), 0) as IntegerOf<T>;
  }

  /**
   * Writes an integer atomically.
   *
   * @param value What to write; it wraps round as in C.
   * @throws {TypeError} If the type is not an integer, or `value` of another
   * kind; nothing changes.
   */
  store(value: IntegerOf<T>): void {
    atomicStore(this.#integer(), 0, this.#cell(value));
  }

  /**
   * Adds to an integer atomically: no lock is needed, and none is taken.
   *
   * @param delta What to add; the sum wraps round as in C.
   * @returns The value before.
   * @throws {TypeError} If the type is not an integer, or `delta` of another
   * kind; nothing changes.
   */
  add(delta: IntegerOf<T>): IntegerOf<T> {
    return atomicAdd(this.#integer(), 0, this.#cell(delta)) as IntegerOf<T>;
  }

  /**
   * Writes an integer and tells what it was, atomically.
   *
   * @param value What to write; it wraps round as in C.
   * @returns The value before.
   * @throws {TypeError} If the type is not an integer, or `value` of another
   * kind; nothing changes.
   */
  exchange(value: IntegerOf<T>): IntegerOf<T> {
    const cells = this.#integer();
    return atomicExchange(cells, 0, this.#cell(value)) as IntegerOf<T>;
  }

  /**
   * Writes an integer if it is what the caller expects, atomically.
   *
   * @param expected What it must be.
   * @param replacement What to write then.
   * @returns The value before: `expected`, if it was written.
   * @throws {TypeError} If the type is not an integer, or an argument of
   * another kind; nothing changes.
   */
  compareExchange(
    expected: IntegerOf<T>,
    replacement: IntegerOf<T>,
  ): IntegerOf<T> {
    return atomicCompareExchange(
      this.#integer(),
      0,
      this.#cell(expected),
      this.#cell(replacement),
    ) as IntegerOf<T>;
  }

  /**
   * How the field `name` of a struct is read and written.
   *
   * @internal
   */
  [FIELD](name: string): FieldAccess {
    return {
      get: () => {
        checkpoint();
        return this.#values.getField(0, name);
      },
      set: (value) => {
        checkpoint();
        this.#values.setField(0, name, value);
      },
    };
  }

  static {
    printAs(this, ({ value }) => Deno.inspect(value), "RawValue");
  }

  /** @internal */
  [HANDLE](): RawValueHandle {
    return { kind: "RawValue", memory: this.#memory };
  }

  #integer(): IntegerCells {
    checkpoint();
    return this.#values.integers("value");
  }

  #cell(value: unknown): number | bigint {
    return this.#values.layout.scalar!.toCell(value);
  }

  #write(value: InitOf<T>): void {
    if (this.#memory.type === "bytes") this.#setBytes(value);
    else this.#values.set(0, value);
  }

  #setBytes(value: unknown): void {
    const own = this.#values.bytesOf(0, this.#values.length);
    const bytes = typeof value === "number" && own.length === 1
      ? Uint8Array.of(Number(this.#cell(value)))
      : value;
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot store value: bytes takes a Uint8Array: got ${shown(value)}`,
      );
    }
    if (bytes.length > own.length) {
      throw new RangeError(
        `Cannot store value: it has ${own.length} bytes: got ${bytes.length}`,
      );
    }
    own.set(bytes);
    own.fill(0, bytes.length);
  }
}

/** Makes a {@linkcode RawValue}. */
export interface RawValueConstructor {
  /**
   * Makes a value without a lock.
   *
   * @param type A code, a name, or a struct: its fields in order, and the type
   * of each.
   * @param init Its first value, some fields of a struct; zero if not given.
   * @throws {TypeError} If there is no such type, or `init` is of another.
   */
  new <const T extends ValueType>(type: T, init?: InitOf<T>): RawValue<T>;
  /** The members that all values inherit. */
  readonly prototype: UnlockedValue<ValueType>;
}

/**
 * One value in shared memory without a lock; the fields of a struct are
 * properties of it. Writes of several processes may be lost: use the atomic
 * operations, or guard it yourself.
 *
 * Python: `multiprocessing.sharedctypes.RawValue`.
 *
 * @typeParam T The type: a code, a name, or a struct.
 *
 * @example
 * ```ts
 * import { RawValue } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const wrapped = new RawValue("i", 2 ** 31);
 * assertEquals(wrapped.value, -2147483648);
 * ```
 */
export type RawValue<T extends ValueType = ValueType> =
  & UnlockedValue<T>
  & FieldsOf<T>;

/** Makes values without a lock: see the type of the same name. */
export const RawValue: RawValueConstructor =
  UnlockedValue as unknown as RawValueConstructor;

/** Where a value is. */
interface ValueMemory {
  readonly region: RegionHandle;
  readonly type: ValueType;
  readonly length: number;
}

interface RawValueHandle extends Handle {
  readonly memory: ValueMemory;
}

/** The members that a Value has besides. */
const OF_VALUE = ["getLock", "getObj", "hold", "holdSync"];

setReviver("RawValue", UnlockedValue as unknown as new () => Shareable);

function memoryFor(type: ValueType, init: unknown): ValueMemory {
  const { size } = layoutOf(type);
  const length = type === "bytes" && init instanceof Uint8Array
    ? init.length
    : 1;
  const region = createRegion(roundUp(size * length, 8) || 8).handle;
  return { region, type, length };
}
