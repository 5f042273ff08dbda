// Copyright 2026 the authors. MIT license.

// `@std/testing/mock` for tests: see docs/decisions/0001-std-from-npm.md.

// @ts-types="./mock.d.ts"
export * from "deno-std-testing/mock.js";
