// Copyright 2026 the authors. MIT license.

/**
 * Builds `dist/`: the whole library as one file, with its types and a source
 * map, and beside it the files that a process runs first.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { typesOf } from "./build_types.ts";

const ROOT = new URL("../", import.meta.url);

/** Where `deno task build` puts what it builds. */
export const DIST: URL = new URL("dist/", ROOT);

const ENTRIES: Readonly<Record<string, string>> = {
  "worker_entry.js": "worker_main.ts",
  "spawn_entry.js": "spawn_main.ts",
};

/** What is not built, to tell when it has changed. */
const SOURCES = ["LICENSE", "deno.json", "deno.lock"];

/** How {@linkcode build} builds. */
export interface BuildOptions {
  /** Whether to build the types; they take most of the time. */
  types?: boolean;
}

/** Builds into a folder, which is emptied before. */
export async function build(
  folder: URL,
  { types = true }: BuildOptions = {},
): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const write = (name: string, text: string) =>
    Deno.writeTextFile(new URL(name, folder), text);
  const { code, map } = await bundle();
  const head = [
    "// Copyright 2026 the authors. MIT license.",
    ...types ? ['// @ts-self-types="./mod.d.ts"'] : [],
    `// ${config.name} ${config.version}, built from ${await digest()}`,
    "",
  ];
  await write("mod.js", head.join("\n") + code);
  await write("mod.js.map", moved(map, head.length - 1));
  for (const [entry, main] of Object.entries(ENTRIES)) {
    const text = await read(`process/${entry}`);
    if (!text.includes(`"./${main}"`)) {
      throw new TypeError(`Cannot build ${entry}: it does not import ${main}`);
    }
    await write(entry, text.replace(`"./${main}"`, '"./mod.js"'));
  }
  await write("LICENSE", await read("LICENSE"));
  if (types) await write("mod.d.ts", await typesOf(ROOT));
}

/**
 * Tells one state of the sources from another: a hash of all that a build is
 * made from.
 */
export async function digest(): Promise<string> {
  const texts: string[] = [];
  for (const path of await sources()) {
    texts.push(path, await read(path));
  }
  const bytes = new TextEncoder().encode(JSON.stringify(texts));
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex().slice(0, 16);
}

/** The state of the sources that a folder was built from, if it was built. */
export async function builtFrom(folder: URL): Promise<string | undefined> {
  try {
    const text = await Deno.readTextFile(new URL("mod.js", folder));
    return /^\/\/ .* built from (\w+)$/m.exec(text)?.[1];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The paths of all that a build is made from. */
export async function sources(): Promise<string[]> {
  const paths = [...SOURCES];
  const doors = Object.values(config.exports).map((path) => path.slice(2));
  paths.push(...doors);
  for await (const { name, isDirectory } of Deno.readDir(ROOT)) {
    if (!isDirectory || config.publish.exclude.includes(name)) continue;
    if (name.startsWith(".") || name === "dist") continue;
    for await (const file of Deno.readDir(new URL(`${name}/`, ROOT))) {
      if (/\.(?:js|ts)$/.test(file.name)) paths.push(`${name}/${file.name}`);
    }
  }
  for (const name of ["build.ts", "build_types.ts", "built.ts"]) {
    paths.push(`tools/${name}`);
  }
  return paths.sort();
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** A source map, as far as it is changed here. */
interface SourceMap {
  sources: string[];
  mappings: string;
}

/** The whole library in one file, and its source map. */
async function bundle(): Promise<{ code: string; map: SourceMap }> {
  const folder = await Deno.makeTempDir();
  try {
    await deno([
      "bundle",
      "--quiet",
      // Classes are known by name, in errors and to Deno.inspect().
      "--keep-names",
      // As it is named beside the entry, and in the built file too.
      "--external=./worker_entry.js",
      "--sourcemap=linked",
      `--output=${folder}/mod.js`,
      "tools/built.ts",
    ]);
    const code = await Deno.readTextFile(`${folder}/mod.js`);
    const map = JSON.parse(await Deno.readTextFile(`${folder}/mod.js.map`));
    const base = `file://${folder}/mod.js`;
    map.sources = map.sources.map((source: string) =>
      new URL(source, base).href.replace(ROOT.href, "sources/")
    );
    return { code, map };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The map of a file that has more lines at its head. */
function moved(map: SourceMap, lines: number): string {
  const mappings = ";".repeat(lines) + map.mappings;
  return JSON.stringify({ ...map, mappings });
}

async function deno(args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    // What it builds names the sources as they are seen from here.
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new TypeError(new TextDecoder().decode(stderr));
}

if (import.meta.main) {
  const [place] = Deno.args;
  const cwd = `file://${Deno.cwd()}/`;
  await build(place === undefined ? DIST : new URL(`${place}/`, cwd));
}
