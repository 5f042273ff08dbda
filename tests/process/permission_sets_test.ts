// Copyright 2026 the authors. MIT license.

// What a process may do is what its parent may, by whatever the program was
// given its permissions: options of the command line, or a set of the
// configuration file.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Outcome, runDeno, runFiles } from "../_support/programs.ts";

const DOOR = new URL("../../mod.ts", import.meta.url).href;
const HOUSE = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const DENO = Deno.execPath();

/** Says what it may do, and so do its child, and the child of that. */
const MAIN = `import { Process } from "${DOOR}";
const FILES = ["main.ts", "secret", "gone", "data/x", "lib/x.so"];
const PLACES = {
  read: FILES.map((name) => ({ path: "FOLDER/" + name })),
  write: FILES.map((name) => ({ path: "FOLDER/" + name })),
  ffi: FILES.map((name) => ({ path: "FOLDER/" + name })),
  net: ["one.example", "two.example:80"].map((host) => ({ host })),
  import: ["one.example", "jsr.io:443"].map((host) => ({ host })),
  env: ["HOME", "SECRET", "GONE"].map((variable) => ({ variable })),
  run: ["sh", "FOLDER/data/x"].map((command) => ({ command })),
  sys: ["hostname", "osRelease"].map((kind) => ({ kind })),
};
function states() {
  return Object.entries(PLACES).map(([name, places]) =>
    name + " " + [{}, ...places].map((place) => {
      const { state, partial } = Deno.permissions.querySync({ name, ...place });
      return state + (partial ? " in part" : "");
    }).join()
  ).join("; ");
}
export async function say(generations, method) {
  console.log(states());
  if (generations === 0) return;
  const p = new Process({ target: say, args: [generations - 1, method], method });
  p.start();
  await p.join();
}
if (import.meta.main) {
  Deno.chdir("${HOUSE}tests");
  await say(2, "spawn");
  await say(1, "worker");
}`;

/** What a program needs to start OS processes. */
const NEEDS = { read: [".", HOUSE], run: [DENO], ffi: true };

/** One that is granted all but some places of each kind. */
const DENYING = {
  all: true,
  read: { allow: true, deny: ["./secret"], ignore: ["gone", "data"] },
  write: { deny: [".", "/etc"] },
  net: { deny: ["one.example"] },
  import: { deny: ["one.example"] },
  env: { deny: ["SECRET"], ignore: ["GONE"] },
  run: { allow: true, deny: ["sh", "./data/x"] },
  ffi: { deny: ["./lib"] },
  sys: { deny: ["hostname"] },
};

/** One that is granted some places of each kind. */
const LISTING = {
  ...NEEDS,
  write: { allow: ["data"], deny: ["data/x"] },
  net: ["one.example"],
  import: ["one.example"],
  env: ["HOME"],
  run: [DENO, "./data/x"],
  sys: ["hostname"],
};

function config(permissions: object, more: object = {}): string {
  // As a user writes it.
  const text = JSON.stringify({ ...more, permissions }, undefined, 2);
  return `// The permissions\n${text.slice(0, -1)}, /* of all */ }`;
}

const beside = (set: object) => ({ "deno.json": config({ mine: set }) });

const CASES: [string, Record<string, string>, string[], RegExp][] = [
  [
    "denials of a set",
    beside(DENYING),
    ["-P=mine"],
    /^read granted in part,granted,denied,denied,denied,granted; write granted in part,denied,.*env granted in part,granted,denied,denied; run granted in part,denied,denied;/,
  ],
  [
    "lists of a set",
    beside(LISTING),
    ["--permission-set=mine"],
    /^read prompt,granted,.*write prompt,prompt,prompt,prompt,denied,prompt;.*net prompt,granted,prompt; import prompt,granted,prompt; env prompt,granted,prompt,prompt;/,
  ],
  [
    "a set that is named in a word with others",
    beside(DENYING),
    ["-qP=mine"],
    /ffi granted in part,granted,granted,granted,granted,denied/,
  ],
  [
    "a set, with options in place of some of it",
    beside(DENYING),
    "-P=mine --deny-net=two.example --ignore-read=FOLDER/lib -S".split(" "),
    /^read granted in part,granted,denied,granted,granted,denied;.*net granted in part,granted,denied;/,
  ],
  [
    "a set, and --allow-all",
    beside(DENYING),
    ["-P=mine", "-A"],
    /^read granted,granted,granted,granted,granted,granted; write granted,/,
  ],
  [
    "the set without a name",
    { "deno.jsonc": config({ default: DENYING }) },
    ["-P"],
    /net granted in part,denied,granted;/,
  ],
  [
    "no set, which need not be there",
    { "deno.json": "{}" },
    ["-P", `-R=./tests,FOLDER,${HOUSE}`, `--allow-run=${DENO}`, "--allow-ffi"],
    /^read prompt,granted,.*write prompt,prompt,/,
  ],
  [
    "a set of the workspace",
    {
      "deno.json": "{}",
      "../deno.json": config({ mine: DENYING }, { workspace: ["./package"] }),
    },
    ["-P=mine"],
    /^read granted in part,granted,granted,.*net granted in part,denied,granted;/,
  ],
  [
    "a set of --config",
    { "deno.json": "{}", "other/my.json": config({ mine: DENYING }) },
    ["-P=mine", "--config", "FOLDER/other/my.json"],
    /^read granted in part,granted,granted,.*net granted in part,denied,granted;/,
  ],
  [
    "a set that does not let it read where it stands",
    beside({ ...NEEDS, read: ["main.ts", HOUSE], net: { deny: ["x"] } }),
    ["-P=mine"],
    /^read prompt,granted,prompt,prompt,prompt,prompt;/,
  ],
  [
    "lists of the command line",
    {},
    `-R=FOLDER,${HOUSE} -E=HOME -N=one.example -I=one.example --allow-run=${DENO} --allow-ffi --deny-ffi=FOLDER/lib --allow-sys=hostname`
      .split(" "),
    /^read prompt,granted,granted,.*import prompt,granted,prompt; env prompt,granted,prompt,prompt;/,
  ],
];

function run(
  files: Record<string, string>,
  flags: string[],
  main: string = MAIN,
): Promise<Outcome> {
  const own = Object.entries({ "main.ts": main, ...files })
    .map(([name, text]) => [`package/${name}`, text] as const);
  const there = Object.fromEntries(
    own.map(([name, text]) => [
      name,
      text.replaceAll("FOLDER", "FOLDER/package"),
    ]),
  );
  const words = flags.map((flag) => flag.replace("FOLDER", "FOLDER/package"));
  return runFiles(there, ["--no-prompt", ...words]);
}

for (const [name, files, flags, expected] of CASES) {
  Deno.test(`processes may do what their parent may: ${name}`, async () => {
    const { lines, stderr } = await run(files, flags);
    const [main] = lines;
    assertMatch(main ?? stderr, expected);
    // A child and its child, and the main process once more and a worker.
    assertEquals(lines, [main, main, main, main, main], stderr);
  });
}

Deno.test("an OS process is refused where it might do more than its parent", async () => {
  const set = { all: true, read: { deny: ["a,b"] } };
  const { code, stderr } = await run(beside(set), ["-P=mine"]);
  assertStringIncludes(
    stderr,
    "StateError: Cannot start process: a part of the permission read is denied, and neither the command line nor the configuration file tells which: give --deny-read",
  );
  assertEquals(code, 1);
});

Deno.test("an OS process has no permission that its parent has given back", async () => {
  const flags = [`-R=FOLDER,${HOUSE}`, `--allow-run=${DENO}`, "--allow-ffi"];
  const main = MAIN.replace(
    "Deno.chdir",
    `Deno.permissions.revokeSync({ name: "net" });
  Deno.permissions.revokeSync({ name: "env", variable: "HOME" });
  Deno.chdir`,
  );
  const { lines, stderr } = await run({}, [...flags, "-N", "-E=HOME"], main);
  assertMatch(lines[0] ?? stderr, /net prompt,.*env prompt,prompt,/);
  assertEquals(lines, Array(5).fill(lines[0]), stderr);
});

Deno.test("a child of an OS process without ffi has none either", async () => {
  const main = `import { Process } from "${DOOR}";
const isGranted = () => Deno.permissions.querySync({ name: "ffi" }).state;
export async function child(permissions) {
  console.log(isGranted());
  const p = new Process({ target: grandchild, method: "spawn", permissions });
  p.start();
  await p.join();
}
export const grandchild = () => console.log(isGranted());
if (import.meta.main) {
  for (const permissions of ["inherit", { read: true, ffi: "inherit" }]) {
    const p = new Process({
      target: child,
      args: [permissions],
      method: "spawn",
      permissions: { read: true, run: true },
    });
    p.start();
    await p.join();
  }
}`;
  const { lines, stderr } = await runFiles({ "main.ts": main });
  assertEquals(lines, Array(4).fill("prompt"), stderr);
});

Deno.test("a program may deny itself libraries other than that of C", async () => {
  const main = `import { Process } from "${DOOR}";
export const say = () => console.log("begun");
if (import.meta.main) {
  for (const method of ["worker", "spawn"]) {
    try {
      const p = new Process({ target: say, method });
      p.start();
      await p.join();
    } catch (error) {
      console.log(error.message);
    }
  }
}`;
  const outputs: [string, string][] = [
    ["/opt/x.so", "begun"],
    [
      "/lib,/lib64",
      "Cannot start process: the memory of OS processes needs --allow-ffi",
    ],
  ];
  for (const [denied, second] of outputs) {
    const flags = ["-A", `--deny-ffi=${denied}`];
    const { lines, stderr } = await runFiles({ "main.ts": main }, flags);
    assertEquals(lines, ["begun", second], stderr);
  }
});

Deno.test("deno test -P gives its set to OS processes", async () => {
  const main = MAIN.replace(
    /if \(import\.meta\.main\)[^]*/,
    'Deno.test("one", () => say(2, "spawn"));',
  );
  const text = JSON.stringify({ test: { permissions: DENYING } });
  const files = { "main_test.ts": main, "deno.json": text };
  const { lines, stderr } = await runTests(files);
  const states = lines.filter((line) => line.startsWith("read "));
  assertMatch(states[0] ?? stderr, /net granted in part,denied,granted;/);
  assertEquals(states, Array(3).fill(states[0]), lines.join("\n") + stderr);
});

async function runTests(files: Record<string, string>): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const there = text.replaceAll("FOLDER", folder);
      await Deno.writeTextFile(`${folder}/${name}`, there);
    }
    return await runDeno(["test", "--no-check", "-P"], { cwd: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
