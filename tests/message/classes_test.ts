// Copyright 2026 the authors. MIT license.

// Instances of registered classes cross as themselves, whatever road they take.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { contract, type Method } from "../_support/contract.ts";
import { SOON } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { runProgram } from "../_support/programs.ts";
import {
  Account,
  Pixel,
  Point,
  Savings,
  Unregistered,
  UnregisteredPoint,
} from "../testdata/shapes.ts";
import * as users from "../testdata/shape_users.ts";

const USERS = new URL("../testdata/shape_users.ts", import.meta.url).href;
const SHAPES = new URL("../testdata/shapes.ts", import.meta.url).href;

/** There and back, in this process. */
function roundTrip<T>(value: T): T {
  const q = new mp.Queue<T>();
  q.putSync(value);
  return q.getSync();
}

/** The error of a put. */
function refused(value: unknown): Error {
  const q = new mp.Queue<unknown>();
  const error = assertThrows(() => q.putSync(value), Error);
  assert(q.empty());
  return error;
}

/** The error of a get, which leaves the next item where it is. */
function unreadable(value: unknown): Error {
  const q = new mp.Queue<unknown>();
  q.putSync(value);
  q.putSync("next");
  const error = assertThrows(() => q.getSync(), Error);
  assertEquals(q.getSync(), "next");
  return error;
}

Deno.test("registerClass() makes instances cross with their fields", () => {
  const point = new Point(1, 2);
  const { made } = Point;
  const copy = roundTrip(point);
  assertInstanceOf(copy, Point);
  assertEquals([copy.x, copy.y, copy.sum], [1, 2, 3]);
  assertEquals(Point.made, made);
  assertEquals(roundTrip(new Pixel(1, 2)), new Pixel(1, 2));
});

Deno.test("registerClass() sets fields without a setter of the class", () => {
  class Loud {
    static {
      mp.registerClass(this);
    }
    heard = 0;
    set volume(_: number) {
      this.heard++;
    }
  }
  const loud = Object.defineProperty(new Loud(), "volume", {
    value: 11,
    enumerable: true,
  });
  const copy = roundTrip(loud);
  assertEquals(copy.heard, 0);
  assertEquals(Object.hasOwn(copy, "volume"), true);
});

Deno.test("registerClass() makes a class with the pair cross by it", () => {
  const copy = roundTrip(new Account({ cents: 250 }));
  assertInstanceOf(copy, Account);
  assertEquals(copy.content, { cents: 250 });
});

Deno.test("[fromState] is called with the class of the instance", () => {
  const copy = roundTrip(new Savings(100));
  assertStrictEquals(copy.constructor, Savings);
  assertEquals(copy.interest(), 2);
});

Deno.test("registerClass() reaches instances wherever they stand", () => {
  const value = {
    list: [new Account(1), new Savings(new Map([["a", new Account(2)]]))],
    map: new Map<unknown, unknown>([[
      new Point(1, 2),
      new Set([new Pixel(3, 4)]),
    ]]),
  };
  const { list, map } = roundTrip(value);
  assertEquals(list[0]!.content, 1);
  const inner = list[1]!.content as Map<string, Account>;
  assertEquals(inner.get("a")?.content, 2);
  const [[key, set]] = map as unknown as [[Point, Set<Pixel>]];
  assertInstanceOf(key, Point);
  assertInstanceOf([...set][0], Pixel);
});

Deno.test("registerClass() keeps the identity of instances", () => {
  const account = new Account([]);
  const point = new Point(1, 2);
  const [a, b, c, d] = roundTrip([account, point, account, point]);
  assertStrictEquals(a, c);
  assertStrictEquals(b, d);
});

Deno.test("registerClass() lets an instance contain itself by its fields", () => {
  const point = new Point(1, 2);
  point.link = [point, new Account({ point })];
  const copy = roundTrip(point);
  const [itself, account] = copy.link as [Point, Account<{ point: Point }>];
  assertStrictEquals(itself, copy);
  assertStrictEquals(account.content.point, copy);
});

Deno.test("[getState] that leads back to its instance is refused", () => {
  const list: unknown[] = [];
  list.push(new Account(list));
  const account = new Account(list);
  list.push(account);
  const { name, message } = refused({ account });
  assertEquals(name, "DataCloneError");
  assert(message.startsWith("Cannot clone item.account<state>[1]: it is an"));
  // The writer is as good as before.
  assertEquals(roundTrip(new Account([1])).content, [1]);
});

Deno.test("registerClass() keeps many instances apart", () => {
  const many = Array.from({ length: 5000 }, (_, i) => new Account(i));
  assertEquals(roundTrip(many).map(({ content }) => content), [
    ...many.keys(),
  ]);
});

Deno.test("What cannot be cloned in an instance is named by its way", () => {
  const text = (value: unknown) => refused(value).message;
  const point = Object.assign(new Point(1, 2), { link: Symbol() });
  assertEquals(text([point]), "Cannot clone item[0].link: it is a symbol");
  assertEquals(
    text({ a: new Account([1, Symbol()]) }),
    "Cannot clone item.a<state>[1]: it is a symbol",
  );
});

Deno.test("A class that is not registered is refused, if its base is", () => {
  for (const made of [new Unregistered(1), new UnregisteredPoint(1, 2)]) {
    assertEquals(
      refused([made]).message,
      `Cannot clone item[0]: it is a ${made.constructor.name}, whose class is not registered: call registerClass(this) in a static block of that class`,
    );
  }
});

Deno.test("A class with the pair is refused until it is registered", () => {
  class Late {
    static [mp.getState]() {
      return 1;
    }
    static [mp.fromState]() {
      return new this();
    }
  }
  assert(refused(new Late()).message.includes("is not registered"));
  mp.registerClass(Late);
  assertInstanceOf(roundTrip(new Late()), Late);
});

Deno.test("registerClass() takes a class whose instances were plain", () => {
  class Plain {
    a = 1;
  }
  assertEquals(Object.getPrototypeOf(roundTrip(new Plain())), Object.prototype);
  mp.registerClass(Plain);
  assertInstanceOf(roundTrip(new Plain()), Plain);
});

Deno.test("[getState] that throws fails the call that sends", () => {
  class Shy {
    static {
      mp.registerClass(this);
    }
    static [mp.getState](): unknown {
      throw new RangeError("not now");
    }
    static [mp.fromState]() {
      return new this();
    }
  }
  const error = refused({ list: [new Shy()] });
  assertEquals(
    [error.name, error.message],
    [
      "DataCloneError",
      "Cannot clone item.list[0]: [getState] of a Shy failed: RangeError: not now",
    ],
  );
  assertInstanceOf(error.cause, RangeError);
  // In an error a field that cannot be cloned is left out.
  const copy = roundTrip(Object.assign(new Error("x"), { shy: new Shy() }));
  assertEquals(Object.hasOwn(copy, "shy"), false);
});

Deno.test("[fromState] that throws fails one message, and names the way", () => {
  const unlucky = new Savings("unlucky");
  for (
    const [value, way] of [
      [unlucky, ""],
      [{ list: [1, unlucky] }, ".list[1]"],
      [new Map([["a", unlucky]]), "<value 0>"],
      [new Set([unlucky]), "<item 0>"],
      [new Account({ unlucky }), "<state>.unlucky"],
      [Object.assign(new Point(1, 2), { link: unlucky }), ".link"],
      [Object.assign(new Error("x"), { unlucky }), ".unlucky"],
      [[, unlucky], "[1]"],
    ] as const
  ) {
    const error = unreadable(value);
    assertEquals(
      [error.name, error.message],
      ["DataCloneError", `Cannot read value${way}: RangeError: 13`],
    );
    assertInstanceOf(error.cause, RangeError);
  }
});

Deno.test("BaseQueue.getMany() gives all items but one that cannot be read", async () => {
  const q = new mp.Queue<unknown>();
  await q.putMany([1, 2, new Account("unlucky"), 4, new Account("unlucky"), 6]);
  assertEquals(await q.getMany({ min: 6 }), [1, 2]);
  assertEquals(q.qsize(), 4);
  assertEquals(q.empty(), false);
  assertThrows(() => q.getManySync(), DOMException, "Cannot read value");
  assertEquals(await q.get(), 4);
  await assertRejects(() => q.getMany(), DOMException, "Cannot read value");
  assertEquals(await q.getMany(), [6]);
  assertEquals(q.qsize(), 0);
});

Deno.test("[getState] and [fromState] may send and receive themselves", () => {
  const inner = new mp.Queue<unknown>();
  class Busy {
    static {
      mp.registerClass(this);
    }
    static [mp.getState](busy: Busy) {
      inner.putSync(["side", new Account(busy.content)]);
      return [busy.content, new Point(1, 2)];
    }
    static [mp.fromState]([content]: [unknown]) {
      const [, account] = inner.getSync() as [string, Account];
      assertEquals(account.content, content);
      return new this(content);
    }
    readonly content: unknown;
    constructor(content: unknown) {
      this.content = content;
    }
  }
  const q = new mp.Queue<Busy[]>();
  const contents = ["a".repeat(99), "b", 3.5];
  q.putSync(contents.map((content) => new Busy(content)));
  const copies = q.getSync();
  assertEquals(copies.map(({ content }) => content), contents);
});

Deno.test("The pair must be complete, at once, and give an instance", () => {
  const text = (make: () => unknown) => assertThrows(make, TypeError).message;
  class Half {
    static [mp.getState]() {}
  }
  assertEquals(
    text(() => mp.registerClass(Half)),
    "Cannot register class Half: it has static [getState] and no static [fromState]: give it both",
  );
  class OtherHalf {
    static [mp.fromState]() {}
  }
  assert(
    text(() => mp.registerClass(OtherHalf)).includes("no static [getState]"),
  );
  class Slow {
    static {
      mp.registerClass(this);
    }
    static async [mp.getState]() {}
    static [mp.fromState]() {}
  }
  assert(refused(new Slow()).message.includes("it must not be async"));
  class Wrong {
    static {
      mp.registerClass(this);
    }
    static [mp.getState](wrong: Wrong) {
      return wrong.kind;
    }
    static [mp.fromState](kind: string): unknown {
      return kind === "promise" ? Promise.resolve(1) : new Map();
    }
    readonly kind: string;
    constructor(kind: string) {
      this.kind = kind;
    }
  }
  assert(
    unreadable(new Wrong("promise")).message.includes("must not be async"),
  );
  assertEquals(
    unreadable([new Wrong("map")]).message,
    "Cannot read value[0]: TypeError: Cannot make Wrong: its [fromState] returned Map(0) {}: return new this(…)",
  );
});

Deno.test("registerClass() refuses what no fields can make again", () => {
  const text = (Class: () => unknown) =>
    assertThrows(() => mp.registerClass(Class() as never), TypeError).message;
  class Hidden {
    #a = 1;
    get a() {
      return this.#a;
    }
  }
  const advice = "give it static [getState] and [fromState]";
  assertEquals(
    text(() => Hidden),
    `Cannot register class Hidden: no copy can be given the #a of Hidden: ${advice}`,
  );
  assert(text(() => class Sub extends Hidden {}).includes("the #a of Hidden"));
  assert(text(() => class Table extends Map {}).includes("it extends Map"));
  assert(text(() => Map).includes("it is of the platform"));
  assert(text(() => ({})).includes("must be a class"));
  assert(text(() => class {}).includes("it has no name"));
  assertThrows(() => mp.registerClass(Point, { name: 1 as never }), TypeError);
  // What belongs to the class itself is no field.
  class Counted {
    static #count = 0;
    static async #later() {}
    text = "#a";
    static count() {
      void Counted.#later;
      return ++Counted.#count;
    }
  }
  mp.registerClass(Counted);
  assertInstanceOf(roundTrip(new Counted()), Counted);
});

Deno.test("registerClass() takes one class of a name for each module", () => {
  class Twin {}
  mp.registerClass(Twin);
  mp.registerClass(Twin);
  const First = Twin;
  {
    class Twin {}
    assertThrows(() => mp.registerClass(Twin), mp.StateError, "of that name");
    mp.registerClass(Twin, { name: "Twin of Twin" });
    mp.registerClass(class Twin {}, { module: "https://example.org/" });
    assertInstanceOf(roundTrip(new Twin()), Twin);
  }
  assertInstanceOf(roundTrip(new First()), First);
});

/** A pixel and an account, and what targets see of them. */
const GIVEN: [Pixel, Account] = [new Pixel(1, 2), new Savings([3])];
const SEEN = [3, "Pixel", [3], "Savings"];

contract.test("Arguments of a process bring the modules of classes", async (method) => {
  const answers = new mp.Queue<unknown>();
  const p = startIn(USERS, method, users.tell, answers, GIVEN);
  assertEquals(await answers.get(SOON), SEEN);
  await joinAll(p);
});

contract.test("BaseQueue.get() imports the modules of classes", async (method) => {
  const answers = new mp.Queue<unknown>();
  const items = new mp.Queue<unknown>();
  const p = startIn(USERS, method, users.tellGot, answers, items);
  await items.put(GIVEN);
  assertEquals(await answers.get(SOON), SEEN);
  await joinAll(p);
});

contract.test("BaseQueue.getSync() names the module that it lacks", async (method) => {
  const answers = new mp.Queue<unknown>();
  const items = new mp.Queue<unknown>();
  await items.putMany([GIVEN, "next"]);
  const p = startIn(USERS, method, users.tellGotSync, answers, items);
  const error = await answers.get(SOON);
  assertInstanceOf(error, mp.StateError);
  assertEquals(
    error.message,
    `Cannot read value: this process has not registered class Pixel of ${SHAPES}: import that module first`,
  );
  assertEquals(await answers.get(SOON), "next");
  await joinAll(p);
});

async function throughPipe(method: Method, options: mp.PipeOptions) {
  const answers = new mp.Queue<unknown>();
  const [mine, theirs] = mp.Pipe<unknown>(options);
  const p = startIn(USERS, method, users.tellReceived, answers, theirs);
  await mine.send(GIVEN);
  assertEquals(await answers.get(SOON), SEEN);
  mine.close();
  await joinAll(p);
}

contract.test("Connection.recv() imports the modules of classes", async (method) => {
  await throughPipe(method, {});
});

Deno.test("Connection.recv() over a port imports the modules of classes", async () => {
  await throughPipe("worker", { transfer: true });
});

contract.test("Instances come back from a process as they went", async (method) => {
  const answers = new mp.Queue<[Pixel, Account]>();
  const [mine, theirs] = mp.Pipe<unknown>();
  const putter = startIn(USERS, method, users.putBack, answers, GIVEN);
  const sender = startIn(USERS, method, users.sendBack, theirs);
  theirs.close();
  assertEquals(users.seen(await answers.get(SOON)), SEEN);
  mine.sendSync(GIVEN);
  assertEquals(users.seen(mine.recvSync(SOON) as [Pixel, Account]), SEEN);
  mine.close();
  await joinAll(putter, sender);
});

contract.test("Tasks of a pool bring the modules of classes", async (method) => {
  const options = { processes: 1, method, module: USERS };
  for (
    const call of [
      (pool: mp.Pool) => pool.apply(users.seen, [GIVEN]),
      (pool: mp.Pool) => pool.apply(users.seenApart, GIVEN),
      (pool: mp.Pool) => pool.apply(users.seen, [GIVEN], { timeout: 60_000 }),
      (pool: mp.Pool) => pool.apply(users.seen, [GIVEN], { transfer: [] }),
      async (pool: mp.Pool) => (await pool.map(users.seen, [GIVEN, GIVEN]))[1],
      (pool: mp.Pool) =>
        pool.imap(users.seen, [GIVEN]).next()
          .then(({ value }) => value),
    ]
  ) {
    await using pool = new mp.Pool(options);
    assertEquals(await call(pool), SEEN);
  }
  await using pool = new mp.Pool({
    ...options,
    initializer: users.keep,
    initargs: GIVEN,
  });
  assertEquals(await pool.apply(users.seenOfKept), SEEN);
});

contract.test("Results of a pool are instances", async (method) => {
  await using pool = new mp.Pool({ processes: 1, method, module: USERS });
  assertEquals(users.seen(await pool.apply(users.same, [GIVEN])), SEEN);
  assertEquals(users.seen(pool.applySync(users.same, [GIVEN])), SEEN);
  const [, unlucky] = await Promise.allSettled([
    pool.apply(users.same, [1]),
    pool.apply(users.same, [[new Account("unlucky")]]),
  ]);
  assert(unlucky.status === "rejected");
  assertEquals(
    unlucky.reason.message,
    "Cannot read value[0]: RangeError: 13",
  );
  assertEquals(await pool.apply(users.same, [2]), 2);
});

contract.test("Shared objects cross in the state of an instance", async (method) => {
  const lock = new mp.Lock();
  const q = new mp.Queue<unknown>();
  const given = new Savings({ lock, q });
  const p = startIn(USERS, method, users.useContent, given);
  assertEquals(await q.get(SOON), "Savings");
  await joinAll(p);
});

Deno.test("What is moved may stand in the state of an instance", async () => {
  await using pool = new mp.Pool({ processes: 1, module: USERS });
  const buffer = new ArrayBuffer(2 ** 20);
  const args = [new Account({ buffer })] as const;
  const options = { transfer: [buffer] };
  assertEquals(await pool.apply(users.bytesIn, args, options), 2 ** 20);
  assert(buffer.detached);
});

contract.test("A program that awaits at its top gets its own classes", async (method) => {
  const { lines, stderr } = await runProgram("own_classes", {
    args: [method],
  });
  assertEquals([lines, stderr], [["10 20"], ""]);
});
