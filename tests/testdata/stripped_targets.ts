// Copyright 2026 the authors. MIT license.

// Targets that fail because of what was lost on the way to them.

import { Process } from "../../mod.ts";

export class Point {
  x: number;
  readonly #secret = 1;

  constructor(x: number) {
    this.x = x;
  }

  norm(): number {
    return Math.abs(this.x);
  }

  get double(): { value: number } {
    return { value: 2 * this.x };
  }

  static secretOf(point: Point): number {
    return point.#secret;
  }
}

export class Path {
  readonly #steps = [1, 2];

  get steps(): readonly number[] {
    return this.#steps;
  }

  *[Symbol.iterator](): Generator<number> {
    yield* this.#steps;
  }
}

export class Stack extends Array<number> {
  peek(): number | undefined {
    return this.at(-1);
  }
}

export class Account {
  balance = 5;
  readonly #log: string[] = [];

  withdraw(amount: number): number {
    return this.balance -= amount;
  }

  async report(): Promise<string> {
    return await Promise.resolve(this.#log.join());
  }
}

export const account = new Account();

export function normOf(point: Point): number {
  return point.norm();
}

export async function normLater(point: Point): Promise<number> {
  return await Promise.resolve(point.norm());
}

export function distance(a: Point, b: { at: Point }): number {
  return a.x - b.at.norm();
}

export function doubleOf(point: Point): number {
  return point.double.value;
}

export function secretOf(point: Point): number {
  return Point.secretOf(point);
}

export function demand(point: unknown): void {
  if (!(point instanceof Point)) throw new TypeError("a Point is needed");
}

export function refuse(_: unknown): void {
  throw new TypeError("it is refused");
}

export function sumOf(path: Path): number {
  return Math.max(...path);
}

export function loop(path: Path): void {
  for (const step of path) console.log(step);
}

export function keysOf(path: Path): string[] {
  return Object.keys(path.steps);
}

export function peekOf(stack: Stack): number | undefined {
  return stack.peek();
}

export function first(bytes: { readInt8(at: number): number }): number {
  return bytes.readInt8(0);
}

export function misspell(array: unknown): void {
  (array as { pusch(): void }).pusch();
}

export function apply(func: (n: number) => number, n: number): number {
  return func(n);
}

export class PlainField extends Process {
  readonly point: Point = new Point(1);

  override run(): void {
    this.point.norm();
  }
}

export class PrivateField extends Process {
  readonly #rounds = 3;

  override run(): void {
    console.log(this.#rounds);
  }
}

export class PrivateMethod extends Process {
  override run(): void {
    this.#work();
  }

  #work(): void {}
}
