// Copyright 2026 the authors. MIT license.

import { LONG } from "../delays.ts";

Deno.test("leaves a timer behind", () => {
  setTimeout(() => {}, LONG);
});
