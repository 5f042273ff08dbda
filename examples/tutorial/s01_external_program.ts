// Copyright 2026 the authors. MIT license.

// S-01 run a program and wait for it.
//
// Python: r = subprocess.call(['nslookup', 'python.org']); print('Exit code:',
// r)
//
// The program writes straight to our stdout, so its lines come before ours. The
// tutorial asks a name server; here a program that needs no network, or the one
// that the arguments name.

import { subprocess } from "../../mod.ts";

if (import.meta.main) {
  const command = Deno.args.length > 0
    ? Deno.args
    : ["echo", "Name: python.org"];
  console.log(`$ ${command.join(" ")}`);
  const r = subprocess.callSync(command);
  console.log("Exit code:", r);
}
