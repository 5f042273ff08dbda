// Copyright 2026 the authors. MIT license.

// A program that waits at its top, with classes of its own. Its argument is the
// start method.

import * as mp from "../../../mod.ts";

export class Temperature {
  static {
    mp.registerClass(this);
  }
  static [mp.getState](temperature: Temperature): number {
    return temperature.#kelvin;
  }
  static [mp.fromState](kelvin: number): Temperature {
    return new this(kelvin);
  }
  readonly #kelvin: number;
  constructor(kelvin: number) {
    this.#kelvin = kelvin;
  }
  get celsius(): number {
    return this.#kelvin - 273;
  }
}

export function warmer(temperature: Temperature): Temperature {
  return new Temperature(temperature.celsius + 283);
}

if (import.meta.main) {
  mp.setStartMethod(Deno.args[0] as mp.StartMethod);
  await using pool = new mp.Pool(1);
  const all = await pool.map(warmer, [new Temperature(273)]);
  console.log(all[0]!.celsius, pool.applySync(warmer, [all[0]!]).celsius);
}
