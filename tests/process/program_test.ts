// Copyright 2026 the authors. MIT license.

// Whole programs: how they end, what they print, and what their children print.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { METHODS } from "../_support/contract.ts";
import {
  inFolder,
  type Outcome,
  runDeno,
  type RunOptions,
  runProgram,
} from "../_support/programs.ts";

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);

/** The lines of a program that ends well and has nothing to complain of. */
async function linesOf(
  program: string | URL,
  options?: RunOptions,
): Promise<string[]> {
  return linesIn(await runProgram(program, options));
}

function linesIn({ code, lines, stderr }: Outcome): string[] {
  assertEquals(stderr, "");
  assertEquals(code, 0);
  return lines;
}

Deno.test("a program waits for its children and theirs", async () => {
  const lines = await linesOf("implicit_join");
  assertEquals(lines[0], "main code ends");
  assertEquals(lines.at(-1), "unload");
  assertEquals(lines.slice(1, -1).toSorted(), [
    "async child ends",
    "grandchild ends",
    "sync child ends",
  ]);
});

Deno.test("a program's daemons end with its main code, not with its children", async () => {
  const lines = await linesOf("daemons");
  assertEquals(lines[0], "daemon");
  assertEquals(lines.slice(1).toSorted(), [
    "child",
    "child ends",
    "main code ends",
  ]);
  assertEquals(lines.at(-1), "child ends");
});

Deno.test("a program with nothing but daemons ends, also busy ones", async () => {
  assertEquals(await linesOf("only_daemons"), ["main code ends"]);
});

Deno.test("a program ends although a terminated child is busy for ever", async () => {
  assertEquals(await linesOf("busy_child"), ["true -15", "main code ends"]);
});

Deno.test("a program does not wait for what a dead child asked for", async () => {
  assertEquals(await linesOf("orphaned_request"), ["main code ends"]);
});

Deno.test("a program may start children when its last line is done", async () => {
  assertEquals(await linesOf("main_after"), [
    "from the child",
    "again from the child",
  ]);
});

Deno.test("a program may block its main thread all the time", async () => {
  assertEquals(await linesOf("blocked_main"), [
    "grandchild",
    "child saw 0",
    "true 0",
  ]);
});

Deno.test("a grandchild waits for a main thread that is blocked elsewhere", async () => {
  assertEquals(await linesOf("busy_main"), ["main is back", "grandchild"]);
});

Deno.test("every process has the arguments of the program", async () => {
  const lines = await linesOf("args", { args: ["one", "two"] });
  const all = METHODS.flatMap((method) =>
    [0, 1, 2].map((depth) => `${method} ${depth} one,two one,two`)
  );
  assertEquals(lines, all);
});

Deno.test("a program's exit code is not its children's", async () => {
  assertEquals(await linesOf("child_codes"), ["3"]);
});

Deno.test("Deno.exit() in the main program ends everything", async () => {
  const { code, lines, stderr } = await runProgram("main_exit");
  assertEquals(lines, ["unload"]);
  assertEquals(stderr, "");
  assertEquals(code, 7);
});

Deno.test("an uncaught error in the main program ends everything", async () => {
  const { code, lines, stderr } = await runProgram("main_error");
  assertStringIncludes(stderr, "RangeError: main is wrong");
  assertEquals(lines, []);
  assertEquals(code, 1);
});

Deno.test("what children print arrives in whole lines and in order", async () => {
  const lines = await linesOf("order");
  assertEquals(lines.length, 600);
  for (const name of ["a", "b", "c"]) {
    const own = lines.filter((line) => line.startsWith(name));
    const expected = Array.from(
      { length: 200 },
      (_, i) => `${name} ${i} ${"x".repeat(200)}`,
    );
    assertEquals(own, expected);
  }
});

const ERRORS: [how: string, trace: RegExp][] = [
  ["thrown", /^TypeError: thrown\n {4}at thrown .*errors\.ts:\d+:\d+\)\n/],
  ["rejected", /^TypeError: rejected\n {4}at rejected .*errors\.ts:/],
  ["unhandled", /^TypeError: unhandled\n {4}at unhandled .*errors\.ts:/],
  ["timer", /^TypeError: timer\n {4}at .*errors\.ts:/],
  ["microtask", /^TypeError: microtask\n {4}at .*errors\.ts:/],
  ["listener", /^TypeError: listener\n {4}at .*errors\.ts:/],
  ["string", /^"a mere string"\n$/],
  ["runner", /^TypeError: runner\n {4}at Runner\.run .*errors\.ts:/],
];

for (const [how, trace] of ERRORS) {
  Deno.test(`an uncaught error (${how}) ends the child only`, async () => {
    const { code, lines, stderr } = await runProgram("errors", { args: [how] });
    const head = `Process ${how}:\n`;
    assert(stderr.startsWith(head), stderr);
    assertMatch(stderr.slice(head.length), trace);
    assertEquals(lines, ["true 1", "the parent goes on"]);
    assertEquals(code, 0);
  });
}

Deno.test("an uncaught error shows its cause", async () => {
  const { stderr } = await runProgram("errors", { args: ["thrown"] });
  assertStringIncludes(stderr, "[cause]: RangeError: because");
});

const LEFT_BEHIND = "is not exported by its module, so it was sent by its " +
  "source, without the variables around it: export it, name its module in " +
  "the option `module`, or give it what it needs in `args`";

const LOST: [what: string, text: string][] = [
  [
    "free variable",
    `ReferenceError: factor is not defined: hidden ${LEFT_BEHIND}`,
  ],
  [
    "hidden class",
    "ReferenceError: Cannot find target Hidden: mp is not defined: Hidden " +
    LEFT_BEHIND,
  ],
  [
    "decorated",
    "2 of its exports have the same source, as decorated functions do: use " +
    "the plain function",
  ],
  ["missing module", 'Module not found "file:///no/such/module.ts"'],
  ["broken module", "RangeError: this module cannot be imported"],
];

for (const [what, text] of LOST) {
  Deno.test(`a target that the child cannot use (${what}) says so`, async () => {
    const { code, lines, stderr } = await runProgram("not_found", {
      args: [what],
    });
    assertMatch(stderr, /^Process (Process|Hidden)-1:\n/);
    assertStringIncludes(stderr, text);
    assertEquals(lines, ["true 1"]);
    assertEquals(code, 0);
  });
}

Deno.test("a program without import.meta.main is no fork bomb", async () => {
  const { code, lines, stderr } = await runProgram("no_guard");
  assertMatch(stderr, /^Process Process-1:\nStateError: /);
  assertStringIncludes(
    stderr,
    "Cannot start process: this process is still importing the module of its " +
      "target: start processes only under `if (import.meta.main)`",
  );
  assertEquals(stderr.match(/StateError/g)!.length, 1);
  assertEquals(lines, ["exit code 1"]);
  assertEquals(code, 0);
});

Deno.test("a program that catches that error runs its child", async () => {
  assertEquals(await linesOf("no_guard_caught"), [
    "StateError 0",
    "the child ran",
    "exit code 0",
  ]);
});

Deno.test("a program's children need --allow-read, as for any import", async () => {
  const flags = ["--no-prompt", "--allow-read"];
  assertEquals(await linesOf("permissions", { flags }), ["granted: read"]);
});

Deno.test("Process.start() tells the flag that a worker's entry needs", async () => {
  const flags = ["--no-prompt"];
  const { lines, stderr } = await runProgram("permissions", { flags });
  assertStringIncludes(
    stderr,
    "TypeError: Cannot start process: this program may not read file:///",
  );
  assertStringIncludes(
    stderr,
    "/worker_entry.js, which a worker runs first: give --allow-read",
  );
  assertEquals(lines, []);
});

Deno.test("a child that cannot be loaded ends with exit code 1", async () => {
  const library = new URL("../../", import.meta.url).pathname;
  const outcome = await inFolder(async (folder) => {
    const text = await Deno.readTextFile(
      new URL("../testdata/programs/permissions.ts", import.meta.url),
    );
    const program = new URL(`file://${folder}/program.ts`);
    await Deno.writeTextFile(program, text.replace('"../../../mod.ts"', MOD));
    const flags = ["--no-prompt", `--allow-read=${library}`];
    return await runProgram(program, { flags });
  });
  const { code, lines, stderr } = outcome;
  assertStringIncludes(stderr, "Process Process-1:\n");
  assertStringIncludes(stderr, "Requires read access");
  assertEquals(lines, ["exit code 1"]);
  assertEquals(code, 0);
});

Deno.test("a program from a folder with odd characters finds its targets", async () => {
  const lib = `import * as mp from ${MOD};
const text = "found";
export function target() { console.log(text); }
export function start() { new mp.Process({ target }).start(); }
`;
  const source = `import { start } from "./lib.ts";
if (import.meta.main) start();
`;
  await inFolder(async (folder) => {
    const program = `${folder}/program.ts`;
    await Deno.writeTextFile(`${folder}/lib.ts`, lib);
    await Deno.writeTextFile(program, source);
    const url = new URL("file:///");
    url.pathname = program.replaceAll("%", "%25");
    assertEquals(await linesOf(url), ["found"]);
  }, { suffix: " (50%) ü" });
});

Deno.test("a program from the command line runs its targets", async () => {
  const source = `
    import * as mp from ${MOD};
    const code = 5;
    export function exit() { Deno.exit(code); }
    if (import.meta.main) {
      const p = new mp.Process({ target: exit });
      p.start();
      await p.join();
      console.log(p.exitCode);
    }
  `;
  assertEquals(linesIn(await runDeno(["eval", source])), ["5"]);
});

Deno.test("a program may import everything by URL", async () => {
  const root = new URL("../..", import.meta.url);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      try {
        const text = await Deno.readTextFile(new URL(`.${pathname}`, root));
        const type = "application/typescript";
        return new Response(text, { headers: { "content-type": type } });
      } catch {
        return new Response(undefined, { status: 404 });
      }
    },
  );
  try {
    const { port } = server.addr;
    const path = "tests/testdata/programs/blocked_main.ts";
    const url = new URL(`http://127.0.0.1:${port}/${path}`);
    const flags = ["-A", "--no-config", "--no-lock"];
    const lines = await inFolder((cache) =>
      linesOf(url, { flags, env: { DENO_DIR: cache } })
    );
    assertEquals(lines, ["grandchild", "child saw 0", "true 0"]);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a bundled program says that no process can start, unless the library is outside", async () => {
  const door = new URL("../../mod.ts", import.meta.url).href;
  const main = `import { Pool, Process } from "multiprocessing";
export function twice(n) {
  return 2 * n;
}
if (import.meta.main) {
  const targets = [() => new Process({ target: twice }).start(), () => new Pool(1)];
  for (const target of Deno.args.includes("all") ? targets : []) {
    try {
      target();
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }
  }
  await using pool = new Pool(1);
  console.log(await pool.apply(twice, [2]));
}`;
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/main.js`, main);
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      `{ "imports": { "multiprocessing": "${door}" }, "lock": false }`,
    );
    const bundle = async (...flags: string[]) => {
      const words = ["bundle", "--quiet", ...flags, "-o", "out.js", "main.js"];
      const made = await runDeno(words, { cwd: folder });
      assertEquals(made.code, 0, made.stderr);
    };
    const words = ["run", "-A", "out.js"];
    await bundle();
    const { code, lines } = await runDeno([...words, "all"], { cwd: folder });
    const message = "StateError: Cannot start process: this library was " +
      `bundled into file://${folder}/out.js, and a process loads its files: ` +
      "keep it out, by `deno bundle --external=` and the specifier that " +
      "imports it";
    assertEquals({ code, lines }, { code: 1, lines: [message, message] });
    await bundle("--external=multiprocessing");
    const outside = await runDeno(words, { cwd: folder });
    assertEquals(outside.stderr, "");
    assertEquals(outside.lines, ["4"]);
  });
});

const STOPPED = [
  ["waited for", "join", 0, ["main ends", "the child ends"]],
  ["waited for and has not begun", "unborn", 0, [
    "main ends",
    "the child ends",
  ]],
  ["a daemon", "daemon", 0, ["main ends"]],
  ["terminated", "terminate", 0, ["main ends", "true -15"]],
] as const;
for (const [what, how, code, lines] of STOPPED) {
  Deno.test(`a program ends although a child is stopped that is ${what}`, async () => {
    const outcome = await runProgram("stopped_child", { args: [how] });
    assertEquals(outcome.code, code, outcome.stderr);
    assertEquals(outcome.lines, [...lines]);
    const isTold = outcome.stderr.includes(
      "Process Process-1:\nit was stopped",
    );
    assertEquals(isTold, lines.length > 1 && how !== "terminate");
  });
}

Deno.test("Deno.exit() ends a program although a child that has not begun is stopped", async () => {
  const { code, lines } = await runProgram("stopped_child", { args: ["exit"] });
  assertEquals([code, lines[0]], [3, "main ends"]);
});
