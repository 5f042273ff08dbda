// Copyright 2026 the authors. MIT license.

// `@std/assert` for tests: see docs/decisions/0001-std-from-npm.md.

// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
