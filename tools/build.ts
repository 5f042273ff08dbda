// Copyright 2026 the authors. MIT license.

/**
 * Builds `dist/`: the whole library as one file, with its types and a source
 * map, and beside it the files that a process runs first.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- a tool of its own, which users have not.
import * as esbuild from "npm:esbuild@0.25.5";
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
    // Programs may have the option checkJs.
    "// @ts-nocheck",
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
  const root = decodeURIComponent(ROOT.pathname);
  const late = await lateModules();
  try {
    const { outputFiles } = await esbuild.build({
      stdin: {
        contents: entryOf([...new Set([...late.values()].flat())].sort()),
        resolveDir: root,
        sourcefile: "tools/build.ts",
      },
      absWorkingDir: root,
      outfile: "dist/mod.js",
      bundle: true,
      format: "esm",
      target: "esnext",
      // As it is named beside the entry, and in the built file too.
      external: ["./worker_entry.js", "node:*"],
      minifyWhitespace: true,
      legalComments: "none",
      sourcemap: "linked",
      write: false,
      plugins: [{
        name: "late",
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: /^late:$/ }, ({ path }) => ({
            path,
            namespace: "late",
          }));
          onLoad({ filter: /./, namespace: "late" }, () => ({
            contents: LATE,
          }));
          onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const own = path.slice(root.length);
            if (!late.has(own)) return undefined;
            return {
              contents: withoutImports(own, await read(own)),
              loader: "ts",
            };
          });
        },
      }],
    });
    const [map, code] = outputFiles.map(({ text }) => text) as [string, string];
    const { sources, ...others } = JSON.parse(map);
    return {
      code: named(code),
      map: {
        ...others,
        sources: sources.map((source: string) =>
          source.replace(/^\.\.\//, "sources/")
        ),
      },
    };
  } finally {
    await esbuild.stop();
  }
}

// In one file there is nothing left to load late, and a bundler that keeps the
// calls of import() wraps what they reach, which is all, in functions: V8 reads
// those twice, and its code cache has nothing of what is in them. So the calls
// become look-ups of what stands in the file anyway.

/** A call of import() for a module of ours; not a type that looks like one. */
const IMPORT = /(?<!typeof\s+)\bimport\(\s*"(\.[^"]*\.ts)",?\s*\)/g;

/** What the calls of import() become a call of. */
const LATE = `const late = {};
export const enter = (modules) => void Object.assign(late, modules);
export const load = (path) => Promise.resolve(late[path]);
`;

/** For each file with calls of import() for modules of ours, those modules. */
async function lateModules(): Promise<Map<string, string[]>> {
  const late = new Map<string, string[]>();
  for (const path of await sources()) {
    if (!path.endsWith(".ts") || path.startsWith("tools/")) continue;
    const calls = [...(await read(path)).matchAll(IMPORT)];
    if (calls.length === 0) continue;
    late.set(path, calls.map(([, specifier]) => pathOf(specifier!, path)));
  }
  return late;
}

/** The text of a file with look-ups instead, in as many lines. */
function withoutImports(path: string, text: string): string {
  const changed = text.replace(IMPORT, (call, specifier) => {
    const lines = call.split("\n").length - 1;
    return `load_late(${JSON.stringify(pathOf(specifier, path))}${
      "\n".repeat(lines)
    })`;
  });
  return `import { load as load_late } from "late:"; ${changed}`;
}

function pathOf(specifier: string, base: string): string {
  return new URL(specifier, new URL(base, ROOT)).href.slice(ROOT.href.length);
}

/** The module that the built file is made of. */
function entryOf(late: readonly string[]): string {
  return [
    'export * from "./tools/built.ts";',
    'import { enter } from "late:";',
    ...late.map((path, i) => `import * as late${i} from "./${path}";`),
    `enter({ ${late.map((path, i) => `"${path}": late${i}`).join(", ")} });`,
  ].join("\n");
}

/**
 * A text in which classes and exports have the names of the sources, by which
 * errors and `Deno.inspect()` call them. The columns stay, for the source map:
 *
 * - a class that names itself has become `X = class _X`;
 * - what is named like something in another file has become `X2`.
 */
function named(code: string): string {
  let text = code;
  for (const [, name] of code.matchAll(/\b(\w+)=class _\1\b/g)) {
    text = text.replace(new RegExp(`\\b_${name}\\b`, "g"), `${name} `);
  }
  const [list] = /export\{[^{}]*\};\s*(?=\/\/# source|$)/.exec(text)!;
  const spaces = text.match(/(?<=\b__export\(\w+,\{)[^{}]*(?=\}\);)/g)!;
  const renamed = [
    ...list.matchAll(/\b(\w+?)(\d+) as \1\b/g),
    ...spaces.join().matchAll(/\b(\w+?):\(\)=>\1(\d+)\b/g),
  ].map(([, name, number]) =>
    `Object.defineProperty(${name}${number},"name",{value:"${name}"});`
  );
  const names = [...new Set(renamed)];
  return text.replace(list, () => names.join("") + list);
}

/** The map of a file that has more lines at its head. */
function moved(map: SourceMap, lines: number): string {
  const mappings = ";".repeat(lines) + map.mappings;
  return JSON.stringify({ ...map, mappings });
}

if (import.meta.main) {
  const [place] = Deno.args;
  const cwd = `file://${Deno.cwd()}/`;
  await build(place === undefined ? DIST : new URL(`${place}/`, cwd));
}
