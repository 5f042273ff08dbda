// Copyright 2026 the authors. MIT license.

// The files that the system lends for the memory of OS processes: they come
// back when what lies in them is closed, also to a process that may have few.

import { assert, assertEquals } from "@std/assert";
import { contract, type Method } from "../_support/contract.ts";
import { HUNG } from "../_support/delays.ts";
import { sh } from "../_support/shell.ts";

const PROGRAM = new URL("../testdata/programs/lent_files.ts", import.meta.url);

/** Runs a case of the program where a process may have `limit` files open. */
async function run(
  limit: number,
  name: string,
  method: Method,
  count: number,
): Promise<string[]> {
  const [command, ...args] = sh(
    'ulimit -n "$1" && shift && exec "$@"',
    String(limit),
    ...[Deno.execPath(), "run", "-A", "--quiet", PROGRAM.href],
    ...[name, method, String(count)],
  );
  const { stdout, stderr } = await new Deno.Command(command!, {
    args,
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(2 * HUNG),
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  return decoder.decode(stdout).trimEnd().split("\n");
}

function moreFiles(lines: string[]): number {
  const [, more] = lines.at(-1)!.match(/^more files: (-?\d+)$/) ?? [];
  assert(more !== undefined, lines.at(-1));
  return Number(more);
}

/** What gives all of it back, and how many of it. */
const CLOSED = {
  closedQueues: 1_100,
  closedPipes: 1_100,
};

for (const [name, count] of Object.entries(CLOSED)) {
  contract.test(`${name} give back their files at once`, async (method) => {
    const more = moreFiles(await run(1024, name, method, count));
    // Their bells and holders lie in what is small.
    assert(more <= 2, `${more} files more`);
  });
}

contract.test("Queues that are closed with items keep few files", async (method) => {
  assert(moreFiles(await run(1024, "unreadQueues", method, 1_100)) <= 16);
});

contract.test("500 pipes may be open under 1,024 files", async (method) => {
  assert(moreFiles(await run(1024, "livePipes", method, 500)) <= 501);
});

contract.test("1,000 arrays of all sizes share some files", async (method) => {
  assert(moreFiles(await run(256, "arrays", method, 1_000)) <= 128);
});

contract.test("1,000 locks of every kind share some files", async (method) => {
  assert(moreFiles(await run(256, "locks", method, 1_000)) <= 100);
});

contract.test("Workers of a pool that are replaced give back their files", async (method) => {
  const lines = await run(64, "replacedWorkers", method, 40);
  assertEquals(lines, ["78", "more files: 0"]);
});

contract.test("Pools give back their files at their end", async (method) => {
  assertEquals(moreFiles(await run(1024, "pools", method, 4)), 0);
});

contract.test("What is closed at once reaches the child and its own child", async (method) => {
  const lines = await run(1024, "closedAtOnce", method, 1);
  assertEquals(lines, ["pipe", "pipe", "more files: 0"]);
});

contract.test("A child that is killed before it begins keeps no files", async (method) => {
  assertEquals(moreFiles(await run(1024, "killedAtOnce", method, 3)), 0);
});

Deno.test("Queue() says that the process has too many files", async () => {
  const [message] = await run(64, "queuesWithoutEnd", "spawn", 1);
  assertEquals(
    message,
    "StateError: Cannot use process memory: no file for it: this process " +
      "has too many files open (EMFILE): close queues, pipes and pools that " +
      "are done, or raise the limit (ulimit -n)",
  );
});
