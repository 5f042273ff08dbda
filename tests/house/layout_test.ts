// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { isOurs } from "../../message/target.ts";
import { FLOORS } from "../../tools/lint_plugin.ts";

const ROOT = new URL("../../", import.meta.url);
const DOORS = Object.values(config.exports).map((path) => path.slice(2)).sort();
const ROOMS = FLOORS.flat().filter((name) => name.endsWith("/"));

function namesIn(folder: string): Deno.DirEntry[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))];
}

Deno.test("the files at the top are the exports of deno.json", () => {
  const files = namesIn(".").filter(({ isFile, name }) =>
    isFile && name.endsWith(".ts")
  );
  assertEquals(files.map(({ name }) => name).sort(), DOORS);
});

Deno.test("the rooms hold every other file of the module, flat", () => {
  for (const room of ROOMS) {
    const entries = namesIn(room);
    assert(entries.length > 0);
    assertEquals(entries.filter(({ isFile }) => !isFile), [], room);
  }
});

Deno.test("isOurs() knows every door and every room, and nothing else", () => {
  for (const door of DOORS) assert(isOurs(new URL(door, ROOT).href), door);
  for (const room of ROOMS) {
    for (const { name } of namesIn(room)) {
      assert(isOurs(new URL(room + name, ROOT).href), room + name);
    }
  }
  for (const theirs of ["main.ts", "tests/a.ts", "examples/word_count.ts"]) {
    assert(!isOurs(new URL(theirs, ROOT).href), theirs);
  }
});
