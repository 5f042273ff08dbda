// Copyright 2026 the authors. MIT license.

// The tutorials' rules of programs and OS processes, one by one.

import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { delay } from "@std/async";
import * as mp from "../../mod.ts";
import { SHORT } from "../_support/delays.ts";
import { contract } from "../_support/contract.ts";
import { startIn } from "../_support/processes.ts";
import { runProgram } from "../_support/programs.ts";
import * as targets from "../testdata/spawn_targets.ts";
import { until } from "../_support/until.ts";

const start = startIn.bind(
  undefined,
  new URL("../testdata/spawn_targets.ts", import.meta.url),
);

function stateOf(pid: number): string | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[0];
  } catch {
    return undefined;
  }
}

Deno.test("R-18 a child that has ended keeps its pid until its parent looks", async () => {
  const p = start("spawn", targets.nothing);
  const pid = p.pid!;
  // Blocked, so that the platform cannot look either.
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (stateOf(pid) !== "Z") Atomics.wait(cell, 0, 0, 1);
  await p.join();
  assertEquals(stateOf(pid), undefined);
});

Deno.test("R-18 no zombie is left, although nobody joins", async () => {
  const p = start("spawn", targets.nothing);
  const pid = p.pid!;
  await until(() => p.exitCode !== undefined);
  assertEquals(p.exitCode, 0);
  await until(() => stateOf(pid) === undefined);
});

Deno.test("R-19 a child whose parent was killed goes on, adopted by another", async () => {
  const { Queue } = mp.getContext("spawn");
  const answers = new Queue<unknown>();
  const parent = start("spawn", targets.parentOfTwo, answers);
  const daemon = await nextChild(answers);
  const child = await nextChild(answers);
  Deno.kill(parent.pid!, "SIGKILL");
  await parent.join();
  assertEquals(parent.exitCode, -9);
  // A daemon does not outlive its parent, however that ended.
  await until(() => stateOf(daemon) === undefined || stateOf(daemon) === "Z");
  await delay(SHORT);
  assertNotEquals(stateOf(child), undefined);
  Deno.kill(child, "SIGKILL");
  await until(() => stateOf(child) === undefined || stateOf(child) === "Z");
});

/** The parent of two says which child it has started. */
async function nextChild(answers: mp.Queue<unknown>): Promise<number> {
  while (true) {
    const answer = await answers.get({ timeout: 30_000 });
    if (Array.isArray(answer)) return answer[1] as number;
    answers.putSync(answer);
    await delay(1);
  }
}

contract.test("R-20 the main process waits for its children at its end", async (method) => {
  const { lines, stderr } = await runProgram("late_child", { args: [method] });
  assertEquals(lines, ["main ends", "child ends"], stderr);
});

contract.test("R-22 a function that wraps another is sent by its source, without it", async (method) => {
  const log = (inner: () => unknown) => () => inner();
  const wrapped = log(targets.nothing);
  const p = start(method, wrapped);
  await p.join();
  // It says so on stderr; the plain function would have worked.
  assertEquals(p.exitCode, 1);
});

contract.test("R-23 what children print arrives in whole lines, at once", async (method) => {
  const { lines } = await runProgram("printing_children", { args: [method] });
  assertEquals(lines.length, 900);
  for (const id of [0, 1, 2]) {
    assertEquals(
      lines.filter((line) => line.startsWith(`${id}:`)),
      Array.from({ length: 300 }, (_, i) => `${id}:${i}:${"x".repeat(60)}`),
    );
  }
});

Deno.test("R-21 kill -9 ends a process by force", async () => {
  const { Queue } = mp.getContext("spawn");
  const answers = new Queue<unknown>();
  const p = start("spawn", targets.idle, answers);
  assertEquals(await answers.get({ timeout: 30_000 }), p.pid);
  await mp.subprocess.checkCall(["kill", "-9", String(p.pid)]);
  await p.join();
  assertEquals(p.exitCode, -9);
  assertEquals(p.isAlive(), false);
});

Deno.test("R-24 cpuCount() says how many cores there are", async () => {
  const text = await mp.subprocess.getOutput("getconf _NPROCESSORS_ONLN");
  assertStringIncludes(text, String(mp.cpuCount()));
  assert(mp.cpuCount() >= 1);
});
