// Copyright 2026 the authors. MIT license.
// deno-lint-ignore-file no-import-prefix -- these files alone depend on it.

import { expose } from "npm:comlink@4.4.2";

expose({
  same: (value: unknown) => value,
  size: (bytes: Uint8Array) => bytes.byteLength,
});
