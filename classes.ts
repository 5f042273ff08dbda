// Copyright 2026 the authors. MIT license.

/**
 * Classes of the program whose instances cross as themselves.
 *
 * @module
 */

export { fromState, getState } from "./message/classes.ts";
export { registerClass, type RegisterOptions } from "./message/register.ts";
