// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Empty } from "../../errors.ts";
import { decode, encode, wantsOwn } from "../../message/codec.ts";
import { assertSame, dice, randomValue } from "../_support/clones.ts";
import { runProgram } from "../_support/programs.ts";
import { many } from "../_support/delays.ts";

const RANDOM_VALUES = many(2_000, 50_000);
const MIB = 1024 * 1024;

/** As a ring does it: the bytes are copied before anything else happens. */
function roundTrip<T>(value: T): T {
  const { tag, inline, bytes } = encode(value);
  return decode(tag, inline, bytes?.slice() ?? new Uint8Array(0)) as T;
}

class Point {
  x = 1;
  y = { z: 2 };
  get sum() {
    return this.x + this.y.z;
  }
}

class HttpError extends TypeError {
  override name = "HttpError";
  status = 404;
}

class Silent extends RangeError {}

const memory = Uint8Array.from({ length: 64 }, (_, i) => i).buffer;

/** Every kind of value, nested in an array so that nothing is sent raw. */
const KINDS: Record<string, () => unknown> = {
  "undefined": () => undefined,
  "null": () => null,
  "booleans": () => [true, false],
  "integers": () => [0, 1, 127, 128, -1, 2 ** 31 - 1, -(2 ** 31)],
  "other numbers": () => [-0, NaN, Infinity, -Infinity, 0.1, 2 ** 31, 2 ** 53],
  "bigints":
    () => [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 10n ** 99n],
  "short strings": () => ["", "a", "0123456", "01234567", "é", "汉", "\0"],
  "long strings": () => ["x".repeat(99), "汉".repeat(9999), "ab\u{1f600}"],
  "lone surrogates": () => ["\ud800", "a\udc00b", "\udc00\ud800".repeat(50)],
  "byte order marks": () => ["\ufeff", "\ufeff" + "x".repeat(99)],
  "dates": () => [new Date(0), new Date(-1.5e12), new Date(NaN)],
  "regular expressions": () => [/a\/b/giu, /(?:)/, /\n/v],
  "boxed primitives": () => [Object(1), Object("s"), Object(false), Object(1n)],
  "empty containers": () => [[], {}, new Map(), new Set()],
  "arrays": () => [[1, [2, [3]]], Array.from({ length: 300 }, (_, i) => i / 3)],
  "sparse arrays":
    () => [[1, , 3], new Array(5), Object.assign([], { 999: 1 })],
  "long sparse arrays": () => Object.assign(new Array(2 ** 32 - 1), { 7: "x" }),
  "arrays with own properties": () => "xaby".match(/(?<first>a)(b)/),
  "long arrays with own properties": () =>
    Object.assign(Array.from({ length: 50 }, (_, i) => i), { a: 1 }),
  "holes made up for by own properties": () => [
    Object.assign([, 1], { a: 1 }),
    Object.assign([1, , ...new Array(20).fill(0)], { a: 1 }),
  ],
  "elements that are undefined":
    () => [[undefined], new Array(20).fill(undefined)],
  "subclasses of Array": () => class extends Array {}.of(1, 2),
  "objects": () => ({ a: 1, "odd key": { b: [2] }, 7: 3, "": 4, "é": 5 }),
  "long keys": () => ({ ["k".repeat(253)]: 1, ["k".repeat(254)]: 2 }),
  "objects without prototype": () =>
    Object.assign(Object.create(null), { a: 1 }),
  "wide objects": () => [wide(255), wide(256), wide(257), wide(3000)],
  "wide objects with odd keys": () => [
    { ...wide(300), "é": 1, 7: 2, [`k${"k".repeat(300)}`]: 3 },
    JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(wide(300)).slice(1)}`),
    Object.assign(Object.create(null), wide(300)),
  ],
  "wide objects in each other": () => {
    const outer = wide(400);
    outer.inner = { ...wide(300), outer, more: [wide(300)] };
    return [outer, outer.inner];
  },
  "own __proto__ keys": () => JSON.parse(`{"__proto__":{"a":1},"b":2}`),
  "own toJSON values": () => ({ toJSON: 1, a: { toJSON: "x" } }),
  "instances": () => new Point(),
  "getters": () => ({
    get a() {
      return { b: 1 };
    },
  }),
  "what is not enumerable": () =>
    Object.defineProperty({ a: 1, [Symbol("s")]: 2 }, "b", { value: 3 }),
  "inherited properties": () => Object.create({ a: 1 }, {}),
  "maps": () =>
    new Map<unknown, unknown>([[1, "a"], [{ k: 1 }, new Map()], [NaN, -0]]),
  "sets": () => new Set([1, "a", new Set([[]])]),
  "subclasses of Map and Set": () => [
    new (class extends Map<number, number> {})([[1, 2]]),
    new (class extends Set {})([1]),
  ],
  "impostors":
    () => [Object.create(Map.prototype), Object.create(Date.prototype)],
  "ArrayBuffers": () => [memory, new ArrayBuffer(0)],
  "resizable ArrayBuffers": () => {
    const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
    return [buffer, new Uint8Array(buffer), new Uint16Array(buffer, 2, 1)];
  },
  "views that share a buffer": () => [
    new Uint8Array(memory, 3, 5),
    new DataView(memory, 1, 7),
    memory,
    new Float64Array(memory, 8, 2),
  ],
  "every typed array": () => [
    new Int8Array(memory, 8, 4),
    new Uint8Array(memory, 8, 4),
    new Uint8ClampedArray(memory, 8, 4),
    new Int16Array(memory, 8, 4),
    new Uint16Array(memory, 8, 4),
    new Int32Array(memory, 8, 4),
    new Uint32Array(memory, 8, 4),
    new Float16Array(memory, 8, 4),
    new Float32Array(memory, 8, 4),
    new Float64Array(memory, 8, 4),
    new BigInt64Array(memory, 8, 4),
    new BigUint64Array(memory, 8, 4),
  ],
  "subclasses of typed arrays": () => new (class extends Uint8Array {})(3),
  "shared references": () => {
    const one = { a: 1 };
    return { one, two: [one, one], map: new Map([[one, one]]), date: one };
  },
  "many shared references": () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ i }));
    return [many, many.toReversed(), new Set(many)];
  },
  "cycles": () => {
    const root: Record<string, unknown> = { list: [] };
    root.self = root;
    (root.list as unknown[]).push(root, root.list);
    root.map = new Map<unknown, unknown>([[root, root]]);
    root.set = new Set([root]);
    return root;
  },
};

function wide(keys: number): Record<string, unknown> {
  const items = Array.from({ length: keys }, (_, i) => [`key ${i}`, i / 2]);
  return Object.fromEntries(items);
}

for (const [kind, make] of Object.entries(KINDS)) {
  Deno.test(`encode() clones ${kind}`, () => {
    assertSame(roundTrip([make()]), structuredClone([make()]));
    assertSame(roundTrip(make()), structuredClone(make()));
  });
}

Deno.test("encode() clones random values", () => {
  for (let seed = 0; seed < RANDOM_VALUES; seed++) {
    const value = randomValue(dice(seed));
    try {
      assertSame(roundTrip([value]), structuredClone([value]));
    } catch (cause) {
      throw new Error(`Cannot clone the value of seed ${seed}`, { cause });
    }
  }
});

Deno.test("assertSame() finds seeded mistakes", () => {
  const one = {};
  const mistakes: [unknown, unknown][] = [
    [0, -0],
    [undefined, null],
    ["a", Object("a")],
    [[1, , 3], [1, undefined, 3]],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    [{ a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    [[one, one], [{}, {}]],
    [[{}, {}], [one, one]],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [new Set([1, 2]), new Set([2, 1])],
    [new Set([1]), new Set([1, 2])],
    [new Date(1), new Date(2)],
    [/a/g, /a/],
    [new Uint8Array(memory, 1, 2), new Uint8Array(memory, 2, 2)],
    [new Uint8Array(2), new Int8Array(2)],
    [new ArrayBuffer(2), new ArrayBuffer(2, { maxByteLength: 4 })],
    [new Error("a"), new Error("b")],
    [Object.assign([1], { a: 1 }), [1]],
  ];
  for (const [a, b] of mistakes) assertThrows(() => assertSame(a, b));
});

// --- Whole messages

Deno.test("encode() puts small values wholly in tag and inline", () => {
  for (const value of [0, 1, -(2 ** 31), undefined, null, true, false]) {
    assertStrictEquals(encode(value).bytes, undefined);
    assertStrictEquals(roundTrip(value), value);
  }
  assertStrictEquals(roundTrip(-0), -0);
});

Deno.test("encode() sends what a lone typed array views, in place", () => {
  const views = KINDS["every typed array"]!() as Uint8Array[];
  for (const view of [...views, new DataView(memory, 3, 5)]) {
    const frame = encode(view);
    assertStrictEquals(frame.bytes?.buffer, memory);
    assertEquals(frame.bytes?.byteLength, view.byteLength);
    const arrived = roundTrip(view);
    assertStrictEquals(arrived.constructor, view.constructor);
    assertEquals(arrived.byteOffset, 0);
    assertEquals(arrived.buffer.byteLength, view.byteLength);
    if (!(view instanceof DataView)) assertEquals(arrived, view.slice());
  }
});

Deno.test("decode() keeps the bytes of a lone typed array or ArrayBuffer", () => {
  for (const value of [new Float64Array([1, 2]), memory]) {
    const { tag, inline, bytes } = encode(value);
    assert(wantsOwn(tag));
    const fresh = bytes!.slice();
    const arrived = decode(tag, inline, fresh) as Float64Array | ArrayBuffer;
    assertStrictEquals(
      arrived instanceof ArrayBuffer ? arrived : arrived.buffer,
      fresh.buffer,
    );
    const part = new Uint8Array(bytes!.length + 3);
    part.set(bytes!, 3);
    assertEquals(decode(tag, inline, part.subarray(3)), value);
  }
});

Deno.test("decode() keeps nothing of other messages' bytes", () => {
  for (const value of ["x".repeat(99), [memory], { a: new Uint8Array(3) }]) {
    const { tag, inline, bytes } = encode(value);
    assertFalse(wantsOwn(tag));
    const scratch = bytes!.slice();
    const arrived = decode(tag, inline, scratch);
    scratch.fill(255);
    assertEquals(arrived, value);
  }
});

Deno.test("decode() refuses what no encode() made", () => {
  assertThrows(() => decode(2, 0, new Uint8Array([99])), TypeError);
  assertThrows(() => decode(2, 0, new Uint8Array([12, 9, 9, 9, 9])), TypeError);
  assertThrows(() => decode(99, 0, new Uint8Array(0)), TypeError);
});

Deno.test("encode() gives a huge scratch away", () => {
  for (const value of ["x".repeat(2 * MIB), ["x".repeat(2 * MIB)]]) {
    const huge = encode(value).bytes!;
    const small = encode(Array.isArray(value) ? ["a"] : "a").bytes!;
    assert(huge.buffer.byteLength > MIB);
    assert(small.buffer.byteLength < MIB);
  }
});

Deno.test("encode() calls each getter once, and may be called by one", () => {
  let calls = 0;
  const value = {
    get a() {
      calls++;
      assertEquals(roundTrip({ inner: ["b", 1.5] }), { inner: ["b", 1.5] });
      return "c";
    },
    d: 1,
  };
  assertEquals(roundTrip(value), { a: "c", d: 1 });
  assertEquals(calls, 1);
});

Deno.test("encode() skips what a getter deletes", () => {
  class Shrinking {
    get a() {
      return 1;
    }
    b = 2;
  }
  const value = new Shrinking() as { b?: number };
  Object.defineProperty(value, "a", {
    enumerable: true,
    get() {
      delete value.b;
      return 1;
    },
  });
  assertSame(roundTrip({ a: value }), { a: { b: 2, a: 1 } });
});

Deno.test("encode() does not take inherited keys for own ones", () => {
  const polluted = Object.prototype as { polluted?: number };
  polluted.polluted = 1;
  try {
    assertFalse(Object.hasOwn(roundTrip({ a: 1 }), "polluted"));
  } finally {
    delete polluted.polluted;
  }
});

Deno.test("decode() makes every property where Object.prototype is frozen", async () => {
  const { lines } = await runProgram("frozen");
  assertEquals(lines, ['{"toString":1,"constructor":[2]}']);
});

Deno.test("encode() reads through a Proxy", () => {
  assertSame(roundTrip([new Proxy({ a: 1 }, {})]), [{ a: 1 }]);
});

// --- Errors

const BUILT_IN = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  Deno.errors.NotFound,
  Empty,
];

for (const Class of BUILT_IN) {
  Deno.test(`encode() keeps the class of ${Class.name}`, () => {
    const error = new Class("m", { cause: { a: 1 } });
    const arrived = roundTrip({ deep: new Map([["e", [error]]]) })
      .deep.get("e")![0]!;
    assertInstanceOf(arrived, Class);
    assertSame(arrived, error);
    assertEquals(arrived.stack, error.stack);
    assertEquals(Deno.inspect(arrived), Deno.inspect(error));
    assertFalse(Object.keys(arrived).includes("stack"));
  });
}

Deno.test("encode() keeps a user's error under its name", () => {
  const error = new HttpError("gone");
  const arrived = roundTrip(error);
  assertStrictEquals(Object.getPrototypeOf(arrived), TypeError.prototype);
  assertEquals(arrived.name, "HttpError");
  assertEquals(arrived.status, 404);
  assertEquals(arrived.message, "gone");
  assertEquals(arrived.stack, error.stack);
  const silent = roundTrip(new Silent("s"));
  assertStrictEquals(Object.getPrototypeOf(silent), RangeError.prototype);
  assertEquals(silent.name, "Silent");
});

Deno.test("encode() keeps own fields, causes and errors in cycles", () => {
  const error = new AggregateError([new HttpError("one"), "two"], "all");
  const cause: unknown[] = [error];
  Object.assign(error, { when: new Date(1), self: error });
  error.cause = cause;
  error.errors.push(error, cause);
  const arrived = roundTrip(error);
  assertInstanceOf(arrived, AggregateError);
  assertStrictEquals(arrived.errors[2], arrived);
  assertStrictEquals((arrived.cause as unknown[])[0], arrived);
  assertStrictEquals(arrived.errors[3], arrived.cause);
  assertEquals(arrived.errors[0].status, 404);
  assertEquals(Reflect.get(arrived, "when"), new Date(1));
  assertStrictEquals(Reflect.get(arrived, "self"), arrived);
});

Deno.test("encode() clones a DOMException", () => {
  const error = new DOMException("stop", "AbortError");
  const [arrived] = roundTrip([error]);
  assertInstanceOf(arrived, DOMException);
  assertSame(arrived, error);
  assertEquals(arrived.code, error.code);
});

Deno.test("encode() leaves out an error's fields that cannot be cloned", () => {
  const shared = { a: 1 };
  const error = Object.assign(new Error("m"), {
    request: { shared, body: [new Map([[shared, () => 1]])] },
    shared,
    status: 500,
  });
  const [arrived, again] = roundTrip([error, shared]);
  assertFalse("request" in arrived!);
  assertEquals(Reflect.get(arrived!, "status"), 500);
  assertStrictEquals(Reflect.get(arrived!, "shared"), again);
});

Deno.test("encode() leaves out an error's fields that cannot be read", () => {
  const wrong = new RangeError("wrong");
  const get = () => {
    throw wrong;
  };
  const error = Object.defineProperty(new Error("m"), "a", { get });
  const arrived = roundTrip(Object.assign(error, { b: 1 }));
  assertFalse("a" in arrived);
  assertEquals(arrived.b, 1);
  const cause = Object.defineProperty(new Error("m"), "cause", { get });
  assertStrictEquals(assertThrows(() => roundTrip(cause)), wrong);
});

// --- What cannot be cloned

const shout = () => "!";
const TOO_SHORT = ": its ArrayBuffer has become too short for it";

const FUNCTION =
  "it is a function: export it and import it where it is used, or send its name";

/** What is refused, and in which words, after "Cannot clone value". */
const REFUSED: [name: string, value: unknown, text: string][] = [
  ["a function", shout, `: ${FUNCTION}`],
  [
    "a function of the platform",
    Math.sqrt,
    ": it is a function of the platform, which every process has: use it there, or send its name",
  ],
  [
    "a bound function",
    [shout.bind(1)],
    "[0]: it is a bound function: export one that takes its object, and import it where it is used",
  ],
  [
    "a class",
    { Point },
    ".Point: it is a class: export it and import it where it is used, or send its name",
  ],
  ["a symbol", Symbol("s"), ": it is a symbol"],
  ["a property", { callback: shout }, `.callback: ${FUNCTION}`],
  ["an odd key", { "odd key": shout }, `["odd key"]: ${FUNCTION}`],
  ["a number as a key", { 7: shout }, `["7"]: ${FUNCTION}`],
  ["an element", [0, [shout]], `[1][0]: ${FUNCTION}`],
  ["an element of many", [...Array(9), shout], `[9]: ${FUNCTION}`],
  ["an element among holes", [, shout], `[1]: ${FUNCTION}`],
  [
    "a property of an array",
    Object.assign([], { f: shout }),
    `.f: ${FUNCTION}`,
  ],
  [
    "a key of a Map",
    new Map([[1, 1], [shout, 2] as never]),
    `<key 1>: ${FUNCTION}`,
  ],
  [
    "a value in a Map",
    { m: new Map([[1, shout]]) },
    `.m<value 0>: ${FUNCTION}`,
  ],
  ["an item of a Set", [new Set([1, shout])], `[0]<item 1>: ${FUNCTION}`],
  [
    "the cause of an error",
    new Error("m", { cause: shout }),
    `.cause: ${FUNCTION}`,
  ],
  [
    "one of the errors in an error",
    new AggregateError([shout]),
    `.errors[0]: ${FUNCTION}`,
  ],
  [
    "a field of an instance",
    { p: Object.assign(new Point(), { y: shout }) },
    `.p.y: ${FUNCTION}`,
  ],
  ["a WeakMap", [new WeakMap()], "[0]: it is a WeakMap"],
  ["a WeakRef", [new WeakRef({})], "[0]: it is a WeakRef"],
  ["a Promise", { a: Promise.resolve() }, ".a: it is a Promise"],
  ["a generator", [(function* () {})()], "[0]: it is a Generator"],
  ["an iterator", [new Map().keys()], "[0]: it is an Iterator"],
  ["a boxed symbol", [Object(Symbol("s"))], "[0]: it is a Symbol"],
  [
    "a SharedArrayBuffer",
    [new SharedArrayBuffer(1)],
    "[0]: it is a SharedArrayBuffer",
  ],
  [
    "a view of shared memory",
    [new Uint8Array(new SharedArrayBuffer(1))],
    "[0]: it is a view of a SharedArrayBuffer",
  ],
  [
    "a lone view of shared memory",
    new Uint8Array(new SharedArrayBuffer(1)),
    ": it is a view of a SharedArrayBuffer",
  ],
  ["a detached ArrayBuffer", [detached()], "[0]: it is a detached ArrayBuffer"],
  ["a lone detached ArrayBuffer", detached(), ": it is a detached ArrayBuffer"],
  [
    "a view that has lost its bytes",
    [shortened(Uint8Array)],
    `[0]${TOO_SHORT}`,
  ],
  [
    "a DataView that has lost its bytes",
    [shortened(DataView)],
    `[0]${TOO_SHORT}`,
  ],
  ["a lone view that has lost its bytes", shortened(Uint8Array), TOO_SHORT],
  ["a lone DataView that has lost its bytes", shortened(DataView), TOO_SHORT],
  ["a URL", [new URL("http://localhost")], "[0]: it is a URL"],
  ["a Blob", { body: new Blob() }, ".body: it is a Blob"],
  ["a stream", [new ReadableStream()], "[0]: it is a ReadableStream"],
  ["a response", [new Response()], "[0]: it is a Response"],
  ["headers", { a: new Headers() }, ".a: it is a Headers"],
  ["an AbortSignal", [AbortSignal.abort()], "[0]: it is an AbortSignal"],
  ["a number format", [new Intl.NumberFormat()], "[0]: it is a NumberFormat"],
  [
    "a shared object",
    [new (shareable("Lock"))()],
    "[0]: it is a Lock: it is given to a process at its start, or sent through a queue, a pipe or a pool",
  ],
  [
    "a shared object alone",
    new (shareable("RLock"))(),
    ": it is an RLock: it is given to a process at its start, or sent through a queue, a pipe or a pool",
  ],
];

for (const [name, value, text] of REFUSED) {
  Deno.test(`encode() refuses ${name}`, () => {
    const error = assertThrows(() => encode(value), DOMException);
    assertEquals(error.name, "DataCloneError");
    assertEquals(error.message, `Cannot clone value${text}`);
    assertSame(roundTrip([{ a: [1] }]), [{ a: [1] }]);
  });
}

Deno.test("encode() names the root as it is told", () => {
  assertThrows(
    () => encode([{ callback: shout }], "args"),
    DOMException,
    "Cannot clone args[0].callback: it is a function",
  );
});

Deno.test("encode() lets a getter's own error through", () => {
  const mine = new SyntaxError("mine");
  const value = {
    a: [{
      get b() {
        throw mine;
      },
    }],
  };
  assertStrictEquals(assertThrows(() => encode(value)), mine);
  assertEquals(roundTrip([1, { a: 2 }]), [1, { a: 2 }]);
});

Deno.test("encode() works again after a value too deep for the stack", () => {
  let deep: unknown = {};
  for (let i = 0; i < 100_000; i++) deep = { deep };
  assertThrows(() => encode(deep), RangeError);
  assertEquals(roundTrip({ a: [1] }), { a: [1] });
});

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  buffer.transfer();
  return buffer;
}

function shortened(
  View: new (buffer: ArrayBuffer, offset: number, length: number) => object,
): object {
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const view = new View(buffer, 4, 4);
  buffer.resize(6);
  return view;
}

function shareable(name: string): new () => object {
  class Shared {
    [Symbol.for("multiprocessing.handle")]() {}
  }
  return Object.defineProperty(Shared, "name", { value: name });
}
