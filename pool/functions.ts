// Copyright 2026 the authors. MIT license.

// The functions that a pool was given, by their place in its log.

import { checkFunction } from "../memory/check.ts";
import { FunctionLog } from "../process/pool_link.ts";
import { MAX_FUNCTIONS } from "./wire.ts";
import { me } from "../program/self.ts";
import {
  type Callable,
  moduleOf,
  refer,
  type TargetRef,
} from "../message/target.ts";

/** The parent's side of a {@linkcode FunctionLog}. */
export class Functions {
  readonly log: FunctionLog = new FunctionLog();
  readonly #module: string | undefined;
  readonly #refs: TargetRef[] = [];
  readonly #known = new WeakMap<Callable, number>();
  // The same again for closures, of which a loop makes a new one each time.
  readonly #same = new Map<string, number>();

  constructor(module: string | URL | undefined) {
    this.#module = module === undefined
      ? undefined
      : moduleOf("create pool", module);
  }

  /**
   * The place of a function; at its first use it is written to the log. With
   * `module`, that of the function as this module exports it.
   */
  placeOf(func: Callable, module?: string | URL): number {
    if (module !== undefined) return this.#enter(func, module);
    let place = this.#known.get(func);
    if (place === undefined) {
      this.#known.set(func, place = this.#enter(func, this.#module));
    }
    return place;
  }

  /** Its name in errors. */
  nameAt(place: number): string {
    return this.#refs[place]?.name || "(anonymous)";
  }

  /** What crosses in its place. */
  refAt(place: number): TargetRef {
    return this.#refs[place]!;
  }

  #enter(func: Callable, module: string | URL | undefined): number {
    checkFunction("submit task", "func", func);
    const url = moduleOf("submit task", module);
    const ref = refer(func, url, me().mainModule, "submit task");
    const text = JSON.stringify(ref);
    let place = this.#same.get(text);
    if (place === undefined) {
      place = this.#refs.length;
      if (place === MAX_FUNCTIONS) {
        throw new RangeError(
          `Cannot submit task: the pool was given ${MAX_FUNCTIONS} functions already`,
        );
      }
      this.log.append(ref);
      this.#refs.push(ref);
      this.#same.set(text, place);
    }
    return place;
  }
}
