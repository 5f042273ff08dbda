// Copyright 2026 the authors. MIT license.

// Functions of packages, of which the program imports some modules only.

import { assertEquals } from "@std/assert";
import { contract } from "../_support/contract.ts";
import { runFiles } from "../_support/programs.ts";
import { folderOf } from "../../message/packages.ts";

const DOOR = new URL("../../mod.ts", import.meta.url).href;

/** A module that times its argument by a number of its own. */
function timesBy(factor: number, name: string): string {
  return `const FACTOR = ${factor};
export function ${name}(x) {
  return x * FACTOR;
}`;
}

const PACKAGES = {
  "package.json":
    '{ "type": "module", "imports": { "#own": "./own.ts" }, "dependencies": { "@own/outer": "1.0.0", "old": "1.0.0" } }',
  "own.ts": "const FACTOR = 19; export function own(x) { return x * FACTOR; }",
  "node_modules/@own/outer/package.json": JSON.stringify({
    name: "@own/outer",
    version: "1.0.0",
    type: "module",
    exports: {
      ".": {
        require: "./wrong.cjs",
        import: { browser: "./wrong.js", default: "./index.js" },
      },
      "./parts/*": "./lib/parts/*.js",
      "./parts/secret/*": null,
    },
    imports: { "#hidden": ["./lib/hidden.js"], "#inner": "inner/renamed.js" },
    dependencies: { inner: "1.0.0" },
  }),
  "node_modules/@own/outer/index.js": `
    import { hidden } from "#hidden";
    import { renamed } from "#inner";
    import { deep } from "inner";
    import { itself } from "@own/outer/parts/itself";
    export { direct } from "./lib/direct.js";
    export const unnamed = () => [hidden, deep, renamed, itself];
  `,
  "node_modules/@own/outer/lib/direct.js": timesBy(2, "direct"),
  "node_modules/@own/outer/lib/hidden.js": timesBy(3, "hidden"),
  "node_modules/@own/outer/lib/parts/part.js": timesBy(5, "part"),
  "node_modules/@own/outer/lib/parts/itself.js": timesBy(7, "itself"),
  "node_modules/inner/package.json": JSON.stringify({
    name: "inner",
    version: "1.0.0",
    type: "module",
    main: "./lib/main",
  }),
  "node_modules/inner/lib/main.js": `export { deep } from "./deep.js";`,
  "node_modules/inner/lib/deep.js": timesBy(11, "deep"),
  "node_modules/inner/renamed.js": timesBy(13, "renamed"),
  "node_modules/old/package.json":
    '{ "name": "old", "version": "1.0.0", "main": "main.js" }',
  "node_modules/old/main.js": `
    const FACTOR = 17;
    exports.old = function old(x) { return x * FACTOR; };
  `,
};

const MAIN = `import { Pool } from "${DOOR}";
import { direct, unnamed } from "@own/outer";
import { part } from "@own/outer/parts/part";
import old from "old";
import { own } from "#own";
if (import.meta.main) {
  await using pool = new Pool({ processes: 1, method: Deno.args[0] });
  for (const f of [own, direct, part, old.old, ...unnamed()]) {
    console.log(f.name, await pool.apply(f, [1]));
  }
}`;

contract.test("a pool runs functions of packages in their modules", async (method) => {
  const main = MAIN.replace("Deno.args[0]", JSON.stringify(method));
  const { lines, stderr } = await runFiles({ "main.ts": main, ...PACKAGES });
  assertEquals(lines, [
    "own 19",
    "direct 2",
    "part 5",
    "old 17",
    "hidden 3",
    "deep 11",
    "renamed 13",
    "itself 7",
  ], stderr);
});

contract.test("a function of a program is not looked for within packages", async (method) => {
  // One that would be found there loads what the program does not.
  const main = `import { Pool } from "${DOOR}";
import { getOwn } from "./helper.ts";
import "@own/outer";
if (import.meta.main) {
  await using pool = new Pool({ processes: 1, method: "${method}" });
  console.log(await pool.apply(getOwn(), [1]).catch((error) => error.name));
}`;
  const helper = `const FACTOR = 2;
const own = (x) => x * FACTOR;
export const getOwn = () => own;`;
  const outer = "node_modules/@own/outer/lib/direct.js";
  const files = {
    "main.ts": main,
    "helper.ts": helper,
    ...PACKAGES,
    [outer]: `${
      PACKAGES[outer as keyof typeof PACKAGES]
    }\nexport const own = (x) => x * FACTOR;`,
  };
  const { lines, stderr } = await runFiles(files);
  assertEquals(lines, ["ReferenceError"], stderr);
});

Deno.test("folderOf() tells the package of a module", () => {
  const rows: [url: string, folder: string | undefined][] = [
    ["file:///a/main.ts", undefined],
    ["https://x.example/npm/a/1.0.0/b.js", undefined],
    ["file:///a/node_modules/b/lib/c.js", "file:///a/node_modules/b/"],
    ["file:///a/node_modules/@b/c/d.js", "file:///a/node_modules/@b/c/"],
    [
      "file:///a/node_modules/.deno/b@1/node_modules/b/c.js",
      "file:///a/node_modules/.deno/b@1/node_modules/b/",
    ],
    [
      "file:///cache/npm/registry.example/@b/c/1.2.3-x/lib/d.js",
      "file:///cache/npm/registry.example/@b/c/1.2.3-x/",
    ],
    ["file:///home/npm/app/main.ts", undefined],
    ["npm:a@1/b", "npm:a@1/b"],
  ];
  for (const [url, folder] of rows) assertEquals(folderOf(url), folder, url);
});
