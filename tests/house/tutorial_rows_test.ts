// Copyright 2026 the authors. MIT license.

// The index of the tutorials' rows against the tests and the examples.

import { assert, assertArrayIncludes, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = "examples/tutorial";

/** A row of the index. */
interface Row {
  readonly id: string;
  readonly heldBy: string;
}

const ROWS = readRows(read("docs/tutorial-rows.md"));
const IDS = ROWS.map(({ id }) => id);
/** The texts of the tests, by file. */
const TESTS = new Map(
  filesUnder("tests")
    .filter((file) => file.endsWith("_test.ts"))
    .map((file) => [file, read(file)]),
);
const PROGRAMS = filesUnder(EXAMPLES);

/** What a test's name that begins with a row's number looks like. */
const NAMED = /(?:\.test\(\s*|name: )["`]([SR]-\d\d)(.)/g;

Deno.test("docs/tutorial-rows.md has each row once, in order", () => {
  for (const letter of ["S", "R"]) {
    const ids = IDS.filter((id) => id.startsWith(letter));
    const expected = ids.map((_, i) => rowId(letter, i + 1));
    assertEquals(ids, expected);
  }
});

Deno.test("docs/tutorial-rows.md gives each row a test or a reason", () => {
  for (const { id, heldBy } of ROWS) {
    const other = /^as ([SR]-\d\d)$/.exec(heldBy)?.[1];
    if (other !== undefined) {
      assert(ROWS.find((row) => row.id === other)?.heldBy.startsWith("`"), id);
      continue;
    }
    if (/^none: ./.test(heldBy)) {
      assertEquals(filesWith(id), [], `${id} has a test`);
      continue;
    }
    const quoted = /^`(.+)`: "(.+)"$/.exec(heldBy);
    if (quoted) {
      const [, file, name] = quoted;
      assert(TESTS.get(file!)?.includes(`"${name}"`), `${id}: ${name}`);
      continue;
    }
    const named = [...heldBy.matchAll(/`(.+?)`/g)].map(([, file]) => file!);
    assert(named.length > 0, `${id} has no test and no reason`);
    assertEquals(named, filesWith(id), id);
  }
});

Deno.test("docs/tutorial-rows.md knows each row that is named elsewhere", () => {
  const texts = [...TESTS.values(), ...PROGRAMS.map(read)];
  const named = texts.flatMap((text) => text.match(/\b[SR]-\d\d\b/g) ?? []);
  assertArrayIncludes(IDS, named);
});

Deno.test("a test's name has a space after a row's number", () => {
  for (const [file, text] of TESTS) {
    for (const [, id, next] of text.matchAll(NAMED)) {
      assertEquals(next, " ", `${id} in ${file}`);
    }
  }
});

Deno.test("a program of the tutorials begins with its row", () => {
  for (const file of PROGRAMS) {
    const number = /\/s(\d\d)_\w+\.ts$/.exec(file)?.[1];
    if (number === undefined) continue;
    const line = read(file).split("\n")[2];
    assert(line?.startsWith(`// S-${number} `), `${file}: ${line}`);
  }
});

function readRows(text: string): Row[] {
  return [...text.matchAll(/^\| ([SR]-\d\d) +\|.*\| (.+?) +\|$/gm)]
    .map(([, id, heldBy]) => ({ id: id!, heldBy: heldBy! }));
}

function rowId(letter: string, number: number): string {
  return `${letter}-${String(number).padStart(2, "0")}`;
}

/** The files with a test whose name begins with the row. */
function filesWith(id: string): string[] {
  return [...TESTS].filter(([, text]) =>
    [...text.matchAll(NAMED)].some(([, named]) => named === id)
  ).map(([file]) => file).sort();
}

function filesUnder(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory ? filesUnder(path) : [path];
  });
}

function read(file: string): string {
  return Deno.readTextFileSync(new URL(file, ROOT));
}
