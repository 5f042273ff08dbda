// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  activeChildren,
  getContext,
  keepSpares,
  Pool,
  Process,
  Queue,
  sleepSync,
  StateError,
} from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { inTime } from "../_support/pools.ts";
import { ended, startIn } from "../_support/processes.ts";
import { runFiles, runText } from "../_support/programs.ts";
import { until } from "../_support/until.ts";
import * as targets from "../testdata/spare_targets.ts";

const MODULE = new URL("../testdata/spare_targets.ts", import.meta.url);
const MOD = new URL("../../mod.ts", import.meta.url).href;
const KEY = "SPARES_TEST";

/**
 * The OS processes that this one has started as spares. Other tests may run in
 * other threads of it.
 */
function sparePids(): number[] {
  const pids: number[] = [];
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    try {
      const path = `/proc/self/task/${name}/children`;
      pids.push(...Deno.readTextFileSync(path).split(" ").map(Number));
    } catch {
      // That thread has ended.
    }
  }
  return pids.filter((pid) => pid > 0 && isSpare(pid));
}

function isSpare(pid: number): boolean {
  try {
    const line = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    return line.split("\0").includes("spare");
  } catch {
    return false;
  }
}

/** Waits without a turn of the event loop. */
function blockUntil(condition: () => boolean): void {
  const deadline = performance.now() + HUNG;
  while (!condition()) {
    assert(performance.now() < deadline, `${condition}`);
    sleepSync(1);
  }
}

function isThere(pid: number): boolean {
  try {
    // The state of a zombie is Z; its other threads may take longer.
    const isLeaderThere = !/\) Z /.test(
      Deno.readTextFileSync(`/proc/${pid}/stat`),
    );
    return isLeaderThere ||
      [...Deno.readDirSync(`/proc/${pid}/task`)].length > 1;
  } catch {
    return false;
  }
}

contract.test("Process.start() takes a spare, and another takes its place", async (method) => {
  await using spares = keepSpares(2);
  await inTime(spares.ready());
  assertEquals(spares.count, 2);
  assertEquals(activeChildren(), []);
  const process = startIn(MODULE, method, targets.nothing);
  assertEquals(spares.count, 1);
  assertEquals(activeChildren().length, 1);
  await ended(process);
  assertEquals(process.exitCode, 0);
  await inTime(spares.ready());
  assertEquals(spares.count, 2);
});

contract.test("Process that was a spare is as any other", async (method) => {
  await using spares = keepSpares(1);
  await inTime(spares.ready());
  const answers = new Queue<unknown>();
  const process = new Process({
    target: targets.describe,
    args: [answers, KEY],
    module: MODULE,
    name: "Bob",
    method,
  });
  process.start();
  const selfName = method === "worker" ? "Bob" : "";
  assertEquals(
    await inTime(answers.get()),
    ["Bob", selfName, process.pid, undefined, Deno.cwd()],
  );
  await ended(process);
});

contract.test("Spares are taken by one process each", async (method) => {
  await using spares = keepSpares(2);
  await inTime(spares.ready());
  const answers = new Queue<[string]>();
  const all = Array.from(
    { length: 5 },
    () => startIn(MODULE, method, targets.describe, answers, KEY),
  );
  const names = new Set<string>();
  for (const _ of all) names.add((await inTime(answers.get()))[0]);
  assertEquals(names, new Set(all.map(({ name }) => name)));
  await ended(...all);
  assert(all.every(({ exitCode }) => exitCode === 0));
  if (method === "spawn") assertEquals(new Set(all.map((p) => p.pid)).size, 5);
});

contract.test("Process.joinSync() waits for one that was a spare", async (method) => {
  await using spares = keepSpares(1);
  await inTime(spares.ready());
  const process = startIn(MODULE, method, targets.fail);
  assert(process.joinSync());
  assertEquals(process.exitCode, 1);
  const other = startIn(MODULE, method, targets.nothing);
  assert(other.joinSync());
  assertEquals(other.exitCode, 0);
});

contract.test("Process.terminate() ends one that was a spare", async (method) => {
  await using spares = keepSpares(1);
  await inTime(spares.ready());
  const process = startIn(MODULE, method, targets.stay);
  process.terminate();
  await ended(process);
  assertEquals(process.exitCode, -15);
});

contract.test("Process.start() takes a spare that is still loading", async (method) => {
  await using spares = keepSpares(1);
  assertEquals(spares.count, 0);
  const process = startIn(MODULE, method, targets.nothing);
  await ended(process);
  assertEquals(process.exitCode, 0);
});

contract.test("Pool takes spares for its workers", async (method) => {
  await using spares = keepSpares(2);
  await inTime(spares.ready());
  await using pool = new Pool({ processes: 2, method });
  assertEquals(await inTime(pool.map((x: number) => x + 1, [1, 2])), [2, 3]);
});

contract.test("Context.keepSpares() keeps those of its method", async (method) => {
  const other = method === "worker" ? "spawn" : "worker";
  await using spares = getContext(method).keepSpares(1);
  await inTime(spares.ready());
  await ended(startIn(MODULE, other, targets.nothing));
  assertEquals(spares.count, 1);
  const process = startIn(MODULE, method, targets.nothing);
  assertEquals(spares.count, 0);
  await ended(process);
});

contract.test("Spares.close() ends them, and starts no more", async (method) => {
  const spares = keepSpares(3);
  const waiting = assertRejects(() => spares.ready(), StateError, "closed");
  await spares[Symbol.asyncDispose]();
  await waiting;
  assertEquals(spares.count, 0);
  await assertRejects(() => spares.ready(), StateError, "closed");
  await ended(startIn(MODULE, method, targets.nothing));
  assertEquals(sparePids(), []);
});

contract.test("keepSpares() starts its spares while this thread blocks", async (method) => {
  await using spares = keepSpares(3);
  const before = sparePids().length;
  if (method === "spawn") {
    // Of one that was just forked, /proc may not tell the command line yet.
    assert(before <= 1);
    blockUntil(() => sparePids().length === 3);
  }
  await inTime(spares.ready());
});

Deno.test("Spares that die idle are not taken, and are replaced", async () => {
  await using spares = keepSpares(2, { method: "spawn" });
  await inTime(spares.ready());
  const first = sparePids();
  assertEquals(first.length, 2);
  for (const pid of first) Deno.kill(pid, "SIGKILL");
  blockUntil(() => !first.some(isThere));
  // This thread has not heard of it.
  const process = startIn(MODULE, "spawn", targets.nothing);
  assertFalse(first.includes(process.pid!));
  assert(process.joinSync());
  assertEquals(process.exitCode, 0);
  await inTime(spares.ready());
  await until(() => !sparePids().some((pid) => first.includes(pid)));
});

Deno.test("Spares are given up that end again and again", async () => {
  await using spares = keepSpares(1, { method: "spawn" });
  const given = assertRejects(() => spares.ready(), StateError, "3 in a row");
  let isOver = false;
  given.finally(() => isOver = true);
  await until(() => {
    for (const pid of sparePids()) {
      if (isThere(pid)) Deno.kill(pid, "SIGKILL");
    }
    return isOver;
  });
  await given;
  assertEquals(sparePids(), []);
});

Deno.test("Process with permissions or maxMemory takes no spare", async () => {
  await using spares = keepSpares(1, { method: "spawn" });
  await inTime(spares.ready());
  for (
    const limits of [
      { permissions: { read: true } },
      { maxMemory: 2 ** 26 },
    ]
  ) {
    const process = new Process({
      target: targets.nothing,
      module: MODULE,
      method: "spawn",
      ...limits,
    });
    process.start();
    await ended(process);
    assertEquals(process.exitCode, 0);
    assertEquals(spares.count, 1);
  }
});

Deno.test("Process takes no spare of another environment or folder", async () => {
  // A program of its own: the folder is that of all test files.
  const { lines, stderr } = await runFiles({
    "main.ts": `
    import * as mp from "${MOD}";
    import { describe } from "${MODULE}";
    if (import.meta.main) {
      mp.setStartMethod("spawn");
      const answers = new mp.Queue();
      await using spares = mp.keepSpares(1);
      for (const [value, folder] of [["first", "/"], ["second", "/proc"]]) {
        await spares.ready();
        Deno.env.set("${KEY}", value);
        Deno.chdir(folder);
        const args = [answers, "${KEY}"];
        const p = new mp.Process({ target: describe, args });
        const path = \`/proc/\${Deno.pid}/task/\${Deno.pid}/children\`;
        const idle = Deno.readTextFileSync(path).split(" ");
        p.start();
        const [, , , variable, place] = await answers.get();
        console.log(idle.includes(\`\${p.pid}\`), variable, place);
        await p.join();
      }
    }
  `,
  });
  assertEquals(lines, ["false first /", "false second /proc"], stderr);
});

Deno.test("keepSpares() refuses what makes no sense", async () => {
  for (const count of [0, -1, 1.5, 1001]) {
    assertThrows(() => keepSpares(count), RangeError);
  }
  assertThrows(() => keepSpares("1" as unknown as number), TypeError);
  assertThrows(() => keepSpares(1, { method: "fork" as "worker" }), RangeError);
  const { stdout } = await runText(`
    import * as mp from "${MOD}";
    export function keep() {
      try {
        mp.keepSpares(1);
      } catch (error) {
        console.log(error.name, error.message);
      }
    }
    if (import.meta.main) {
      const p = new mp.Process({ target: keep });
      p.start();
      await p.join();
    }
  `);
  assertStringIncludes(
    stdout,
    "StateError Cannot keep spares: this is a worker",
  );
});

for (const method of ["worker", "spawn"] as const) {
  Deno.test(`a program ends with its spares, however it ends (${method})`, async () => {
    for (
      const end of ["", "Deno.exit(0);", 'Deno.kill(Deno.pid, "SIGKILL");']
    ) {
      const { stdout, code } = await runText(`
        import * as mp from "${MOD}";
        if (import.meta.main) {
          const spares = mp.keepSpares(2, { method: "${method}" });
          await spares.ready();
          const path = \`/proc/\${Deno.pid}/task/\${Deno.pid}/children\`;
          console.log("children", Deno.readTextFileSync(path));
          ${end}
        }
      `);
      if (!end.includes("kill")) assertEquals(code, 0);
      const pids = stdout.match(/\d+/g) ?? [];
      assert(method === "worker" || pids.length > 0, stdout);
      await until(() => !pids.some((pid) => isThere(Number(pid))));
    }
  });
}

Deno.test("an OS process that was a spare goes on after its parent", async () => {
  const { stdout, stderr } = await runFiles({
    "main.ts": `
      import * as mp from "${MOD}";
      export async function late() {
        await mp.sleep(300);
        console.log("went on");
      }
      if (import.meta.main) {
        const spares = mp.keepSpares(1, { method: "spawn" });
        await spares.ready();
        new mp.Process({ target: late, method: "spawn" }).start();
        console.log(spares.count);
        Deno.exit(0);
      }
    `,
  });
  assertEquals(stdout, "0\nwent on\n", stderr);
});
