// Copyright 2026 the authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import { Process } from "../../mod.ts";
import { runProgram } from "../_support/programs.ts";

const CHILD = new URL("../testdata/programs/limits.ts", import.meta.url);

Deno.test("Process.start() refuses permissions without the flag", () => {
  const p = new Process({ target: () => {}, permissions: { net: false } });
  const error = assertThrows(() => p.start(), TypeError);
  assertEquals(
    error.message,
    "Cannot start process: permissions of a worker need the flag " +
      "--unstable-worker-options on the command line of the program",
  );
  assertEquals(p.pid, undefined);
});

Deno.test("Process gives its worker the permissions it was made with", async () => {
  const flags = ["-A", "--unstable-worker-options"];
  const { code, lines, stderr } = await runProgram(CHILD, { flags });
  assertEquals(lines, ["net: denied", "read: granted", "exit code: 0"], stderr);
  assertEquals(code, 0);
});
