// Copyright 2026 the authors. MIT license.

// Edits a module of its own while it runs, as somebody at an editor does.

import { Pool } from "../../../mod.ts";

if (import.meta.main) {
  const dir = await Deno.makeTempDir();
  const url = new URL(`file://${dir}/tasks.ts`);
  const main = new URL(`file://${dir}/main.ts`);
  const write = (rate: number, text: string) =>
    Deno.writeTextFileSync(
      url,
      `const rate = ${rate}; export function scaled(x) { return ${text}; }`,
    );
  write(2, "x * rate");
  Deno.writeTextFileSync(main, 'export * from "./tasks.ts";');
  const { scaled } = await import(main.href);
  write(3, "x * rate + 1");
  for (const method of ["worker", "spawn"] as const) {
    for (const module of [url, main]) {
      await using pool = new Pool({ processes: 1, method, module });
      console.log(await pool.apply(scaled, [2]));
    }
  }
  await Deno.remove(dir, { recursive: true });
}
