// Copyright 2026 the authors. MIT license.

// The built file. `deno task ok:dist` runs on it what users may rely on; here
// it is built, compared with the sources, and tried.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import * as extra from "../../tools/built.ts";
import { builtFrom, digest, DIST } from "../../tools/build.ts";
import { makeHouse, testIn } from "../../tools/ok_dist.ts";
import { inFolder, runDeno, runFiles } from "../_support/programs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MOD = new URL("../../mod.ts", import.meta.url).href;
const README = Deno.readTextFileSync(`${ROOT}README.md`);

/** What programs and processes run of it. */
const ENTRIES = ["mod.js", "spawn_entry.js", "worker_entry.js"];

Deno.test("dist/ is what the sources are, if it is there", async () => {
  const from = await builtFrom(DIST);
  assert(
    from === undefined || from === await digest(),
    "dist/ is out of date: run deno task build",
  );
});

Deno.test("builtFrom() tells another state of the sources from this one", async () => {
  await inFolder(async (folder) => {
    const dist = new URL(`file://${folder}/`);
    assertEquals(await builtFrom(dist), undefined);
    await Deno.writeTextFile(
      `${folder}/mod.js`,
      "// MIT license.\n// name 0.1.0, built from 0123abc\n",
    );
    assertEquals(await builtFrom(dist), "0123abc");
    assert(await digest() !== "0123abc");
  });
});

Deno.test("the built library", async (t) => {
  await inFolder(async (folder) => {
    const { tests } = await makeHouse(folder);
    const dist = `${folder}/dist`;

    await t.step("is the same bytes in another folder", async () => {
      // As README says, but for the place.
      assertStringIncludes(README, `npx --yes deno@2.9.6 task build\n`);
      const words = ["task", "build", `${folder}/again/dist`];
      const { code, stderr } = await runDeno(words, { cwd: ROOT });
      assertEquals(code, 0, stderr);
      for (const name of await namesIn(dist)) {
        const bytes = await Deno.readFile(`${dist}/${name}`);
        const others = await Deno.readFile(`${folder}/again/dist/${name}`);
        assert(equal(bytes, others), name);
      }
      assertEquals(await namesIn(dist), [
        "LICENSE",
        "mod.d.ts",
        "mod.js",
        "mod.js.map",
        "spawn_entry.js",
        "worker_entry.js",
      ]);
      assertEquals(await builtFrom(new URL(`file://${dist}/`)), await digest());
    });

    await t.step("exports what the sources export", async () => {
      const { stdout, stderr } = await runFiles({
        "main.ts": NAMES.replace("LIBRARY", `${dist}/mod.js`),
      });
      assertEquals(stderr, "");
      assertEquals(JSON.parse(stdout), namesOf(extra));
    });

    await t.step("has the types and comments of the sources", async () => {
      const [ours, built] = await Promise.all([
        commentsOf(MOD),
        commentsOf(`${dist}/mod.js`),
      ]);
      assert(ours.size > 500, `${ours.size}`);
      for (const [place, comment] of ours) {
        assertEquals(built.get(place), comment, place);
      }
    });

    for (const method of ["worker", "spawn"]) {
      const failing = FAILING.replace("METHOD", method);

      await t.step(`names the sources in stacks (${method})`, async () => {
        const { stdout, stderr } = await runFiles({
          "main.ts": failing.replace("LIBRARY", `${dist}/mod.js`),
        });
        const lines = stdout.split("\n");
        assertStringIncludes(lines[1]!, "fail (file:", stderr);
        assertStringIncludes(lines[1]!, "main.ts:4:9");
        assertStringIncludes(stdout, `${dist}/sources/pool/worker.ts:`);
        assertStringIncludes(stdout, "submitted to the pool:\n    at file:");
        assertStringIncludes(stdout, `${dist}/sources/sync/lock.ts:`);
        // What a child says of the error that has ended it.
        assertStringIncludes(stderr, "main.ts:4:9");
        assertStringIncludes(stderr, `${dist}/sources/process/child.ts:`);
        assertEquals(
          (stdout + stderr).match(/mod\.js/g),
          null,
          stdout + stderr,
        );
      });

      // Deno reads no source map from the net.
      await t.step(
        `names the program in stacks, by URL (${method})`,
        async () => {
          const { stdout, stderr } = await serving(
            dist,
            (url) =>
              runFiles({ "main.ts": failing.replace("LIBRARY", url) }, [
                "-A",
                "--no-lock",
              ], { env: { DENO_DIR: `${folder}/${method}` } }),
          );
          const ours = stdout.split("\n")
            .filter((line) => line.includes("/mod.js:"));
          assertStringIncludes(stdout, "main.ts:4:9", stderr);
          assertStringIncludes(stdout, "submitted to the pool:\n    at file:");
          assertStringIncludes(ours[1]!, " at PoolWorker.");
          assertStringIncludes(ours.at(-1)!, " at Lock.release ");
        },
      );
    }

    await t.step(
      "has no errors in a program that checks JavaScript",
      async () => {
        const config = `${folder}/check_js.json`;
        const compilerOptions = { checkJs: true, noUnusedLocals: true };
        await Deno.writeTextFile(config, JSON.stringify({ compilerOptions }));
        const { code, stderr } = await runDeno([
          "check",
          `--config=${config}`,
          ...ENTRIES.map((name) => `${dist}/${name}`),
        ]);
        assertEquals(code, 0, stderr.slice(0, 2000));
      },
    );

    await t.step("refuses by URL a worker that may not import it", async () => {
      const { lines, stderr } = await serving(
        dist,
        (url) =>
          runFiles({ "main.ts": LIMITED.replace("LIBRARY", url) }, [
            "-A",
            "--no-lock",
            "--unstable-worker-options",
          ], { env: { DENO_DIR: `${folder}/limited` } }),
      );
      assertMatch(
        lines[0]!,
        /^TypeError: Cannot start process: a worker must import its modules, http:.*\/worker_entry.js first: give it permissions.import$/,
        stderr,
      );
      assertEquals(lines.slice(1), ["0"], stderr);
    });

    await t.step("tells which of its files is missing", async () => {
      const alone = `${folder}/alone`;
      await Deno.mkdir(alone);
      await Deno.copyFile(`${dist}/mod.js`, `${alone}/mod.js`);
      const { lines, stderr } = await runFiles({
        "main.ts": INCOMPLETE.replace("LIBRARY", `${alone}/mod.js`),
      });
      const told = (name: string, what: string) =>
        `StateError: Cannot start process: file://${alone}/${name} is not ` +
        `there, which ${what} runs first: keep the files of the library together`;
      assertEquals(lines, [
        told("worker_entry.js", "a worker"),
        told("worker_entry.js", "a worker"),
        told("spawn_entry.js", "an OS process"),
        told("spawn_entry.js", "an OS process"),
      ], stderr);
    });

    await t.step("comes over the net in three files", async () => {
      const { asked, lines, stderr } = await serving(
        dist,
        (url) =>
          runFiles({ "main.ts": SMALL.replace("LIBRARY", url) }, [
            "-A",
            "--no-lock",
          ], { env: { DENO_DIR: `${folder}/cache` } }),
      );
      assertEquals(lines, ["worker 1 2", "spawn 1 2"], stderr);
      assertEquals(asked.sort(), ENTRIES);
    });

    await t.step("has its types over the net", async () => {
      const { asked, code, stderr } = await serving(
        dist,
        (url) =>
          inFolder(async (program) => {
            await Deno.writeTextFile(
              `${program}/main.ts`,
              `import { Queue } from "${url}";\nnew Queue<1>().putSync(2);\n`,
            );
            const words = ["check", "--no-lock", "--allow-import", "main.ts"];
            return await runDeno(words, {
              cwd: program,
              env: { DENO_DIR: `${folder}/types` },
            });
          }),
      );
      assertEquals(code, 1);
      assertStringIncludes(stderr, "'2' is not assignable");
      assert(asked.includes("mod.d.ts"), `${asked}`);
    });

    await t.step("runs the program of README by URL", async () => {
      const [, program] = /^```ts\n([^]*?)^```$/m.exec(README)!;
      const { asked, lines, stderr } = await serving(
        dist,
        (url) =>
          runFiles({ "main.ts": program!.replace("./mod.ts", url) }, [
            "-A",
            "--no-lock",
          ], { env: { DENO_DIR: `${folder}/readme` } }),
      );
      assertEquals(lines.length, 10, stderr);
      assert(lines.every((line) => /^Process-[12]: \d \* \d = /.test(line)));
      assertEquals(asked.sort(), ["mod.js", "worker_entry.js"]);
    });

    await t.step("passes the rules of the contract", async () => {
      const rules = tests.filter((path) => path.startsWith("tests/rules/"));
      assert(rules.length > 4);
      const some = [...rules, "tests/process/type_check_test.ts"];
      assert(await testIn(folder, ["--quiet", ...some]));
    });
  });
});

const FAILING = `import { getContext } from "LIBRARY";

export function fail(n: number): void {
  throw new RangeError(\`got \${n}\`);
}

if (import.meta.main) {
  const { Lock, Pool, Process } = getContext("METHOD");
  await using pool = new Pool(1);
  const process = new Process({ target: fail, args: [1] });
  process.start();
  await process.join();
  for (const use of [() => pool.apply(fail, [1]), () => new Lock().release()]) {
    try {
      await use();
    } catch (error) {
      console.log((error as Error).stack);
    }
  }
}
`;

const SMALL = `import * as mp from "LIBRARY";

export function put(q: mp.Queue<number>): void {
  q.putSync(1);
}

export function twice(n: number): number {
  return 2 * n;
}

if (import.meta.main) {
  for (const method of ["worker", "spawn"] as const) {
    const context = mp.getContext(method);
    const q = new context.Queue<number>();
    const p = new context.Process({ target: put, args: [q] });
    p.start();
    // The thread that downloads for workers is blocked meanwhile.
    p.joinSync();
    await using pool = new context.Pool(1);
    console.log(method, q.getSync(), await pool.apply(twice, [1]));
  }
}
`;

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, i) => byte === other[i]);
}

/** What a module exports, and what calls itself by which name. */
function namesOf(module: object): string[][] {
  const { subprocess } = module as { subprocess?: object };
  return Object.entries(module).map(([key, value]) => {
    if (value === subprocess) return [key, ...namesOf(value).flat()];
    return typeof value === "function" ? [key, value.name] : [key];
  });
}

const NAMES = `import * as library from "LIBRARY";
${namesOf}
console.log(JSON.stringify(namesOf(library)));
`;

const LIMITED = `import { Process } from "LIBRARY";

export function nothing() {}

if (import.meta.main) {
  for (const right of [false, true]) {
    const permissions = { read: true, import: right };
    const p = new Process({ target: nothing, method: "worker", permissions });
    try {
      p.start();
      p.joinSync();
      console.log(p.exitCode);
    } catch (error) {
      console.log(String(error));
    }
  }
}
`;

const INCOMPLETE = `import * as mp from "LIBRARY";

function nothing() {}

for (const method of ["worker", "spawn"] as const) {
  const context = mp.getContext(method);
  try {
    const p = new context.Process({ target: nothing });
    p.start();
    p.joinSync();
  } catch (error) {
    console.log(String(error));
  }
  try {
    await using pool = new context.Pool(1);
    await pool.apply(nothing);
  } catch (error) {
    console.log(String(error));
  }
}
`;

/** Serves a folder meanwhile, and tells what was asked for. */
async function serving<T extends object>(
  folder: string,
  use: (mod: string) => Promise<T>,
): Promise<T & { asked: string[] }> {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const name = new URL(request.url).pathname.slice(1);
      asked.push(name);
      return new Response(await Deno.readTextFile(`${folder}/${name}`), {
        headers: {
          // A server need not know what a .ts is.
          "content-type": name.endsWith(".js")
            ? "text/javascript"
            : "application/octet-stream",
        },
      });
    },
  );
  try {
    return {
      ...await use(`http://127.0.0.1:${server.addr.port}/mod.js`),
      asked,
    };
  } finally {
    await server.shutdown();
  }
}

/** A node of what `deno doc` tells. */
type Doc =
  & { name?: string; jsDoc?: { doc?: string } }
  & Record<string, unknown>;

/** The comments of all that a module exports, by the places of the names. */
async function commentsOf(module: string): Promise<Map<string, string>> {
  const { stdout, stderr, code } = await runDeno(["doc", "--json", module]);
  assertEquals(code, 0, stderr);
  const [{ symbols }] = Object.values(JSON.parse(stdout).nodes) as [
    { symbols: Doc[] },
  ];
  const comments = new Map<string, string>();
  const walk = (value: unknown, place: string) => {
    if (typeof value !== "object" || value === null) return;
    const { jsDoc, ...others } = value as Doc;
    // What has only tags is internal.
    if (jsDoc?.doc !== undefined) comments.set(place, jsDoc.doc);
    for (const [key, part] of Object.entries(others)) {
      if (key === "location") continue;
      const name = Array.isArray(value) ? (part as Doc)?.name ?? "" : key;
      walk(part, `${place} ${name}`);
    }
  };
  walk(symbols, "");
  return comments;
}
