// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CalledProcessError, subprocess, TimeoutExpired } from "../../mod.ts";
import { LONG } from "../_support/delays.ts";
import { inFolder, runText } from "../_support/programs.ts";
import { sh } from "../_support/shell.ts";

const {
  callSync,
  checkCallSync,
  checkOutputSync,
  DEVNULL,
  getOutputSync,
  getStatusOutputSync,
  PIPE,
  runSync,
  STDOUT,
} = subprocess;

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);

// Without a limit the platform's own form runs the command, with one Node's.
const WAYS = { "": {}, " (with a timeout)": { timeout: 20 * LONG } };

for (const [way, limit] of Object.entries(WAYS)) {
  Deno.test(`callSync() returns the exit code or -N after signal N${way}`, () => {
    assertEquals(callSync(["true"], limit), 0);
    assertEquals(callSync(sh("exit 77"), limit), 77);
    assertEquals(callSync(sh("exit 143"), limit), 143);
    assertEquals(callSync(sh("kill -TERM $$"), limit), -15);
    assertEquals(callSync(sh("kill -KILL $$"), limit), -9);
    const caught = sh("trap 'exit 7' TERM; kill -TERM $$; exit 1");
    assertEquals(callSync(caught, limit), 7);
  });

  Deno.test(`checkCallSync() throws CalledProcessError for another code than 0${way}`, () => {
    assertEquals(checkCallSync(["true"], limit), 0);
    const error = assertThrows(
      () => checkCallSync(["false"], limit),
      CalledProcessError,
      "Cannot run false: it returned 1",
    );
    assertEquals(error.returnCode, 1);
  });

  Deno.test(`checkOutputSync() returns the output as bytes or text${way}`, () => {
    const command = ["printf", "a\\r\\nb"];
    assertEquals(
      checkOutputSync(command, limit),
      new TextEncoder().encode("a\r\nb"),
    );
    assertEquals(checkOutputSync(command, { ...limit, text: true }), "a\nb");
  });

  Deno.test(`checkOutputSync() throws CalledProcessError with the output${way}`, () => {
    const command = sh("echo out; echo err >&2; exit 2");
    const options = { ...limit, stderr: PIPE, text: true } as const;
    const error = assertThrows(
      () => checkOutputSync(command, options),
      CalledProcessError,
    );
    assertEquals([error.output, error.stderr], ["out\n", "err\n"]);
  });

  Deno.test(`runSync() sends 64 MiB and gets them back${way}`, () => {
    const input = new Uint8Array(2 ** 26).fill(7);
    input[2 ** 25] = 8;
    const { stdout } = runSync(["cat"], { ...limit, input, stdout: PIPE });
    assertEquals(stdout!.length, 2 ** 26);
    assertEquals([stdout![0], stdout![2 ** 25], stdout!.at(-1)], [7, 8, 7]);
  });

  Deno.test(`runSync() ends well though its input is not read${way}`, () => {
    const input = new Uint8Array(2 ** 22);
    assertEquals(runSync(["true"], { ...limit, input }).returnCode, 0);
  });

  Deno.test(`runSync() has an empty input for a pipe that nobody feeds${way}`, () => {
    for (const stdin of [{ stdin: PIPE }, { input: "" }, { stdin: DEVNULL }]) {
      const options = { ...limit, ...stdin, stdout: PIPE, text: true } as const;
      assertEquals(runSync(["cat"], options).stdout, "");
    }
  });

  Deno.test(`runSync() captures stdout and stderr apart or together${way}`, () => {
    const script = sh("echo out; echo err >&2; echo end");
    const all = { ...limit, text: true } as const;
    const apart = runSync(script, { ...all, captureOutput: true });
    assertEquals([apart.stdout, apart.stderr], ["out\nend\n", "err\n"]);
    const together = runSync(script, { ...all, stdout: PIPE, stderr: STDOUT });
    assertEquals(together.stdout, "out\nerr\nend\n");
    assertEquals(together.stderr, undefined);
  });

  Deno.test(`runSync() runs in cwd with env, by the shell${way}`, () => {
    const { stdout } = runSync('pwd; echo "$ONE$HOME"', {
      ...limit,
      shell: true,
      cwd: "/",
      env: { ONE: "1" },
      captureOutput: true,
      text: true,
    });
    assertEquals(stdout, "/\n1\n");
  });

  Deno.test(`runSync() takes files by their paths${way}`, async () => {
    await inFolder((folder) => {
      const path = `${folder}/out`;
      const script = sh("echo out; echo err >&2");
      callSync(script, { ...limit, stdout: path, stderr: STDOUT });
      assertEquals(Deno.readTextFileSync(path), "out\nerr\n");
      const options = { ...limit, stdin: path, text: true } as const;
      assertEquals(checkOutputSync(["cat"], options), "out\nerr\n");
    });
  });

  Deno.test(`getStatusOutputSync() has both outputs and the exit code${way}`, () => {
    const script = "echo one; echo two >&2; exit 3";
    assertEquals(getStatusOutputSync(script, limit), [3, "one\ntwo"]);
    assertEquals(getOutputSync(script, limit), "one\ntwo");
  });
}

Deno.test("runSync() kills a command whose time is up and has its output", () => {
  const started = performance.now();
  const timeout = LONG / 4;
  const command = sh("echo so far; printf 'oh\\303' >&2; exec sleep 60");
  const options = { captureOutput: true, text: true, timeout } as const;
  const error = assertThrows(
    () => runSync(command, options),
    TimeoutExpired,
    `it did not end within ${timeout} ms`,
  );
  assertLess(performance.now() - started, 4 * LONG);
  assertEquals([error.output, error.stderr], ["so far\n", "oh"]);
  assertEquals(error.timeout, timeout);
});

Deno.test("runSync() has had a timeout of 0 at once", () => {
  const started = performance.now();
  assertThrows(() => runSync(["sleep", "60"], { timeout: 0 }), TimeoutExpired);
  assertLess(performance.now() - started, 4 * LONG);
});

Deno.test("runSync() takes a timeout of years for none", () => {
  for (const timeout of [2 ** 40, Infinity]) {
    assertEquals(runSync(["true"], { timeout }).returnCode, 0);
  }
});

Deno.test("runSync() looks at its signal before the command runs", () => {
  const reason = new RangeError("enough");
  const signal = AbortSignal.abort(reason);
  const error = assertThrows(() => runSync(["true"], { signal }));
  assertStrictEquals(error, reason);
});

Deno.test("runSync() leaves no file of its input", async () => {
  const source = `
    import { subprocess } from ${MOD};
    const { stdout } = subprocess.runSync(["ls", "-A", Deno.env.get("TMPDIR")],
      { input: "secret", captureOutput: true, text: true });
    console.log(JSON.stringify(stdout));`;
  await inFolder(async (TMPDIR) => {
    const { code, stdout } = await runText(source, { env: { TMPDIR } });
    assertEquals([code, stdout], [0, '""\n']);
  });
});

Deno.test("runSync() needs the permission to run the command, and says so", async () => {
  const flags = ["--allow-env", "--no-prompt"];
  for (const limit of ["", `{ timeout: ${LONG} }`]) {
    const source = `
      import { subprocess } from ${MOD};
      try {
        subprocess.runSync(["true"]${limit && `, ${limit}`});
      } catch (error) {
        console.log(error.name, error.message);
      }`;
    const { code, stdout } = await runText(source, { flags });
    assertEquals(code, 0);
    assert(stdout.startsWith("NotCapable"), stdout);
    assertStringIncludes(stdout, "run access");
  }
});

for (
  const [name, makeOptions] of Object.entries({
    "a stream as stdin": () => ({ stdin: new ReadableStream<Uint8Array>() }),
    "an open file as stdin": (file: Deno.FsFile) => ({ stdin: file }),
    "an open file as stdout": (file: Deno.FsFile) => ({ stdout: file }),
    "an open file as stderr": (file: Deno.FsFile) => ({ stderr: file }),
  })
) {
  Deno.test(`runSync() refuses ${name}, which needs an event loop`, () => {
    using file = Deno.openSync(new URL(import.meta.url));
    assertThrows(
      () => runSync(["true"], makeOptions(file)),
      TypeError,
      "needs an event loop",
    );
  });
}
