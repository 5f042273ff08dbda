// Copyright 2026 the authors. MIT license.

// Which module a specifier means within a package, or in a program that has
// packages of npm in a folder. The platform tells it for the module that asks
// alone; of another it tells in which package it is. So what that package's
// package.json says is read here, as Node's algorithm does.

import { builtinModule } from "../memory/builtin.ts";

interface Package {
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly main?: unknown;
}

/** Conditions of the entries of a package.json that hold for an import. */
const CONDITIONS = ["deno", "node", "import", "module-sync", "default"];

/**
 * The folder of the package that a module is of; undefined if it is of none:
 * of the program itself, or of a remote one.
 */
export function folderOf(url: string): string | undefined {
  if (url.startsWith("npm:")) return url;
  const names = String.raw`(?:@[^/]+\/)?[^/]+\/`;
  const inFolder = new RegExp(`^.*\\/node_modules\\/${names}`);
  // As the cache has it: by name and version.
  const inCache = new RegExp(
    `^file:.*?\\/npm\\/[^/]+\\/${names}\\d+\\.[^/]*\\/`,
  );
  return (inFolder.exec(url) ?? inCache.exec(url))?.[0];
}

/**
 * The URL of the module that a specifier of a package, or one that begins with
 * `#`, means in the module `base`; undefined if it cannot be found.
 */
export async function locate(
  specifier: string,
  base: string,
): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return specifier;
  try {
    const file = specifier.startsWith("#")
      ? await packageAbove(base)
      : packageOf(specifier, base);
    if (file === undefined) return undefined;
    const json = (await import(file.href, { with: { type: "json" } })).default;
    const found = specifier.startsWith("#")
      ? targetIn((json as Package).imports, specifier)
      : within(json, subpathOf(specifier));
    if (found === undefined) return undefined;
    // An import of its own may name another package.
    if (!found.startsWith("./")) return await locate(found, file.href);
    return await fileAt(new URL(found, file));
  } catch {
    // One of the platform, one that is not there, or one that may not be read.
    return undefined;
  }
}

/** The URL of a file under its real path, as the platform loads it. */
async function fileAt(url: URL): Promise<string | undefined> {
  // The main file of an old package may stand without its ending.
  for (const ending of ["", ".js", "/index.js"]) {
    const whole = new URL(url.href + ending);
    if (await isFile(whole)) return urlAt(await Deno.realPath(whole)).href;
  }
  return undefined;
}

function urlAt(path: string): URL {
  return new URL(path.replace(/[%?#]/g, encodeURIComponent), "file:");
}

interface NodeModule {
  findPackageJSON(specifier: string, base: string): string | undefined;
}

/** The package.json of the package that a specifier means in a module. */
function packageOf(specifier: string, base: string): URL | undefined {
  const { findPackageJSON } = builtinModule<NodeModule>("node:module");
  const path = findPackageJSON(specifier, base);
  return path === undefined ? undefined : urlAt(path);
}

/** The package.json of the package that a module is of. */
async function packageAbove(base: string): Promise<URL | undefined> {
  for (let folder = new URL(".", base);; folder = new URL("..", folder)) {
    const file = new URL("package.json", folder);
    if (await isFile(file)) return file;
    if (folder.pathname === "/") return undefined;
  }
}

async function isFile(url: URL): Promise<boolean> {
  return await Deno.stat(url).then((stat) => stat.isFile, () => false);
}

/** The part of a specifier after the name of the package. */
function subpathOf(specifier: string): string {
  return `.${specifier.replace(/^(?:@[^/]+\/)?[^/]+/, "")}`;
}

function within(
  { exports, main }: Package,
  subpath: string,
): string | undefined {
  if (exports !== undefined && exports !== null) {
    return targetIn(exports, subpath);
  }
  if (subpath !== ".") return subpath;
  const name = typeof main === "string" ? main : "index.js";
  return name.startsWith("./") ? name : `./${name}`;
}

/** What a map of a package.json has for a key; stars stand for any text. */
function targetIn(map: unknown, key: string): string | undefined {
  const isMap = typeof map === "object" && map !== null &&
    Object.keys(map).some((name) => /^[.#]/.test(name));
  if (!isMap) return key === "." ? targetOf(map, "") : undefined;
  const entries = Object.entries(map);
  const exact = entries.find(([name]) => name === key && !name.includes("*"));
  if (exact !== undefined) return targetOf(exact[1], "");
  const patterns = entries.flatMap(([name, value]) => {
    const [head, tail] = name.split("*") as [string, string | undefined];
    const isMatch = tail !== undefined && key.startsWith(head) &&
      key.endsWith(tail) && key.length >= name.length;
    return isMatch ? [{ head, tail, value }] : [];
  });
  // The one with most before its star is the nearest.
  const [best] = patterns.sort((a, b) => b.head.length - a.head.length);
  return best &&
    targetOf(
      best.value,
      key.slice(best.head.length, key.length - best.tail.length),
    );
}

function targetOf(target: unknown, star: string): string | undefined {
  if (typeof target === "string") return target.replaceAll("*", star);
  if (typeof target !== "object" || target === null) return undefined;
  const values = Array.isArray(target)
    ? target
    : Object.entries(target).filter(([name]) => CONDITIONS.includes(name))
      .map(([, value]) => value);
  for (const value of values) {
    const found = targetOf(value, star);
    if (found !== undefined) return found;
  }
  return undefined;
}
