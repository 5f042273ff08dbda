// Copyright 2026 the authors. MIT license.
// deno-lint-ignore-file no-import-prefix -- these files alone depend on it.

import { ThreadWorker } from "npm:poolifier-web-worker@0.5.15";

export default new ThreadWorker({
  same: (value: unknown) => value,
  size: (bytes: unknown) => (bytes as Uint8Array).byteLength,
});
