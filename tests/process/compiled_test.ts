// Copyright 2026 the authors. MIT license.

// A compiled program cannot be run where the runtime of such programs is not to
// be had. What it is made of can be seen: Deno tells it, whatever is given in
// place of that runtime.

import { assertEquals, assertMatch } from "@std/assert";
import { inFolder, runDeno } from "../_support/programs.ts";

const DOOR = new URL("../../mod.ts", import.meta.url).href;

Deno.test("deno compile takes along what runs in workers", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.ts`, `import "${DOOR}";`);
    const words = ["compile", "--no-check", "--output", "program", "main.ts"];
    const { code, stdout, stderr } = await runDeno(words, {
      cwd: folder,
      env: { DENORT_BIN: Deno.execPath() },
    });
    assertEquals(code, 0, stderr);
    // A room of which all files are there is named alone.
    const files = stdout + stderr;
    assertMatch(files, /[─] process\/\*|[─] worker_entry\.js/);
    assertMatch(files, /[─] process\/\*|[─] worker_main\.ts/);
    assertMatch(files, /[─] pool\/\*|[─] worker\.ts/);
    assertMatch(files, /[─] queue\/\*|[─] lifo_queue\.ts/);
    assertMatch(files, /[─] message\/\*|[─] search\.ts/);
  });
});
