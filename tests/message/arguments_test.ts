// Copyright 2026 the authors. MIT license.

// One rule for what crosses: the arguments, named arguments and fields of a
// process, the items of a queue, the messages of a pipe, and the arguments,
// results and `initargs` of a pool arrive alike, or are refused alike.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { createSecretKey } from "node:crypto";
import vm from "node:vm";
import * as mp from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { SOON } from "../_support/pipes.ts";
import { assertUncloneable } from "../_support/refusals.ts";
import * as targets from "../testdata/argument_targets.ts";

const MODULE = new URL("../testdata/argument_targets.ts", import.meta.url).href;

/** The text of `value` where it has arrived, by each of the ways. */
async function arrivals(method: Method, value: object): Promise<string[]> {
  const texts: string[] = [];
  const q = new mp.Queue<unknown>();
  const run = async (options: mp.ProcessOptions) => {
    const p = new mp.Process({ method, module: MODULE, ...options });
    p.start();
    texts.push(await q.get(SOON) as string);
    assert(await p.join(SOON));
  };
  await run({ target: targets.tell, args: [q, value] });
  await run({ target: targets.tellNamed, args: [q], kwargs: { value } });
  const teller = new targets.Teller(q, value);
  teller.start();
  texts.push(await q.get(SOON) as string);
  assert(await teller.join(SOON));
  await q.put(value);
  texts.push(targets.textOf(await q.get(SOON)));
  const [a, b] = mp.Pipe<unknown>();
  await a.send(value);
  texts.push(targets.textOf(await b.recv(SOON)));
  await using pool = new mp.Pool({
    processes: 1,
    method,
    module: MODULE,
    initializer: targets.keep,
    initargs: [value],
  });
  texts.push(await pool.apply(targets.kept));
  texts.push(await pool.apply(targets.textOf, [value]));
  texts.push(await pool.apply(targets.textOf, [value], { transfer: [] }));
  texts.push(targets.textOf(await pool.apply(targets.same, [value])));
  return texts;
}

/** Asserts that each of the ways refuses `value` in the same words. */
async function assertRefused(
  method: Method,
  value: unknown,
  text: string,
): Promise<void> {
  const { tell, tellNamed, Teller } = targets;
  const q = new mp.Queue<unknown>();
  const options = { method, module: MODULE };
  const starts: [mp.Process, string][] = [
    [
      new mp.Process({ ...options, target: tell, args: [q, { value }] }),
      "args[1]",
    ],
    [
      new mp.Process({ ...options, target: tellNamed, kwargs: { value } }),
      "kwargs",
    ],
    [new Teller(q, value as object), "this"],
  ];
  for (const [p, path] of starts) {
    await assertUncloneable(
      () => p.start(),
      `Cannot clone ${path}.value${text}`,
    );
    assertEquals(p.isAlive(), false);
  }
  await assertUncloneable(
    () => q.putSync({ value }),
    `Cannot clone item.value${text}`,
  );
  await using pool = new mp.Pool({ processes: 1, method });
  for (const options of [undefined, { transfer: [] }]) {
    const error = await pool.apply(targets.same, [{ value }], options)
      .catch((error) => error);
    assertEquals(error.name, "DataCloneError");
    assertEquals(error.message, `Cannot clone args[0].value${text}`);
  }
}

contract.test("every way keeps an error's class, fields and errors", async (method) => {
  const first = Object.assign(new RangeError("first"), { code: "E_FIRST" });
  const error = Object.assign(
    new AggregateError([first], "all", { cause: new mp.Full("no room") }),
    { detail: { deep: [1n] } },
  );
  const text = targets.textOf(error);
  assertEquals(
    text,
    "AggregateError: all detail={ deep: [ 1n ] } " +
      "errors=[RangeError: first code=E_FIRST] cause=(Full: no room)",
  );
  assertEquals(new Set(await arrivals(method, error)), new Set([text]));
});

contract.test("every way takes a Proxy for the object that it shows", async (method) => {
  const value = new Proxy({ a: [1] }, {});
  assertEquals(
    new Set(await arrivals(method, value)),
    new Set(["{ a: [ 1 ] }"]),
  );
});

contract.test("every way takes values of another realm as its own", async (method) => {
  const value = vm.runInNewContext(`({
    list: [1, , 3], map: new Map([["k", new Set([1])]]), date: new Date(0),
    pattern: /a/g, boxed: Object("s"), bytes: new Uint8Array([1, 2]),
    buffer: new ArrayBuffer(2), bare: Object.create(null),
    point: new (class Point { x = 1 })(),
    error: Object.assign(new TypeError("far"), { code: "E_FAR" }),
  })`);
  const text = Deno.inspect({
    list: [1, , 3], // deno-lint-ignore no-sparse-arrays
    map: new Map([["k", new Set([1])]]),
    date: new Date(0),
    pattern: /a/g,
    boxed: Object("s"),
    bytes: new Uint8Array([1, 2]),
    buffer: new ArrayBuffer(2),
    bare: {},
    point: { x: 1 },
    error: "TypeError: far code=E_FAR",
  });
  assertEquals(new Set(await arrivals(method, value)), new Set([text]));
});

contract.test("an error thrown in another realm keeps its name and code", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const error = await pool.apply(targets.throwElsewhere).catch((e) => e);
  assert(error instanceof RangeError);
  assertEquals(targets.textOf(error), "RangeError: far code=E_FAR");
});

contract.test("no way takes what another realm cannot clone", async (method) => {
  for (
    const [source, text] of [
      ["Promise.resolve()", "it is a Promise"],
      ["new WeakMap()", "it is a WeakMap"],
      ["[][Symbol.iterator]()", "it is"],
      ["(() => 1)", "it is a function"],
    ] as const
  ) {
    const q = new mp.Queue<unknown>();
    const item = vm.runInNewContext(source);
    const { message } = assertThrows(() => q.putSync(item), DOMException);
    assert(message.startsWith(`Cannot clone item: ${text}`), message);
    const p = new mp.Process({
      method,
      target: targets.tell,
      module: MODULE,
      args: [q, item],
    });
    await assertUncloneable(
      () => p.start(),
      message.replace("item", "args[1]"),
    );
  }
});

contract.test("no way takes an object of the platform for a plain one", async (method) => {
  const file = await Deno.open(Deno.execPath());
  const listener = Deno.listen({ port: 0 });
  const { port1, port2 } = new MessageChannel();
  try {
    const values: [object, string][] = [
      [new URL("http://example.org/"), "a URL"],
      [new URLSearchParams("a=1"), "a URLSearchParams"],
      [new Headers({ a: "b" }), "a Headers"],
      [new Request("http://example.org/"), "a Request"],
      [new Response(""), "a Response"],
      [new FormData(), "a FormData"],
      [AbortSignal.abort(), "an AbortSignal"],
      [new AbortController(), "an AbortController"],
      [new Event("e"), "an Event"],
      [new EventTarget(), "an EventTarget"],
      [new ReadableStream(), "a ReadableStream"],
      [new TextDecoder(), "a TextDecoder"],
      [performance, "a Performance"],
      [new Intl.NumberFormat(), "a NumberFormat"],
      [new WeakRef({}), "a WeakRef"],
      [Promise.resolve(), "a Promise"],
      [file, "a FsFile"],
      [listener, "a Listener"],
      [Deno.stdin, "a Stdin"],
      [port1, "a MessagePort"],
    ];
    // A worker is given it by the platform.
    const key = createSecretKey(new Uint8Array(16));
    if (method === "spawn") values.push([key, "a SecretKeyObject"]);
    for (const [value, what] of values) {
      await assertRefused(method, value, `: it is ${what}`);
    }
  } finally {
    file.close();
    listener.close();
    port1.close();
    port2.close();
  }
});

contract.test("no way takes an object that one process has", async (method) => {
  const pool = new mp.Pool({ processes: 1, method });
  const executor = new mp.ProcessPoolExecutor({ maxWorkers: 1, method });
  const result = pool.applyAsync(targets.same, [1]);
  const future = executor.submit(targets.same, 1);
  const results = pool.imap(targets.same, [1]);
  const other = new mp.Process({ method, target: targets.kept });
  const command = new mp.subprocess.Popen(["true"]);
  const alone = "only the process that made it has it";
  const values: [object, string][] = [
    [pool, `a Pool: ${alone}`],
    [executor, `a ProcessPoolExecutor: ${alone}`],
    [command, `a Popen: ${alone}`],
    [other, "a Process: only its parent has it"],
    [result, "an AsyncResult: send its result"],
    [future, "a Future: send its result"],
    [results, "an ImapJob: send its results"],
  ];
  for (const [value, what] of values) {
    await assertRefused(method, value, `: it is ${what}`);
  }
  await Array.fromAsync(results);
  await result;
  await future.result();
  await executor.shutdown();
  pool.close();
  await pool.join();
  await command.wait();
});

Deno.test("a worker is given shared memory, modules and large buffers as they are", async () => {
  const q = new mp.Queue<unknown>();
  const memory = new SharedArrayBuffer(8);
  const words = new Int32Array(memory, 4);
  const code = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  const large = new Uint8Array(2 ** 17).fill(7);
  const p = new mp.Process({
    target: targets.useMemory,
    module: MODULE,
    args: [q, {
      memory,
      words,
      again: memory,
      module: new WebAssembly.Module(code),
      blob: new Blob(["abc"]),
      large,
      middle: large.subarray(10, 20),
    }],
  });
  p.start();
  assertEquals(await q.get(SOON), [true, true, true, "abc", 7, 10, true]);
  assert(await p.join(SOON));
  assertEquals(words[0], 5);
  assertEquals(large.length, 2 ** 17);
});

contract.test("a pool names initargs that cannot cross", async (method) => {
  const options = { processes: 1, method, initializer: targets.keep };
  await assertUncloneable(
    () => new mp.Pool({ ...options, initargs: [1, { f: () => 1 }] }),
    "Cannot clone initargs[1].f: it is a function",
  );
});

contract.test("a pool says how its tasks can have what is shared", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const memory = new SharedArrayBuffer(4);
  const { same } = targets;
  const wrong: [() => Promise<unknown>, string][] = [
    [() => pool.apply(same, [memory]), "args[0]: it is a SharedArrayBuffer"],
    [
      () => pool.apply(targets.keep, [[1, memory]]),
      "args[0][1]: it is a SharedArrayBuffer",
    ],
    [
      () => pool.apply(same, [new Uint8Array(memory)]),
      "args[0]: it is a view of a SharedArrayBuffer",
    ],
    [
      () => pool.map(same, [1, { view: new DataView(memory) }]),
      "items[1].view: it is a view of a SharedArrayBuffer",
    ],
  ];
  for (const [call, text] of wrong) {
    await assertUncloneable(
      call,
      `Cannot clone ${text}: give it in initargs`,
    );
  }
});

contract.test("a pool names what it cannot transfer", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  const stream = new ReadableStream();
  const reader = stream.getReader();
  const wrong: [unknown, string][] = [
    [{}, "it is an Object"],
    [1, "it is a number"],
    [gone, "it was moved already"],
    [new Uint8Array(1), "it is a Uint8Array: move its buffer"],
    [new SharedArrayBuffer(1), "it is a SharedArrayBuffer"],
    [stream, "it is a locked ReadableStream"],
  ];
  for (const [object, text] of wrong) {
    const transfer = [new ArrayBuffer(1), object as ArrayBuffer];
    await assertUncloneable(
      () => pool.apply(targets.same, [1], { transfer }),
      `Cannot transfer transfer[1]: ${text}`,
    );
  }
  reader.releaseLock();
});

Deno.test("a pipe names what it cannot transfer", async () => {
  const [a, b] = mp.Pipe<unknown>({ transfer: true });
  const buffer = new ArrayBuffer(1);
  await assertUncloneable(
    () => a.sendSync(buffer, { transfer: [buffer, buffer] }),
    "Cannot transfer transfer[1]: it is transfer[0] as well",
  );
  assertEquals(buffer.byteLength, 1);
  a.close();
  b.close();
});

contract.test("TimeoutError and ProcessError are classes to catch", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method });
  const crossed = await pool.apply(targets.timeOut).catch((error) => error);
  const late = [
    crossed,
    new mp.TimeoutError("late"),
    new DOMException("late", "TimeoutError"),
  ];
  for (const error of late) {
    assertEquals(error.name, "TimeoutError");
    assert(error instanceof mp.TimeoutError);
    assert(error instanceof mp.ProcessError);
  }
  class Late extends mp.TimeoutError {}
  assert(!(crossed instanceof Late) && new Late() instanceof Late);
  assert(
    new mp.BufferTooShort("b", new Uint8Array(1)) instanceof mp.ProcessError,
  );
  assert(
    !(new mp.BufferTooShort("b", new Uint8Array(1)) instanceof mp.TimeoutError),
  );
  assert(!(new Error("e") instanceof mp.ProcessError));
  const dead = await pool.apply(() => Deno.exit(3)).catch((error) => error);
  assert(dead instanceof mp.ProcessError && dead instanceof mp.WorkerExitError);
});
