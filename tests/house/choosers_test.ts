// Copyright 2026 the authors. MIT license.

import * as mp from "../../mod.ts";
import config from "../../deno.json" with { type: "json" };
import { assert, assertArrayIncludes, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const MOD = "./mod.ts";
const DOORS: readonly string[] = Object.values(config.exports);

Deno.test("the chooser of mod.ts names each door once", async () => {
  const modules = (await rowsOf(MOD)).map((row) => row.at(-1)!);
  const doors = DOORS.filter((door) => door !== MOD)
    .map((door) => `\`${door.slice("./".length, -".ts".length)}\``);
  assertEquals(modules.toSorted(), doors.toSorted());
});

for (const door of DOORS) {
  Deno.test(`the chooser of ${door} names what can be imported`, async () => {
    const names = new Set(Object.keys(await import(new URL(door, ROOT).href)));
    const linked = (await rowsOf(door)).flat().join(" ")
      .matchAll(/\{@linkcode (\w+)\}/g);
    assertArrayIncludes([...names], [...linked].map(([_, name]) => name!));
  });
}

Deno.test("the chooser of README.md names what can be imported", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const chooser = readme.split("\n## ")
    .find((section) => section.startsWith("Which of them"))!;
  const classes = [...chooser.matchAll(/`(?:new )?([A-Z][A-Za-z]+)\b/g)]
    .map(([_, name]) => name!);
  assert(classes.length > 20, "no table was found");
  const known = [...Object.keys(mp), ...Object.keys(mp.subprocess)];
  assertArrayIncludes(known, classes);
});

/** The cells of the table in a door's documentation, without its head. */
async function rowsOf(door: string): Promise<string[][]> {
  const text = await Deno.readTextFile(new URL(door, ROOT));
  return text.split("\n")
    .filter((line) => line.startsWith(" * | "))
    .map((line) => line.slice(" * | ".length, -" |".length).split(" | "))
    .slice(1);
}
