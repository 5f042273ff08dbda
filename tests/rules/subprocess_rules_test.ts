// Copyright 2026 the authors. MIT license.

// The rule of the tutorials on programs outside.

import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { subprocess } from "../../mod.ts";
import { LONG, MEDIUM } from "../_support/delays.ts";

const { call, callSync, PIPE, Popen } = subprocess;

const NAP = ["sleep", String(MEDIUM / 1000)];

Deno.test("R-04 call waits for a simple program", async () => {
  for (const wait of [callSync, call]) {
    const start = performance.now();
    assertEquals(await wait(NAP), 0);
    assertGreaterOrEqual(performance.now() - start + 1, MEDIUM);
  }
});

Deno.test("R-04 Popen goes on, and communicate talks with the program", async () => {
  const start = performance.now();
  const p = new Popen(["sh", "-c", "sleep 60 & cat; kill $!"], {
    stdin: PIPE,
    stdout: PIPE,
    text: true,
  });
  assertLess(performance.now() - start, LONG);
  assertEquals(p.poll(), undefined);
  assertEquals(await p.communicate({ input: "hello" }), ["hello", undefined]);
  assertEquals(p.poll(), 0);
});
