// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { groups, run } from "../_support/tutorial.ts";

Deno.test("S-20 shows what a process object offers", async () => {
  const text = (await run("s20_process_members")).join("\n");
  const members = [
    "authKey",
    "close",
    "daemon",
    "exitCode",
    "ident",
    "isAlive",
    "join",
    "joinSync",
    "kill",
    "name",
    "pid",
    "run",
    "sentinel",
    "start",
    "terminate",
  ];
  for (const member of members) assert(text.includes(`"${member}"`), member);
});

Deno.test({
  name: "S-23 shows a zombie until its parent looks",
  // The program reads /proc.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    assertEquals(await run("s23_zombie"), [
      "子进程结束",
      "父进程没有等待: Z",
      "join之后: undefined",
    ]);
  },
});

Deno.test({
  name: "S-65 leaves an orphan to another parent",
  // Memory that OS processes share is there on Linux only.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const lines = await run("s65_orphan");
    assertEquals(lines.length, 3);
    const [child, first] = groups(lines[0], /^im child (\d+) of (\d+)$/);
    const [parent] = groups(lines[1], /^parent (\d+) ends$/);
    assertEquals(first, parent);
    const [same, second] = groups(lines[2], /^im child (\d+) of (\d+)$/);
    assertEquals(same, child);
    assertNotEquals(second, parent);
  },
});
