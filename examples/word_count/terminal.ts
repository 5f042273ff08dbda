// Copyright 2026 the authors. MIT license.

// The terminal, to which all processes write: the holder of the lock may.

import type * as mp from "../../mod.ts";

const WIDTH = 32;

// Back to the first column, and away with what stands there: the bar.
const CLEAR = "\r\x1b[K";

/** Says something in a line of its own, also while a bar is drawn. */
export function say(terminal: mp.Lock, line: string) {
  using _ = terminal.holdSync();
  write(Deno.stderr.isTerminal() ? `${CLEAR}${line}\n` : `${line}\n`);
}

/** A progress bar where stderr is a terminal, and nothing where it is not. */
export class Bar {
  readonly #terminal: mp.Lock;
  readonly #label: string;
  readonly #total: number;
  #done = 0;
  #drawn = -1;

  constructor(terminal: mp.Lock, label: string, total: number) {
    this.#terminal = terminal;
    this.#label = label;
    this.#total = Math.max(total, 1);
  }

  add(bytes: number) {
    this.#done += bytes;
    const percent = Math.floor(100 * this.#done / this.#total);
    if (percent === this.#drawn || !Deno.stderr.isTerminal()) return;
    this.#drawn = percent;
    const full = Math.min(WIDTH, Math.floor(WIDTH * percent / 100));
    const cells = "█".repeat(full) + "░".repeat(WIDTH - full);
    using _ = this.#terminal.holdSync();
    write(`${CLEAR}${this.#label} ${cells} ${percent} %`);
  }

  [Symbol.dispose]() {
    if (this.#drawn < 0) return;
    using _ = this.#terminal.holdSync();
    write(CLEAR);
  }
}

// In one write, or another thread's text could come between.
function write(text: string) {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
