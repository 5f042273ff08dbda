// Copyright 2026 the authors. MIT license.

import { assertEquals } from "@std/assert";
import { run } from "../_support/tutorial.ts";

Deno.test("S-01 has the program's output before its exit code", async () => {
  assertEquals(await run("s01_external_program"), [
    "$ echo Name: python.org",
    "Name: python.org",
    "Exit code: 0",
  ]);
});

for (const [command, code] of [["true", 0], ["false", 1]] as const) {
  Deno.test(`S-01 has the exit code of ${command}`, async () => {
    assertEquals(await run("s01_external_program", { args: [command] }), [
      `$ ${command}`,
      `Exit code: ${code}`,
    ]);
  });
}

Deno.test("S-02 feeds a program and reads all of its answer", async () => {
  assertEquals(await run("s02_interactive_program"), [
    "$ sh",
    "started: true",
    "python.org mx",
    "stderr: oops",
    "Return Code: 0",
  ]);
});
