// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import { contract } from "../_support/contract.ts";
import { many, SHORT } from "../_support/delays.ts";
import { runIn } from "../_support/processes.ts";
import { isPending, until } from "../_support/until.ts";

const COUNT = many(20_000, 1_000_000);

const run = runIn.bind(undefined, import.meta.url);

/** Every type, and three of its values. */
const ALL: readonly [mp.TypeCode, unknown[]][] = [
  ["b", [-128, 0, 127]],
  ["B", [0, 1, 255]],
  ["h", [-32768, 0, 32767]],
  ["H", [0, 1, 65535]],
  ["i", [-(2 ** 31), 0, 2 ** 31 - 1]],
  ["I", [0, 1, 2 ** 32 - 1]],
  ["l", [-(2n ** 63n), 0n, 2n ** 63n - 1n]],
  ["L", [0n, 1n, 2n ** 64n - 1n]],
  ["q", [-(2n ** 63n), 0n, 2n ** 63n - 1n]],
  ["Q", [0n, 1n, 2n ** 64n - 1n]],
  ["f", [-1.5, 0, Infinity]],
  ["d", [-0.1, NaN, 1e300]],
  ["?", [true, false, true]],
  ["int8", [-128, 0, 127]],
  ["uint64", [0n, 1n, 2n ** 64n - 1n]],
  ["float64", [0.1, 0.2, 0.3]],
  ["bool", [false, true, false]],
];

/** Both kinds of array, which agree in all but the lock. */
const KINDS = [["Array", mp.Array], ["RawArray", mp.RawArray]] as const;

for (const [kind, Kind] of KINDS) {
  for (const [type, elements] of ALL) {
    Deno.test(`${kind} holds its elements (${type})`, () => {
      const array = new Kind(type, elements as never);
      assertEquals(array.length, 3);
      assertEquals([...array] as unknown[], elements);
      assertEquals(array.slice() as unknown, elements);
      array.set(0, elements[2] as never);
      assertEquals(array.get(0) as unknown, elements[2]);
    });
  }

  Deno.test(`${kind} of a size begins with zeroes`, () => {
    assertEquals([...new Kind("i", 3)], [0, 0, 0]);
    assertEquals([...new Kind("q", 2)], [0n, 0n]);
    assertEquals([...new Kind("?", 1)], [false]);
    assertEquals([...new Kind("d", 0)], []);
  });

  Deno.test(`${kind} takes anything that can be gone through`, () => {
    assertEquals([...new Kind("d", new Float64Array([1, 2]))], [1, 2]);
    assertEquals([...new Kind("i", new Set([3, 4]))], [3, 4]);
    assertEquals([...new Kind("i", [1, 2].values())], [1, 2]);
    assertEquals([...new Kind("i", new Kind("b", [5]))], [5]);
  });

  Deno.test(`${kind} refuses a wrong size`, () => {
    assertThrows(() => new Kind("i", -1), RangeError, "size");
    assertThrows(() => new Kind("i", 2 ** 40), RangeError);
    assertThrows(() => new Kind("i", 1.5), TypeError);
    assertThrows(() => new Kind("i", NaN), TypeError);
    for (const init of [undefined, {}, true, 1n]) {
      assertThrows(() => new Kind("i", init as never), TypeError);
    }
  });

  Deno.test(`${kind} refuses elements of another kind`, () => {
    assertThrows(() => new Kind("i", [1, 1.5]), TypeError);
    assertThrows(() => new Kind("x" as never, 1), TypeError, "no type");
    const array = new Kind("i", [1, 2, 3]);
    assertThrows(() => array.set(0, "1" as never), TypeError);
    assertThrows(() => array.setSlice(0, [7, 8.5]), TypeError);
    assertEquals([...array], [1, 2, 3]);
  });

  Deno.test(`${kind} wraps round as C`, () => {
    const array = new Kind("i", [2 ** 31]);
    assertEquals(array.get(0), -2147483648);
    array.set(0, 2 ** 32 + 5);
    assertEquals(array.get(0), 5);
  });

  Deno.test(`${kind}.at() counts from either end`, () => {
    const array = new Kind("i", [1, 2, 3]);
    assertEquals([array.at(0), array.at(-1), array.at(-3)], [1, 3, 1]);
    assertEquals([array.at(3), array.at(-4)], [undefined, undefined]);
    assertThrows(() => array.at(0.5), TypeError);
  });

  Deno.test(`${kind}.get() and set() count from either end`, () => {
    const array = new Kind("i", [1, 2, 3]);
    array.set(-1, 9);
    assertEquals([array.get(2), array.get(-3)], [9, 1]);
    for (const index of [3, -4, 2 ** 40]) {
      assertThrows(() => array.get(index), RangeError, `element ${index}`);
      assertThrows(() => array.set(index, 0), RangeError);
      assertThrows(() => array.add(index, 0), RangeError);
    }
    assertThrows(() => array.get("0" as never), TypeError);
    assertThrows(() => array.set(NaN, 0), TypeError);
    assertEquals([...array], [1, 2, 9]);
  });

  Deno.test(`${kind}.slice() copies as in Python`, () => {
    const array = new Kind("i", [0, 1, 2, 3, 4]);
    assertEquals(array.slice(1, 3), [1, 2]);
    assertEquals(array.slice(-2), [3, 4]);
    assertEquals(array.slice(undefined, -3), [0, 1]);
    assertEquals(array.slice(3, 1), []);
    assertEquals(array.slice(-9, 9), [0, 1, 2, 3, 4]);
    const copy = array.slice();
    array.set(0, 7);
    assertEquals(copy[0], 0);
  });

  Deno.test(`${kind}.setSlice() writes all or nothing`, () => {
    const array = new Kind("i", [0, 1, 2, 3]);
    array.setSlice(1, [7, 8]);
    assertEquals([...array], [0, 7, 8, 3]);
    array.setSlice(-1, [9]);
    assertEquals([...array], [0, 7, 8, 9]);
    assertThrows(() => array.setSlice(3, [1, 2]), RangeError, "do not fit");
    assertThrows(() => array.setSlice(-5, [1]), RangeError);
    assertEquals([...array], [0, 7, 8, 9]);
  });

  Deno.test(`${kind} of characters has a value up to the first NUL`, () => {
    const bytes = new Kind("c", new TextEncoder().encode("hello"));
    assertEquals(bytes.value, Uint8Array.of(104, 101, 108, 108, 111));
    bytes.value = Uint8Array.of(104, 105);
    assertEquals(bytes.value, Uint8Array.of(104, 105));
    // What is behind the NUL stays, as in Python.
    assertEquals(bytes.slice(), Uint8Array.of(104, 105, 0, 108, 111));
    assertEquals(bytes.get(0), Uint8Array.of(104));
    assertThrows(() => bytes.value = new Uint8Array(6), RangeError);
    assertThrows(() => bytes.value = "hi" as never, TypeError);

    const text = new Kind("u", "héllo😀");
    assertEquals([text.length, text.value], [6, "héllo😀"]);
    text.value = "hi";
    assertEquals([text.value, text.get(-1)], ["hi", "😀"]);
    assertEquals(text.slice(0, 3), "hi\0");
    assertThrows(() => text.value = "too long", RangeError);
    assertEquals(text.value, "hi");
  });

  Deno.test(`${kind} of bytes has all of them as raw`, () => {
    const bytes = new Kind("c", Uint8Array.of(1, 0, 2, 0));
    assertEquals(bytes.raw, Uint8Array.of(1, 0, 2, 0));
    assertEquals(bytes.value, Uint8Array.of(1));
    // What is behind the given bytes stays, as in Python.
    bytes.raw = Uint8Array.of(0, 9);
    assertEquals(bytes.raw, Uint8Array.of(0, 9, 2, 0));
    assertEquals(bytes.value, new Uint8Array());
    const copy = bytes.raw;
    copy[0] = 7;
    assertEquals(bytes.get(0), Uint8Array.of(0));
    bytes.raw = new Uint8Array();
    assertEquals(bytes.raw, Uint8Array.of(0, 9, 2, 0));
    assertThrows(() => bytes.raw = new Uint8Array(5), RangeError, "has 4");
    for (const wrong of ["ab", [1, 2], 1, undefined, null]) {
      assertThrows(() => bytes.raw = wrong as never, TypeError, "Uint8Array");
    }
    assertEquals(bytes.raw, Uint8Array.of(0, 9, 2, 0));
    assertEquals(new Kind("bytes", 2).raw, new Uint8Array(2));
    assertEquals(new Kind("c", 0).raw, new Uint8Array());
  });

  Deno.test(`${kind} of others has no value and no raw`, () => {
    const array = new Kind("i", 2);
    assertThrows(() => array.value, TypeError, "not characters");
    assertThrows(() => array.value = [1] as never, TypeError);
    assertThrows(() => array.raw, TypeError, "are int32, not bytes");
    assertThrows(() => array.raw = Uint8Array.of(1) as never, TypeError);
    assertThrows(() => new Kind("u", 2).raw, TypeError, "not bytes");
    assertThrows(() => new Kind({ c: "c" }, 2).raw, TypeError, "structs");
    assertEquals([...array], [0, 0]);
  });

  Deno.test(`${kind} of structs lies in memory as in C`, () => {
    const type = { a: "b", x: "d", b: "h", i: "i", c: "c" } as const;
    const array = new Kind(type, 2);
    array.get(1).x = 1.5;
    array.get(1).i = -1;
    array.set(0, { a: -1, b: 515, c: 65 });
    assertEquals({ ...array.get(0) }, {
      a: -1,
      x: 0,
      b: 515,
      i: 0,
      c: Uint8Array.of(65),
    });
    assertEquals(array.get(1).x, 1.5);
    assertEquals([array.get(0).x, array.get(1).a], [0, 0]);
  });

  Deno.test(`${kind} of structs gives objects that write through`, () => {
    const array = new Kind({ x: "d", n: "i" }, [{ x: 1, n: 2 }, { x: 3 }]);
    array.get(1).n = 2 ** 31;
    assertEquals(array.slice(), [{ x: 1, n: 2 }, { x: 3, n: -2147483648 }]);
    for (const point of array) point.x *= 2;
    assertEquals(array.at(1)?.x, 6);
    assertThrows(() => array.get(0).x = "1" as never, TypeError);
    assertThrows(() => (array.get(0) as { y?: number }).y = 1, TypeError);
    assertEquals(structuredClone(array.get(0)), { x: 2, n: 2 });
  });

  Deno.test(`${kind} of structs keeps more objects apart than it keeps`, () => {
    const array = new Kind({ n: "i" }, 3000);
    let n = 0;
    for (const element of array) element.n = n++;
    for (let i = 0; i < 3000; i++) assertEquals(array.get(i).n, i);
  });

  Deno.test(`${kind} has atomic operations on integers`, () => {
    const array = new Kind("uint8", [250, 1]);
    assertEquals(array.add(0, 10), 250);
    assertEquals(array.load(0), 4);
    assertEquals(array.exchange(-1, 7), 1);
    assertEquals(array.compareExchange(1, 7, 8), 7);
    assertEquals(array.compareExchange(1, 7, 9), 8);
    array.store(0, 256);
    assertEquals([...array], [0, 8]);
    assertThrows(() => array.add(0, 0.5), TypeError);
    const floats = new Kind("d", 1);
    assertThrows(() => floats.add(0, 1 as never), TypeError, "not an integer");
    assertThrows(() => floats.load(0), TypeError);
  });
}

Deno.test("Array.getLock() is the given lock", () => {
  const lock = new mp.Lock();
  const array = new mp.Array("i", 1, { lock });
  assertStrictEquals(array.getLock(), lock);
  assert(new mp.Array("i", 1).getLock() !== lock);
  assertThrows(
    () => new mp.Array("i", 1, { lock: 1 as never }),
    TypeError,
    "lock must be",
  );
});

Deno.test("Array without a lock says so", async () => {
  const array = new mp.Array("i", [1, 2], { lock: false });
  array.set(0, 5);
  assertEquals([...array], [5, 2]);
  assertThrows(() => array.getLock(), mp.StateError, "without one");
  assertThrows(() => array.holdSync(), mp.StateError);
  await assertRejects(() => array.hold(), mp.StateError);
});

Deno.test("Array.hold() holds its lock", async () => {
  const array = new mp.Array("i", 1);
  {
    using _ = await array.hold();
    assert(array.getLock().locked());
    array.set(0, 3);
  }
  assert(!array.getLock().locked());
  assertEquals(array.get(0), 3);
});

Deno.test("Array.setSlice() goes through the values before it locks", () => {
  const array = new mp.Array("i", 2);
  array.setSlice(0, unlocked(array));
  assertEquals([...array], [1, 1]);
});

contract.test("Array is exact under its lock in two processes", async (method) => {
  const array = new mp.Array("d", 2);
  await Promise.all([
    run(method, addUnderLock, array),
    run(method, addUnderLock, array),
  ]);
  assertEquals([...array], [2 * COUNT, -2 * COUNT]);
});

contract.test("Array.add() is exact in two processes", async (method) => {
  const array = new mp.Array("i", 3);
  const raw = new mp.RawArray("uint8", 2);
  await Promise.all([
    run(method, addAtomically, array, raw),
    run(method, addAtomically, array, raw),
  ]);
  assertEquals([...array], [0, 2 * COUNT, -2 * COUNT]);
  assertEquals([...raw], [0, 2 * COUNT % 256]);
});

contract.test("Array crosses with its lock", async (method) => {
  const lock = new mp.RLock();
  const value = new mp.Value("i", 0, { lock });
  const points = new mp.Array({ x: "d", ok: "?" }, 2, { lock });
  const text = new mp.Array("u", 5);
  const raw = new mp.RawArray("Q", [1n]);
  await run(method, change, new Map([["p", points]]), [text, raw], value);
  assertEquals(points.slice(), [{ x: 0, ok: false }, { x: 0.5, ok: true }]);
  assertEquals([text.value, raw.get(0)], ["hello", 2n ** 64n - 1n]);
  assertEquals(value.value, 1);
});

contract.test("Array.raw is of every process", async (method) => {
  const bytes = new mp.Array("c", 4);
  const raw = new mp.RawArray("bytes", Uint8Array.of(0, 1, 0));
  await run(method, shiftBytes, bytes, raw);
  assertEquals(bytes.raw, Uint8Array.of(0, 1, 0, 0));
  assertEquals(bytes.value, new Uint8Array());
  assertEquals(raw.raw, Uint8Array.of(0xff, 1, 0));
});

Deno.test("Array.raw takes the lock", async () => {
  const bytes = new mp.Array("c", 2);
  const held = bytes.holdSync();
  const done = run("worker", fillBytes, bytes);
  try {
    await until(() => bytes.getObj().get(1)[0] === 1);
    assert(await isPending(done, SHORT), "it did not wait");
    assertEquals(bytes.raw, Uint8Array.of(0, 1));
  } finally {
    held[Symbol.dispose]();
  }
  await done;
  assertEquals(bytes.raw, Uint8Array.of(2, 2));
});

function* unlocked(array: mp.Array<"i">) {
  for (let i = 0; i < array.length; i++) {
    yield array.getLock().locked() ? 0 : 1;
  }
}

export function addUnderLock(array: mp.Array<"d">) {
  const raw = array.getObj();
  for (let i = 0; i < COUNT; i++) {
    using _ = array.holdSync();
    raw.set(0, raw.get(0) + 1);
    raw.set(1, raw.get(1) - 1);
  }
}

export function addAtomically(array: mp.Array<"i">, raw: mp.RawArray<"uint8">) {
  for (let i = 0; i < COUNT; i++) {
    array.add(1, 1);
    array.add(-1, -1);
    raw.add(1, 1);
  }
}

export function shiftBytes(bytes: mp.Array<"c">, raw: mp.RawArray<"bytes">) {
  bytes.raw = raw.raw;
  raw.raw = Uint8Array.of(0xff);
}

export function fillBytes(bytes: mp.Array<"c">) {
  bytes.getObj().set(1, 1);
  bytes.raw = Uint8Array.of(2, 2);
}

export function change(
  arrays: Map<string, mp.Array<{ x: "d"; ok: "?" }>>,
  [text, raw]: [mp.Array<"u">, mp.RawArray<"Q">],
  value: mp.Value<"i">,
) {
  const points = arrays.get("p")!;
  points.set(1, { x: 0.5 });
  points.get(1).ok = true;
  text.value = "hello";
  raw.set(0, -1n);
  value.value = Number(value.getLock() === points.getLock());
}
