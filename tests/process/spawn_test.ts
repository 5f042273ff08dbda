// Copyright 2026 the authors. MIT license.

// What only processes of the OS have: a pid, signals, limits, flags.

import {
  assert,
  assertEquals,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { atBest } from "../_support/at_best.ts";
import { HUNG, LONG } from "../_support/delays.ts";
import { joinAll, startIn, type Target } from "../_support/processes.ts";
import {
  inFolder,
  runDeno,
  runFiles,
  runProgram,
} from "../_support/programs.ts";
import * as targets from "../testdata/spawn_targets.ts";
import { until } from "../_support/until.ts";

const MODULE = new URL("../testdata/spawn_targets.ts", import.meta.url).href;
const DOOR = new URL("../../mod.ts", import.meta.url).href;
const SOON = { timeout: HUNG };

const spawn = mp.getContext("spawn");

/** What `target` puts into a queue of answers. */
async function ask(
  // deno-lint-ignore no-explicit-any -- as `ProcessOptions.target`.
  target: (answers: any, ...rest: any[]) => unknown,
  options: mp.ProcessOptions = {},
): Promise<unknown> {
  const answers = new spawn.Queue<unknown>();
  const { args = [], ...rest } = options;
  await using p = new spawn.Process({
    target,
    module: MODULE,
    ...rest,
    args: [answers, ...args],
  });
  p.start();
  const answer = await answers.get(SOON);
  await p.join();
  assertEquals(p.exitCode, 0);
  return answer;
}

/** Starts one of the targets. */
function start(target: Target, ...args: unknown[]): mp.Process {
  const p = new spawn.Process({ target, args, module: MODULE });
  p.start();
  return p;
}

/** An OS process that is there, and stays until it is ended. */
async function startIdle(): Promise<mp.Process> {
  const answers = new spawn.Queue<unknown>();
  const p = start(targets.idle, answers);
  await answers.get(SOON);
  return p;
}

Deno.test("an OS process has a pid of its own, which is its ident", async () => {
  const answers = new spawn.Queue<Record<string, unknown>>();
  const p = start(targets.tell, answers);
  const { pid, ident, own, parent, name } = await answers.get(SOON);
  assertEquals([pid, ident, own], [p.pid, p.pid, p.pid]);
  assertEquals([p.ident, parent, name], [p.pid, Deno.pid, p.name]);
  assertNotEquals(p.pid, Deno.pid);
  await p.join();
});

Deno.test("an OS process starts children of both kinds", async () => {
  const answers = new spawn.Queue<Record<string, unknown>>();
  const p = start(targets.family, answers);
  const worker = await answers.get(SOON);
  assertEquals(worker.own, p.pid);
  const child = await answers.get(SOON);
  assertEquals(child.parent, p.pid);
  assertNotEquals(child.own, p.pid);
  await p.join();
  assertEquals(p.exitCode, 0);
});

Deno.test("an OS process is ended by whoever sends it a signal", async () => {
  for (const [signal, code] of [["SIGKILL", -9], ["SIGUSR1", -10]] as const) {
    const p = await startIdle();
    Deno.kill(p.pid!, signal);
    assert(await p.join(SOON));
    assertEquals(p.exitCode, code);
  }
});

Deno.test("Process.joinSync() sees an OS process that was killed", async () => {
  const p = await startIdle();
  Deno.kill(p.pid!, "SIGKILL");
  assert(p.joinSync(SOON));
  assertEquals(p.exitCode, -9);
  // Its status also comes the other way, and changes nothing.
  await until(() => isGone(p.pid!));
  assertEquals(p.exitCode, -9);
});

Deno.test("an OS process has nothing on its stdin, nor on its command line", async () => {
  const answer = await ask(targets.readStdin, { args: ["a secret"] });
  const [stdin, words] = answer as [string, string];
  assertEquals(stdin, "");
  assertStringIncludes(words, "spawn_entry.js");
  assert(!words.includes("secret"), words);
});

Deno.test("Process.start() refuses what reaches workers only", () => {
  const ends = mp.Pipe({ transfer: true });
  const objects = {
    Lock: new mp.Lock(),
    Queue: new mp.Queue(),
    Value: new mp.Value("i", 0),
    Array: new mp.Array("i", 1),
    RawArray: new mp.RawArray("i", 1),
    Connection: ends[0],
  };
  for (const [name, object] of Object.entries(objects)) {
    const p = new mp.Process({
      target: targets.nothing,
      args: [{ deep: [object] }],
      module: MODULE,
      method: "spawn",
    });
    assertThrows(
      () => p.start(),
      TypeError,
      `Cannot start process: this ${name} reaches workers only: make it with getContext("spawn") to share it with an OS process`,
    );
    assertEquals(p.pid, undefined);
  }
  assertEquals(mp.activeChildren(), []);
  for (const end of ends) end.close();
});

Deno.test("Process.start() names what an OS process cannot be given", () => {
  const args = [1, { deep: new SharedArrayBuffer(8) }];
  const error = assertThrows(
    () => start(targets.nothing, ...args),
    DOMException,
  );
  assertEquals(
    error.message,
    "Cannot clone args[1].deep: it is a SharedArrayBuffer",
  );
});

Deno.test("objects of process memory serve workers and OS processes at once", async () => {
  const lock = new spawn.Lock();
  const value = new spawn.RawValue("i");
  const args = [lock, value, 500];
  const members = (["worker", "spawn", "worker", "spawn"] as const)
    .map((method) => startIn(MODULE, method, targets.addUnder, ...args));
  await joinAll(...members);
  assertEquals(value.value, 2000);
});

Deno.test("Lock tells within half a second that an OS process died with it", async () => {
  const timeToTell = async () => {
    const lock = new spawn.Lock();
    const answers = new spawn.Queue<unknown>();
    const p = start(targets.lockAndStay, lock, answers);
    await answers.get(SOON);
    Deno.kill(p.pid!, "SIGKILL");
    const begin = performance.now();
    await assertRejects(() => lock.acquire(SOON), mp.AbandonedLockError);
    const time = performance.now() - begin;
    await p.join();
    return time;
  };
  assertLess(await atBest(LONG / 4, timeToTell), LONG / 4);
});

Deno.test("a Process with maxMemory ends alone when it takes more", async () => {
  const p = new spawn.Process({
    target: targets.takeAll,
    module: MODULE,
    maxMemory: 2 ** 25,
  });
  p.start();
  assert(await p.join({ timeout: HUNG }));
  assertNotEquals(p.exitCode, 0);
});

Deno.test("new Process() refuses a bad maxMemory", () => {
  const { nothing: target } = targets;
  const options = { target, module: MODULE };
  assertThrows(
    () => new mp.Process({ ...options, maxMemory: 2 ** 30 }).start(),
    TypeError,
    'maxMemory needs an OS process: method: "spawn"',
  );
  assertThrows(
    () => new spawn.Process({ ...options, maxMemory: 5 }).start(),
    RangeError,
    "maxMemory must be at least",
  );
  assertThrows(
    () => new spawn.Process({ ...options, maxMemory: "1" as never }),
    TypeError,
    "maxMemory must be a number",
  );
});

const KINDS = ["read", "write", "net", "env", "run", "ffi", "sys"];
const PERMISSIONS: [string, Deno.PermissionOptions, string[]][] = [
  ["what it is given, and no more", { read: true, env: true }, ["read", "env"]],
  ["ffi if it is given", { read: true, ffi: true }, ["read", "ffi"]],
  ["everything of its parent", "inherit", KINDS],
];
for (const [name, permissions, granted] of PERMISSIONS) {
  Deno.test(`an OS process may do ${name}`, async () => {
    const states = KINDS.map((kind) => [kind, granted.includes(kind)]);
    assertEquals(
      await ask(targets.permissions, { permissions }),
      Object.fromEntries(states),
    );
  });
}

Deno.test("an OS process refuses permissions that there are not", () => {
  const { nothing: target } = targets;
  const texts: [unknown, string][] = [
    ["all", 'permissions must be "inherit", "none" or an object: got all'],
    [null, 'permissions must be "inherit", "none" or an object: got null'],
    [{ reed: true }, "there is no permission reed: use read, write"],
  ];
  for (const [permissions, text] of texts) {
    const p = new spawn.Process({
      target,
      module: MODULE,
      permissions: permissions as Deno.PermissionOptions,
    });
    assertThrows(() => p.start(), TypeError, `Cannot start process: ${text}`);
  }
});

Deno.test("an OS process may read the places that it is given", async () => {
  const house = new URL("../..", import.meta.url).pathname;
  const answer = await ask(targets.readOne, {
    args: [`${house}mod.ts`, "/etc/passwd"],
    permissions: { read: [house] },
  });
  assertEquals(answer, ["granted", "prompt"]);
});

Deno.test("an OS process may not do more than its parent", async () => {
  const main = `import { Process, Queue, getContext } from "${DOOR}";
import { permissions } from "${MODULE}";
const answers = new (getContext("spawn").Queue)();
const options = { target: permissions, args: [answers], module: "${MODULE}", method: "spawn" };
for (const permissions of [{ net: true }, { read: ["/etc"] }]) {
  try {
    new Process({ ...options, permissions }).start();
  } catch (error) {
    console.log(error.name, error.message);
  }
}
const p = new Process(options);
p.start();
console.log(JSON.stringify(await answers.get()));
await p.join();`;
  const house = new URL("../..", import.meta.url).pathname;
  const flags = "--no-prompt --allow-ffi --allow-run --allow-env".split(" ");
  const { lines: [first, second, child], stderr } = await runFiles(
    { "main.ts": main },
    [...flags, `--allow-read=${house}`],
  );
  assertEquals(
    first,
    "NotCapable Cannot start process: permissions.net is more than this process may",
    stderr,
  );
  assertEquals(
    second,
    "NotCapable Cannot start process: permissions.read is more than this process may: /etc",
  );
  const granted = ["env", "run", "ffi"];
  assertEquals(
    JSON.parse(child!),
    Object.fromEntries(KINDS.map((kind) => [kind, granted.includes(kind)])),
  );
});

Deno.test("an OS process is denied what its parent is denied", async () => {
  const main = `import { Process } from "${DOOR}";
export function ask() {
  const states = [
    { name: "net" },
    { name: "net", host: "example.com" },
    { name: "read" },
    { name: "read", path: "FOLDER/secret" },
    { name: "env", variable: "SECRET" },
  ].map((descriptor) => Deno.permissions.querySync(descriptor).state);
  console.log(states.join());
}
if (import.meta.main) {
  Deno.chdir("/");
  for (const permissions of ["inherit", { net: true, read: true }]) {
    const p = new Process({ target: ask, method: "spawn", permissions });
    p.start();
    await p.join();
  }
}`;
  const denied =
    "--deny-net=example.com --deny-read=./secret --deny-env=SECRET";
  await inFolder(async (folder) => {
    const text = main.replaceAll("FOLDER", folder);
    await Deno.writeTextFile(`${folder}/main.ts`, text);
    const { lines, stderr } = await runDeno(
      ["run", "-A", ...denied.split(" "), "main.ts"],
      { cwd: folder },
    );
    const line = "granted,denied,granted,denied,denied";
    assertEquals(lines, [line, line], stderr);
  });
});

Deno.test("an OS process needs --allow-ffi, and says so", async () => {
  const main = `import { Process } from "${DOOR}";
const p = new Process({ target: () => {}, method: "spawn" });
try {
  p.start();
} catch (error) {
  console.log(error.name + ": " + error.message);
}`;
  const flags = ["--no-prompt", "--allow-run", "--allow-read"];
  const { stdout } = await runFiles({ "main.ts": main }, flags);
  assertEquals(
    stdout,
    "StateError: Cannot start process: the memory of OS processes needs --allow-ffi\n",
  );
});

Deno.test("Process.start() refuses to run a compiled program once more", async () => {
  const main = `import { Process } from "${DOOR}";
if (Deno.args.length > 0) throw new Error("begun anew");
// As it is in what deno compile has made.
Deno.build = { ...Deno.build, standalone: true };
try {
  new Process({ target: () => {}, method: "spawn" }).start();
} catch (error) {
  console.log(error.name + ": " + error.message);
}`;
  const { stdout } = await runFiles({ "main.ts": main });
  assertEquals(
    stdout,
    'StateError: Cannot start process: a compiled program has no deno to run an OS process: use method: "worker"\n',
  );
});

const MAPPED = `import { Process } from "${DOOR}";
import { word } from "mapped";
export function say() {
  console.log(word, typeof globalThis.gc);
}
if (import.meta.main) {
  const p = new Process({ target: say, method: "spawn" });
  p.start();
  await p.join();
  console.log(p.exitCode);
}`;
const MAP = '{ "imports": { "mapped": "./other.ts" } }';
const OTHER = 'export const word = "found";';

const PLACES: [string, Record<string, string>, string[]][] = [
  ["the configuration beside the program", { "deno.json": MAP }, []],
  ["--config", { "my.json": MAP }, ["--config", "FOLDER/my.json"]],
  ["--config=", { "my.json": MAP }, ["--config=FOLDER/my.json"]],
  ["--import-map", { "map.json": MAP }, ["--import-map", "FOLDER/map.json"]],
  ["-c", { "my.json": MAP }, ["-c", "FOLDER/my.json"]],
  ["-c in one word", { "my.json": MAP }, ["-qcFOLDER/my.json"]],
  [
    "--config after --lock with a file",
    { "my.json": MAP },
    "--lock FOLDER/my.lock --config FOLDER/my.json".split(" "),
  ],
];
for (const [name, files, flags] of PLACES) {
  Deno.test(`an OS process finds modules by ${name}`, async () => {
    const all = { "main.ts": MAPPED, "other.ts": OTHER, ...files };
    const own = ["-A", "--v8-flags=--expose-gc"];
    const program = await runFiles(all, [...own, ...flags]);
    assertEquals(program.stderr, "");
    assertEquals(program.stdout, "found function\n0\n");
  });
}

/** A package that depends on another, and names a file of its own. */
const PACKAGE = {
  "package.json":
    '{ "type": "module", "dependencies": { "mapped": "1.0.0" }, "imports": { "#own": "./own.ts" } }',
  "own.ts": "export const own = import.meta.main;",
  "node_modules/mapped/package.json":
    '{ "name": "mapped", "version": "1.0.0", "exports": "./index.js", "type": "module" }',
  "node_modules/mapped/index.js": OTHER,
};
const IN_PACKAGE = MAPPED
  .replace("import", 'import { own } from "#own";\nimport')
  .replace("typeof globalThis.gc", "own, import.meta.main");
const PACKAGES: [string, Record<string, string>][] = [
  ["a package.json and no deno.json", {}],
  ["a package.json nearer than deno.json", { "../deno.json": "{}" }],
  ["a package.json beside deno.json", { "deno.json": "{}" }],
];
for (const [name, files] of PACKAGES) {
  Deno.test(`an OS process of a package finds modules by ${name}`, async () => {
    const all = Object.entries({
      "main.ts": IN_PACKAGE,
      ...PACKAGE,
      ...files,
    }).map(([path, text]) => [`package/${path}`, text]);
    const program = await runFiles(Object.fromEntries(all));
    assertEquals(program.stderr, "");
    assertEquals(program.stdout, "found false false\n0\n");
  });
}

Deno.test("an OS process loads first what --preload and --require name", async () => {
  const main = `import { Process } from "${DOOR}";
export function say() {
  console.log(globalThis.first, globalThis.second);
}
if (import.meta.main) {
  const p = new Process({ target: grow, method: "spawn" });
  p.start();
  await p.join();
  console.log(p.exitCode);
}
export async function grow() {
  const p = new Process({ target: say, method: "spawn" });
  p.start();
  await p.join();
}`;
  const files = {
    "main.ts": main,
    "first.ts": "globalThis.first = 1;",
    "second.cjs": "globalThis.second = 2;",
  };
  const flags = ["-A", "--preload", "FOLDER/first.ts"];
  const program = await runFiles(files, [
    ...flags,
    "--require=FOLDER/second.cjs",
  ]);
  assertEquals(program.stderr, "");
  assertEquals(program.stdout, "1 2\n0\n");
});

Deno.test("an OS process finds modules by the options of deno test", async () => {
  const test = `import { Process } from "${DOOR}";
import { word } from "mapped";
export function say() {
  console.log(word);
}
Deno.test("one", async () => {
  const p = new Process({ target: say, method: "spawn" });
  p.start();
  await p.join();
  if (p.exitCode !== 0) throw new Error(\`\${p.exitCode}\`);
});`;
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/one_test.ts`, test);
    await Deno.writeTextFile(`${folder}/other.ts`, OTHER);
    await Deno.writeTextFile(`${folder}/my.json`, MAP);
    const flags = ["-A", "--no-check", "--filter", "one"];
    const config = ["--config", `${folder}/my.json`];
    const { code, stdout } = await runDeno(
      ["test", ...flags, `${folder}/one_test.ts`, ...config],
    );
    assertEquals(code, 0, stdout);
  });
});

Deno.test("an OS process finds what the command line named in the folder of then", async () => {
  const main = `import { Process } from "${DOOR}";
import { word } from "mapped";
export function say() {
  console.log(word, Deno.cwd());
}
export async function start() {
  const p = new Process({ target: say, method: "spawn" });
  p.start();
  await p.join();
}
if (import.meta.main) {
  Deno.chdir("/");
  await start();
  const p = new Process({ target: start, method: "worker" });
  p.start();
  await p.join();
}`;
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.ts`, main);
    await Deno.writeTextFile(`${folder}/other.ts`, OTHER);
    await Deno.writeTextFile(`${folder}/map.json`, MAP);
    for (const flag of ["--import-map", "--config"]) {
      const { stdout, stderr } = await runDeno(
        ["run", "-A", flag, "map.json", "main.ts"],
        { cwd: folder },
      );
      assertEquals(stdout, "found /\nfound /\n", stderr);
    }
  });
});

Deno.test("an OS process checks the lock file of its parent", async () => {
  // The module that only the process imports is another than the lock file
  // says.
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () =>
      new Response("export const word = 1;", {
        headers: { "content-type": "application/typescript" },
      }),
  );
  const url = `http://127.0.0.1:${server.addr.port}/late.ts`;
  const main = `import { Process } from "${DOOR}";
export async function load() {
  await import(String("${url}"));
}
if (import.meta.main) {
  const p = new Process({ target: load, method: "spawn" });
  p.start();
  await p.join();
  console.log(p.exitCode);
}`;
  const lock = JSON.stringify({
    version: "5",
    remote: { [url]: "0".repeat(64) },
  });
  const { stdout, stderr } = await runFiles(
    { "main.ts": main, "my.lock": lock },
    ["-A", "--no-config", "--lock", "FOLDER/my.lock", "--frozen"],
  );
  // What fails the check ends all of Deno, with a code of its own.
  assertEquals(stdout, "10\n", stderr);
  assertStringIncludes(stderr, "Integrity check failed");
  await server.shutdown();
});

for (const end of ["Deno.exit(3)", 'throw new Error("no")']) {
  Deno.test(`an OS process begins although its program ends at once: ${end}`, async () => {
    const main = `import { Lock, Process, setStartMethod } from "${DOOR}";
export function say(lock, text) {
  lock.acquireSync();
  console.log(text.length);
}
if (import.meta.main) {
  setStartMethod("spawn");
  const args = [new Lock(), "x".repeat(100_000)];
  new Process({ target: say, args }).start();
  ${end};
}`;
    const { code, stdout, stderr } = await runFiles({ "main.ts": main });
    // The pipe ends with the last process that has it.
    assertEquals(stdout, "100000\n", stderr);
    assertNotEquals(code, 0);
  });
}

Deno.test("a worker keeps what it was given when its parent exits at once", async () => {
  const main = `import { Process, getContext } from "${DOOR}";
const { Process: Program, Queue } = getContext("spawn");
export function last(word, answers) {
  answers.putSync(word.getSync());
}
export function middle(word, answers) {
  word.putSync("passed on");
  const p = new Program({ target: last, args: [word, answers] });
  p.start();
  p.joinSync();
  if (p.exitCode !== 0) answers.putSync("failed");
}
export function first(answers) {
  const args = [new Queue(), answers];
  new Process({ target: middle, args, method: "worker" }).start();
  Deno.exit();
}
if (import.meta.main) {
  const answers = new Queue();
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: first, args: [answers], method: "worker" });
    p.start();
    await p.join();
    console.log(await answers.get({ timeout: ${HUNG / 4} }));
  }
}`;
  const { stdout, stderr } = await runFiles({ "main.ts": main });
  assertEquals(stdout, "passed on\n".repeat(5), stderr);
});

Deno.test("an orphan has what its program shares by name, and hands it on", async () => {
  const { lines, stderr } = await runProgram("outliving_orphan");
  assertEquals(lines, ["begun", "42 42"], stderr);
});

Deno.test("an OS process that has ended leaves nothing in /proc", async () => {
  const p = start(targets.nothing);
  const pid = p.pid!;
  await p.join();
  assert(isGone(pid));
});

Deno.test("process memory is given back when nobody has it", async () => {
  const { lines: [line], stderr } = await runProgram("forgotten_queues", {
    flags: ["-A", "--v8-flags=--expose-gc"],
  });
  const [before, most, after] = JSON.parse(line ?? stderr);
  assert(most[0] >= before[0] + 35, line);
  assert(after[0] <= before[0] + 5, `files stay open: ${line}`);
  assert(most[1] > before[1] + 120, line);
  assert(after[1] <= before[1] + 40, `memory stays: ${line}`);
});

Deno.test("Ctrl-C ends a program and its processes", async () => {
  const main = `import { getContext } from "${DOOR}";
import { idle } from "${MODULE}";
const { Process, Queue } = getContext("spawn");
const pids = new Queue();
for (const daemon of [true, false]) {
  const module = "${MODULE}";
  new Process({ target: idle, args: [pids], module, daemon }).start();
}
console.log(Deno.pid, await pids.get(), await pids.get());`;
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.ts`, main);
    // A terminal sends it to all in its foreground: a group of their own here.
    const { PIPE, Popen } = mp.subprocess;
    await using p = new Popen(
      ["setsid", Deno.execPath(), "run", "-A", `${folder}/main.ts`],
      { stdout: PIPE, text: true },
    );
    const { value: line } = await p.lines().next();
    const pids = line!.split(" ").map(Number);
    assertEquals(pids.length, 3);
    await mp.subprocess.checkCall(["kill", "-INT", "--", `-${pids[0]}`]);
    assertEquals(await p.wait({ timeout: HUNG }), -2);
    for (const pid of pids.slice(1)) {
      await until(() => {
        try {
          return Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z");
        } catch {
          return true;
        }
      });
    }
  });
});

// In a program of its own: other test files run on threads of this one.
Deno.test("1,000 pending acquire() of process memory take one thread", async () => {
  const { lines: [line], stderr } = await runProgram("pending_acquires");
  const { threads, order } = JSON.parse(line ?? stderr);
  assert(threads <= 2, `${threads} threads more`);
  assertEquals(order, Array.from({ length: 1000 }, (_, i) => i));
});

/** Whether an OS process has ended, and its status was read. */
function isGone(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
