// Copyright 2026 the authors. MIT license.

import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  CalledProcessError,
  StateError,
  subprocess,
  TimeoutExpired,
} from "../mod.ts";
import { LONG, MEDIUM } from "./delays.ts";
import { until } from "./until.ts";

const { DEVNULL, PIPE, Popen, STDOUT } = subprocess;

/** Longer than any test takes. */
const FOR_EVER = "1000";

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function withFolder(body: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Both forms of a call, so that one text is the contract of both. */
const FORMS = [
  {
    name: "async",
    call: subprocess.call,
    run: subprocess.run,
    checkCall: subprocess.checkCall,
    checkOutput: subprocess.checkOutput,
  },
  {
    name: "sync",
    call: async (...args: Parameters<typeof subprocess.callSync>) =>
      await subprocess.callSync(...args),
    run: async (...args: Parameters<typeof subprocess.runSync>) =>
      await subprocess.runSync(...args),
    checkCall: async (...args: Parameters<typeof subprocess.checkCallSync>) =>
      await subprocess.checkCallSync(...args),
    checkOutput: async (
      args: subprocess.Args,
      options: subprocess.RunSyncOptions & subprocess.AsText,
    ) => await subprocess.checkOutputSync(args, options),
  },
] as const;

for (const { name: form, call, run, checkCall, checkOutput } of FORMS) {
  Deno.test(`call() returns how the program ended (${form})`, async () => {
    assertEquals(await call(["true"]), 0);
    assertEquals(await call(["false"]), 1);
    assertEquals(await call(["sh", "-c", "exit 200"]), 200);
    assertEquals(await call(["sh", "-c", "kill -9 $$"]), -9);
    assertEquals(await call("true"), 0);
    assertEquals(await call("exit 4", { shell: true }), 4);
  });

  Deno.test(`run() captures output and errors (${form})`, async () => {
    const done = await run(["sh", "-c", "echo out; echo err >&2; exit 5"], {
      captureOutput: true,
      text: true,
    });
    assertEquals(done.stdout, "out\n");
    assertEquals(done.stderr, "err\n");
    assertEquals(done.returnCode, 5);
    const error = assertThrows(
      () => done.checkReturnCode(),
      CalledProcessError,
      "Cannot complete sh -c echo out; echo err >&2; exit 5: it ended with exit code 5",
    );
    assertEquals(error.stdout, "out\n");
    assertEquals(error.output, "out\n");
    assertEquals(error.stderr, "err\n");
    assertEquals(error.cmd, done.args);
  });

  Deno.test(`run() gives bytes unless it is asked for text (${form})`, async () => {
    const done = await run(["printf", "a\\r\\nb"], { captureOutput: true });
    assertEquals(done.stdout, bytes("a\r\nb"));
    assertEquals(done.stderr, bytes(""));
    const text = await run(["printf", "a\\r\\nb\\rc\\n"], {
      captureOutput: true,
      text: true,
    });
    assertEquals(text.stdout, "a\nb\nc\n");
    const latin = await run(["printf", "\\344"], {
      captureOutput: true,
      encoding: "latin1",
    });
    assertEquals(latin.stdout, "ä");
  });

  Deno.test(`run() gives undefined for what is not captured (${form})`, async () => {
    const done = await run(["true"]);
    assertEquals([done.stdout, done.stderr], [undefined, undefined]);
  });

  Deno.test(`run({ input }) sends all of it (${form})`, async () => {
    const shout = await run(["tr", "a-z", "A-Z"], {
      input: "größe",
      stdout: PIPE,
      text: true,
    });
    assertEquals(shout.stdout, "GRößE");
    const big = new Uint8Array(2 ** 24).map((_, i) => i * 7);
    const same = await run(["cat"], { input: big, stdout: PIPE });
    assertEquals(same.stdout!.length, big.length);
    assertEquals(Buffer.compare(same.stdout as Uint8Array, big), 0);
    const empty = await run(["cat"], { input: "", stdout: PIPE, text: true });
    assertEquals(empty.stdout, "");
  });

  Deno.test(`run({ input }) is not disturbed by who does not read it (${form})`, async () => {
    const done = await run(["true"], { input: new Uint8Array(2 ** 22) });
    assertEquals(done.returnCode, 0);
  });

  Deno.test(`run({ stderr: STDOUT }) keeps both in order (${form})`, async () => {
    const done = await run(
      ["sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2"],
      { stdout: PIPE, stderr: STDOUT, text: true },
    );
    assertEquals(done.stdout, "1\n2\n3\n4\n");
    assertEquals(done.stderr, undefined);
  });

  Deno.test(`run({ timeout }) kills the program, and tells what it wrote (${form})`, async () => {
    const error = await assertRejects(
      () =>
        run(["sh", "-c", `echo begun; exec sleep ${FOR_EVER}`], {
          captureOutput: true,
          text: true,
          timeout: MEDIUM * 3,
        }),
      TimeoutExpired,
      `it has run for ${MEDIUM * 3} ms`,
    );
    assertEquals(error.stdout, "begun\n");
    assertEquals(error.output, "begun\n");
    assertEquals(error.timeout, MEDIUM * 3);
  });

  Deno.test(`run({ timeout }) does not disturb who is in time (${form})`, async () => {
    const done = await run(["sh", "-c", "cat; exit 3"], {
      input: "hello",
      stdout: PIPE,
      text: true,
      timeout: LONG * 10,
    });
    assertEquals([done.stdout, done.returnCode], ["hello", 3]);
    const killed = await run(["sh", "-c", "kill -15 $$"], {
      timeout: LONG * 10,
    });
    assertEquals(killed.returnCode, -15);
  });

  Deno.test(`checkCall() and checkOutput() throw unless the code is 0 (${form})`, async () => {
    assertEquals(await checkCall(["true"]), 0);
    const error = await assertRejects(
      () => checkCall(["false"]),
      CalledProcessError,
    );
    assertEquals(error.returnCode, 1);
    assertEquals(await checkOutput(["echo", "hi"], { text: true }), "hi\n");
    const failed = await assertRejects(
      () => checkOutput(["sh", "-c", "echo half; kill -9 $$"], { text: true }),
      CalledProcessError,
      "signal 9 ended it",
    );
    assertEquals(failed.output, "half\n");
  });

  Deno.test(`run({ cwd, env }) runs elsewhere (${form})`, async () => {
    await withFolder(async (folder) => {
      const done = await run(["/bin/sh", "-c", "pwd; echo $A-$HOME"], {
        cwd: folder,
        env: { A: "b" },
        stdout: PIPE,
        text: true,
      });
      assertEquals(done.stdout, `${await Deno.realPath(folder)}\nb-\n`);
    });
  });

  Deno.test(`run({ stdin, stdout, stderr }) reads and fills files (${form})`, async () => {
    await withFolder(async (folder) => {
      const [from, to, errors] = ["in '1'", "out", "err"].map((name) =>
        `${folder}/${name}`
      ) as [string, string, string];
      await Deno.writeTextFile(from, "b\na\n");
      await Deno.writeTextFile(to, "something longer that was there before");
      using file = await Deno.open(errors, { write: true, create: true });
      const done = await run(["sh", "-c", "sort; echo problem >&2"], {
        stdin: from,
        stdout: to,
        stderr: file,
      });
      assertEquals(done.returnCode, 0);
      assertEquals(await Deno.readTextFile(to), "a\nb\n");
      assertEquals(await Deno.readTextFile(errors), "problem\n");
    });
  });

  Deno.test(`run({ stdin: DEVNULL }) gives an empty input (${form})`, async () => {
    const done = await run(["cat"], {
      stdin: DEVNULL,
      stdout: PIPE,
      stderr: DEVNULL,
    });
    assertEquals([done.stdout, done.returnCode], [bytes(""), 0]);
  });

  Deno.test(`run() says that there is no such program (${form})`, async () => {
    for (const options of [{}, { input: "x" }, { timeout: LONG }]) {
      await assertRejects(
        () => run(["no-such-program", "x"], options),
        Deno.errors.NotFound,
        "Cannot run program: there is no no-such-program",
      );
    }
    await assertRejects(
      () => run(["true"], { cwd: "/no/such/folder" }),
      Deno.errors.NotFound,
      "/no/such/folder",
    );
  });

  const misuse: [string, subprocess.Args, object, string][] = [
    ["no words", [], {}, "there is no command"],
    ["an empty name", "", {}, "there is no command"],
    ["a NUL", ["a\0b"], {}, "strings without NUL"],
    ["a number", [1 as unknown as string], {}, "strings without NUL"],
    ["input and stdin", "cat", { input: "", stdin: DEVNULL }, "both input"],
    [
      "captureOutput and stdout",
      "cat",
      { captureOutput: true, stdout: DEVNULL },
      "both captureOutput",
    ],
    ["a bad stdout", "cat", { stdout: 1 }, "stdout must be PIPE"],
    ["a bad input", "cat", { input: 1 }, "input must be a string"],
    ["a bad text", "cat", { text: 1 }, "text must be a boolean"],
    ["a bad timeout", "cat", { timeout: "1" }, "timeout must be a number"],
    [
      "text in UTF-16",
      "cat",
      { input: "x", encoding: "utf-16le" },
      "UTF-8 only",
    ],
  ];
  for (const [what, args, options, text] of misuse) {
    Deno.test(`run() refuses ${what} (${form})`, async () => {
      await assertRejects(
        async () => await run(args, options),
        TypeError,
        text,
      );
    });
  }
  Deno.test(`run() refuses what is out of range (${form})`, async () => {
    const bad = [{ timeout: -1 }, { encoding: "no-such-encoding" }];
    for (const options of bad) {
      await assertRejects(async () => await run("true", options), RangeError);
    }
  });
}

Deno.test("Popen runs beside the program", async () => {
  await using p = new Popen(["cat"], { stdin: PIPE, stdout: PIPE });
  assertEquals(p.poll(), undefined);
  assertEquals(p.returnCode, undefined);
  assert(p.pid > 0 && p.pid !== Deno.pid);
  await p.stdin!.write("hello\n");
  assertEquals(await p.stdout!.readLine(), bytes("hello"));
  await p.stdin!.close();
  assertEquals(await p.wait(), 0);
  assertEquals([p.poll(), p.returnCode], [0, 0]);
});

Deno.test("Popen.communicate() cannot deadlock with 64 MiB each way", async () => {
  const input = new Uint8Array(2 ** 26).fill(65);
  const p = new Popen(["sh", "-c", "tee /dev/stderr"], {
    stdin: PIPE,
    stdout: PIPE,
    stderr: PIPE,
  });
  const [stdout, stderr] = await p.communicate({ input });
  assertEquals([stdout!.length, stderr!.length], [2 ** 26, 2 ** 26]);
  assertEquals(p.returnCode, 0);
});

Deno.test("Popen.communicate({ timeout }) may be called again and loses nothing", async () => {
  const p = new Popen(["sh", "-c", "echo one; read line; echo $line"], {
    stdin: PIPE,
    stdout: PIPE,
    text: true,
  });
  // It gets its input only once it is known to have begun.
  const first = p.stdout!.collect();
  await until(() => p.stdout!.collected === "one\n");
  const [all] = await p.communicate({ input: "two\n" });
  await first;
  assertEquals(all, "one\ntwo\n");
  assertEquals(await p.communicate(), ["one\ntwo\n", undefined]);
});

Deno.test("Popen.communicate() goes on after its timeout", async () => {
  const p = new Popen(["sh", "-c", "cat; sleep 0.3; echo end"], {
    stdin: PIPE,
    stdout: PIPE,
    text: true,
  });
  const error = await assertRejects(
    () => p.communicate({ input: "begin\n", timeout: MEDIUM }),
    TimeoutExpired,
  );
  assertEquals(error.cmd, p.args);
  await assertRejects(
    () => p.communicate({ input: "again" }),
    StateError,
    "Cannot send input: it was sent already",
  );
  assertEquals(await p.communicate(), ["begin\nend\n", undefined]);
});

Deno.test("Popen.communicate() refuses input without a pipe", async () => {
  await using p = new Popen(["true"], { stdin: DEVNULL });
  await assertRejects(
    () => p.communicate({ input: "x" }),
    StateError,
    "Cannot send input: stdin is not a pipe",
  );
});

Deno.test("Popen.wait({ timeout }) leaves the program alone", async () => {
  await using p = new Popen(["sleep", FOR_EVER]);
  await assertRejects(() => p.wait({ timeout: 1 }), TimeoutExpired);
  await assertRejects(() => p.wait({ timeout: 0 }), TimeoutExpired);
  const gone = AbortSignal.abort(new TypeError("gone"));
  await assertRejects(() => p.wait({ signal: gone }), TypeError, "gone");
  assertEquals(p.poll(), undefined);
  p.terminate();
  assertEquals(await p.wait(), -15);
});

Deno.test("Popen.sendSignal() reaches the program, until it has ended", async () => {
  await using p = new Popen(
    [
      "sh",
      "-c",
      "trap 'echo caught; exit 7' USR1; echo ready; while :; do sleep 0.01; done",
    ],
    { stdout: PIPE, text: true },
  );
  assertEquals(await p.stdout!.readLine(), "ready");
  p.sendSignal("SIGUSR1");
  assertEquals(await p.stdout!.readLine(), "caught");
  assertEquals(await p.wait(), 7);
  p.sendSignal("SIGUSR1");
  p.terminate();
  p.kill();
  assertEquals(p.returnCode, 7);
});

Deno.test("Popen.kill() ends who ignores the rest", async () => {
  await using p = new Popen(
    ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"],
    { stdout: PIPE, text: true },
  );
  await p.stdout!.readLine();
  p.terminate();
  await assertRejects(() => p.wait({ timeout: MEDIUM }), TimeoutExpired);
  p.kill();
  assertEquals(await p.wait(), -9);
});

Deno.test("Popen feeds one program from another", async () => {
  await using p1 = new Popen(
    ["sh", "-c", "for i in 1 2 3 4; do echo $i; done"],
    {
      stdout: PIPE,
    },
  );
  await using p2 = new Popen(["grep", "-v", "3"], {
    stdin: p1.stdout!,
    stdout: PIPE,
  });
  const p3 = new Popen(["tr", "\n", ","], {
    stdin: p2.stdout!.readable,
    stdout: PIPE,
    text: true,
  });
  assertEquals((await p3.communicate())[0], "1,2,4,");
  assertEquals([await p1.wait(), await p2.wait(), p3.returnCode], [0, 0, 0]);
});

Deno.test("Popen ends a pipeline whose reader has seen enough", async () => {
  await using p1 = new Popen(["yes"], { stdout: PIPE });
  const p2 = new Popen(["head", "-n", "2"], {
    stdin: p1.stdout!,
    stdout: PIPE,
    text: true,
  });
  assertEquals((await p2.communicate())[0], "y\ny\n");
  // Nobody reads it any more: SIGPIPE.
  assertEquals(await p1.wait(), -13);
});

Deno.test("ProgramOutput gives lines as they come", async () => {
  const script = "printf 'one\\r\\ntwo\\rthree\\n\\nlast'";
  await using p = new Popen(script, { shell: true, stdout: PIPE, text: true });
  assertEquals(await Array.fromAsync(p.stdout!), [
    "one",
    "two",
    "three",
    "",
    "last",
  ]);
  await using q = new Popen(script, { shell: true, stdout: PIPE });
  const lines = await Array.fromAsync(q.stdout!);
  assertEquals(
    lines.map((line) => new TextDecoder().decode(line as Uint8Array)),
    [
      "one\r",
      "two\rthree",
      "",
      "last",
    ],
  );
});

Deno.test("ProgramOutput reads the rest after some lines", async () => {
  await using p = new Popen(["printf", "a\\nb\\nc\\n"], {
    stdout: PIPE,
    text: true,
  });
  assertEquals(await p.stdout!.readLine(), "a");
  assertEquals(await p.stdout!.readLine(), "b");
  assertEquals(await p.stdout!.readLine(), "c");
  assertEquals(await p.stdout!.readLine(), undefined);
});

Deno.test("ProgramInput refuses what nobody reads", async () => {
  await using p = new Popen(["true"], { stdin: PIPE });
  await p.wait();
  await assertRejects(async () => {
    while (true) await p.stdin!.write("x".repeat(2 ** 16));
  }, "Cannot write to program");
  await p.stdin!.close();
  await assertRejects(() => p.stdin!.write("x"), StateError, "was closed");
});

Deno.test("Popen is disposed of: input closed, output dropped, ended", async () => {
  let p: subprocess.Popen;
  {
    await using running = new Popen(["cat"], { stdin: PIPE, stdout: PIPE });
    await running.stdin!.write("never read");
    p = running;
  }
  // What it wrote to the closed pipe has ended it, or it was done before.
  assert([0, -13].includes(p.returnCode!), `return code ${p.returnCode}`);
});

Deno.test("Popen runs 200 programs at once", async () => {
  const all = Array.from(
    { length: 200 },
    (_, i) => new Popen(["sh", "-c", `exit ${i}`]),
  );
  assertEquals(
    await Promise.all(all.map((p) => p.wait())),
    all.map((_, i) => i),
  );
});

Deno.test("Popen quotes nothing, and the shell does not see words", async () => {
  const odd = "a b; echo $HOME 'x' \"y\" *";
  const plain = await subprocess.checkOutput(["printf", "%s", odd], {
    text: true,
  });
  assertEquals(plain, odd);
  const shell = await subprocess.checkOutput(['printf %s "$0"', odd], {
    shell: true,
    text: true,
  });
  assertEquals(shell, odd);
});

Deno.test("getOutput() and getStatusOutput() take the end of the line off", async () => {
  assertEquals(
    await subprocess.getOutput("echo a; echo b >&2; echo"),
    "a\nb\n",
  );
  assertEquals(await subprocess.getStatusOutput("exit 9"), [9, ""]);
  assertEquals(await subprocess.getStatusOutput("kill -9 $$"), [-9, ""]);
});

Deno.test("run() takes no longer than its program", async () => {
  const start = performance.now();
  await subprocess.run(["true"]);
  assertLess(performance.now() - start, LONG);
});

Deno.test("a program that is not waited for does not keep us alive", async () => {
  const url = new URL("../mod.ts", import.meta.url).href;
  const code = `import { subprocess } from "${url}";
    const { DEVNULL: to } = subprocess;
    const p = new subprocess.Popen(["sleep", "${FOR_EVER}"], { stdout: to, stderr: to });
    console.log(p.pid);`;
  const start = performance.now();
  const output = await subprocess.checkOutput(
    [Deno.execPath(), "eval", code],
    { text: true },
  );
  assertLess(performance.now() - start, Number(FOR_EVER) * 1000);
  Deno.kill(Number(output), "SIGKILL");
});

Deno.test("a file is whole when wait() returns", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/out`;
    const p = new Popen(["head", "-c", "5000000", "/dev/zero"], {
      stdout: new URL(`file://${path}`),
    });
    assertEquals(await p.wait(), 0);
    assertEquals((await Deno.stat(path)).size, 5_000_000);
  });
});

Deno.test("CalledProcessError and TimeoutExpired are errors of this module", () => {
  assertEquals(subprocess.CalledProcessError, CalledProcessError);
  const failure = { command: "x", stdout: undefined, stderr: undefined };
  const error = new TimeoutExpired(5, failure);
  assertInstanceOf(error, Error);
  assertStringIncludes(String(error), "TimeoutExpired: Cannot complete x");
});
