// Copyright 2026 the authors. MIT license.

/**
 * Memory that processes share.
 *
 * | you want to share | take |
 * |---|---|
 * | one number, or a struct of some | {@linkcode Value} |
 * | many of one type | {@linkcode Array} |
 * | the same, guarded by something else | {@linkcode RawValue}, {@linkcode RawArray} |
 * | bytes that others find by name | {@linkcode SharedMemory} |
 * | a few values of different types | {@linkcode ShareableList} |
 *
 * @module
 */

export type { WaitOptions } from "./memory/deadline.ts";
export * from "./shared/array.ts";
export * from "./shared/raw_array.ts";
export * from "./shared/raw_value.ts";
export * from "./shared/shareable_list.ts";
export * from "./shared/shared_memory.ts";
export * from "./shared/value.ts";
export type { GuardOptions, ValueLock } from "./shared/value_lock.ts";
