// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { type Connection, Pipe, StateError, subprocess } from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { HUNG, LONG, MEDIUM, SHORT } from "../_support/delays.ts";
import { runIn } from "../_support/processes.ts";
import { runText } from "../_support/programs.ts";
import { sh } from "../_support/shell.ts";
import { isPending } from "../_support/until.ts";

const { PIPE, Popen, run, runSync, TimeoutExpired } = subprocess;

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);

/** Prints pid, group and session of a command. */
const PLACE = sh("set -- $(cat /proc/$$/stat); echo $1 $5 $6");

const OWN_GROUP: readonly [string, subprocess.CommandOptions][] = [
  ["startNewSession", { startNewSession: true }],
  ["processGroup", { processGroup: 0 }],
  ["startNewSession and executable", {
    startNewSession: true,
    executable: "/bin/sh",
  }],
];

/** The group and the session of this process. */
function here(): string[] {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(2, 4);
}

function placeIn(output: unknown): Record<"pid" | "group" | "session", string> {
  const [pid, group, session] = String(output).trim().split(" ");
  return { pid: pid!, group: group!, session: session! };
}

/** A process that has a child, which has its output. */
export async function killWithAll(connection: Connection<string>) {
  const p = new Popen(sh("sleep 60 & wait"), {
    startNewSession: true,
    stdout: PIPE,
    text: true,
  });
  p.killGroup();
  const [output] = await p.communicate({ timeout: HUNG });
  await connection.send(`${output}${p.returnCode}`);
}

for (
  const [name, runIt] of [
    ["run()", run],
    ["runSync()", runSync],
    [
      "runSync() with a timeout",
      (args, options) => runSync(args, { ...options, timeout: 20 * LONG }),
    ],
  ] as [string, typeof runSync][]
) {
  const options = { stdout: PIPE, text: true } as const;

  Deno.test(`${name} leaves a command in its session`, async () => {
    const { pid, group, session } = placeIn(
      (await runIt(PLACE, options)).stdout,
    );
    // With a limit, Deno 2.9.6 makes a group of it.
    const groups = name.includes("timeout") ? [pid] : [here()[0]];
    assertEquals([group, session], [...groups, here()[1]]);
  });

  Deno.test(`${name} has a command lead a session with startNewSession`, async () => {
    const alone = { ...options, startNewSession: true };
    const { pid, group, session } = placeIn(
      (await runIt(PLACE, alone)).stdout,
    );
    assertEquals([group, session], [pid, pid]);
  });

  Deno.test(`${name} has a command lead a group with processGroup 0`, async () => {
    const alone = { ...options, processGroup: 0 } as const;
    const { pid, group, session } = placeIn(
      (await runIt(PLACE, alone)).stdout,
    );
    assertEquals([group, session], [pid, here()[1]]);
  });
}

Deno.test("the options of groups are refused when they are wrong", () => {
  const wrong = [
    [{ startNewSession: 1 }, TypeError, "startNewSession must be a boolean"],
    [{ processGroup: "0" }, TypeError, "processGroup must be a number"],
    [{ processGroup: 1 }, RangeError, "processGroup must be an integer"],
    [{ processGroup: -1 }, RangeError, "processGroup must be an integer"],
    [{ processGroup: 0, startNewSession: true }, TypeError, "goes without"],
  ] as const;
  for (const [options, Class, text] of wrong) {
    assertThrows(() => new Popen("true", options as never), Class, text);
    assertThrows(() => runSync("true", options as never), Class, text);
  }
});

for (const [name, options] of OWN_GROUP) {
  const piped = { ...options, stdout: PIPE, text: true } as const;

  Deno.test(`Popen.killGroup() ends all that the command has started (${name})`, async () => {
    // Each of them has the pipe, which ends with the last.
    const script = "(sleep 60 & sleep 60) & sleep 60 | cat & echo go; wait";
    const p = new Popen(sh(script), piped);
    const lines = p.lines();
    assertEquals((await lines.next()).value, "go");
    p.killGroup();
    assert((await lines.next()).done);
    assertEquals(await p.wait({ timeout: HUNG }), -9);
    p.killGroup();
  });

  Deno.test(`Popen.killGroup() reaches what the command has left behind (${name})`, async () => {
    const p = new Popen(sh("sleep 60 & exit 3"), piped);
    assertEquals(await p.wait({ timeout: HUNG }), 3);
    const output = p.communicate({ timeout: HUNG });
    assert(await isPending(output, SHORT), "nothing was left");
    p.killGroup("SIGTERM");
    assertEquals(await output, ["", undefined]);
  });

  Deno.test(`Popen.killGroup() ends a command that has just been started (${name})`, async () => {
    const p = new Popen(sh("sleep 60; echo late"), piped);
    p.killGroup();
    const [output] = await p.communicate({ timeout: HUNG });
    assertEquals([output, p.returnCode], ["", -9]);
  });

  Deno.test(`Popen.killGroup() sends any signal (${name})`, async () => {
    const ends = "trap 'echo $1; exit 5' USR1; echo go; while :; do :; done";
    const p = new Popen(sh(`(set -- child; ${ends}) & ${ends}`, "self"), piped);
    const lines = p.lines();
    assertEquals((await lines.next()).value, "go");
    assertEquals((await lines.next()).value, "go");
    p.killGroup(0);
    p.killGroup("SIGUSR1");
    const rest = await Array.fromAsync(lines);
    assertEquals(rest.sort(), ["child", "self"]);
    assertEquals(await p.wait({ timeout: HUNG }), 5);
  });
}

Deno.test("Popen.killGroup() spares the group that has the number now", async () => {
  const p = new Popen("true", { startNewSession: true });
  await p.wait({ timeout: HUNG });
  // Another process has the number, says the system.
  const sent: number[] = [];
  using _ = stub(Deno, "kill", (pid) => void sent.push(pid));
  p.killGroup();
  p.killGroup("SIGTERM");
  assertEquals(sent, [p.pid]);
});

Deno.test("Popen.killGroup() asks no more once the group has ended", async () => {
  const p = new Popen("true", { startNewSession: true });
  await p.wait({ timeout: HUNG });
  p.killGroup();
  using kill = stub(Deno, "kill", () => {});
  p.killGroup();
  assertEquals(kill.calls.length, 0);
});

contract.test("Popen.killGroup() works in a child", async (method) => {
  const [mine, yours] = Pipe<string>();
  await runIn(import.meta.url, method, killWithAll, yours);
  assertEquals(await mine.recv(), "-9");
  mine.close();
});

Deno.test("Popen.killGroup() never ends the group of this program", async () => {
  const p = new Popen(["sleep", "60"]);
  for (const signal of [undefined, "SIGKILL", 0] as const) {
    assertThrows(
      () => p.killGroup(signal),
      StateError,
      "start it with startNewSession",
    );
  }
  assertEquals(p.poll(), undefined);
  p.kill();
  assertEquals(await p.wait(), -9);
  assertThrows(() => p.killGroup(), StateError);
});

Deno.test("Popen.killGroup() refuses what is no signal", async () => {
  const p = new Popen(["sleep", "60"], { startNewSession: true });
  for (const signal of ["SIGNOT", "", 999, -1, 1.5, null, {}]) {
    assertThrows(() => p.killGroup(signal as number), TypeError, "signal");
  }
  assertEquals(p.poll(), undefined);
  p.killGroup();
  assertEquals(await p.wait(), -9);
});

Deno.test("Popen says that Deno sends no real-time signals", async () => {
  const p = new Popen(["sleep", "60"], { startNewSession: true });
  for (const send of [p.sendSignal, p.killGroup]) {
    assertThrows(() => send.call(p, 34), TypeError, "Deno sends no signal 34");
  }
  p.killGroup();
  assertEquals(await p.wait(), -9);
  p.sendSignal(34);
});

Deno.test("Popen.killGroup() without the permission says so", async () => {
  const { stdout, stderr } = await runText(
    `
    import { subprocess } from ${MOD};
    const p = new subprocess.Popen(["sleep", "60"], { startNewSession: true });
    try {
      p.killGroup();
    } catch (error) {
      console.log(error.name);
    }
    p.kill();
    console.log(await p.wait());`,
    { flags: ["--allow-run=sleep"] },
  );
  assertEquals([stdout, stderr], ["NotCapable\n-9\n", ""]);
});

Deno.test("a command with a session of its own outlives its program", async () => {
  const { code, stdout } = await runText(`
    import { subprocess } from ${MOD};
    const { DEVNULL, Popen } = subprocess;
    const options = { startNewSession: true, stdout: DEVNULL, stderr: DEVNULL };
    console.log(new Popen(["sleep", "60"], options).pid);`);
  assertEquals(code, 0);
  const pid = Number(stdout);
  Deno.kill(pid, 0 as never);
  Deno.kill(-pid, "SIGKILL");
});

Deno.test("Ctrl-C does not reach a command with a group of its own", async () => {
  const program = `
    import { subprocess } from ${MOD};
    const { Popen, run } = subprocess;
    const sleep = ["sleep", "60"];
    Deno.addSignalListener("SIGINT", () => {});
    const [plain, session, group] = [
      new Popen(sleep),
      new Popen(sleep, { startNewSession: true }),
      new Popen(sleep, { processGroup: 0 }),
    ];
    const name = () => Deno.readTextFileSync("/proc/" + group.pid + "/comm");
    while (name() !== "sleep\\n") await run("true");
    console.log("go");
    console.log(await plain.wait());
    console.log(session.poll(), group.poll());
    session.killGroup("SIGINT");
    group.killGroup("SIGINT");
    console.log(await session.wait(), await group.wait());`;
  // The terminal sends the signal to all of the group.
  await using p = new Popen([Deno.execPath(), "run", "-A", "-"], {
    startNewSession: true,
    stdin: new Blob([program]).stream(),
    stdout: PIPE,
    text: true,
  });
  const lines = p.lines();
  assertEquals((await lines.next()).value, "go");
  p.killGroup("SIGINT");
  const rest = await Array.fromAsync(lines);
  assertEquals(rest, ["-2", "undefined undefined", "-2 -2"]);
  assertEquals(await p.wait({ timeout: HUNG }), 0);
});

Deno.test("run() kills the command alone when its time is up", async () => {
  const args = sh("sleep 60 >/dev/null & echo $!; wait");
  const options = { startNewSession: true, stdout: PIPE, text: true } as const;
  let pid = 0;
  for (let timeout = MEDIUM; pid === 0; timeout *= 2) {
    const error = await assertRejects(
      () => run(args, { ...options, timeout }),
      TimeoutExpired,
    );
    pid = Number(error.output);
  }
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  Deno.kill(pid, "SIGKILL");
  assertMatch(stat, /\(sleep\) S/);
});
