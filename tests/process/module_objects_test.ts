// Copyright 2026 the authors. MIT license.

// Shared objects that a child makes as it imports the module of its target.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { runIn } from "../_support/processes.ts";
import { inFolder, runDeno } from "../_support/programs.ts";
import * as objects from "../testdata/module_objects.ts";

const MODULE = new URL("../testdata/module_objects.ts", import.meta.url);
const MOD = new URL("../../mod.ts", import.meta.url).href;

contract.test("what a module makes is refused to its functions in a child", async (method) => {
  await using pool = new mp.Pool({ processes: 1, module: MODULE, method });
  for (const name of Object.keys(objects.USES)) {
    const { message } = await assertRejects(
      () => pool.apply(objects.use, [name], { timeout: HUNG }),
      mp.StateError,
    );
    assertEquals(
      message,
      `Cannot use ${name.split(" ")[0]}: it was made while this process ` +
        "imported its module, so it is not the parent's: pass it in args",
    );
  }
});

contract.test("what a module makes in a child is refused to a grandchild", async (method) => {
  const answers = new mp.Queue<unknown>();
  await runIn(MODULE, method, objects.giveOn, answers);
  assertStringIncludes(String(answers.getNowait()), "Cannot use Queue: ");
});

contract.test("what a module makes and uses while it is imported works", async (method) => {
  const answers = new mp.Queue<unknown>();
  await runIn(MODULE, method, objects.useOwn, answers);
  assertEquals(answers.getNowait(), [1, 2, "Lock { not the parent's }"]);
});

contract.test("what a module makes by name is the program's", async (method) => {
  using block = objects.named();
  block.buf[0] = 0;
  await runIn(MODULE, method, objects.writeNamed);
  assertEquals(block.buf[0], 7);
  block.unlink();
});

contract.test("a program whose target uses a queue of its module is told", async (method) => {
  await inFolder(async (folder) => {
    const text = `import * as mp from "${MOD}";
const q = new mp.Queue();
export function puts() { q.putSync(42); }
if (import.meta.main) {
  const p = new mp.Process({ target: puts, method: "${method}" });
  p.start();
  await p.join();
  console.log(p.exitCode, q.qsize());
}`;
    await Deno.writeTextFile(`${folder}/main.ts`, text);
    const { lines, stderr } = await runDeno(
      ["run", "-A", "-q", `${folder}/main.ts`],
    );
    assertEquals(lines, ["1 0"]);
    assertStringIncludes(stderr, "it is not the parent's: pass it in args");
  });
});
