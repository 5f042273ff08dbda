// Copyright 2026 the authors. MIT license.

// S-02: talk to another program: send it all it is to read, and read the rest.
//
// Python: p = subprocess.Popen(['nslookup'], stdin=PIPE, stdout=PIPE,
// stderr=PIPE); output, err = p.communicate(b'set q=mx\npython.org\nexit\n').
// Here the program is `sort`, which needs no network.

import { subprocess } from "../../mod.ts";

const { PIPE, Popen } = subprocess;

if (import.meta.main) {
  console.log("$ sort");
  const p = new Popen(["sort"], { stdin: PIPE, stdout: PIPE, stderr: PIPE });
  const input = new TextEncoder().encode("set q=mx\npython.org\nexit\n");
  const [output] = await p.communicate({ input });
  console.log(new TextDecoder().decode(output as Uint8Array));
  console.log("Return Code:", p.returnCode);
}
