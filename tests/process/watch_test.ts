// Copyright 2026 the authors. MIT license.

// A main module that is over while its OS process goes on: the OS processes
// that it has started end.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { HUNG } from "../_support/delays.ts";
import { inFolder, runDeno } from "../_support/programs.ts";
import { until } from "../_support/until.ts";

const SOURCE = new URL("../testdata/programs/watched.ts", import.meta.url);
const MOD = new URL("../../mod.ts", import.meta.url).href;

/** Whether an OS process runs; a dead one may wait to be let go of. */
function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^\d+ \(.*\) Z/.test(stat);
  } catch {
    return false;
  }
}

const ENDS = {
  "in a wait": "await waitForEver();",
  "in its event loop": "setInterval(() => {}, 1_000_000);",
  "after an uncaught error": "throw new Error('of the program');",
};

for (const [where, end] of Object.entries(ENDS)) {
  Deno.test(`deno run --watch leaves no process of a program that is ${where}`, async () => {
    await inFolder(async (folder) => {
      const file = `${folder}/main.ts`;
      const source = (await Deno.readTextFile(SOURCE)).replace(
        "../../../mod.ts",
        MOD,
      )
        .replace(/\s*await waitForEver\(\);\s*\}\s*$/, `${end}}`);
      await Deno.writeTextFile(file, source);
      const watcher = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "-q", "--no-check", "--watch", file],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const lines = linesOf(watcher.stdout);
      const generations: number[][] = [];
      for (let i = 0; i < 3; i++) {
        const { value } = await lines.next();
        generations.push(JSON.parse(value!));
        await Deno.writeTextFile(file, `${source}// ${i}\n`);
      }
      const [first, second, last] = generations as [
        number[],
        number[],
        number[],
      ];
      await until(() => ![...first, ...second].some(isRunning));
      assertEquals(last.length, 11);
      watcher.kill("SIGKILL");
      await watcher.status;
      await lines.return();
      for (const pid of last) if (isRunning(pid)) Deno.kill(pid, "SIGKILL");
    });
  });
}

for (const command of ["test", "bench"]) {
  Deno.test(`deno ${command} leaves no daemon of a file that is over`, async () => {
    await inFolder(async (folder) => {
      const what = command === "test" ? "Deno.test" : "Deno.bench";
      const options = "sanitizeOps: false, sanitizeResources: false";
      const quiet = command === "test" ? options : "n: 1, warmup: 0";
      const first = `import * as mp from "${MOD}";
export function catchSignals() {
  Deno.addSignalListener("SIGTERM", () => {});
  return new Promise(() => {});
}
let isStarted = false;
${what}({ name: "starts", ${quiet}, fn() {
  if (isStarted) return;
  isStarted = true;
  const p = new mp.Process({ target: catchSignals, daemon: true, method: "spawn" });
  p.start();
  Deno.writeTextFileSync("${folder}/pid", String(p.pid));
} });
`;
      const second = `${isRunning.toString()}
const pid = Deno.readTextFileSync("${folder}/pid");
${what}({ name: "looks", ${quiet}, async fn() {
  const end = performance.now() + ${HUNG};
  while (isRunning(pid) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  console.log(isRunning(pid) ? "it lives" : "it has ended");
} });
`;
      await Deno.writeTextFile(`${folder}/a_${command}.ts`, first);
      await Deno.writeTextFile(`${folder}/b_${command}.ts`, second);
      const { stdout } = await runDeno(
        [command, "-A", "--no-check", folder],
        { limit: 2 * HUNG },
      );
      assertStringIncludes(stdout, "it has ended");
    });
  });
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    const lines = text.split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}
