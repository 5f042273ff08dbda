// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { delay } from "@std/async";
import {
  BrokenPipeError,
  CalledProcessError,
  type Connection,
  Pipe,
  Process,
  StateError,
  subprocess,
  TimeoutExpired,
} from "../../mod.ts";
import { HUNG, LONG, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { inFolder, runText } from "../_support/programs.ts";
import { sh } from "../_support/shell.ts";
import { isPending, until } from "../_support/until.ts";

const {
  call,
  checkCall,
  checkOutput,
  DEVNULL,
  getOutput,
  getStatusOutput,
  PIPE,
  Popen,
  run,
  runSync,
  STDOUT,
} = subprocess;
const { NotFound, PermissionDenied } = Deno.errors;

/** A child that runs commands of its own. */
export async function runBoth(connection: Connection<string>) {
  const echo = (word: string) => ["printf", "%s", word];
  await connection.send(await checkOutput(echo("async"), { text: true }));
  const options = { text: true, timeout: 10 * LONG } as const;
  connection.sendSync(subprocess.checkOutputSync(echo("sync"), options));
}

const DECODER = new TextDecoder();
const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);

function text(bytes: Uint8Array | undefined): string {
  return DECODER.decode(bytes);
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** Bytes that differ from their neighbours, so that none can be lost unseen. */
function pattern(size: number): Uint8Array {
  const words = new Uint32Array(size / 4);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 2654435761);
  return new Uint8Array(words.buffer);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const views = [a, b].map((bytes) => new BigUint64Array(bytes.slice().buffer));
  const [x, y] = views as [BigUint64Array, BigUint64Array];
  return x.length === y.length && x.every((word, i) => word === y[i]);
}

/** Resolves when the command has written something to its stdout. */
async function firstOutput(p: { stdout: ReadableStream | undefined }) {
  const reader = p.stdout!.getReader();
  await reader.read();
  reader.releaseLock();
}

// Ends

Deno.test("call() resolves with the exit code", async () => {
  assertEquals(await call(["true"]), 0);
  assertEquals(await call("false"), 1);
  assertEquals(await call(sh("exit 77")), 77);
});

Deno.test("call() resolves with -N after signal N", async () => {
  assertEquals(await call(sh("kill -TERM $$")), -15);
  assertEquals(await call(sh("kill -KILL $$")), -9);
  assertEquals(await call(sh("kill -USR1 $$")), -10);
});

Deno.test("call() does not take a high exit code for a signal", async () => {
  assertEquals(await call(sh("exit 143")), 143);
});

Deno.test("call() drops what comes out of a pipe and cannot block", async () => {
  const options = { stdout: PIPE, stderr: PIPE };
  const script = "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2";
  assertEquals(await call(sh(script), options), 0);
});

Deno.test("checkCall() resolves with 0", async () => {
  assertEquals(await checkCall(["true"]), 0);
});

Deno.test("checkCall() throws CalledProcessError for another code", async () => {
  const args = sh("exit 3");
  const error = await assertRejects(() => checkCall(args), CalledProcessError);
  assertEquals(error.returnCode, 3);
  assertStrictEquals(error.cmd, args);
  assertEquals(error.output, undefined);
  assertEquals(error.message, 'Cannot run sh -c "exit 3" sh: it returned 3');
});

Deno.test("checkCall() throws CalledProcessError for a signal", async () => {
  const error = await assertRejects(
    () => checkCall(sh("kill -9 $$")),
    CalledProcessError,
    "it was ended by signal 9 (SIGKILL)",
  );
  assertEquals(error.returnCode, -9);
});

Deno.test("checkOutput() resolves with the output", async () => {
  const output = await checkOutput(["printf", "a\\r\\n"]);
  assertEquals(output, bytes(97, 13, 10));
  assertEquals(await checkOutput(["cat"], { input: "hi", text: true }), "hi");
});

Deno.test("checkOutput() throws CalledProcessError with the output", async () => {
  const command = sh("echo out; echo err >&2; exit 2");
  const error = await assertRejects(
    () => checkOutput(command, { stderr: PIPE, text: true }),
    CalledProcessError,
  );
  assertEquals(error.output, "out\n");
  assertEquals(error.stdout, "out\n");
  assertEquals(error.stderr, "err\n");
});

Deno.test("run() captures stdout and stderr apart", async () => {
  const command = sh("echo out; echo err >&2; exit 4");
  const done = await run(command, { captureOutput: true });
  assertInstanceOf(done, subprocess.CompletedProcess);
  assertEquals(done.returnCode, 4);
  assertEquals(text(done.stdout), "out\n");
  assertEquals(text(done.stderr), "err\n");
});

Deno.test("run() leaves outputs alone that are not piped", async () => {
  const done = await run(["true"]);
  assertEquals([done.stdout, done.stderr], [undefined, undefined]);
});

Deno.test("run() throws for check and a bad end", async () => {
  const error = await assertRejects(
    () => run(sh("echo out; exit 1"), { check: true, stdout: PIPE }),
    CalledProcessError,
  );
  assertEquals(error.output, bytes(111, 117, 116, 10));
});

Deno.test("CompletedProcess.checkReturnCode() throws for another code than 0", async () => {
  (await run(["true"])).checkReturnCode();
  const done = await run(["false"]);
  assertThrows(() => done.checkReturnCode(), CalledProcessError);
});

Deno.test("getOutput() has stdout and stderr without the last newline", async () => {
  const script = "echo one; echo two >&2; echo three; echo";
  assertEquals(await getOutput(script), "one\ntwo\nthree\n");
});

Deno.test("getStatusOutput() has the exit code, however it ended", async () => {
  assertEquals(await getStatusOutput("echo no; exit 5"), [5, "no"]);
  assertEquals((await getStatusOutput("kill -15 $$"))[0], -15);
  const [code, output] = await getStatusOutput("no_such_command_at_all");
  assertEquals(code, 127);
  assertStringIncludes(output, "no_such_command_at_all");
});

// Surroundings

Deno.test("run() takes the command's words as they are", async () => {
  const words = [
    "a b",
    "$HOME",
    "*",
    "'",
    '"',
    "\\",
    "\n",
    "",
    "ü",
    "; exit 1",
  ];
  const output = await checkOutput(["printf", "%s|", ...words], { text: true });
  assertEquals(output, words.join("|") + "|");
});

Deno.test("run() with shell runs a line and gives it arguments", async () => {
  const options = { shell: true, text: true } as const;
  assertEquals(await checkOutput("echo $((1 + 2)) | cat", options), "3\n");
  const output = await checkOutput(['echo "$0-$1"', "a b", "c"], options);
  assertEquals(output, "a b-c\n");
});

Deno.test("run() runs in cwd", async () => {
  await inFolder(async (folder) => {
    const real = await Deno.realPath(folder);
    assertEquals(await getOutput("pwd -P", { cwd: folder }), real);
    const cwd = new URL(`file://${folder}/`);
    const output = await checkOutput(["pwd", "-P"], { cwd, text: true });
    assertEquals(output, `${real}\n`);
  });
});

Deno.test("run() gives the command env and nothing else", async () => {
  const output = await checkOutput(["/usr/bin/env"], {
    env: { ONE: "1", TWO: "a b" },
    text: true,
  });
  assertEquals(output, "ONE=1\nTWO=a b\n");
});

Deno.test("run() and runSync() give exactly env, whatever else is asked", async () => {
  const options = [
    {},
    { timeout: 10 * LONG },
    { timeout: 10 * LONG, input: "x" },
    { stderr: STDOUT },
    { timeout: 10 * LONG, stderr: STDOUT },
  ] as const;
  for (const env of [{ A: "1" }, { PWD: "/x", OLDPWD: "it's" }, {}]) {
    const lines = Object.entries(env).map(([name, value]) =>
      `${name}=${value}`
    );
    for (const more of options) {
      const all = { ...more, env, stdout: PIPE, text: true } as const;
      const told = [
        await run("/usr/bin/env", all),
        runSync("/usr/bin/env", all),
      ];
      for (const { stdout } of told) {
        const got = stdout!.split("\n").filter(Boolean);
        assertEquals(got.sort(), lines.sort());
      }
    }
  }
});

Deno.test("run() gives the command this environment without env", async () => {
  assertEquals(await getOutput('echo "$PATH"'), Deno.env.get("PATH"));
});

Deno.test("run() takes the URL of a program", async () => {
  assertEquals(await call(new URL("file:///bin/sh"), { stdin: DEVNULL }), 0);
});

// Nothing to run

for (
  const [name, options] of Object.entries({
    "without options": {},
    "with cwd": { cwd: "/" },
    "with stderr in the pipe": { stdout: PIPE, stderr: STDOUT },
    "with a timeout": { timeout: LONG },
  })
) {
  Deno.test(`run() throws NotFound for no such command ${name}`, async () => {
    const text = "Cannot run no_such_command: there is no such command";
    const command = ["no_such_command"];
    await assertRejects(() => run(command, options), NotFound, text);
    assertThrows(() => runSync(command, options), NotFound, text);
  });

  Deno.test(`run() throws PermissionDenied for a file that is no program ${name}`, async () => {
    const file = new URL("../../LICENSE", import.meta.url);
    await assertRejects(() => run(file, options), PermissionDenied);
    assertThrows(() => runSync(file, options), PermissionDenied);
  });
}

Deno.test("run() throws NotFound for no such folder or file", async () => {
  for (const options of [{ cwd: "/no/such" }, { stdin: "/no/such" }]) {
    await assertRejects(() => run(["true"], options), NotFound, "/no/such");
  }
});

Deno.test("new Popen() throws at once for no such command", () => {
  for (const stderr of [undefined, STDOUT] as const) {
    const options = { stdout: PIPE, stderr };
    assertThrows(() => new Popen(["no_such_command"], options), NotFound);
  }
});

// Streams

Deno.test("Popen.communicate() sends 64 MiB and gets them back", async () => {
  const input = pattern(64 * 2 ** 20);
  const p = new Popen(["cat"], { stdin: PIPE, stdout: PIPE });
  const [output, errors] = await p.communicate({ input });
  assert(isSame(output!, input));
  assertEquals(errors, undefined);
  assertEquals(p.returnCode, 0);
});

Deno.test("Popen.communicate() takes its input first, as in Python", async () => {
  const cat = () => new Popen("cat", { stdin: PIPE, stdout: PIPE, text: true });
  assertEquals((await cat().communicate("banana"))[0], "banana");
  const bytes = new TextEncoder().encode("banana");
  const limits = { timeout: HUNG };
  assertEquals((await cat().communicate(bytes, limits))[0], "banana");
  assertEquals((await cat().communicate(undefined, limits))[0], "");
  const wrong: [unknown, unknown, string][] = [
    [5, undefined, "input must be bytes or a string: got number"],
    [null, undefined, "input must be bytes or a string: got null"],
    ["a", 5, "options must be an object, as { timeout: 5 } in milliseconds"],
    ["a", { input: "b" }, "there is no option input"],
    [{ input: "a" }, limits, "both arguments are options"],
  ];
  for (const [input, options, text] of wrong) {
    await using p = cat();
    await assertRejects(
      () => p.communicate(input as string, options as typeof limits),
      TypeError,
      text,
    );
  }
});

Deno.test("Popen.communicate() reads both outputs at once", async () => {
  const size = 2 ** 22;
  const script = `head -c ${size} /dev/zero >&2; head -c ${size} /dev/zero;
    head -c ${size} /dev/zero >&2`;
  const p = new Popen(sh(script), { stdout: PIPE, stderr: PIPE });
  const [output, errors] = await p.communicate();
  assertEquals([output!.length, errors!.length], [size, 2 * size]);
});

Deno.test("Popen.communicate() ends well though its input is not read", async () => {
  const input = new Uint8Array(2 ** 22);
  const commands = [["true"], sh("exec <&-; echo done"), ["head", "-c1"]];
  for (const command of commands) {
    const p = new Popen(command, { stdin: PIPE, stdout: PIPE });
    await p.communicate({ input });
    assertEquals(p.returnCode, 0);
  }
});

Deno.test("Popen.communicate() closes stdin without input", async () => {
  const p = new Popen(["cat"], { stdin: PIPE, stdout: PIPE, text: true });
  assertEquals(await p.communicate(), ["", undefined]);
});

Deno.test("Popen.communicate() has the same to say again", async () => {
  const p = new Popen(["echo", "hi"], { stdout: PIPE, text: true });
  assertEquals(await p.communicate(), ["hi\n", undefined]);
  assertEquals(await p.communicate(), ["hi\n", undefined]);
});

Deno.test("Popen.communicate() has the rest of what users read", async () => {
  const p = new Popen(["cat"], { stdin: PIPE, stdout: PIPE, text: true });
  const writer = p.stdin!.getWriter();
  await writer.write("one\n");
  writer.releaseLock();
  const reader = p.stdout!.getReader();
  assertEquals(await reader.read(), { done: false, value: "one\n" });
  reader.releaseLock();
  assertEquals(await p.communicate({ input: "two\n" }), ["two\n", undefined]);
});

Deno.test("Popen.stdin throws BrokenPipeError when the command has closed it", async () => {
  await using p = new Popen(sh("exec <&-"), { stdin: PIPE });
  await p.wait();
  const writer = p.stdin!.getWriter();
  await assertRejects(() => writer.write("x"), BrokenPipeError);
});

Deno.test("Popen.stdin refuses what is neither bytes nor a string", async () => {
  await using p = new Popen(["cat"], { stdin: PIPE, stdout: DEVNULL });
  const writer = p.stdin!.getWriter();
  await assertRejects(() => writer.write(1 as never), TypeError);
});

Deno.test("Popen.stdout leaves in the pipe what nobody reads", async () => {
  await using p = new Popen(["head", "-c", "1000000", "/dev/zero"], {
    stdout: PIPE,
  });
  assert(await isPending(p.wait(), MEDIUM));
  let size = 0;
  for await (const chunk of p.stdout!) size += chunk.length;
  assertEquals(size, 1_000_000);
  assertEquals(await p.wait(), 0);
});

Deno.test("Popen.stdin and stdout serve a dialogue", async () => {
  const script = 'while read -r n; do echo "$((n * n))"; done';
  await using p = new Popen(sh(script), { stdin: PIPE, stdout: PIPE });
  const writer = p.stdin!.getWriter();
  const lines = p.lines();
  for (let n = 0; n < 50; n++) {
    await writer.write(`${n}\n`);
    assertEquals((await lines.next()).value, String(n * n));
  }
  await writer.close();
  assertEquals((await lines.next()).done, true);
  assertEquals(await p.wait(), 0);
});

Deno.test("STDOUT puts stderr into the pipe in the order of writing", async () => {
  const script = "for i in 1 2 3; do echo o$i; echo e$i >&2; done";
  const options = { stdout: PIPE, stderr: STDOUT, text: true } as const;
  const { stdout, stderr } = await run(sh(script), options);
  assertEquals(stdout, "o1\ne1\no2\ne2\no3\ne3\n");
  assertEquals(stderr, undefined);
});

Deno.test("STDOUT keeps pid, words and the way of ending", async () => {
  const p = new Popen(sh('echo $$ "$1"; kill -TERM $$', "a b"), {
    stdout: PIPE,
    stderr: STDOUT,
    text: true,
  });
  assertEquals((await p.communicate())[0], `${p.pid} a b\n`);
  assertEquals(p.returnCode, -15);
});

Deno.test("DEVNULL gives no input and drops output", async () => {
  const script = "cat; echo out; echo err >&2";
  const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: STDOUT };
  assertEquals(await call(sh(script), options), 0);
});

Deno.test("stdin, stdout and stderr are those of this process by default", async () => {
  const { stdout, stderr } = await runText(`
    import { subprocess } from ${MOD};
    subprocess.callSync(["sh", "-c", "cat; echo err >&2"]);
    await subprocess.call(["sh", "-c", "echo out; echo too >&2"]);
    await subprocess.call(["sh", "-c", "echo merged >&2"],
      { stderr: subprocess.STDOUT });`);
  assertEquals(stdout, "out\nmerged\n");
  assertEquals(stderr, "err\ntoo\n");
});

Deno.test("stdout takes the path of a file, which is made or emptied", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/out`;
    for (const file of [path, new URL(`file://${path}`)]) {
      await Deno.writeTextFile(path, "longer than what comes");
      await call(sh("echo out; echo err >&2"), {
        stdout: file,
        stderr: STDOUT,
      });
      assertEquals(await Deno.readTextFile(path), "out\nerr\n");
    }
    await call(sh("echo out; echo err >&2"), { stdout: path, stderr: path });
    assertEquals(await Deno.readTextFile(path), "out\nerr\n");
    const output = await checkOutput(["cat"], { stdin: path, text: true });
    assertEquals(output, "out\nerr\n");
  });
});

Deno.test("stdout takes a descriptor, which stays open", async () => {
  const { closeSync, openSync } = await import("node:fs");
  await inFolder(async (folder) => {
    const path = `${folder}/out`;
    const descriptor = openSync(path, "a");
    for (const word of ["one", "two"]) {
      await call(["echo", word], { stdout: descriptor });
      subprocess.callSync(["echo", word], { stdout: descriptor });
    }
    closeSync(descriptor);
    assertEquals(await Deno.readTextFile(path), "one\none\ntwo\ntwo\n");
  });
});

Deno.test("stdin and stdout take open files, which stay open", async () => {
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/in`, pattern(2 ** 20));
    using input = await Deno.open(`${folder}/in`);
    using output = await Deno.create(`${folder}/out`);
    await call(["cat"], { stdin: input, stdout: output });
    await call(["echo", "end"], { stdout: DEVNULL, stderr: output });
    await call(sh("echo end >&2"), { stdout: output, stderr: STDOUT });
    const written = await Deno.readFile(`${folder}/out`);
    assert(isSame(written.subarray(0, 2 ** 20), pattern(2 ** 20)));
    assertEquals(text(written.subarray(2 ** 20)), "end\n");
  });
});

Deno.test("stdin takes a stream", async () => {
  const stdin = ReadableStream.from([bytes(97), "b", bytes(99)]);
  const output = await checkOutput(["cat"], { stdin, text: true });
  assertEquals(output, "abc");
});

Deno.test("stdin lets go of a stream when the command ends", async () => {
  let reason: unknown;
  const stdin = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(2 ** 16)),
    cancel: (why) => void (reason = why),
  });
  assertEquals(await call(["true"], { stdin }), 0);
  assert(reason !== undefined);
});

Deno.test("stdin lets go of a stream that is silent when the command ends", async () => {
  let isCancelled = false;
  const stdin = new ReadableStream({ cancel: () => void (isCancelled = true) });
  assertEquals(await call(["true"], { stdin }), 0);
  assert(isCancelled);
});

Deno.test("stdin hands on the error of its stream", async () => {
  const stdin = new ReadableStream({
    start: (controller) => controller.error(new RangeError("mine")),
  });
  await assertRejects(() => call(["cat"], { stdin }), RangeError, "mine");
});

Deno.test("Popen.stdout feeds the stdin of the next", async () => {
  await using p1 = new Popen(["seq", "100000"], { stdout: PIPE });
  await using p2 = new Popen(["sort", "-rn"], {
    stdin: p1.stdout,
    stdout: PIPE,
  });
  await using p3 = new Popen(["head", "-n", "2"], {
    stdin: p2.stdout,
    stdout: PIPE,
    text: true,
  });
  assertEquals((await p3.communicate())[0], "100000\n99999\n");
  assertEquals(await p1.wait(), 0);
});

Deno.test("a pipeline ends from its far end", async () => {
  await using p1 = new Popen(["yes"], { stdout: PIPE });
  await using p2 = new Popen(["head", "-n", "1"], {
    stdin: p1.stdout,
    stdout: PIPE,
    text: true,
  });
  assertEquals((await p2.communicate())[0], "y\n");
  assertEquals(await p1.wait(), -13);
});

// Text

Deno.test("text makes one newline of all kinds, wherever a piece ends", async () => {
  const script = "printf 'a\\r'; sleep 0.02; printf '\\nb\\r'; sleep 0.02;" +
    "printf 'c\\nd\\r'";
  const p = new Popen(sh(script), { stdout: PIPE, universalNewlines: true });
  let output = "";
  for await (const piece of p.stdout!) output += piece;
  assertEquals(output, "a\nb\nc\nd\n");
  await p.wait();
  assertEquals(await checkOutput(sh(script), { text: true }), "a\nb\nc\nd\n");
});

Deno.test("text keeps characters whole, wherever a piece ends", async () => {
  const script = "printf '\\303'; sleep 0.02; printf '\\274'";
  const p = new Popen(sh(script), { stdout: PIPE, text: true });
  assertEquals(await Array.fromAsync(p.stdout!), ["ü"]);
  await p.wait();
});

Deno.test("encoding decodes the output", async () => {
  const options = { encoding: "utf-16le" };
  const output = await checkOutput(["printf", "h\\000i\\000"], options);
  assertEquals(output, "hi");
});

Deno.test("errors says what becomes of bytes that are no text", async () => {
  const command = ["printf", "a\\377b"];
  await assertRejects(
    () => checkOutput(command, { text: true }),
    TypeError,
    "Cannot decode output: it is not valid utf-8",
  );
  assertEquals(await checkOutput(command, { errors: "replace" }), "a\ufffdb");
});

Deno.test("Popen.lines() has the lines as they come", async () => {
  const script = "echo one; read x; printf 'two\\r\\n\\nthree'; echo err >&2";
  await using p = new Popen(sh(script), {
    stdin: PIPE,
    stdout: PIPE,
    stderr: PIPE,
  });
  const lines = p.lines();
  assertEquals((await lines.next()).value, "one");
  await p.stdin!.close();
  assertEquals(await Array.fromAsync(lines), ["two", "", "three"]);
  assertEquals(await Array.fromAsync(p.lines("stderr")), ["err"]);
});

Deno.test("Popen.lines() closes the pipe when the loop is left", async () => {
  await using p = new Popen(["yes"], { stdout: PIPE, text: true });
  for await (const line of p.lines()) {
    assertEquals(line, "y");
    break;
  }
  assertEquals(await p.wait(), -13);
});

Deno.test("Popen.lines() refuses a stream that is no pipe", async () => {
  await using p = new Popen(["true"]);
  assertThrows(() => p.lines(), TypeError, "stdout is not a pipe");
});

// Time

Deno.test("run() kills a command whose time is up and has its output", async () => {
  const started = performance.now();
  const command = sh("echo so far; echo oh >&2; exec sleep 60");
  const error = await assertRejects(
    () => run(command, { captureOutput: true, timeout: LONG / 4 }),
    TimeoutExpired,
    `it did not end within ${LONG / 4} ms`,
  );
  assertLess(performance.now() - started, 4 * LONG);
  assertEquals(text(error.output as Uint8Array), "so far\n");
  assertEquals(text(error.stderr as Uint8Array), "oh\n");
  assertEquals(error.timeout, LONG / 4);
});

Deno.test("run() does not wait for the children of a command whose time is up", async () => {
  const started = performance.now();
  await assertRejects(
    () => run(sh("sleep 30 & wait"), { stdout: PIPE, timeout: SHORT }),
    TimeoutExpired,
  );
  assertLess(performance.now() - started, 4 * LONG);
});

Deno.test("run() has text in TimeoutExpired for text, without half a character", async () => {
  const command = sh("printf 'a\\303'; exec sleep 60");
  const options = { captureOutput: true, text: true } as const;
  const error = await assertRejects(
    () => run(command, { ...options, timeout: LONG / 4 }),
    TimeoutExpired,
  );
  assertEquals(error.output, "a");
});

Deno.test("run() gives up for its signal and kills the command", async () => {
  const reason = new RangeError("enough");
  const controller = new AbortController();
  const { signal } = controller;
  const running = run(["sleep", "60"], { signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => running), reason);
  const again = await assertRejects(() => run(["true"], { signal }));
  assertStrictEquals(again, reason);
});

Deno.test("Popen.wait() leaves a command alone whose time is up", async () => {
  await using p = new Popen(["cat"], { stdin: PIPE });
  const error = await assertRejects(
    () => p.wait({ timeout: SHORT }),
    TimeoutExpired,
  );
  assertEquals(error.output, undefined);
  assertEquals(p.poll(), undefined);
  await p.stdin!.close();
  assertEquals(await p.wait({ timeout: LONG }), 0);
  assertEquals(await p.wait({ timeout: 0 }), 0);
});

Deno.test("Popen.communicate() loses nothing when its time is up", async () => {
  await inFolder(async (folder) => {
    const go = `${folder}/go`;
    const p = new Popen(
      sh('echo one; until [ -e "$1" ]; do sleep 0.01; done; cat', go),
      { stdin: PIPE, stdout: PIPE, text: true },
    );
    const input = "x".repeat(2 ** 20);
    const error = await assertRejects(
      () => p.communicate({ input, timeout: LONG / 4 }),
      TimeoutExpired,
    );
    assertEquals(error.output, "one\n");
    assertEquals(p.poll(), undefined);
    await Deno.writeTextFile(go, "");
    const [output] = await p.communicate({ timeout: 4 * LONG });
    assertEquals(output, `one\n${input}`);
  });
});

// Life

Deno.test("new Popen() does not wait for the command", async () => {
  await using p = new Popen(["cat"], { stdin: PIPE });
  assertGreater(p.pid, 0);
  assertEquals(p.poll(), undefined);
  assertEquals(p.returnCode, undefined);
});

Deno.test("Popen.poll() sees the end", async () => {
  await using p = new Popen(sh("exit 6"));
  await until(() => p.poll() !== undefined);
  assertEquals(p.poll(), 6);
  assertEquals(p.returnCode, 6);
});

Deno.test("Popen.terminate(), kill() and sendSignal() end it by their signals", async () => {
  for (
    const [end, code] of [
      [(p: subprocess.Popen) => p.terminate(), -15],
      [(p: subprocess.Popen) => p.kill(), -9],
      [(p: subprocess.Popen) => p.sendSignal("SIGINT"), -2],
      [(p: subprocess.Popen) => p.sendSignal(10), -10],
    ] as const
  ) {
    const p = new Popen(["sleep", "60"]);
    end(p);
    assertEquals(await p.wait(), code);
    end(p);
  }
});

Deno.test("Popen.terminate() leaves the exit code to a command that catches it", async () => {
  const script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done";
  await using p = new Popen(sh(script), { stdout: PIPE });
  await firstOutput(p);
  p.terminate();
  assertEquals(await p.wait(), 7);
});

Deno.test("Popen.sendSignal() refuses what is no signal", async () => {
  const p = new Popen(["sleep", "60"]);
  for (const signal of ["SIGNOT", "", 999, -1, 1.5, undefined, {}]) {
    assertThrows(() => p.sendSignal(signal as number), TypeError);
  }
  p.sendSignal(0);
  p.kill();
  assertEquals(await p.wait(), -9);
});

Deno.test("Popen[Symbol.asyncDispose]() closes the pipes and waits", async () => {
  let p;
  {
    await using cat = new Popen(["cat"], { stdin: PIPE, stdout: PIPE });
    p = cat;
    assertEquals(p.poll(), undefined);
  }
  assertEquals(p.returnCode, 0);
});

Deno.test("Popen[Symbol.asyncDispose]() closes pipes that are locked", async () => {
  let p;
  {
    await using cat = new Popen(["cat"], { stdin: PIPE, stdout: PIPE });
    p = cat;
    p.stdin!.getWriter();
    p.stdout!.getReader();
  }
  assertEquals(p.returnCode, 0);
});

Deno.test("a program does not wait for a command that it has left", async () => {
  const { code, stdout } = await runText(
    `
    import { subprocess } from ${MOD};
    const { DEVNULL, Popen } = subprocess;
    const p = new Popen(["sleep", "60"], { stdout: DEVNULL, stderr: DEVNULL });
    console.log(p.pid);`,
    { limit: 10 * LONG },
  );
  Deno.kill(Number(stdout), "SIGKILL");
  assertGreater(Number(stdout), 0);
  assertEquals(code, 0);
});

Deno.test("Popen runs 200 commands side by side", async () => {
  const codes = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const options = { stdin: PIPE, stdout: PIPE, text: true } as const;
      const p = new Popen(sh('cat; exit "$1"', String(i)), options);
      const [output] = await p.communicate({ input: `input ${i}` });
      assertEquals(output, `input ${i}`);
      return p.returnCode;
    }),
  );
  assertEquals(codes, Array.from({ length: 200 }, (_, i) => i));
});

Deno.test("Popen.wait() and run() throw for a signal that the platform cannot name", async () => {
  // A program that does not wait is not troubled by it.
  const { code, stdout } = await runText(`
    import { subprocess } from ${MOD};
    const p = new subprocess.Popen(["sh", "-c", "kill -40 $$"]);
    await new subprocess.Popen(["sleep", "0.05"]).wait();
    await p.wait().catch((error) => console.log(error.name));
    await subprocess.run(["sh", "-c", "kill -40 $$"])
      .catch((error) => console.log(error.name));`);
  assertEquals([code, stdout], [0, "TypeError\nTypeError\n"]);
});

contract.test("run() and runSync() run commands in a child", async (method) => {
  const [near, far] = Pipe<string>();
  const child = new Process({ target: runBoth, args: [far], method });
  child.start();
  far.close();
  assertEquals(await Array.fromAsync(near), ["async", "sync"]);
  await child.join();
  assertEquals(child.exitCode, 0);
});

// Misuse

const MISUSE: Record<string, [unknown, unknown]> = {
  "no command": [undefined, {}],
  "an empty command": [[], {}],
  "an empty program": ["", {}],
  "a number as a word": [["echo", 1], {}],
  "a null character": [["echo", "a\0b"], {}],
  "a URL of the web": [new URL("https://example.com/"), {}],
  "options that are no object": ["true", 1],
  "options that are null": ["true", null],
  "an option that there is not": ["true", { captureOuput: true }],
  "a shell that is no flag": ["true", { shell: "bash" }],
  "a text that is no flag": ["true", { text: 1 }],
  "text against universalNewlines": ["true", {
    text: true,
    universalNewlines: false,
  }],
  "an encoding that there is not": ["true", { encoding: "utf-7000" }],
  "errors that there are not": ["true", { errors: "surrogateescape" }],
  "a cwd that is no path": ["true", { cwd: 1 }],
  "an env that is no object": ["true", { env: "A=1" }],
  "an env with a number": ["true", { env: { A: 1 } }],
  "an env with a name that is two": ["true", { env: { "A=B": "1" } }],
  "Deno's word for a pipe": ["true", { stdout: "piped" }],
  "Deno's word for nothing": ["true", { stdin: "null" }],
  "Deno's word for sharing": ["true", { stderr: "inherit" }],
  "stdin to stdout": ["true", { stdin: STDOUT }],
  "stdout to stdout": ["true", { stdout: STDOUT }],
  "no descriptor": ["true", { stdout: 1.5 }],
  "a stream as stdout": ["true", { stdout: new WritableStream() }],
  "null as stdin": ["true", { stdin: null }],
};

const MISUSE_OF_RUN: Record<string, [unknown, unknown]> = {
  "input of the wrong kind": ["true", { input: 1 }],
  "input beside stdin": ["true", { input: "a", stdin: PIPE }],
  "captureOutput beside stdout": ["true", {
    captureOutput: true,
    stdout: PIPE,
  }],
  "captureOutput beside stderr": ["true", {
    captureOutput: true,
    stderr: STDOUT,
  }],
  "a check that is no flag": ["true", { check: 1 }],
  "a captureOutput that is no flag": ["true", { captureOutput: 1 }],
  "a timeout that is no number": ["true", { timeout: "1" }],
  "a signal that is none": ["true", { signal: "SIGTERM" }],
};

for (const [name, [args, options]] of Object.entries(MISUSE)) {
  Deno.test(`new Popen() refuses ${name}`, () => {
    assertThrows(() => new Popen(args as string, options as never), TypeError);
  });
}

for (
  const [name, [args, options]] of Object.entries({
    ...MISUSE,
    ...MISUSE_OF_RUN,
  })
) {
  Deno.test(`run() and runSync() refuse ${name}`, async () => {
    const [command, all] = [args as string, options as never];
    await assertRejects(() => run(command, all), TypeError);
    assertThrows(() => runSync(command, all), TypeError);
  });
}

Deno.test("checkOutput() refuses to send its output elsewhere", async () => {
  for (const options of [{ stdout: PIPE }, { check: false }]) {
    await assertRejects(() => checkOutput("true", options as never), TypeError);
    assertThrows(
      () => subprocess.checkOutputSync("true", options as never),
      TypeError,
    );
  }
});

Deno.test("run() and Popen.wait() refuse a negative timeout", async () => {
  await assertRejects(() => run("true", { timeout: -1 }), RangeError);
  assertThrows(() => runSync("true", { timeout: -1 }), RangeError);
  await using p = new Popen("true");
  await assertRejects(() => p.wait({ timeout: NaN }), RangeError);
  await assertRejects(() => p.communicate({ timeout: -1 }), RangeError);
});

Deno.test("Popen.communicate() refuses input that cannot go anywhere", async () => {
  await using p = new Popen("true");
  await assertRejects(() => p.communicate({ input: "a" }), TypeError);
  await using q = new Popen("cat", { stdin: PIPE, stdout: PIPE });
  await assertRejects(() => q.communicate({ input: 1 as never }), TypeError);
  await q.communicate({ input: "a" });
  await assertRejects(() => q.communicate({ input: "b" }), StateError);
});

Deno.test("Popen.communicate() refuses to read beside a reader", async () => {
  await using p = new Popen(["echo", "hi"], { stdout: PIPE });
  p.stdout!.getReader();
  await assertRejects(() => p.communicate(), StateError, "locked to a reader");
});

Deno.test("new Popen() refuses a stream that has a reader", () => {
  const stdin = new ReadableStream<Uint8Array>();
  stdin.getReader();
  assertThrows(() => new Popen("cat", { stdin }), TypeError, "a reader");
});

Deno.test("a refused command opens and makes no file", async () => {
  await inFolder(async (folder) => {
    const stdout = `${folder}/out`;
    assertThrows(() => new Popen("true", { stdout, stderr: 1.5 }), TypeError);
    await assertRejects(() => Deno.stat(stdout), NotFound);
    assertFalse((await Array.fromAsync(Deno.readDir(folder))).length > 0);
  });
});

Deno.test("Popen.wait() can be awaited by many, and while others wait", async () => {
  await using p = new Popen(["cat"], { stdin: PIPE });
  const waits = Array.from({ length: 10 }, () => p.wait());
  await delay(1);
  await p.stdin!.close();
  assertEquals(await Promise.all(waits), Array(10).fill(0));
});
