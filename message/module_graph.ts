// Copyright 2026 the authors. MIT license.

// The modules of a program, as their texts name them. A child has loaded what
// its main module imports, so that to import these once more runs nothing.

import { folderOf, locate } from "./packages.ts";
import { isOurs } from "./target.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** The imports and re-exports of a module. */
export interface Specifiers {
  /** Those that load with the module. */
  readonly fixed: readonly string[];
  /** Those in calls of `import()`. */
  readonly dynamic: readonly string[];
}

/**
 * The URLs of the modules that load with `roots`: these, and what they import,
 * breadth first. This library and the platform are left out, and what packages
 * have beside the modules that others import: they may be large.
 */
export async function loadedWith(roots: readonly string[]): Promise<string[]> {
  const all = new Set(roots);
  const own = new Set([undefined, ...roots.map(folderOf)]);
  // A set goes on with what is added while it is walked.
  for (const url of all) {
    if (!own.has(folderOf(url))) continue;
    for (const other of await importedBy(url)) all.add(other);
  }
  return [...all];
}

/**
 * The URLs of the modules that load with those of packages among `modules`, by
 * how far they are from these.
 */
export async function* loadedInPackages(
  modules: readonly string[],
): AsyncGenerator<string[]> {
  const known = new Set(modules);
  let level = modules.filter((url) => folderOf(url) !== undefined);
  while (level.length > 0 && known.size < MOST_MODULES) {
    const next: string[] = [];
    for (const url of level) {
      for (const other of await importedBy(url)) {
        if (!known.has(other)) next.push(other);
        known.add(other);
      }
    }
    if (next.length > 0) yield next;
    level = next;
  }
}

/** How many modules are looked into, at most: each costs a millisecond. */
const MOST_MODULES = 2000;

async function importedBy(url: string): Promise<string[]> {
  const { fixed } = specifiersOf(await textOf(url));
  return await urlsOf(fixed, url);
}

/** The URLs that calls of `import()` name in the text of any of `modules`. */
export async function loadedLaterBy(
  modules: readonly string[],
): Promise<string[]> {
  const known = new Set(modules);
  const later = new Set<string>();
  for (const url of modules) {
    const { dynamic } = specifiersOf(await textOf(url));
    for (const other of await urlsOf(dynamic, url)) later.add(other);
  }
  return [...later.difference(known)];
}

const texts = new Map<string, Promise<string>>();

/** The text of a module; empty if it cannot be had. */
export function textOf(url: string): Promise<string> {
  let text = texts.get(url);
  if (text === undefined) texts.set(url, text = read(url));
  return text;
}

async function read(url: string): Promise<string> {
  try {
    return (await import(url, { with: { type: "text" } })).default;
  } catch {
    // A package, or one that may not be read.
    return "";
  }
}

/** The specifiers in the text of a module, but for those of types alone. */
export function specifiersOf(text: string): Specifiers {
  const fixed: string[] = [];
  const dynamic: string[] = [];
  const tokens = [...tokensOf(text)];
  for (const [i, { kind, text: word }] of tokens.entries()) {
    if (kind !== "word" || tokens[i - 1]?.text === ".") continue;
    if (word !== "import" && word !== "export") continue;
    const call = word === "import" && tokens[i + 1]?.text === "(";
    const end = call ? i + 2 : endOfClause(tokens, i + 1);
    const specifier = tokens[end];
    if (specifier?.kind !== "string" || specifier.text === "") continue;
    // With attributes it is data or text.
    const after = tokens[end + 1]?.text;
    if (call ? after !== ")" : after === "with") continue;
    const clause = tokens.slice(i + 1, end).map((token) => token.text);
    if (!call && isOfTypes(clause)) continue;
    (call ? dynamic : fixed).push(specifier.text.slice(1, -1));
  }
  return { fixed, dynamic };
}

/** Where the specifier of an import or a re-export stands, if it is one. */
function endOfClause(tokens: readonly Token[], start: number): number {
  if (tokens[start]?.kind === "string") {
    return tokens[start - 1]!.text === "import" ? start : Infinity;
  }
  for (let i = start; i < tokens.length; i++) {
    const { kind, text } = tokens[i]!;
    if (kind === "sign" && !/[*{},]/.test(text)) break;
    if (text === "from" && tokens[i + 1]?.kind === "string") return i + 1;
  }
  return Infinity;
}

/** Whether a clause imports types alone, and so loads nothing. */
function isOfTypes([first, second, ...others]: readonly string[]): boolean {
  if (first === "type") return second !== "from" && second !== ",";
  if (first !== "{" || second === "}") return false;
  const names = [second, ...others].join(" ").split(/[,}]/);
  return names.slice(0, -1)
    .every((name) => name.trim() === "" || /^\s*type /.test(name));
}

async function urlsOf(
  specifiers: readonly string[],
  base: string,
): Promise<string[]> {
  const urls = await Promise.all(
    specifiers.map((specifier) => urlOf(specifier, base)),
  );
  return urls.filter((url) => url !== undefined && !isOurs(url)) as string[];
}

/** What a specifier means in a module: by the program's import map, too. */
async function urlOf(
  specifier: string,
  base: string,
): Promise<string | undefined> {
  const isPath = /^\.{0,2}\//.test(specifier);
  try {
    // What a package names is its own to tell.
    if (isPath || folderOf(base) === undefined) {
      return import.meta.resolve(
        isPath ? new URL(specifier, base).href : specifier,
      );
    }
  } catch {
    // It is not in the map.
  }
  return await locate(specifier, base);
}
