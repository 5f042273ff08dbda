// Copyright 2026 the authors. MIT license.

/**
 * Tests the built file: every test, tutorial and example that uses the library
 * as its users do runs in a copy of the repository in which the doors open to
 * `dist/mod.js` and no room is left.
 *
 * @module
 */

import * as library from "../mod.ts";
import config from "../deno.json" with { type: "json" };
import { build, sources } from "./build.ts";

const ROOT = new URL("../", import.meta.url);

/** What is copied. */
const COPIED = [
  "LICENSE",
  "README.md",
  "deno.lock",
  "docs",
  "examples",
  "tests",
];

/** Tests that look at the sources themselves, and not at what they do. */
const OF_SOURCES = [
  "tests/house/",
  "tests/memory/line_oracle_test.ts",
  "tests/model/",
  "tests/process/compiled_test.ts",
  "tests/process/process_leak_test.ts",
  "tests/process/start_graph_test.ts",
];

/** What can be tested in the copy, by paths in it. */
export interface House {
  readonly tests: readonly string[];
  /** Files with the examples of doc comments, and README. */
  readonly examples: readonly string[];
}

/** Makes the copy in a folder. */
export async function makeHouse(folder: string): Promise<House> {
  const house = new URL(`file://${folder}/`);
  const write = (path: string, text: string) =>
    Deno.writeTextFile(new URL(path, house), text);
  await build(new URL("dist/", house));
  for (const path of Object.values(config.exports)) {
    // That one is the object `subprocess` in the built file.
    if (path === "./subprocess.ts") continue;
    await write(path, 'export * from "./door.js";\n');
  }
  // All that `mod.ts` exports, without what the entries need besides.
  const names = Object.keys(library).join(", ");
  await write(
    "door.js",
    `// @ts-self-types="./dist/mod.d.ts"
export { ${names} } from "./dist/mod.js";
`,
  );
  for (const name of COPIED) await copy(new URL(name, ROOT), house, name);
  await write(
    "deno.json",
    JSON.stringify({ ...config, exclude: [], exports: { ".": "./mod.ts" } }),
  );
  const tests: string[] = [];
  for await (const path of filesIn(new URL("tests/", house), "tests/")) {
    if (!path.endsWith("_test.ts")) continue;
    if (OF_SOURCES.some((name) => path.startsWith(name))) continue;
    if (await usesDoors(new URL(path, house), house)) tests.push(path);
  }
  const examples = ["README.md"];
  for (const path of await sources()) {
    if (!path.endsWith(".ts") || path.startsWith("tools/")) continue;
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const comments = text.match(COMMENT)?.filter((it) => it.includes(EXAMPLE));
    if (comments === undefined || comments.length === 0) continue;
    // As deep as it was, for the sake of what the examples import.
    const name = `about_${path}`;
    await Deno.mkdir(new URL(".", new URL(name, house)), { recursive: true });
    await write(name, comments.join("\n\n"));
    examples.push(name);
  }
  return { tests: tests.sort(), examples };
}

const COMMENT = /\/\*\*[^]*?\*\//g;
const EXAMPLE = "```ts";

/** Runs tests in the copy; what they print goes where ours goes. */
export async function testIn(
  folder: string,
  args: readonly string[],
): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--parallel", ...args],
    cwd: folder,
  }).spawn().status;
  return success;
}

async function copy(from: URL, house: URL, name: string): Promise<void> {
  const to = new URL(name, house);
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const entry of Deno.readDir(from)) {
    await copy(
      new URL(`${from.href}/${entry.name}`),
      house,
      `${name}/${entry.name}`,
    );
  }
}

async function* filesIn(folder: URL, path: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      yield* filesIn(new URL(`${name}/`, folder), `${path}${name}/`);
    } else yield path + name;
  }
}

/** Whether all that a module imports is there, and so nothing of a room. */
async function usesDoors(
  module: URL,
  house: URL,
  seen: Set<string> = new Set(),
): Promise<boolean> {
  if (seen.has(module.href)) return true;
  seen.add(module.href);
  let text: string;
  try {
    text = await Deno.readTextFile(module);
  } catch {
    return false;
  }
  for (const [, path] of text.matchAll(/(?:from|import) "(\.[^"]+)"/g)) {
    if (!await usesDoors(new URL(path!, module), house, seen)) return false;
  }
  return true;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir({ prefix: "built_" });
  let isGood = false;
  try {
    const { tests, examples } = await makeHouse(folder);
    isGood = await testIn(folder, ["--doc", ...tests, ...examples]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  if (!isGood) Deno.exit(1);
}
