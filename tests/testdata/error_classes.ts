// Copyright 2026 the authors. MIT license.

// Error classes of a program, none of which is registered but the last.

import { fromState, getState, registerClass } from "../../mod.ts";

export class AppError extends Error {
  static made = 0;
  readonly code: number;
  constructor(code: number, options?: ErrorOptions) {
    super(`code ${code}`, options);
    AppError.made++;
    this.name = "AppError";
    this.code = code;
  }
  get isFatal(): boolean {
    return this.code > 9;
  }
}

/** Gives its errors no name. */
export class LostError extends AppError {}
delete (LostError.prototype as { name?: string }).name;

/** Known by its base alone. */
class Internal extends RangeError {}
export function internal(): Error {
  return new Internal("inside");
}

/** Extends an exported class, and is not exported. */
class Inner extends AppError {
  override name = "Inner";
}
export function inner(): Error {
  return new Inner(3);
}

/** Has what no copy can be given. */
export class SecretError extends Error {
  readonly #secret = 1;
  get secret(): number {
    return this.#secret;
  }
}

export class RegisteredError extends TypeError {
  static {
    registerClass(this);
  }
  override name = "RegisteredError";
  fields = [1];
}

/** Brings its private part along. */
export class PairedError extends Error {
  static {
    registerClass(this);
  }
  static [getState](error: PairedError): unknown[] {
    return [error.message, error.#part];
  }
  static [fromState]([message, part]: [string, number]): PairedError {
    return new this(message, part);
  }
  readonly #part: number;
  constructor(message: string, part: number) {
    super(message);
    this.#part = part;
  }
  get part(): number {
    return this.#part;
  }
}

/** One of each, in the others. */
export function errors(): Error[] {
  const lost = new LostError(1, { cause: new AppError(12) });
  const many = new AggregateError([new AppError(2), new RegisteredError("r")]);
  return [lost, many, internal(), inner(), new SecretError("s")];
}
