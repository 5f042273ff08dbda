// Copyright 2026 the authors. MIT license.

// Deno checks the types of what a worker's entry reaches in each worker that
// starts, if it checks those of the program: seconds a worker with no cache
// yet. It says so on stderr for each check, so the test need not look at times.

import { assert, assertEquals } from "@std/assert";
import { inFolder, runDeno } from "../_support/programs.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;

const METHODS = ["worker", "spawn"];

const PROGRAM = `
  import * as mp from "multiprocessing";

  export function work(q: mp.Queue<number>, lock: mp.Lock): void {
    using _ = lock.holdSync();
    q.putSync(1);
  }

  export function double(n: number): number {
    return 2 * n;
  }

  async function start(): Promise<void> {
    for (const method of ${JSON.stringify(METHODS)} as const) {
      const context = mp.getContext(method);
      const args = [new context.Queue<number>(), new context.Lock()] as const;
      const all = [1, 2, 3, 4].map(() =>
        new context.Process({ target: work, args })
      );
      for (const p of all) p.start();
      for (const p of all) await p.join();
      await using pool = new context.Pool(2);
      console.log(all.map((p) => p.exitCode), await pool.map(double, [1, 2]));
    }
  }

  if (import.meta.main) await start();
  Deno.test("it starts", start);
  Deno.bench({ name: "starts", n: 1, fn: start });
`;

Deno.test("no start of a process checks types", async (t) => {
  await inFolder(async (folder) => {
    const imports = { multiprocessing: MOD };
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports, lock: false }),
    );
    await Deno.writeTextFile(`${folder}/main.ts`, PROGRAM);
    // What one command has checked need not be checked by the next. So the
    // first checks the program, and any a child that it had to check.
    const env = { DENO_DIR: `${folder}/cache` };
    const commands = [["test", "-A"], ["bench", "-A"], [
      "run",
      "-A",
      "--check",
    ]];
    for (const [i, words] of commands.entries()) {
      await t.step(`deno ${words.join(" ")}`, async () => {
        const { code, stdout, stderr } = await runDeno([...words, "main.ts"], {
          cwd: folder,
          env,
        });
        assertEquals(code, 0, stdout + stderr);
        const said = (stdout + stderr).match(/\bCheck .*/g) ?? [];
        assertEquals(said, i === 0 ? ["Check main.ts"] : []);
        const ends = stdout.match(/\[ 0, 0, 0, 0 \] \[ 2, 4 \]/g)?.length ?? 0;
        assert(ends >= METHODS.length, stdout);
      });
    }
  });
});
