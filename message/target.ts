// Copyright 2026 the authors. MIT license.

// Targets: how a function or a class crosses to a child. It crosses by
// reference: the URL of a module, and what to look for among its exports. One
// that is not exported crosses by its source text, without the variables that
// stand around it.

/** The reference that crosses in place of a function or class. */
export interface TargetRef {
  /** The modules to look in, in this order. */
  readonly modules: readonly string[];
  readonly name: string;
  readonly source: string;
  /** When the program began: a module edited later is found by name. */
  readonly since: number;
}

// deno-lint-ignore no-explicit-any -- a target takes and returns anything.
export type Callable = (...args: any[]) => unknown;

/** The function or class that a child found. */
export interface Target {
  readonly value: Callable;
  /** Whether it came by its source, and so without what stands around it. */
  readonly isFromSource: boolean;
}

/** The reference that crosses in place of `target`, a function or class. */
export function refer(
  target: Callable,
  module: string | undefined,
  mainModule: string | undefined,
  action = "start process",
): TargetRef {
  const source = Function.prototype.toString.call(target);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    const { name } = target;
    const why = name.startsWith("bound ")
      ? "bound function, and its object does not cross: use a function of a module that takes what it needs as arguments"
      : "native function: use a function of a module that calls it";
    throw new TypeError(`Cannot ${action}: ${name} is a ${why}`);
  }
  const modules = [module, mainModule].filter((url) => url !== undefined);
  modules.forEach((url) => roots.add(url));
  return {
    modules: [...new Set(modules)],
    name: target.name,
    source,
    since: performance.timeOrigin,
  };
}

const roots = new Set<string>();

/** The modules of the targets that this process has sent or was given. */
export function modulesOfTargets(): ReadonlySet<string> {
  return roots;
}

/** Finds what `ref` means: imports its modules, or evaluates its source. */
export async function resolve(ref: TargetRef): Promise<Target> {
  ref.modules.forEach((url) => roots.add(url));
  for (const url of ref.modules) {
    const found = find(ref, url, await importModule(url));
    if (found !== undefined) return { value: found, isFromSource: false };
  }
  // Not loaded at each start: most functions are exports of these modules.
  const { search } = await import("./search.ts");
  const found = await search(ref);
  if (found !== undefined) return { value: found, isFromSource: false };
  return { value: evaluate(ref), isFromSource: true };
}

/** The part of an error's text about a target that came by its source. */
export function explainSource(name: string): string {
  return `${name || "The function"} is not exported by its module, so it was ` +
    "sent by its source, without the variables around it: export it, name " +
    "its module in the option `module`, or give it what it needs in `args`";
}

/** Says of a missing variable that it was left behind, if it was. */
export function explained(error: unknown, target: Target | undefined): unknown {
  if (!target?.isFromSource) return error;
  if (isLostImport(error, target)) {
    return new TypeError(
      `${error.message}: ${
        target.value.name || "the function"
      } was sent by its source, and has a relative import(): export it, or import by URL`,
      { cause: error },
    );
  }
  if (!(error instanceof ReferenceError)) return error;
  return new ReferenceError(
    `${error.message}: ${explainSource(target.value.name)}`,
    { cause: error },
  );
}

/** Whether a source looked for a module beside another one than its own. */
function isLostImport(error: unknown, { value }: Target): error is TypeError {
  return error instanceof TypeError &&
    error.message.startsWith("Module not found") &&
    /\bimport\s*\(\s*["'`]\.{1,2}\//.test(value.toString());
}

/** The module that a caller names, or the calling one. */
export function moduleOf(
  action: string,
  module: string | URL | undefined,
): string | undefined {
  if (module === undefined) return callerModule();
  const url = String(module);
  if (/^\.{0,2}\//.test(url)) {
    throw new TypeError(
      `Cannot ${action}: the module ${url} is a path: give its URL, as import.meta.url or import.meta.resolve("${url}")`,
    );
  }
  return url;
}

/**
 * The URL of the module that called into this library: the first on the stack
 * that is not part of it.
 */
export function callerModule(): string | undefined {
  return scriptsOf(takeStack()).find((url) =>
    typeof url === "string" && !isOurs(url)
  );
}

/** The stack as call sites; as a program makes it, if `Error` is frozen. */
function takeStack(): unknown {
  const limit: unknown = Reflect.get(Error, "stackTraceLimit");
  const prepare: unknown = Reflect.get(Error, "prepareStackTrace");
  try {
    Reflect.set(Error, "stackTraceLimit", 50);
    // The call sites themselves: the text of a stack shows decoded paths, and a
    // module is another one under another URL.
    Reflect.set(
      Error,
      "prepareStackTrace",
      (_: Error, sites: unknown) => sites,
    );
    return new Error().stack;
  } catch {
    // The program's own `Error.prepareStackTrace` threw.
    return undefined;
  } finally {
    Reflect.set(Error, "stackTraceLimit", limit);
    Reflect.set(Error, "prepareStackTrace", prepare);
  }
}

function scriptsOf(stack: unknown): (string | undefined)[] {
  if (typeof stack === "string") {
    return [...stack.matchAll(/(?<=\(|at )[a-z]+:[^()]+?(?=:\d+:\d+\)?$)/gm)]
      .map(([url]) => URL.parse(url)?.href);
  }
  if (!globalThis.Array.isArray(stack)) return [];
  return stack.map((site: CallSite) => site.getScriptNameOrSourceURL?.());
}

/** A call on the stack, as V8 tells of it. */
interface CallSite {
  /** The URL of its script, as `import.meta.url` has it. */
  getScriptNameOrSourceURL?(): string | undefined;
}

/**
 * Whether this is the built file, `dist/mod.js`: then it is all of the library,
 * with the entries of processes beside it.
 */
const IS_BUILT = !import.meta.url.endsWith("/message/target.ts");

/**
 * The folder that holds this library; of the built file, the one in which its
 * source map places the sources.
 */
const HOUSE = new URL(IS_BUILT ? "sources/" : "..", import.meta.url).href;

const BUILT: ReadonlySet<string> = new Set(
  ["mod.js", "spawn_entry.js", "worker_entry.js"].map((name) =>
    new URL(name, import.meta.url).href
  ),
);

/** The URL of a module of this library, which stands at `path` in its house. */
export function ownModule(path: string): string {
  return IS_BUILT ? import.meta.url : HOUSE + path;
}

/** Its rooms. Other folders in it (examples, tests) call it, as users do. */
const ROOMS: ReadonlySet<string> = new Set([
  "memory",
  "program",
  "message",
  "sync",
  "shared",
  "queue",
  "pipe",
  "process",
  "pool",
  "subprocess",
]);

/** Its doors: what else stands at the top may be a user's. */
const DOORS: ReadonlySet<string> = new Set([
  "classes.ts",
  "connection.ts",
  "context.ts",
  "errors.ts",
  "futures.ts",
  "mod.ts",
  "pipe.ts",
  "pool.ts",
  "process.ts",
  "queue.ts",
  "shared.ts",
  "subprocess.ts",
  "sync.ts",
]);

/** Whether a module belongs to this library or to the platform. */
export function isOurs(url: string): boolean {
  // Neither the platform nor a function from a text is a module to import.
  if (/^(?:ext|node):/.test(url) || !url.includes(":")) return true;
  // The text of a stack shows a path decoded, a call site as it is.
  const href = URL.parse(url)?.href;
  if (href === undefined) return false;
  if (IS_BUILT && BUILT.has(href)) return true;
  if (!href.startsWith(HOUSE)) return false;
  const [first = "", ...others] = href.slice(HOUSE.length).split("/");
  return others.length === 0 ? DOORS.has(first) : ROOMS.has(first);
}

type Module = Record<string, unknown>;

/** Imports a module; one that stands in no file has no exports. */
export async function importModule(url: string): Promise<Module> {
  try {
    return await import(url);
  } catch (error) {
    // What `deno eval`, a prompt or an example in a comment runs has a URL
    // with a dollar sign in its last part, but no module behind it.
    const isMissing = error instanceof TypeError && /\$[^/]*$/.test(url) &&
      error.message.startsWith(`Module not found "${url}"`);
    if (isMissing) return {};
    throw error;
  }
}

function find(
  ref: TargetRef,
  url: string,
  module: Module,
): Callable | undefined {
  const named = module[ref.name];
  if (isSame(ref, named)) return named;
  const same = new Set(
    Object.values(module).filter((value) => isSame(ref, value)),
  );
  if (same.size > 1) {
    throw new TypeError(
      `Cannot find target ${ref.name} in ${url}: ${same.size} of its exports have the same source, as decorated functions do: use the plain function`,
    );
  }
  return [...same][0];
}

/** Whether a value is the function that `ref` was made from. */
export function isSame(ref: TargetRef, value: unknown): value is Callable {
  return typeof value === "function" &&
    Function.prototype.toString.call(value) === ref.source;
}

function evaluate(ref: TargetRef): Callable {
  // A method's source is only an expression inside of an object.
  for (const text of [`(${ref.source})`, `Object.values({${ref.source}})[0]`]) {
    try {
      const value = new Function(`"use strict"; return ${text};`)();
      // The value of a getter is not the function that was sent.
      if (typeof value === "function") return value;
    } catch (error) {
      if (error instanceof SyntaxError) continue;
      throw new ReferenceError(
        `Cannot find target ${ref.name}: ${(error as Error).message}: ${
          explainSource(ref.name)
        }`,
      );
    }
  }
  throw new TypeError(
    `Cannot find target ${ref.name}: ${explainSource(ref.name)}`,
  );
}
