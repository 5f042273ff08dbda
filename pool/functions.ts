// Copyright 2026 the authors. MIT license.

// The functions that a pool was given, by their place in its log.

import { checkFunction } from "../memory/check.ts";
import { FunctionLog } from "../process/pool_link.ts";
import { MAX_FUNCTIONS } from "./wire.ts";
import { me } from "../program/self.ts";
import { type Callable, callerModule, refer } from "../message/target.ts";

/** The parent's side of a {@linkcode FunctionLog}. */
export class Functions {
  readonly log: FunctionLog = new FunctionLog();
  readonly #module: string | undefined;
  readonly #names: string[] = [];
  readonly #known = new WeakMap<Callable, number>();
  // The same again for closures, of which a loop makes a new one each time.
  readonly #same = new Map<string, number>();

  constructor(module: string | URL | undefined) {
    this.#module = module?.toString();
  }

  /** The place of a function; at its first use it is written to the log. */
  placeOf(func: Callable): number {
    return this.#known.get(func) ?? this.#enter(func);
  }

  /** Its name in errors. */
  nameAt(place: number): string {
    return this.#names[place] || "(anonymous)";
  }

  #enter(func: Callable): number {
    checkFunction("submit task", "func", func);
    const module = this.#module ?? callerModule();
    const ref = refer(func, module, me().mainModule, "submit task");
    const text = JSON.stringify(ref);
    let place = this.#same.get(text);
    if (place === undefined) {
      place = this.#names.length;
      if (place === MAX_FUNCTIONS) {
        throw new RangeError(
          `Cannot submit task: the pool was given ${MAX_FUNCTIONS} functions already`,
        );
      }
      this.log.append(ref);
      this.#names.push(func.name);
      this.#same.set(text, place);
    }
    this.#known.set(func, place);
    return place;
  }
}
