// Copyright 2026 the authors. MIT license.

import { Buffer } from "node:buffer";
import * as mp from "../../mod.ts";
import { advise, type FailedCall } from "../../message/advice.ts";
import { contract } from "../_support/contract.ts";
import { runProgram } from "../_support/programs.ts";
import * as targets from "../testdata/stripped_targets.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";

const { Point, Stack, account } = targets;
const HERE = "here: instances of Point cross without their class: register " +
  "it with registerClass(), or send data, and build the instance in the target";
const NO_OBJECT = "came without the object that it is a method of: export a " +
  "function that takes what it needs as arguments";
const FIELDS = "are not in the child, where its constructor does not run: " +
  "make them public";

/** Calls of a pool that fail, and what their errors say. */
const CALLS: Readonly<
  Record<string, [(pool: mp.Pool) => unknown, string | RegExp]>
> = {
  "a method": [
    (pool) => pool.apply(targets.normOf, [new Point(1)]),
    `point.norm is not a function: args[0] is a plain object ${HERE}`,
  ],
  "a method in async code": [
    (pool) => pool.apply(targets.normLater, [new Point(1)]),
    `point.norm is not a function: args[0] is a plain object ${HERE}`,
  ],
  "a method of one of several": [
    (pool) =>
      pool.apply(targets.distance, [new Point(1), { at: new Point(2) }]),
    `b.at.norm is not a function: args[0] is a plain object and args[1].at is a plain object ${HERE}`,
  ],
  "a getter": [
    (pool) => pool.apply(targets.doubleOf, [new Point(1)]),
    `Cannot read properties of undefined (reading 'value'): args[0] is a plain object ${HERE}`,
  ],
  "a private field": [
    (pool) => pool.apply(targets.secretOf, [new Point(1)]),
    `Cannot read private member #secret from an object whose class did not declare it: args[0] is a plain object ${HERE}`,
  ],
  "its iterator, spread": [
    (pool) => pool.apply(targets.sumOf, [new targets.Path()]),
    "to be a function: args[0] is a plain object here: instances of Path cross",
  ],
  "its iterator in a loop": [
    (pool) => pool.apply(targets.loop, [new targets.Path()]),
    "path is not iterable: args[0] is a plain object here",
  ],
  "a getter that is handed on": [
    (pool) => pool.apply(targets.keysOf, [new targets.Path()]),
    "Cannot convert undefined or null to object: args[0] is a plain object",
  ],
  "its class, by name": [
    (pool) => pool.apply(targets.demand, [new Point(1)]),
    `a Point is needed: args[0] is a plain object ${HERE}`,
  ],
  "the method of an array": [
    (pool) => pool.apply(targets.peekOf, [Stack.of(1) as targets.Stack]),
    "stack.peek is not a function: args[0] is a plain Array here: instances of Stack cross",
  ],
  "the method of bytes": [
    (pool) => pool.apply(targets.first, [Buffer.of(1)]),
    "bytes.readInt8 is not a function: args[0] is a plain Uint8Array here: instances of Buffer cross",
  ],
  "a method, moved with a buffer": [
    (pool) => {
      const transfer = [new ArrayBuffer(1)];
      return pool.apply(targets.normOf, [new Point(1)], { transfer });
    },
    `point.norm is not a function: args[0] is a plain object ${HERE}`,
  ],
  "a method in map()": [
    (pool) => pool.map(targets.normOf, [new Point(1)]),
    `point.norm is not a function: items[0] is a plain object ${HERE}`,
  ],
  "a method in a chunk of map()": [
    (pool) => {
      const points = Array.from(
        { length: 5 },
        (_, i) => i < 3 ? { x: i, norm: 1 } : new Point(i),
      );
      return pool.map(
        (point) => "norm" in point ? 0 : (point as targets.Point).norm(),
        points,
        { chunkSize: 2 },
      );
    },
    /norm is not a function: items\[[34]\] is a plain object here/,
  ],
  "a method in starmap()": [
    (pool) => pool.starmap(targets.normOf, [[new Point(1)], [new Point(2)]]),
    `items[0][0] is a plain object ${HERE}`,
  ],
  "a method in imap()": [
    (pool) => pool.imap(targets.normOf, [new Point(1)]).next(),
    `items[0] is a plain object ${HERE}`,
  ],
  "a method in a chunk of imap()": [
    (pool) => {
      const points = [1, 2, 3, 4].map((x) => new Point(x));
      return pool.imap(targets.normOf, points, { chunkSize: 4 }).next();
    },
    "items[0] is a plain object, items[1] is a plain object and items[2] is a plain object here",
  ],
  "a method in runOnAll()": [
    (pool) => pool.runOnAll(targets.normOf, [new Point(1)]),
    `args[0] is a plain object ${HERE}`,
  ],
  "this": [
    (pool) => pool.apply(account.withdraw, [1]),
    /\(reading 'balance'\): withdraw came without the object/,
  ],
  "this in map()": [
    (pool) => pool.map(account.withdraw, [1, 2, 3]),
    NO_OBJECT,
  ],
  "this with a private field": [
    (pool) => pool.apply(account.report),
    `(reading '#log'): report ${NO_OBJECT}`,
  ],
};

contract.test("a task says in its TypeError what did not cross", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  for (const [name, [call, text]] of Object.entries(CALLS)) {
    const error = await errorOf(() => call(pool));
    assertInstanceOf(error, TypeError, name);
    if (text instanceof RegExp) assert(text.test(error.message), error.message);
    else assertStringIncludes(error.message, text, name);
    // It is printed with its stack, which has the message in it.
    assertStringIncludes(error.stack!, `${error.message}\n    at `, name);
  }
});

contract.test("a task leaves TypeErrors of other causes as they are", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const calls: [() => unknown, string][] = [
    [() => pool.apply(targets.refuse, [new Point(1)]), "it is refused"],
    [() => pool.apply(targets.misspell, [[]]), "array.pusch is not a function"],
    [
      () => pool.apply(targets.misspell, [new Map()]),
      "array.pusch is not a function",
    ],
  ];
  for (const [call, text] of calls) {
    const error = await errorOf(call);
    assertInstanceOf(error, TypeError);
    assertEquals(error.message, text);
  }
  // Notes of a call that failed to be sent are not those of the next.
  const unsent = await errorOf(() =>
    pool.apply(targets.misspell, [[new Point(1), Symbol()]])
  );
  assertInstanceOf(unsent, DOMException);
  const error = await errorOf(() => pool.apply(targets.misspell, [1]));
  assertEquals((error as Error).message, "array.pusch is not a function");
});

contract.test("an executor and an initializer say what did not cross", async (method) => {
  await using executor = new mp.ProcessPoolExecutor({ maxWorkers: 1, method });
  const ofTask = await errorOf(() =>
    executor.submit(targets.normOf, new Point(1)).result()
  );
  assertStringIncludes((ofTask as Error).message, `args[0] is a plain object`);
  const ofMap = await errorOf(() =>
    executor.map(targets.normOf, [new Point(1)]).next()
  );
  assertStringIncludes((ofMap as Error).message, "items[0] is a plain object");
  const options = { processes: 1, method, initializer: targets.distance };
  const lock = new mp.Lock();
  const initargs = [{ lock, x: 1 }, { at: new Point(1) }];
  await using pool = new mp.Pool({ ...options, initargs });
  const ofInitializer = await errorOf(() => pool.apply(() => 1));
  assertInstanceOf(ofInitializer, mp.BrokenPoolError);
  assertStringIncludes(
    ofInitializer.message,
    `b.at.norm is not a function: initargs[1].at is a plain object ${HERE}`,
  );
});

contract.test("a process says in its TypeError what did not cross", async (method) => {
  const { lines, stderr } = await runProgram("advice", { args: [method] });
  assertEquals(lines, Array(8).fill("1"), stderr);
  const expected = [
    `Process args:\nTypeError: point.norm is not a function: args[0] is a plain object ${HERE}\n`,
    `Process kwargs:\nTypeError: point.norm is not a function: kwargs.norm<key 0> is a plain object ${HERE}\n`,
    `Process later:\nTypeError: point.norm is not a function: args[0] is a plain object ${HERE}\n`,
    `Process method:\nTypeError: Cannot read properties of undefined (reading 'balance'): withdraw ${NO_OBJECT}\n`,
    `this.point.norm is not a function: this.point is a plain object ${HERE}\n`,
    "Process other:\nTypeError: array.pusch is not a function\n",
    `an object whose class did not declare it: the private fields and methods of PrivateField ${FIELDS}\n`,
    `an instance of class PrivateMethod: the private fields and methods of PrivateMethod ${FIELDS}\n`,
  ];
  for (const text of expected) assertStringIncludes(stderr, text);
});

contract.test("a function in a value is refused in the caller, with its place", async (method) => {
  const { apply } = targets;
  await using pool = new mp.Pool({ processes: 1, method });
  await using executor = new mp.ProcessPoolExecutor({ maxWorkers: 1, method });
  const given: [(func: never) => unknown, string][] = [
    [(f) => start({ target: apply, args: [f, 4], method }), "args[0]"],
    [
      (f) => start({ target: apply, args: [{ f: [f] }], method }),
      "args[0].f[0]",
    ],
    [(f) => start({ target: apply, kwargs: { f }, method }), "kwargs.f"],
    [(f) => pool.apply(apply, [f, 4]), "args[0]"],
    [(f) => pool.map(apply as never, [f]), "items[0]"],
    [(f) => pool.starmap(apply, [[f, 4]]), "items[0][0]"],
    [(f) => pool.imap(apply as never, [f]).next(), "items[0]"],
    [(f) => pool.runOnAll(apply, [f, 4]), "args[0]"],
    [(f) => executor.submit(apply, f, 4).result(), "args[0]"],
    [(f) => executor.map(apply, [f], [4]).next(), "items[0][0]"],
    [
      (initarg) =>
        new mp.Pool({
          processes: 1,
          method,
          initializer: apply,
          initargs: [initarg],
        }),
      "initargs[0]",
    ],
    [(f) => new mp.Queue<unknown>().put([f]), "item[0]"],
    [(f) => mp.Pipe<unknown>()[0].send({ f }), "message.f"],
  ];
  for (const [give, path] of given) {
    for (
      const [func, text] of [
        [
          targets.normOf,
          "it is a function: export it and import it where it is used, or send its name",
        ],
        [
          Math.sqrt,
          "it is a function of the platform, which every process has",
        ],
        [account.withdraw.bind(account), "it is a bound function: export one"],
        [Point, "it is a class: export it"],
      ] as const
    ) {
      const error = await errorOf(() => give(func as never));
      assertInstanceOf(error, DOMException, path);
      assertEquals(error.name, "DataCloneError");
      assertStringIncludes(error.message, `Cannot clone ${path}: ${text}`);
    }
  }
});

Deno.test("advise() does without what it cannot read or write", () => {
  const call: FailedCall = {
    target: undefined,
    stripped: [{ path: "args[0]", name: "", as: "Object" }],
  };
  const error = new TypeError("it.f is not a function");
  advise(error, call);
  assertStringIncludes(error.message, "instances of a class cross");
  const { message } = error;
  advise(error, call);
  assertEquals(error.message, message, "it was advised twice");
  const frozen = Object.freeze(new TypeError("it.f is not a function"));
  advise(frozen, call);
  assertEquals(frozen.message, "it.f is not a function");
  const odd = new TypeError("it.f is not a function");
  Object.defineProperty(odd, "message", { value: 1 });
  advise(odd, call);
  assertEquals(odd.message as unknown, 1);
  advise("it.f is not a function", call);
});

function start(options: mp.ProcessOptions): void {
  new mp.Process(options).start();
}

async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}
