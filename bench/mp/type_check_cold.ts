// Copyright 2026 the authors. MIT license.

// Four processes at once under `deno test`, which checks types, with nothing in
// the cache: type_check_cold.

import { getStartMethod } from "../../mod.ts";
import { report } from "../lib.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;

const PROGRAM = `import * as mp from "LIBRARY";
export function nothing(): void {}
Deno.test("starts four", async () => {
  const start = performance.now();
  const method = "METHOD";
  const all = [1, 2, 3, 4].map(() =>
    new mp.Process({ target: nothing, method })
  );
  for (const child of all) child.start();
  for (const child of all) await child.join();
  console.log("took", performance.now() - start);
});
`;

async function main(scenario: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/deno.json`, '{ "lock": false }');
  await Deno.writeTextFile(
    `${folder}/main.ts`,
    PROGRAM.replace("LIBRARY", MOD).replace("METHOD", getStartMethod()!),
  );
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "main.ts"],
    cwd: folder,
    env: { DENO_DIR: `${folder}/cache`, NO_COLOR: "1" },
  });
  const start = performance.now();
  const { success, stdout } = await command.output();
  const whole = performance.now() - start;
  await Deno.remove(folder, { recursive: true });
  const took = /took ([\d.]+)/.exec(new TextDecoder().decode(stdout))?.[1];
  if (!success || took === undefined) throw new Error("the program failed");
  report({ scenario, metric: "four starts", value: Number(took), unit: "ms" });
  report({ scenario, metric: "whole command", value: whole, unit: "ms" });
}

if (import.meta.main) await main("type_check_cold");
