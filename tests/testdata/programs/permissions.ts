// Copyright 2026 the authors. MIT license.

// The child tells which permissions it has.

import * as mp from "../../../mod.ts";

export function child(granted: mp.Queue<string>) {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;
  const given = names.filter((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  granted.putSync(given.join(" ") || "nothing");
}

if (import.meta.main) {
  const granted = new mp.Queue<string>();
  const p = new mp.Process({ target: child, args: [granted] });
  p.start();
  await p.join();
  if (p.exitCode === 0) console.log("granted:", granted.getNowait());
  else console.log("exit code", p.exitCode);
}
