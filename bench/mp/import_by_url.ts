// Copyright 2026 the authors. MIT license.

// A program that imports this module by URL and starts a worker, with nothing
// in the cache, and a server that takes its time: import_by_url.

import { report } from "../lib.ts";

/** The door, as it is served. */
const MOD = new URL("../../mod.ts", import.meta.url);

const ROOT = new URL("../../", import.meta.url);

/** How long each answer takes, in milliseconds. */
const DELAY = 20;

const PROGRAM = `import * as mp from "LIBRARY";
export function nothing(): void {}
if (import.meta.main) {
  const child = new mp.Process({ target: nothing });
  child.start();
  await child.join();
}
`;

async function main(scenario: string): Promise<void> {
  let requests = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      requests++;
      await new Promise((resolve) => setTimeout(resolve, DELAY));
      const { pathname } = new URL(request.url);
      const text = await Deno.readTextFile(new URL(`.${pathname}`, ROOT));
      const language = pathname.endsWith(".ts") ? "typescript" : "javascript";
      return new Response(text, {
        headers: { "content-type": `text/${language}` },
      });
    },
  );
  const folder = await Deno.makeTempDir();
  const path = MOD.href.slice(ROOT.href.length);
  const url = `http://127.0.0.1:${server.addr.port}/${path}`;
  await Deno.writeTextFile(
    `${folder}/main.ts`,
    PROGRAM.replace("LIBRARY", url),
  );
  const flags = ["--quiet", "--no-check", "--no-lock", "--no-config"];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, `${folder}/main.ts`],
    env: { DENO_DIR: `${folder}/cache` },
    stderr: "inherit",
  });
  const start = performance.now();
  const { success } = await command.output();
  const value = performance.now() - start;
  await Deno.remove(folder, { recursive: true });
  await server.shutdown();
  if (!success) throw new Error("the program failed");
  report({ scenario, metric: "mean", value, unit: "ms" });
  report({ scenario, metric: "requests", value: requests, unit: "requests" });
}

if (import.meta.main) await main("import_by_url");
