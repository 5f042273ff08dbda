// Copyright 2026 the authors. MIT license.

// The configuration file of the program: where it is, and what its permission
// sets mean. The kernel is asked for it: a set may well not let the program
// read the file in which it stands.

import { hasFile, readFile } from "../memory/kernel.ts";
import { me } from "../program/self.ts";

/** A permission of a program, as Deno names it. */
export const RIGHTS = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "ffi",
  "sys",
  "import",
] as const;

export type Right = typeof RIGHTS[number];

/** An option of the command line that a permission set stands for. */
export interface Meant {
  readonly kind: string;
  readonly right: string;
  /** As the set names them; undefined: all. */
  readonly places: readonly string[] | undefined;
  /** The folder that the paths of the set are relative to. */
  readonly folder: string;
}

/**
 * The configuration file that Deno has found for the program; "" if there is
 * none, and "package" if a package.json is nearer, or the only one. Deno would
 * look for that of a process beside this module instead.
 */
export function discoverConfig(): string | undefined {
  const { mainModule } = me();
  if (mainModule === undefined || !mainModule.startsWith("file:")) {
    return undefined;
  }
  for (const folder of foldersUpFrom(mainModule)) {
    const config = configIn(folder);
    if (config !== undefined) return config;
    const hasPackage = hasFile(pathOf(new URL("package.json", folder)));
    if (hasPackage && hasFile(pathOf(new URL(mainModule)))) return "package";
  }
  return "";
}

/**
 * What the permission set `name` means, undefined being the one that Deno takes
 * for `subcommand` without a name. It stands in the file at the path `config`,
 * or in the one that Deno finds; or in that of their workspace. Undefined if it
 * cannot be known.
 */
export function optionsOfSet(
  name: string | undefined,
  subcommand: string | undefined,
  config: string | undefined,
): Meant[] | undefined {
  try {
    const configs = configsFrom(config);
    const own = name === undefined && /^(test|bench)$/.test(subcommand ?? "")
      ? firstOf(configs, ({ [subcommand!]: part }) => part?.permissions)
      : undefined;
    if (typeof own?.found === "object") return meantBy(own.found, own.folder);
    const wanted = own?.found ?? name ?? "default";
    const set = firstOf(configs, ({ permissions }) => permissions?.[wanted]);
    if (set !== undefined) return meantBy(set.found, set.folder);
    // Without a name there need be none.
    return name === undefined ? [] : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// deno-lint-ignore no-explicit-any
type Json = any;

interface Config {
  readonly folder: string;
  readonly content: Json;
}

function firstOf(configs: readonly Config[], part: (content: Json) => Json) {
  for (const { folder, content } of configs) {
    const found = part(content);
    if (found !== undefined) return { found, folder };
  }
  return undefined;
}

/** The configuration files of the program, the nearest first. */
function configsFrom(nearest: string | undefined): Config[] {
  const { mainModule, folder } = me();
  const start = nearest ??
    (mainModule?.startsWith("file:") ? mainModule : `${folder}/`);
  const configs: Config[] = [];
  for (const url of foldersUpFrom(new URL(start, "file:"))) {
    const isFirst = configs.length === 0;
    const path = isFirst && nearest !== undefined ? nearest : configIn(url);
    if (path === undefined) continue;
    const content = parse(readFile(path, "start process") ?? "");
    if (!isFirst && content.workspace === undefined) continue;
    configs.push({ folder: path.slice(0, path.lastIndexOf("/")), content });
  }
  return configs;
}

function* foldersUpFrom(file: string | URL): Generator<URL> {
  let folder = new URL(".", file);
  for (; folder.pathname !== "/"; folder = new URL("..", folder)) yield folder;
  yield folder;
}

function configIn(folder: URL): string | undefined {
  return ["deno.json", "deno.jsonc"].map((name) =>
    pathOf(new URL(name, folder))
  ).find(hasFile);
}

function pathOf({ pathname }: URL): string {
  return decodeURIComponent(pathname);
}

/** Reads JSON with comments, and with commas after the last. */
function parse(text: string): Json {
  const nothing = String.raw`\s|//.*|/\*[^]*?\*/`;
  const others = String.raw`"(?:\\.|[^"\\])*"|,(?=(?:${nothing})*[\]}])`;
  return JSON.parse(
    text.replaceAll(
      new RegExp(`${others}|${nothing}`, "g"),
      (part) => part.startsWith('"') ? part : "",
    ),
  );
}

/** What a set means; undefined if it has a part that is not known here. */
function meantBy(set: Json, folder: string): Meant[] | undefined {
  const meant: Meant[] = [];
  const { all, ...rights } = set;
  for (const right of Object.keys(rights)) {
    if (!(RIGHTS as readonly string[]).includes(right)) return undefined;
  }
  for (const right of RIGHTS) {
    const own = rights[right];
    const isWhole = typeof own === "object" && !Array.isArray(own);
    const { allow = all, ...others } = isWhole ? own : { allow: own };
    for (const [kind, value] of Object.entries({ allow, ...others })) {
      if (!["allow", "deny", "ignore"].includes(kind)) return undefined;
      if (value === true) {
        meant.push({ kind, right, places: undefined, folder });
      }
      if (Array.isArray(value) && value.length > 0) {
        meant.push({ kind, right, places: value, folder });
      }
    }
  }
  return meant;
}
