// Copyright 2026 the authors. MIT license.

// Programs of users have compiler options of their own, and Deno checks our
// files by these when they are imported from a folder.

import { assertEquals } from "@std/assert";
import { many } from "../_support/delays.ts";
import { inFolder, runDeno } from "../_support/programs.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;

const PROGRAM = `
  import { Pool, Process, Queue, subprocess, Value } from "multiprocessing";
  export function work(q: Queue<number>): void {
    q.putSync(1);
  }
  if (import.meta.main) {
    const q = new Queue<number>();
    const p = new Process({ target: work, args: [q] });
    p.start();
    await p.join();
    const values: [number, number] = [await q.get(), new Value("i", 0).value];
    console.log(values, Pool, subprocess.run);
  }
`;

// Two options are left out, since nothing can be done: with `lib` and without
// "deno.ns" there is no `Deno`, and a package may not refer to it; and with
// isolatedDeclarations no class has a member that is named by a symbol of
// another module.

/** What hides the mistakes of others: the more of them, the fewer runs. */
const FEW: object[] = [
  { strict: false },
  { strict: false, strictNullChecks: true },
  {
    allowUnreachableCode: false,
    checkJs: true,
    erasableSyntaxOnly: true,
    exactOptionalPropertyTypes: true,
    noFallthroughCasesInSwitch: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    lib: ["dom", "dom.iterable", "esnext", "deno.ns"],
  },
];

const MORE: object[] = [
  { lib: ["dom", "dom.iterable", "esnext", "deno.ns"] },
  { strictNullChecks: false },
  { noImplicitAny: false, useUnknownInCatchVariables: false },
  { strictBindCallApply: false, strictPropertyInitialization: false },
  { strictFunctionTypes: false, strictBuiltinIteratorReturn: false },
  { experimentalDecorators: true, emitDecoratorMetadata: true },
  { lib: ["deno.worker"] },
];

for (const compilerOptions of many(FEW, [...FEW, ...MORE])) {
  const name = JSON.stringify(compilerOptions).slice(0, 60);
  Deno.test(`a program is checked without complaints about this module: ${name}`, async () => {
    await inFolder(async (folder) => {
      const config = { imports: { multiprocessing: MOD }, compilerOptions };
      await Deno.writeTextFile(
        `${folder}/deno.json`,
        JSON.stringify({ ...config, lock: false }),
      );
      await Deno.writeTextFile(`${folder}/main.ts`, PROGRAM);
      const { code, stderr } = await runDeno(["check", "--quiet", "main.ts"], {
        cwd: folder,
      });
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
    });
  });
}
