// Copyright 2026 the authors. MIT license.

// A default export with a name of its own.

import type { Queue } from "../../../queue.ts";

const factor = 4;

export default function main(q: Queue, n: number): void {
  q.putSync(n * factor);
}
