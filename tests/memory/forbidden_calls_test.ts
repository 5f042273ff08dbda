// Copyright 2026 the authors. MIT license.

// Kernels and containers without a call that the module would make: it does
// without, or says at the first object what is missing.

import { assertEquals } from "@std/assert";
import { contract, type Method } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { runProgram } from "../_support/programs.ts";
import { sh } from "../_support/shell.ts";

const FUTEX_WAITV = 449;
const MEMFD_CREATE = Deno.build.arch === "aarch64" ? 279 : 319;
const EPERM = 1;
const ENOSYS = 38;

const PROGRAM = new URL(
  "../testdata/programs/forbidden_calls.ts",
  import.meta.url,
);

async function runWithout(
  call: number,
  errno: number,
  method: Method,
): Promise<string[]> {
  const args = [method, call, errno].map(String);
  const { lines, stderr } = await runProgram(PROGRAM, { args });
  assertEquals(stderr, "");
  return lines;
}

for (const errno of [ENOSYS, EPERM]) {
  contract.test(
    `Pending waits sleep where futex_waitv fails with ${errno}`,
    async (method) => {
      const lines = await runWithout(FUTEX_WAITV, errno, method);
      assertEquals(lines, ["sleeps", "echo true"]);
    },
  );
}

contract.test("Queue() says that memfd_create is missing", async (method) => {
  const lines = await runWithout(MEMFD_CREATE, ENOSYS, method);
  const refusal = "StateError: Cannot use process memory: no file for it: " +
    "the kernel does not know the call (ENOSYS): it needs Linux 3.17";
  // Workers need no such memory.
  const works = ["sleeps", "echo true"];
  assertEquals(lines, method === "worker" ? works : [refusal]);
});

/** Mounts something over this process's files in /proc. */
const HIDE = "mount -t tmpfs none /proc/$$/fd";

contract.test("Queue() says that /proc is hidden", async (method) => {
  if (!await mayMount()) return;
  const words = [Deno.execPath(), "run", "-A", "--quiet", PROGRAM.href, method];
  const { stdout } = await new Deno.Command("unshare", {
    args: ["-Urm", ...sh(`${HIDE} && exec "$@"`, ...words)],
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(HUNG),
  }).output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  const refusal = "StateError: Cannot use process memory: /proc does not " +
    "show the files of this process: it is not there (ENOENT): its process " +
    "has ended or let go of it, or /proc is not mounted";
  const works = ["sleeps", "echo true"];
  assertEquals(lines, method === "worker" ? works : [refusal]);
});

/** Whether this machine lets users have mounts of their own. */
async function mayMount(): Promise<boolean> {
  try {
    const args = ["-Urm", ...sh(HIDE)];
    return (await new Deno.Command("unshare", { args }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
