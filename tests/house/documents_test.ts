// Copyright 2026 the authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { FLOORS, OWNERS } from "../../tools/lint_plugin.ts";

function textOf(file: string): string {
  return Deno.readTextFileSync(new URL(`../../${file}`, import.meta.url));
}

/** The first code block of a document. */
function pictureIn(text: string): string[] {
  const block = /^```text\n([^]*?)^```$/m.exec(text)?.[1] ?? "";
  return block.trimEnd().split("\n");
}

Deno.test("docs/architecture.md draws the floors as the linter keeps them", () => {
  const drawn = pictureIn(textOf("docs/architecture.md")).map((line) => {
    // What stands on the floor, two spaces or more, what it is.
    const [names = ""] = line.split(/ {2,}/);
    return names.split(" ");
  });
  assertEquals(drawn.reverse(), FLOORS.map((names) => [...names]));
});

Deno.test("CONTRIBUTING.md names the owners that the linter knows", () => {
  const rows = textOf("CONTRIBUTING.md").matchAll(
    /^\| `(\S+)` *\| (`.+) *\|$/gm,
  );
  const owners = Array.from(rows, ([, part, files]) => [
    part,
    Array.from(files!.matchAll(/`(\S+?)`/g), ([, file]) => file),
  ]);
  const known = Object.keys(OWNERS);
  const named = owners.filter(([part]) => known.includes(part as string));
  assertEquals(Object.fromEntries(named), OWNERS);
});

/** What docs/benchmarks.md says in the column "this module" of each row. */
function measured(): Map<string, string> {
  const rows = textOf("docs/benchmarks.md")
    .matchAll(/^\| (\w+)[^|]*\|[^|]*\| *([^|]+?) *\|/gm);
  return new Map(Array.from(rows, ([, row, value]) => [row!, value!]));
}

Deno.test("numbers that documents quote are those of docs/benchmarks.md", () => {
  const values = measured();
  const files = ["README.md", ...decisions()];
  let quotes = 0;
  for (const file of files) {
    // "67 ms (`process_start_join_worker`)"
    const quoted = textOf(file)
      .matchAll(/(\d[\d.]*)\s+(\S+)\s+\(`(\w+)`\)/g);
    for (const [quote, number, unit, row] of quoted) {
      const value = values.get(row!);
      assert(value !== undefined, `${file}: ${row} is no row`);
      const [exact, exactUnit] = value.split(" ");
      assertEquals(unit, exactUnit, `${file}: ${quote}`);
      const digits = number!.split(".")[1]?.length ?? 0;
      assertEquals(number, Number(exact).toFixed(digits), `${file}: ${quote}`);
      quotes++;
    }
  }
  assert(quotes >= 2, "README.md quotes the two starts");
});

function decisions(): string[] {
  const folder = "docs/decisions/";
  return [...Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))]
    .map(({ name }) => folder + name);
}

Deno.test("docs/benchmarks.md names the commit that was measured", () => {
  assert(/^- Commit [0-9a-f]{7,}$/m.test(textOf("docs/benchmarks.md")));
});
