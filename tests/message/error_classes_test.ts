// Copyright 2026 the authors. MIT license.

// Errors of the program's classes are instances of these where they arrive.

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as mp from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { SOON } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { runProgram } from "../_support/programs.ts";
import * as classes from "../testdata/error_classes.ts";
import * as users from "../testdata/error_users.ts";

const USERS = new URL("../testdata/error_users.ts", import.meta.url).href;

/** Asserts that these are the errors of `errors()`, with their classes. */
function assertKnown(given: unknown): void {
  const [lost, many, internal, inner, secret] = given as Error[];
  assertInstanceOf(lost, classes.LostError);
  assertEquals([lost.message, lost.code, lost.isFatal], ["code 1", 1, false]);
  assert(lost.stack?.includes("error_classes.ts"));
  const { cause } = lost;
  assertInstanceOf(cause, classes.AppError);
  assertEquals([cause.constructor, cause.isFatal], [classes.AppError, true]);
  assertInstanceOf(many, AggregateError);
  const [app, registered] = many.errors;
  assertInstanceOf(app, classes.AppError);
  assertEquals([app.name, Object.keys(app)], ["AppError", ["code", "name"]]);
  assertInstanceOf(registered, classes.RegisteredError);
  assertInstanceOf(registered, TypeError);
  assertEquals(registered.fields, [1]);
  // What is not exported is known by the nearest that is.
  assertEquals([internal?.constructor, internal?.name], [
    RangeError,
    "Internal",
  ]);
  assertEquals([inner?.constructor, inner?.name], [classes.AppError, "Inner"]);
  assertEquals([secret?.constructor, secret?.name], [Error, "SecretError"]);
}

function poolOf(method: Method): mp.Pool {
  return new mp.Pool({ processes: 1, method, module: USERS });
}

function assertThrown(error: unknown, code: number): void {
  assertInstanceOf(error, classes.LostError);
  assertEquals([error.code, error.message], [code, `code ${code}`]);
  assertInstanceOf(error.cause, classes.RegisteredError);
}

contract.test("Pool.apply() rejects with an error of its class", async (method) => {
  await using pool = poolOf(method);
  const { made } = classes.AppError;
  const failures: unknown[] = [];
  const result = pool.applyAsync(users.fail, [11], {
    errorCallback: (error) => failures.push(error),
  });
  failures.push(await result.get().catch((error) => error));
  failures.push(await pool.apply(users.fail, [11]).catch((error) => error));
  failures.push(
    await pool.map(users.failOften, [0, 0, 11]).catch((error) => error),
  );
  assertEquals(failures.length, 4);
  for (const failure of failures) assertThrown(failure, 11);
  // No constructor has run.
  assertEquals(classes.AppError.made, made);
  assertEquals(await pool.apply(users.failOften, [0]), 0);
});

contract.test("An error of a class with the pair crosses by it", async (method) => {
  await using pool = poolOf(method);
  const error = await pool.apply(users.failPaired).catch((error) => error);
  assertInstanceOf(error, classes.PairedError);
  assertEquals([error.message, error.part], ["paired", 7]);
});

contract.test("BrokenPoolError.cause is an error of its class", async (method) => {
  await using pool = new mp.Pool({
    processes: 1,
    method,
    module: USERS,
    initializer: users.fail,
    initargs: [4],
  });
  const error = await pool.apply(users.returned).catch((error) => error);
  assertInstanceOf(error, mp.BrokenPoolError);
  assertThrown(error.cause, 4);
});

contract.test("Pool.imap() throws errors of their class", async (method) => {
  await using pool = poolOf(method);
  const results = pool.imap(users.failOften, [0, 7, 0]);
  assertEquals((await results.next()).value, 0);
  assertThrown(await results.next().catch((error) => error), 7);
});

contract.test("Pool.apply() gives errors of their class", async (method) => {
  await using pool = poolOf(method);
  assertKnown(await pool.apply(users.returned));
});

contract.test("Future.exception() is an error of its class", async (method) => {
  await using executor = new mp.ProcessPoolExecutor({
    maxWorkers: 1,
    method,
    module: USERS,
  });
  const future = executor.submit(users.fail, 5);
  assertThrown(await future.exception(), 5);
});

contract.test("BaseQueue.get() gives errors of their class", async (method) => {
  const q = new mp.Queue<unknown>();
  const early = q.get(SOON);
  const p = startIn(USERS, method, users.put, q);
  assertKnown(await early);
  await joinAll(p);
});

contract.test("Connection.recv() gives errors of their class", async (method) => {
  const [mine, theirs] = mp.Pipe<unknown>();
  const p = startIn(USERS, method, users.send, theirs);
  assertKnown(await mine.recv(SOON));
  await joinAll(p);
});

contract.test("An error that is sent to a child has its class there", async (method) => {
  const items = new mp.Queue<unknown>();
  const answers = new mp.Queue<unknown>();
  await items.put(classes.errors());
  const p = startIn(USERS, method, users.check, answers, items);
  assertEquals(await answers.get(SOON), [true, true]);
  await joinAll(p);
});

contract.test("Pool.applySync() throws an error of a registered class", async (method) => {
  await using pool = poolOf(method);
  let error: unknown;
  try {
    pool.applySync(users.failRegistered);
  } catch (thrown) {
    error = thrown;
  }
  assertInstanceOf(error, classes.RegisteredError);
  assertEquals([error.message, error.name], ["told", "RegisteredError"]);
});

contract.test("Pool.join() comes after errors of the program's classes", async (method) => {
  // The class is looked for once: each time in a process of its own.
  const { lines, stderr } = await runProgram("joined_errors", {
    args: [method],
  });
  assertEquals([lines, stderr], [
    [
      // No worker is left, and the module of the class is still loading.
      "joined: false, ready: false",
      "joined: true, ready: true",
      "true",
      "0 true",
    ],
    "",
  ]);
});

contract.test("A blocked call does not wait for the class of an error", async (method) => {
  const { lines, stderr } = await runProgram("own_errors", { args: [method] });
  assertEquals([lines, stderr], [
    [
      // Neither exported by a module that was looked at, nor registered.
      "false OwnError own",
      "true OwnError own",
      "true OwnError own",
    ],
    "",
  ]);
});
