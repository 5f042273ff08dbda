// Copyright 2026 the authors. MIT license.

// A subclass that its module exports under another name.

import { Process } from "../../../process.ts";
import type { Queue } from "../../../queue.ts";

const greeting = "hello";

class Inner extends Process {
  q: Queue | undefined;
  who = "nobody";

  override run(): void {
    this.q!.putSync(`${greeting} ${this.who}`);
  }
}

export { Inner as Outer };
