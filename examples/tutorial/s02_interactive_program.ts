// Copyright 2026 the authors. MIT license.

// S-02 run a program, tell it what to do and read its answer.
//
// Python: p = subprocess.Popen(['nslookup'], stdin=PIPE, stdout=PIPE,
// stderr=PIPE); output, error = p.communicate(b'set q=mx\npython.org\nexit\n').
//
// Popen returns at once. communicate() feeds the program and reads it at the
// same time, so neither can wait for the other, and closes its input at the
// end. A shell stands in for nslookup: it too takes lines until it reads exit.

import { subprocess } from "../../mod.ts";

const { PIPE, Popen } = subprocess;

if (import.meta.main) {
  console.log("$ sh");
  const p = new Popen(["sh"], { stdin: PIPE, stdout: PIPE, stderr: PIPE });
  console.log("started:", p.poll() === undefined);
  const [output, error] = await p.communicate({
    input: "q=mx\necho python.org $q\necho oops >&2\nexit\n",
  });
  const decoder = new TextDecoder();
  console.log(decoder.decode(output).trimEnd());
  console.log("stderr:", decoder.decode(error).trimEnd());
  console.log("Return Code:", p.returnCode);
}
