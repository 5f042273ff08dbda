// Copyright 2026 the authors. MIT license.

// The search for functions that neither the calling nor the main module
// exports, and what goes by its source.

import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { inFolder, runFiles, runProgram } from "../_support/programs.ts";
import { getContext, Pool, ProcessPoolExecutor } from "../../mod.ts";
import {
  loadedLaterBy,
  loadedWith,
  specifiersOf,
} from "../../message/module_graph.ts";
import { namesOf } from "../../message/names.ts";
import { refer, resolve } from "../../message/target.ts";
import { tokensOf } from "../../message/tokens.ts";
import * as deep from "../testdata/graph/deep.ts";
import { run } from "../testdata/graph/helper.ts";
import { loadTwin } from "../testdata/graph/lazy.ts";

function urlOf(name: string): string {
  return import.meta.resolve(`../testdata/graph/${name}.ts`);
}

contract.test("a pool runs a function in the module that exports it", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  assertEquals(await pool.apply(deep.scaled, [2]), 6);
  assertEquals(await pool.apply(deep.loaded, ["x"]), "mine: x");
  assertEquals(await pool.apply(deep.ops.raised, [2]), 5);
  assertEquals(await pool.apply(deep.ops.deeper.scaled, [2]), 7);
  assertEquals(await pool.apply(deep.Rates.rate, [6]), 2);
});

contract.test("a pool behind a helper runs a function in its module", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  assertEquals(await run(pool, deep.scaled, 2), 6);
});

contract.test("an initializer, runOnAll() and an executor run functions in their module", async (method) => {
  await using pool = new Pool({
    processes: 1,
    method,
    initializer: deep.scaled,
    initargs: [1],
  });
  assertEquals(await pool.runOnAll(deep.loaded, ["y"]), ["mine: y"]);
  await using executor = new ProcessPoolExecutor({ maxWorkers: 1, method });
  assertEquals(await executor.submit(deep.loaded, "z").result(), "mine: z");
});

contract.test("a process runs a target of another module in its module", async (method) => {
  const q = new (getContext(method).Queue)<string>();
  const p = new (getContext(method).Process)({
    target: deep.tell,
    args: [q, "x"],
  });
  p.start();
  assertEquals(await p.join({ timeout: HUNG }), true);
  assertEquals(q.getNowait(), "mine: x");
});

contract.test("a function that no module exports does not take a global for a variable of its module", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  await assertRejects(
    async () => await pool.apply(deep.getHidden(), ["x"]),
    ReferenceError,
    `Cannot find target hidden: it uses fetch, which ${urlOf("deep")} ` +
      "declares and which is a global, too: hidden is not exported by its " +
      "module",
  );
});

contract.test("a function that no module exports is told of its relative import()", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  await assertRejects(
    async () => await pool.apply(async () => await import("./none_there.ts")),
    TypeError,
    "the function was sent by its source, and has a relative import(): export " +
      "it, or import by URL",
  );
});

Deno.test("a program without a guard is told so at setStartMethod()", async () => {
  const door = JSON.stringify(import.meta.resolve("../../mod.ts"));
  const { code, stderr } = await runFiles({
    "main.ts": `import { Process, setStartMethod } from ${door};
export function idle() {}
setStartMethod("spawn");
const p = new Process({ target: idle });
p.start();
await p.join();
Deno.exit(p.exitCode);`,
  });
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    "StateError: Cannot set start method: this process is still importing the " +
      "module of its target: set it only under `if (import.meta.main)`",
  );
});

contract.test("a function that no module exports may use what all programs have", async (method) => {
  await using pool = new Pool({ processes: 1, method });
  const root = (x: number) => {
    const name = Math.sqrt(x);
    return `${name}: ${JSON.stringify({ close: [Number.isNaN(name)] })}`;
  };
  assertEquals(await pool.apply(root, [4]), '2: {"close":[false]}');
});

contract.test("a call of a pool may name the module of its function", async (method) => {
  const scaled = await loadTwin();
  await using pool = new Pool({ processes: 1, method });
  const module = urlOf("twin");
  assertEquals(await pool.apply(scaled, [2], { module }), 10);
  assertEquals(await pool.map(scaled, [1, 2], { module }), [5, 10]);
  assertEquals(await pool.apply(deep.scaled, [2]), 6);
  await assertRejects(
    async () => await pool.apply(scaled, [2], { module: "./twin.ts" }),
    TypeError,
    "Cannot submit task: the module ./twin.ts is a path: give its URL, as " +
      'import.meta.url or import.meta.resolve("./twin.ts")',
  );
});

Deno.test("a program runs the new code of a module that was edited", async () => {
  const { code, lines, stderr } = await runProgram("edited");
  assertEquals({ code, lines, stderr }, {
    code: 0,
    lines: ["7", "7", "7", "7"],
    stderr: "",
  });
});

Deno.test("resolve() does without the file of a module that was removed", async () => {
  const url = await inFolder(async (folder) => {
    const file = `${folder}/tasks.ts`;
    await Deno.writeTextFile(file, "export function spoken() { return 1; }");
    await import(`file://${file}`);
    return `file://${file}`;
  });
  function spoken(): number {
    return Number.parseInt(String(2));
  }
  const { value, isFromSource } = await resolve(refer(spoken, url, undefined));
  assertEquals([value(), isFromSource], [2, true]);
});

Deno.test("resolve() finds the very function of a module that the root imports", async () => {
  const ref = refer(deep.scaled, urlOf("helper"), undefined);
  const { value, isFromSource } = await resolve(ref);
  assertStrictEquals(value, deep.scaled);
  assertEquals(isFromSource, false);
});

Deno.test("resolve() refuses one of two functions of one name and text", async () => {
  await assertRejects(
    () => resolve(refer(deep.scaled, urlOf("twins"), undefined)),
    TypeError,
    `Cannot find target scaled: ${urlOf("deep")} and ${urlOf("twin")} export ` +
      "functions of the same source: name the module in the option `module`",
  );
});

Deno.test("resolve() names a module once that exports one function's functions", async () => {
  const url = urlOf("made");
  const { made } = await import(url);
  await assertRejects(
    () => resolve(refer(made.first, urlOf("made_helper"), undefined)),
    TypeError,
    `Cannot find target : ${url} exports 2 functions of the same source, as ` +
      "one function has made them: export a function that calls the one you " +
      "mean",
  );
});

Deno.test("resolve() looks last in what a call of import() names", async () => {
  const scaled = await loadTwin();
  const { value } = await resolve(refer(scaled, urlOf("lazy"), undefined));
  assertStrictEquals(value, scaled);
});

Deno.test("loadedWith() walks breadth first, and leaves the library out", async () => {
  assertEquals(await loadedWith([urlOf("twins"), urlOf("helper")]), [
    urlOf("twins"),
    urlOf("helper"),
    urlOf("deep"),
    urlOf("twin"),
  ]);
  assertEquals(await loadedWith(["file:///no/such/module.ts"]), [
    "file:///no/such/module.ts",
  ]);
  assertEquals(await loadedLaterBy([urlOf("lazy")]), [urlOf("twin")]);
});

Deno.test("specifiersOf() tells imports and re-exports from all else", () => {
  const text = `
    import "./effect.ts";
    import a, { b as c, type D } from './named.ts';
    import * as all from "./all.ts"
    import type { E } from "./type.ts";
    import { type F, type G } from "./types.ts";
    import type from "./named_type.ts";
    export * from "./star.ts"; export { h } from "./handed_on.ts";
    export type { I } from "./type.ts";
    import data from "./data.json" with { type: "json" };
    // import "./comment.ts";
    /* import "./block.ts"; */
    const text = 'import "./string.ts"';
    const template = \`import "./template.ts"; \${await import("./in_template.ts")}\`;
    const regexp = /import "./regexp.ts"/;
    export default "./default.ts";
    const later = () => import("./later.ts");
    const named = import(name);
    const json = import("./later.json", { with: { type: "json" } });
    console.log(import.meta.url, object.import("./method.ts"));
    import{minified}from"./minified.ts";
  `;
  assertEquals(specifiersOf(text), {
    fixed: [
      "./effect.ts",
      "./named.ts",
      "./all.ts",
      "./named_type.ts",
      "./star.ts",
      "./handed_on.ts",
      "./minified.ts",
    ],
    dynamic: ["./in_template.ts", "./later.ts"],
  });
});

Deno.test("namesOf() tells what a function uses from outside", () => {
  const rows: [source: string, free: string[]][] = [
    ["(x) => x * RATE", ["RATE"]],
    ["x => x * 2", []],
    ["async (x) => { await load(x); }", ["load"]],
    ["function f(a, { b, c: d = e }, [g], ...h) { return f(a, b, d, g, h); }", [
      "e",
    ]],
    ["() => { const { a, b: [c] } = d, e = 1; let f; return a + c + e + f; }", [
      "d",
    ]],
    ["() => { for (const x of xs) print(x.size, x?.name, ...rest); }", [
      "xs",
      "print",
      "rest",
    ]],
    ["() => ({ close: 1, [key]: 2, short })", ["key", "short"]],
    ["() => `text of a template ${used + `${inner}`}`", ["used", "inner"]],
    ["() => { try { a(); } catch (error) { throw error; } }", ["a"]],
    ["class A extends B { #p = 1; run() { return this.#p; } }", ["B"]],
    ["(a) => a / b / c", ["b", "c"]],
    ["(a) => /b/.test(a) // c", []],
    ["'a' + \"b\"", []],
  ];
  for (const [source, free] of rows) {
    assertEquals([...namesOf(source).free], free, source);
  }
});

Deno.test("namesOf() tells what a module declares", () => {
  const text = `
    import a, { b as c, type D } from "./a.ts";
    import * as e from "./e.ts";
    export async function f(g: Map<string, h>, i = j(k)): Promise<void> {}
    export const l: Set<m> = new Set(), n = 2;
    for (const o of p) q(o as R);
    enum S { T }
  `;
  const names = [..."abcDefghijklmnopqRST", "Map", "Set", "Promise"];
  const { own } = namesOf(text);
  assertEquals(names.filter((name) => own.has(name)), [..."acDefgilnoS"]);
});

Deno.test("tokensOf() ends on any text, with what it has", () => {
  const rows: [text: string, tokens: string[]][] = [
    ["a `${b", ["a", "+", "b"]],
    ["a `b", ["a", ""]],
    ["a 'b", ["a", "'", "b"]],
    ["a /* b", ["a", "/", "*", "b"]],
    ["a = /b", ["a", "=", "/", "b"]],
    ["} a", ["}", "a"]],
    ["", []],
  ];
  for (const [text, tokens] of rows) {
    assertEquals([...tokensOf(text)].map((token) => token.text), tokens, text);
  }
});
