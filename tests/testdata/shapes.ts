// Copyright 2026 the authors. MIT license.

// Registered classes, in a module of their own: no target's module loads it.

import { fromState, getState, registerClass } from "../../mod.ts";

/** By fields. */
export class Point {
  static {
    registerClass(this);
  }
  static made = 0;
  x: number;
  y: number;
  link: unknown;
  constructor(x: number, y: number) {
    Point.made++;
    this.x = x;
    this.y = y;
  }
  get sum(): number {
    return this.x + this.y;
  }
}

/** By fields, one more than those of its base. */
export class Pixel extends Point {
  static {
    registerClass(this);
  }
  color = "black";
}

/** By the pair. */
export class Account<T = unknown> {
  static {
    registerClass(this);
  }
  static [getState](account: Account): unknown {
    return account.#content;
  }
  static [fromState](content: unknown): Account {
    if (content === "unlucky") throw new RangeError("13");
    return new this(content);
  }
  readonly #content: T;
  constructor(content: T) {
    this.#content = content;
  }
  get content(): T {
    return this.#content;
  }
}

/** By the pair of its base. */
export class Savings<T = unknown> extends Account<T> {
  static {
    registerClass(this);
  }
  interest(): number {
    return Number(this.content) / 50;
  }
}

/** Extends registered classes, and is none. */
export class Unregistered extends Account {}
/** The same, of one that goes by its fields. */
export class UnregisteredPoint extends Point {}
