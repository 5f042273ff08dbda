// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inFolder } from "../_support/programs.ts";

interface Result {
  code: number;
  output: string;
}

function pathOf(file: string): string {
  return decodeURIComponent(new URL(`../../${file}`, import.meta.url).pathname);
}

async function run(
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const command = new Deno.Command(file, {
    args,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Runs the gate's script over a gate that prints `text` and exits so. */
function runGate(text: string, code: number): Promise<Result> {
  const script = `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit ${code}\n`;
  return inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/npx`, script, { mode: 0o755 });
    const PATH = `${folder}:${Deno.env.get("PATH")}`;
    return await run("bash", [pathOf(".ci/run")], { PATH });
  });
}

function lastLine(output: string): string | undefined {
  return output.trimEnd().split("\n").at(-1);
}

Deno.test("deno.lock names no registry", () => {
  const lock = Deno.readTextFileSync(pathOf("deno.lock"));
  assert(!lock.includes("://"), "deno.lock holds an address");
});

Deno.test("the sanitizers fail a test that leaks a timer", async () => {
  const { code, output } = await run(Deno.execPath(), [
    "test",
    "--no-check",
    "--allow-env",
    pathOf("tests/testdata/leak_timer.ts"),
  ]);
  assertStringIncludes(output, "A timer was started in this test");
  assertEquals(code, 1);
});

Deno.test(".ci/run sums the test runs and ends with the line", async () => {
  const { code, output } = await runGate(
    "ok | 120 passed (4 steps) | 0 failed | 1 ignored (2s)\n" +
      "not a summary: 7 passed, 7 failed\n" +
      "ok | 3 passed | 0 failed (40ms)",
    0,
  );
  assertStringIncludes(output, "not a summary");
  assertEquals(lastLine(output), "123 passed, 0 failed");
  assertEquals(code, 0);
});

Deno.test(".ci/run fails when a test failed", async () => {
  const { code, output } = await runGate(
    "FAILED | 5 passed (1 step) | 2 failed (1 step) (2s)",
    1,
  );
  assertEquals(lastLine(output), "5 passed, 2 failed");
  assertEquals(code, 1);
});

Deno.test(".ci/run keeps the exit code of a gate that broke off", async () => {
  const { code, output } = await runGate("error: lint", 3);
  assertEquals(lastLine(output), "0 passed, 0 failed");
  assertEquals(code, 3);
});

Deno.test(".ci/run fails when no test ran", async () => {
  const { code, output } = await runGate("ok | 0 passed | 0 failed (1ms)", 0);
  assertStringIncludes(output, "no test ran");
  assertEquals(code, 1);
});
