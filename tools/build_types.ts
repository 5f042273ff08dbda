// Copyright 2026 the authors. MIT license.

/**
 * The types of the built file: those that `mod.ts` exports, in one file, with
 * their comments.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- a tool of its own, which users have not.
import { rollup } from "npm:rollup@4.53.3";
// deno-lint-ignore no-import-prefix -- as above.
import { dts } from "npm:rollup-plugin-dts@6.5.1";
// deno-lint-ignore no-import-prefix -- as above.
import ts from "npm:typescript@6.0.3";

// The types of the platform come from `deno types`. It takes these from Node's.
const OF_NODE = `
type Timer = (callback: () => void, delay?: number) => number;
declare var setTimeout: Timer;
declare var setInterval: Timer;
declare var clearTimeout: (id?: number) => void;
declare var clearInterval: (id?: number) => void;
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    getStore(): T | undefined;
    run<R, A extends unknown[]>(store: T, run: (...args: A) => R, ...args: A): R;
    exit<R>(run: () => R): R;
  }
}
`;

/** The text of the types that `mod.ts` in this folder exports. */
export async function typesOf(root: URL): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await declare(root, folder);
    const text = withoutAliases(await roll(`${folder}/mod.d.ts`));
    // The doors' own comments: a namespace is a door.
    const space = /^declare namespace (\w+)/gm;
    const parts = [
      "// Copyright 2026 the authors. MIT license.\n\n",
      await aboutOf("mod", root),
      "\n\n",
    ];
    let end = 0;
    for (const { index, 1: name } of text.matchAll(space)) {
      const about = (await aboutOf(name!, root))
        .replace(/\n \*\n \* @module(?=\n)/, "");
      parts.push(text.slice(end, index), about, "\n");
      end = index;
    }
    return [...parts, text.slice(end)].join("");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a door says of itself. */
async function aboutOf(door: string, root: URL): Promise<string> {
  const text = await Deno.readTextFile(new URL(`${door}.ts`, root));
  return /\/\*\*[^]*?\*\//.exec(text)![0];
}

/** Writes the declarations of each file into a folder. */
async function declare(root: URL, folder: string): Promise<void> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["types"],
  }).output();
  await Deno.writeFile(`${folder}/platform.d.ts`, stdout);
  await Deno.writeTextFile(`${folder}/node.d.ts`, OF_NODE);
  const program = ts.createProgram([
    new URL("mod.ts", root).pathname,
    `${folder}/platform.d.ts`,
    `${folder}/node.d.ts`,
  ], {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.esnext.d.ts"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root.pathname,
    outDir: folder,
  });
  const said = [
    ...ts.getPreEmitDiagnostics(program),
    ...program.emit().diagnostics,
  ];
  if (said.length > 0) {
    throw new TypeError(`Cannot build types: ${
      ts.formatDiagnostics(said, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => root.pathname,
        getNewLine: () => "\n",
      })
    }`);
  }
}

async function roll(input: string): Promise<string> {
  const bundle = await rollup({
    input,
    plugins: [
      {
        name: "declarations",
        // Declarations name the files that they were made from.
        resolveId: (id, from) =>
          from !== undefined && /^\.{1,2}\/.*(?<!\.d)\.ts$/.test(id)
            ? new URL(id.replace(/ts$/, "d.ts"), `file://${from}`).pathname
            : null,
      },
      dts(),
    ],
  });
  const { output } = await bundle.generate({ format: "es" });
  return output[0].code;
}

/**
 * Namespaces as they are written by hand. The plugin gives each name in one an
 * alias beside it, and an alias has no comment; some it cannot even write.
 */
function withoutAliases(text: string): string {
  const file = ts.createSourceFile("mod.d.ts", text, ts.ScriptTarget.ESNext);
  const namespaces = file.statements.filter(ts.isModuleDeclaration);
  const meant = new Map<string, string>();
  const cuts: { from: number; to: number; text: string }[] = [];
  for (const node of file.statements) {
    const alias = aliasOf(node);
    if (alias === undefined) continue;
    const [name, target] = alias;
    if (!namespaces.some((space) => name.startsWith(`${space.name.text}_`))) {
      continue;
    }
    meant.set(name, target);
    cuts.push({ from: node.pos, to: node.end, text: "" });
  }
  for (const { body } of namespaces) {
    if (body === undefined || !ts.isModuleBlock(body)) continue;
    for (const node of body.statements.filter(ts.isExportDeclaration)) {
      const clause = node.exportClause as ts.NamedExports;
      for (const { propertyName, name } of clause.elements) {
        const target = meant.get(propertyName?.text ?? "");
        if (target === undefined) continue;
        const { pos } = propertyName!;
        const words = target === name.text ? "" : ` ${target} as`;
        cuts.push({ from: pos, to: name.pos, text: words });
      }
    }
  }
  let result = text;
  for (const { from, to, text } of cuts.sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + text + result.slice(to);
  }
  return result;
}

/** The name of an alias and what it stands for. */
function aliasOf(node: ts.Statement): [string, string] | undefined {
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeReferenceNode(node.type)) {
    const { typeName } = node.type;
    if (ts.isIdentifier(typeName)) return [node.name.text, typeName.text];
  }
  if (!ts.isVariableStatement(node)) return undefined;
  const { name, type } = node.declarationList.declarations[0]!;
  if (!ts.isIdentifier(name) || type === undefined) return undefined;
  if (!ts.isTypeQueryNode(type) || !ts.isIdentifier(type.exprName)) {
    return undefined;
  }
  return [name.text, type.exprName.text];
}
