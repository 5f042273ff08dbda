// Copyright 2026 the authors. MIT license.

// The default export, which has another name.

import type { Queue } from "../../../queue.ts";

const factor = 3;

export default function (q: Queue, n: number): void {
  q.putSync(n * factor);
}
