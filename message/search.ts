// Copyright 2026 the authors. MIT license.

// The search for a function that neither the calling nor the main module
// exports: in all modules of the program; then, by its name alone, in those
// whose file was edited since the program began; then within packages. A
// function that no module exports goes by its source, unless that could mean
// another thing here.

import {
  loadedInPackages,
  loadedLaterBy,
  loadedWith,
  textOf,
} from "./module_graph.ts";
import { namesOf } from "./names.ts";
import { tokensOf } from "./tokens.ts";
import {
  type Callable,
  explainSource,
  importModule,
  isSame,
  type TargetRef,
} from "./target.ts";

/** A function or class among a module's exports, or in an object among them. */
interface Exported {
  readonly name: string;
  readonly value: Callable;
  readonly url: string;
}

/** How deep the objects among the exports are looked through. */
const DEPTH = 3;

/**
 * What `ref` means among the exports of the program's modules; undefined if
 * none of them exports it.
 *
 * @throws {TypeError} If several do, and its name does not tell which is meant;
 * or if its source uses a name that is a global here, and may be another thing
 * where it stands.
 */
export async function search(ref: TargetRef): Promise<Callable | undefined> {
  // One that uses nothing from outside is the same wherever it came from.
  const { free } = namesOf(ref.source);
  if (free.size === 0) return undefined;
  const loaded = await loadedWith(ref.modules);
  if (!await standsIn(ref, ref.modules)) {
    const all = await exportsOf(loaded);
    const later = async () =>
      await exportsOf(await loadedWith(await loadedLaterBy(loaded)));
    const found = same(ref, all) ?? await edited(ref, all) ??
      same(ref, await later()) ?? await inPackages(ref, loaded);
    if (found !== undefined) return found;
  }
  await checkGlobals(ref, free, loaded);
  return undefined;
}

/**
 * The functions and classes of a name that the program's modules export, which
 * load with `roots`. Besides these, it imports only modules that declare a
 * class of that name: one that is imported for its types is not loaded.
 */
export async function exportsNamed(
  name: string,
  roots: readonly string[],
): Promise<Callable[]> {
  const loaded = await loadedWith(roots);
  const found = await namedIn(loaded, name, roots);
  if (found.length > 0) return found;
  for await (const level of loadedInPackages(loaded)) {
    const deeper = await namedIn(level, name, roots);
    if (deeper.length > 0) return deeper;
  }
  return [];
}

async function namedIn(
  urls: readonly string[],
  name: string,
  roots: readonly string[],
): Promise<Callable[]> {
  const modules: string[] = [];
  for (const url of urls) {
    const isRoot = roots.includes(url);
    if (isRoot || declaresClass(await textOf(url), name)) modules.push(url);
  }
  return (await exportsOf(modules)).map(({ value }) => value)
    .filter((value) => value.name === name);
}

function declaresClass(text: string, name: string): boolean {
  if (!text.includes(name)) return false;
  const words = [...tokensOf(text)].map(({ text }) => text);
  return words.some((word, i) =>
    word === name &&
    (words[i - 1] === "class" ||
      words[i + 1] === "=" && words[i + 2] === "class")
  );
}

/**
 * The export of a module that a package has beside those that others import,
 * the nearest to these. It is there, if it is no function of the program's own.
 */
async function inPackages(
  ref: TargetRef,
  loaded: string[],
): Promise<Callable | undefined> {
  if (await standsIn(ref, loaded)) return undefined;
  for await (const level of loadedInPackages(loaded)) {
    loaded.push(...level);
    const found = same(ref, await exportsOf(level));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether the text of one of these modules holds the function as it is. */
async function standsIn(
  { source }: TargetRef,
  modules: readonly string[],
): Promise<boolean> {
  const texts = await Promise.all(modules.map(textOf));
  return texts.some((text) => text.includes(source));
}

/** The export of the same source: the one of the same name, if there is one. */
function same(
  ref: TargetRef,
  all: readonly Exported[],
): Callable | undefined {
  const found = all.filter(({ value }) => isSame(ref, value));
  const named = found.filter(({ name }) => name === ref.name);
  const [first, ...others] = distinct(named.length > 0 ? named : found);
  if (first === undefined || others.length === 0) return first?.value;
  const [url, ...more] = new Set([first, ...others].map(({ url }) => url));
  throw new TypeError(
    more.length === 0
      ? `Cannot find target ${ref.name}: ${url} exports ${
        others.length + 1
      } functions of the same source, as one function has made them: export a function that calls the one you mean`
      : `Cannot find target ${ref.name}: ${
        [url, ...more].join(" and ")
      } export functions of the same source: name the module in the option \`module\``,
  );
}

/**
 * The export of the same name in a module whose file was edited since the
 * program began: the new code is run, as Python's spawn does.
 */
async function edited(
  { name, since }: TargetRef,
  all: readonly Exported[],
): Promise<Callable | undefined> {
  for (const found of all) {
    if (found.name !== name || !found.url.startsWith("file:")) continue;
    if (await changedAt(new URL(found.url)) > since) return found.value;
  }
  return undefined;
}

/** When a file was changed last; 0 if this process may not know. */
async function changedAt(file: URL): Promise<number> {
  try {
    return (await Deno.stat(file)).mtime?.getTime() ?? 0;
  } catch {
    return 0;
  }
}

/**
 * Refuses a source that would take a global for a variable of the module that
 * it came from.
 */
async function checkGlobals(
  ref: TargetRef,
  free: ReadonlySet<string>,
  loaded: readonly string[],
): Promise<void> {
  const globals = [...free].filter((name) => name in globalThis);
  if (globals.length === 0) return;
  for (const url of loaded) {
    const { own } = namesOf(await textOf(url));
    const isRoot = ref.modules.includes(url);
    // Of the other modules, one that names the function may be its own.
    if (!isRoot && !own.has(ref.name)) continue;
    const name = globals.find((global) => own.has(global));
    if (name === undefined) continue;
    throw new ReferenceError(
      `Cannot find target ${ref.name}: it uses ${name}, which ${url} declares and which is a global, too: ${
        explainSource(ref.name)
      }`,
    );
  }
}

async function exportsOf(urls: readonly string[]): Promise<Exported[]> {
  const all: Exported[] = [];
  for (const url of urls) {
    try {
      const module = await importModule(url);
      for (const found of functionsOf(module)) all.push({ ...found, url });
    } catch {
      // A module that loads nowhere, and so exports nothing.
    }
  }
  return all;
}

/** The functions in an object, and in the objects in it. */
function* functionsOf(
  object: object,
  depth: number = DEPTH,
): Generator<Omit<Exported, "url">> {
  const all = Object.entries(Object.getOwnPropertyDescriptors(object));
  // A getter is not called: it may do anything.
  for (const [name, { value }] of all) {
    if (typeof value === "function") yield { name, value };
    if (depth > 0 && hasMembers(value)) yield* functionsOf(value, depth - 1);
  }
}

/** Whether a value is a class, a namespace or a plain object. */
function hasMembers(value: unknown): value is object {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The first of each function: a module may only hand it on. */
function distinct(all: readonly Exported[]): Exported[] {
  const values = new Map<Callable, Exported>();
  for (const found of all) {
    if (!values.has(found.value)) values.set(found.value, found);
  }
  return [...values.values()];
}
