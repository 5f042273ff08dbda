// Copyright 2026 the authors. MIT license.

// Hands on what another module exports.

export { named as handedOn } from "./by_name.ts";
