// Copyright 2026 the authors. MIT license.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Process } from "../../mod.ts";
import { runProgram, runText } from "../_support/programs.ts";

const CHILD = new URL("../testdata/programs/limits.ts", import.meta.url);
const MOD = new URL("../../mod.ts", import.meta.url).href;

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

Deno.test("Process.start() refuses a worker that could not read its modules", async () => {
  const flags = ["-A", "--unstable-worker-options"];
  const refused = [
    '"none"',
    "{ read: false }",
    "{ net: true }",
    '{ read: ["/etc", "./100% of it?", new URL("file:///usr")] }',
  ];
  for (const permissions of refused) {
    const { lines, stderr } = await runText(
      `import { Process } from "${MOD}";
const p = new Process({ target: () => {}, permissions: ${permissions} });
try {
  p.start();
  p.joinSync();
} catch (error) {
  console.log(String(error));
}
`,
      { flags },
    );
    assertMatch(
      lines.join(),
      /^TypeError: Cannot start process: a worker must read its modules, file:.*worker_entry.js first: give it permissions.read$/,
      `${permissions}: ${stderr}`,
    );
  }
});

Deno.test("Process.start() takes a list of folders with the library among them", async () => {
  const { lines, stderr } = await runText(
    `import { Process } from "${MOD}";
export function target() {}
if (import.meta.main) {
const read = ["/etc", new URL(".", "${MOD}"), new URL(".", import.meta.url)];
for (const places of [read, read.map((url) => new URL(url, "file:").pathname)]) {
  const p = new Process({ target, permissions: { read: places } });
  p.start();
  p.joinSync();
  console.log(p.exitCode);
}
}
`,
    { flags: ["-A", "--unstable-worker-options"] },
  );
  assertEquals(lines, ["0", "0"], stderr);
});
