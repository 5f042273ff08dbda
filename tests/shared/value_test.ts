// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { HUNG, many, SHORT } from "../_support/delays.ts";
import { contract, contractOf } from "../_support/contract.ts";
import { runIn, startIn } from "../_support/processes.ts";

const COUNT = many(20_000, 1_000_000);

const start = startIn.bind(undefined, import.meta.url);
const run = runIn.bind(undefined, import.meta.url);

/** How often a slow counter counts. */
const ROUNDS = 5;

type Held = Pick<mp.Value, "getLock" | "hold" | "holdSync">;

/** The ways in which a task has the lock of a value for a section. */
const TAKES: Record<
  string,
  (held: Held, section: () => Promise<void>) => Promise<void>
> = {
  async hold(held, section) {
    using _ = await held.hold();
    await section();
  },
  async holdSync(held, section) {
    using _ = held.holdSync();
    await section();
  },
  async acquire(held, section) {
    await held.getLock().acquire();
    await section();
    held.getLock().release();
  },
  async acquireSync(held, section) {
    held.getLock().acquireSync();
    await section();
    held.getLock().release();
  },
};

/** What ctypes makes of -1, the largest, one more, all ones, 2^n, 2^n + 5 … */
const WRAPS: readonly [mp.IntegerCode, (bigint | number)[][]][] = [
  ["b", [[-1, -1], [127, 127], [128, -128], [255, -1], [256, 0], [261, 5]]],
  ["b", [[-129, 127]]],
  ["B", [[-1, 255], [127, 127], [128, 128], [255, 255], [256, 0], [261, 5]]],
  ["h", [[-1, -1], [32767, 32767], [32768, -32768], [65535, -1], [65541, 5]]],
  ["h", [[-32769, 32767]]],
  ["H", [[-1, 65535], [32768, 32768], [65536, 0], [-32769, 32767]]],
  ["i", [[-1, -1], [2147483647, 2147483647], [2147483648, -2147483648]]],
  ["i", [[4294967295, -1], [4294967296, 0], [4294967301, 5]]],
  ["i", [[-2147483649, 2147483647]]],
  ["I", [[-1, 4294967295], [2147483648, 2147483648], [4294967296, 0]]],
  ["I", [[4294967301, 5], [-2147483649, 2147483647]]],
  ["q", [[-1n, -1n], [2n ** 63n - 1n, 2n ** 63n - 1n], [2n ** 64n, 0n]]],
  ["q", [[2n ** 63n, -(2n ** 63n)], [-(2n ** 63n) - 1n, 2n ** 63n - 1n]]],
  ["l", [[2n ** 64n - 1n, -1n], [2n ** 64n + 5n, 5n]]],
  ["Q", [[-1n, 2n ** 64n - 1n], [2n ** 63n, 2n ** 63n], [2n ** 64n, 0n]]],
  ["L", [[2n ** 64n + 5n, 5n], [-(2n ** 63n) - 1n, 2n ** 63n - 1n]]],
];

const NAMES: readonly [mp.TypeCode, mp.TypeCode, unknown][] = [
  ["b", "int8", -7],
  ["B", "uint8", 200],
  ["h", "int16", -300],
  ["H", "uint16", 60_000],
  ["i", "int32", -70_000],
  ["I", "uint32", 4_000_000_000],
  ["q", "int64", -(2n ** 40n)],
  ["Q", "uint64", 2n ** 63n],
  ["f", "float32", 0.5],
  ["d", "float64", 0.1],
  ["?", "bool", true],
];

/** For each type, what it does not take. */
const WRONG_KINDS: readonly [mp.ValueType, unknown[]][] = [
  ["i", [1.5, NaN, Infinity, "1", 1n, true, {}, []]],
  ["uint8", [0.5, "1", 1n, false]],
  ["q", [1, 1.5, "1", true]],
  ["uint64", [1, "1"]],
  ["d", ["1", 1n, true, {}]],
  ["f", ["1", 1n]],
  ["?", [0, 1, "true", 1n]],
  ["c", ["a", 256, -1, 1.5, new Uint8Array(2), new Uint8Array(0)]],
  ["u", ["", "ab", 65, 65n]],
  ["bytes", ["a", 256, [1]]],
  [{ x: "i" }, [1, "x", { x: 1.5 }, { y: 1 }, [1]]],
];

/** Every type, by its code. */
const ALL: readonly [mp.TypeCode, unknown, unknown][] = [
  ["b", 0, -5],
  ["B", 0, 5],
  ["h", 0, -5],
  ["H", 0, 5],
  ["i", 0, -5],
  ["I", 0, 5],
  ["l", 0n, -5n],
  ["L", 0n, 5n],
  ["q", 0n, -5n],
  ["Q", 0n, 5n],
  ["f", 0, -1.5],
  ["d", 0, Math.PI],
  ["?", false, true],
  ["c", Uint8Array.of(0), Uint8Array.of(65)],
  ["u", "\0", "😀"],
];

for (const [type, pairs] of WRAPS) {
  Deno.test(`Value.value wraps round as ctypes (${type} ${pairs[0]![0]})`, () => {
    const value = new mp.Value(type);
    for (const [written, read] of pairs) {
      value.value = written as never;
      assertEquals(value.value, read);
      value.store(written as never);
      assertEquals(value.load(), read);
      assertEquals(new mp.RawValue(type, written as never).value, read);
    }
  });
}

for (const [type, zero, some] of ALL) {
  Deno.test(`Value begins at zero or its first value (${type})`, () => {
    assertEquals(new mp.Value(type).value as unknown, zero);
    const value = new mp.Value(type, some as never);
    assertEquals(value.value as unknown, some);
    value.value = zero as never;
    assertEquals(value.value as unknown, zero);
  });
}

for (const [code, name, some] of NAMES) {
  Deno.test(`Value takes the name ${name} for ${code}`, () => {
    assertEquals(new mp.Value(name, some as never).value as unknown, some);
    assertEquals(new mp.Value(code, some as never).value as unknown, some);
  });
}

for (const [type, wrong] of WRONG_KINDS) {
  const name = typeof type === "string" ? type : "struct";
  Deno.test(`Value.value refuses another kind (${name})`, () => {
    const value = new mp.Value(type);
    const before = value.value;
    for (const kind of wrong) {
      assertThrows(() => value.value = kind as never, TypeError, "Cannot");
      // An empty or long `"bytes"` is right as a first value.
      if (type === "bytes") continue;
      assertThrows(() => new mp.Value(type, kind as never), TypeError);
    }
    assertEquals(value.value, before);
  });
}

Deno.test("Value refuses an unknown type", () => {
  for (const type of ["x", "", "int", "toString", 5, undefined, {}]) {
    assertThrows(() => new mp.Value(type as never), TypeError, "Cannot share");
    assertThrows(() => new mp.RawValue(type as never), TypeError);
  }
  assertThrows(() => new mp.Value({ x: "nothing" } as never), TypeError);
});

Deno.test("Value rounds float32 as C", () => {
  assertEquals(new mp.Value("f", 0.1).value, 0.10000000149011612);
  assertEquals(new mp.Value("f", 1e40).value, Infinity);
});

Deno.test('Value of "c" takes a byte as a number', () => {
  assertEquals(new mp.Value("c", 65).value, Uint8Array.of(65));
});

Deno.test('Value of "bytes" has as many as its first value', () => {
  const value = new mp.Value("bytes", Uint8Array.of(1, 2, 3));
  value.value = Uint8Array.of(9);
  assertEquals(value.value, Uint8Array.of(9, 0, 0));
  assertThrows(() => value.value = new Uint8Array(4), RangeError, "has 3");
  assertEquals(value.value, Uint8Array.of(9, 0, 0));
});

Deno.test("Value.value has the type of its code", () => {
  const int: number = new mp.Value("i").value;
  const long: bigint = new mp.Value("q").value;
  const bool: boolean = new mp.Value("?").value;
  const char: string = new mp.Value("u").value;
  const { x, n }: { x: number; n: bigint } =
    new mp.Value({ x: "d", n: "l" }).value;
  assertEquals([int, long, bool, char, x, n], [0, 0n, false, "\0", 0, 0n]);
  // @ts-expect-error: a bigint is not what it takes.
  assertThrows(() => new mp.Value("i", 5n), TypeError);
  // @ts-expect-error: no atomic operations on floats.
  assertThrows(() => new mp.Value("d").add(1), TypeError);
});

Deno.test("Value of a struct has its fields as properties", () => {
  const value = new mp.Value({ x: "d", n: "i", ok: "?" }, { x: 1.5 });
  value.n = 2 ** 31;
  value.ok = true;
  assertEquals(value.value, { x: 1.5, n: -2147483648, ok: true });
  assertEquals([value.x, value.n, value.ok], [1.5, -2147483648, true]);
  value.getObj().x = 3;
  assertEquals(value.x, 3);
  value.value = { n: 7 };
  assertEquals(value.value, { x: 3, n: 7, ok: true });
});

Deno.test("Value of a struct is read as a copy that cannot change", () => {
  const value = new mp.Value({ x: "d" });
  const copy = value.value;
  assertThrows(() => copy.x = 1, TypeError);
  value.x = 2;
  assertEquals(copy.x, 0);
});

Deno.test("Value of a struct writes all fields or none", () => {
  const value = new mp.Value({ x: "d", n: "i" });
  assertThrows(() => value.value = { x: 1, n: 1.5 }, TypeError);
  assertEquals(value.value, { x: 0, n: 0 });
  assertThrows(() => value.n = "1" as never, TypeError);
});

Deno.test("Value refuses a struct field with the name of a member", () => {
  for (const name of ["value", "getLock", "hold", "add", "toString"]) {
    assertThrows(() => new mp.Value({ [name]: "i" }), TypeError, name);
  }
});

Deno.test("Value.add() returns the value before", () => {
  const value = new mp.Value("i", 5);
  assertEquals(value.add(3), 5);
  assertEquals(value.add(-10), 8);
  assertEquals(value.value, -2);
});

for (const type of ["b", "B", "h", "H", "i", "I"] as const) {
  Deno.test(`Value.add() wraps round (${type})`, () => {
    const value = new mp.Value(type, -1);
    const largest = value.value;
    value.add(1);
    assertEquals(value.value, 0);
    value.add(-1);
    assertEquals(value.value, largest);
  });
}

Deno.test("Value.add() takes bigints (q)", () => {
  const value = new mp.Value("q", 2n ** 63n - 1n);
  assertEquals(value.add(1n), 2n ** 63n - 1n);
  assertEquals(value.value, -(2n ** 63n));
});

Deno.test("Value.compareExchange() writes what is expected only", () => {
  const value = new mp.Value("int16", 5);
  assertEquals(value.compareExchange(4, 9), 5);
  assertEquals(value.value, 5);
  assertEquals(value.compareExchange(5, 9), 5);
  assertEquals(value.value, 9);
});

Deno.test("Value.exchange() returns the value before", () => {
  const value = new mp.RawValue("Q", 5n);
  assertEquals(value.exchange(-1n), 5n);
  assertEquals(value.load(), 2n ** 64n - 1n);
});

Deno.test("Value has atomic operations on integers alone", () => {
  for (const type of ["d", "f", "?", "c", "u", { x: "i" }] as const) {
    const value = new mp.Value(type as mp.ValueType);
    assertThrows(() => value.load(), TypeError, "not an integer");
    assertThrows(() => value.store(1 as never), TypeError);
    assertThrows(() => value.add(1 as never), TypeError);
    assertThrows(() => value.exchange(1 as never), TypeError);
    assertThrows(
      () => value.compareExchange(1 as never, 1 as never),
      TypeError,
    );
  }
  const value = new mp.Value("i");
  assertThrows(() => value.add(0.5), TypeError, "got 0.5");
  assertThrows(() => value.add(1n as never), TypeError);
  assertThrows(() => value.compareExchange(0, "1" as never), TypeError);
  assertEquals(value.value, 0);
});

Deno.test("Value.getLock() is the given lock", () => {
  const lock = new mp.Lock();
  const value = new mp.Value("i", 0, { lock });
  const other = new mp.Value("d", 0, { lock });
  assertStrictEquals(value.getLock(), lock);
  assertStrictEquals(other.getLock(), lock);
});

Deno.test("Value can be used while one holds its lock", async () => {
  for (const lock of [true, new mp.RLock()]) {
    const value = new mp.Value("i", 1, { lock });
    {
      using _ = value.holdSync();
      value.value += 1;
    }
    {
      using _ = await value.hold();
      value.value += 1;
    }
    assertEquals(value.value, 3);
    assert(!value.getLock().locked());
  }
});

Deno.test("Value refuses to block on a lock of its own process", () => {
  const value = new mp.Value("i", 1, { lock: new mp.Lock() });
  using _ = value.holdSync();
  assertThrows(() => value.value, mp.StateError, "block for ever");
  assertEquals(value.getObj().value, 1);
});

Deno.test("Value makes a lock of its own", () => {
  const value = new mp.Value("i");
  assert(value.getLock() instanceof mp.RLock);
  assert(value.getLock() !== new mp.Value("i").getLock());
  assertStrictEquals(value.getLock(), value.getLock());
});

Deno.test("Value without a lock says so", async () => {
  const value = new mp.Value("i", 5, { lock: false });
  value.value += 1;
  assertEquals(value.value, 6);
  assertThrows(() => value.getLock(), mp.StateError, "without one");
  assertThrows(() => value.holdSync(), mp.StateError);
  await assertRejects(() => value.hold(), mp.StateError);
});

Deno.test("Value refuses a lock that is none", () => {
  for (const lock of [1, "lock", {}, new mp.Queue()]) {
    const options = { lock: lock as never };
    assertThrows(
      () => new mp.Value("i", 0, options),
      TypeError,
      "lock must be",
    );
  }
});

Deno.test("Value.hold() holds its lock", async () => {
  const value = new mp.Value("i");
  {
    using _ = await value.hold();
    assert(value.getLock().locked());
    value.getObj().value += 1;
  }
  {
    using _ = value.holdSync();
    assert(value.getLock().locked());
  }
  assert(!value.getLock().locked());
  assertEquals(value.value, 1);
});

for (const name of Object.keys(TAKES)) {
  const suite = contractOf({ variant: name });
  suite.test("Value may be used while its lock is held over an await", async (method) => {
    const value = new mp.Value("i", 0);
    const array = new mp.Array("i", 2);
    const struct = new mp.Value({ x: "d", n: "i" });
    const text = new mp.Array("u", "000");
    const all = [value, array, struct, text] as const;
    const p = start(method, countSlowly, name, ROUNDS, ...all);
    await countSlowly(name, ROUNDS, ...all);
    assert(await p.join({ timeout: HUNG }));
    assertEquals(p.exitCode, 0);
    const sum = 2 * ROUNDS;
    assertEquals([value.value, ...array], [sum, sum, -sum]);
    assertEquals(struct.value, { x: sum, n: -sum });
    assertEquals(Number(text.value), sum);
    assert(all.every((one) => !one.getLock().locked()));
  });
}

contract.test("Value.hold() keeps out the tasks and the processes that hold", async (method) => {
  const value = new mp.Value("i", 0);
  const child = start(method, countInTasks, value, ROUNDS);
  await countInTasks(value, ROUNDS);
  assert(await child.join({ timeout: HUNG }));
  assertEquals(child.exitCode, 0);
  assertEquals(value.value, 4 * ROUNDS);
});

contract.test("Value.value of another process waits for a hold over an await", async (method) => {
  const value = new mp.Value("i", 0);
  const isThere = new mp.Queue<boolean>();
  const seen = new mp.Queue<number>();
  let child;
  {
    using _ = await value.hold();
    child = start(method, tellValue, value, isThere, seen);
    await isThere.get();
    value.value = 1;
    await delay(SHORT);
    assert(seen.empty());
    value.value = 2;
  }
  assertEquals(await seen.get(), 2);
  assert(await child.join({ timeout: HUNG }));
});

contract.test("Value.value tells of a holder that was killed at its await", async (method) => {
  const value = new mp.Value("i", 0);
  const isHeld = new mp.Queue<boolean>();
  const p = start(method, holdForEver, value, isHeld);
  await isHeld.get();
  p.kill();
  assert(await p.join({ timeout: HUNG }));
  const { holder } = assertThrows(() => value.value, mp.AbandonedLockError);
  assertEquals(holder.exitCode, -9);
  assertEquals(value.value, 1);
  assert(!value.getLock().locked());
});

Deno.test("Value.value of a task that does not hold goes between", async () => {
  const value = new mp.Value("i", 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  async function hold() {
    using _ = await value.hold();
    const before = value.value;
    await promise;
    value.value = before + 1;
  }
  const holder = hold();
  await delay(0);
  // What was given up: this write is lost.
  value.value = 100;
  assertEquals(value.value, 100);
  assertThrows(() => value.holdSync(), mp.StateError, "block for ever");
  resolve();
  await holder;
  assertEquals(value.value, 1);
});

Deno.test("Value lets its holder's setters use it, and take its lock", () => {
  const value = new mp.Value({ x: "d", n: "i" });
  const lock = value.getLock();
  value.value = {
    get x() {
      using _ = value.holdSync();
      value.n = 7;
      return value.n + 1;
    },
  };
  assertEquals(value.value, { x: 8, n: 7 });
  assert(!lock.locked());
  value.value = {
    get n() {
      return Number(lock.acquireSync());
    },
  };
  assert(lock.locked());
  lock.release();
  assert(!lock.locked());
  assertThrows(() => lock.release(), mp.StateError, "not held");
  assertThrows(
    () => {
      value.value = {
        get x(): number {
          throw new RangeError("no x");
        },
      };
    },
    RangeError,
    "no x",
  );
  assert(!lock.locked());
});

contract.test("Value is exact under its lock in two processes", async (method) => {
  const value = new mp.Value("i", 0);
  await inTwo(method, addUnderLock, value);
  assertEquals(value.value, 2 * COUNT);
});

contract.test("Value.add() is exact in two processes", async (method) => {
  const value = new mp.Value("q", 0n);
  const raw = new mp.RawValue("uint16", 0);
  await inTwo(method, addAtomically, value, raw);
  assertEquals(value.value, 2n * BigInt(COUNT));
  assertEquals(raw.value, 2 * COUNT % 2 ** 16);
});

contract.test("Value.compareExchange() is exact in two processes", async (method) => {
  const value = new mp.Value("I", 0);
  await inTwo(method, addByCompareExchange, value);
  assertEquals(value.value, 2 * COUNT);
});

contract.test("RawValue is exact when one process at a time writes it", async (method) => {
  const value = new mp.RawValue("d", 0);
  await run(method, addPlainly, value);
  await run(method, addPlainly, value);
  assertEquals(value.value, 2 * COUNT);
});

contract.test("Value.value waits while another process holds the lock", async (method) => {
  const value = new mp.Value("i", 1);
  const isHeld = new mp.Queue<boolean>();
  const p = start(method, holdAndAdd, value, isHeld);
  await isHeld.get();
  assertEquals(value.value, 2);
  assert(await p.join({ timeout: HUNG }));
});

contract.test("Value.value tells of a holder that died", async (method) => {
  const value = new mp.Value("i", 1);
  await run(method, dieWithLock, value);
  const { holder } = assertThrows(() => value.value, mp.AbandonedLockError);
  assertEquals(holder.exitCode, 0);
  assertEquals(value.value, 2);
});

contract.test("Value crosses with its lock and its raw value", async (method) => {
  const lock = new mp.Lock();
  const value = new mp.Value("i", 5, { lock });
  const raw = value.getObj();
  const results = new mp.Queue<unknown>();
  await run(method, tellIdentity, { value, raw, lock }, results);
  assertEquals(await results.get(), [true, true, true, 5]);
  assertEquals(raw.value, 6);
});

for (const [type, zero, some] of ALL) {
  const suite = contractOf({ variant: type });
  suite.test("Value crosses", async (method) => {
    const value = new mp.Value(type, some as never);
    const raw = new mp.RawValue(type, some as never);
    const results = new mp.Queue<unknown>();
    await run(method, swap, value, raw, zero, results);
    assertEquals(await results.get(), [some, some]);
    assertEquals([value.value, raw.value] as unknown[], [zero, zero]);
  });
}

contract.test("Value of a struct crosses", async (method) => {
  const point = new mp.Value({ x: "d", n: "q", name: "c" }, { x: 0.5 });
  await run(method, moveStruct, point, new mp.Value("i", 0, { lock: false }));
  assertEquals(point.value, { x: 1, n: -1n, name: Uint8Array.of(66) });
});

async function inTwo(...args: Parameters<typeof run>): Promise<void> {
  await Promise.all([run(...args), run(...args)]);
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

type Counted = readonly [
  mp.Value<"i">,
  mp.Array<"i">,
  mp.Value<{ x: "d"; n: "i" }>,
  mp.Array<"u">,
];

/** Reads all of them, waits, and writes all of them, under the lock of each. */
export async function countSlowly(
  name: string,
  rounds: number,
  ...[value, array, struct, text]: Counted
) {
  const take = TAKES[name]!;
  for (let i = 0; i < rounds; i++) {
    await take(value, async () => {
      const before = value.value;
      await delay(1);
      value.value = before + 1;
    });
    await take(array, async () => {
      const [up, down] = array.slice();
      await delay(1);
      array.set(0, up! + 1);
      array.setSlice(1, [down! - 1]);
      assertEquals(array.at(-1), array.get(1));
    });
    await take(struct, async () => {
      const { x } = struct.value;
      const { n } = struct;
      await delay(1);
      struct.x = x + 1;
      struct.value = { n: n - 1 };
    });
    await take(text, async () => {
      const before = Number(text.value);
      await delay(1);
      text.value = String(before + 1).padStart(3, "0");
    });
  }
}

/** Counts in two tasks of this process at once. */
export async function countInTasks(value: mp.Value<"i">, rounds: number) {
  async function count() {
    for (let i = 0; i < rounds; i++) {
      using _ = await value.hold();
      const before = value.value;
      await delay(1);
      value.value = before + 1;
    }
  }
  await Promise.all([count(), count()]);
}

export function tellValue(
  value: mp.Value<"i">,
  isThere: mp.Queue<boolean>,
  seen: mp.Queue<number>,
) {
  isThere.putSync(true);
  seen.putSync(value.value);
}

export async function holdForEver(
  value: mp.Value<"i">,
  isHeld: mp.Queue<boolean>,
) {
  using _ = await value.hold();
  await delay(0);
  value.value += 1;
  isHeld.putSync(true);
  await delay(HUNG);
}

export function addUnderLock(value: mp.Value<"i">) {
  const raw = value.getObj();
  for (let i = 0; i < COUNT; i++) {
    using _ = value.holdSync();
    raw.value += 1;
  }
}

export function addAtomically(
  value: mp.Value<"q">,
  raw: mp.RawValue<"uint16">,
) {
  for (let i = 0; i < COUNT; i++) {
    value.add(1n);
    raw.add(1);
  }
}

export function addByCompareExchange(value: mp.Value<"I">) {
  for (let i = 0; i < COUNT;) {
    const seen = value.load();
    if (value.compareExchange(seen, seen + 1) === seen) i++;
  }
}

export function addPlainly(value: mp.RawValue<"d">) {
  for (let i = 0; i < COUNT; i++) value.value += 1;
}

export async function holdAndAdd(
  value: mp.Value<"i">,
  isHeld: mp.Queue<boolean>,
) {
  using _ = value.holdSync();
  isHeld.putSync(true);
  await new Promise((resolve) => setTimeout(resolve, SHORT));
  value.getObj().value += 1;
}

export function dieWithLock(value: mp.Value<"i">) {
  value.getLock().acquireSync();
  value.getObj().value += 1;
}

export function tellIdentity(
  { value, raw, lock }: {
    value: mp.Value<"i">;
    raw: mp.RawValue<"i">;
    lock: mp.Lock;
  },
  results: mp.Queue<unknown>,
) {
  const before = value.value;
  results.putSync([
    value.getLock() === lock,
    value.getObj() === raw,
    value.getLock() instanceof mp.Lock,
    before,
  ]);
  raw.value += 1;
}

export function swap(
  value: mp.Value,
  raw: mp.RawValue,
  other: never,
  results: mp.Queue<unknown>,
) {
  results.putSync([value.value, raw.value]);
  value.value = other;
  raw.value = other;
}

export function moveStruct(
  point: mp.Value<{ x: "d"; n: "q"; name: "c" }>,
  free: mp.Value<"i">,
) {
  point.x *= 2;
  point.n -= 1n;
  point.getObj().name = Uint8Array.of(66);
  free.value = 1;
}
