// Copyright 2026 the authors. MIT license.

import { LONG } from "../_support/delays.ts";

Deno.test("leaves a timer behind", () => {
  setTimeout(() => {}, LONG);
});
