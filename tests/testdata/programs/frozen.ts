// Copyright 2026 the authors. MIT license.

import { Queue } from "../../../mod.ts";

// What hardened programs do.
Object.freeze(Object.prototype);
const queue = new Queue();
queue.putSync({ toString: 1, constructor: [2] });
console.log(JSON.stringify(queue.getSync()));
