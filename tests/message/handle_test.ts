// Copyright 2026 the authors. MIT license.

// What stands in place of shared objects while they cross.

import {
  assert,
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  HANDLE,
  type Handle,
  isShareable,
  MOVER,
  type Mover,
  revivedHandle,
  setReviver,
  type Shareable,
  unpack,
} from "../../message/handle.ts";
import { pack, type Receiver } from "../../message/pack.ts";

interface ThingHandle extends Handle {
  readonly kind: "TestThing";
  readonly number: number;
  readonly part: unknown;
}

/** A shared object with nothing to share. */
class Thing implements Shareable {
  readonly number: number;
  readonly part: unknown;
  receiver = 0;
  mover: Mover | undefined;

  constructor(number = 0, part?: unknown) {
    const handle = revivedHandle<ThingHandle>();
    this.number = handle?.number ?? number;
    this.part = handle === undefined ? part : handle.part;
  }

  [HANDLE](receiver: number): ThingHandle {
    this.receiver = receiver;
    return { kind: "TestThing", number: this.number, part: this.part };
  }

  [MOVER](): Mover | undefined {
    return this.mover;
  }
}

setReviver("TestThing", Thing);

/** The process of a token, to which nothing goes but the message. */
function to(token: number, movers: Mover[] = []): Receiver {
  return { start: { token, movers }, carries: () => false };
}

/** What arrives of it. */
function cross<T>(value: T): T {
  const packed = pack(value, to(1));
  return unpack(structuredClone(packed)) as T;
}

/** Asserts that it is another view of the thing. */
function assertView(view: unknown, thing: Thing): void {
  assert(view instanceof Thing, `${view} is no view`);
  assertNotStrictEquals(view, thing);
  assertEquals(view.number, thing.number);
}

Deno.test("pack() puts nothing beside a message that holds nothing shared", () => {
  for (const value of [1, "a", undefined, [1], { a: new Map() }, new Date(0)]) {
    assertEquals(pack(value, to(1)).beside, []);
    assertEquals(cross(value), value);
  }
});

Deno.test("pack() and unpack() find shared objects at any depth", () => {
  const thing = new Thing(7);
  const value = {
    record: { deep: { thing } },
    list: [[[thing]]],
    map: new Map<unknown, unknown>([["value", thing], [thing, "key"]]),
    set: new Set([new Set([thing])]),
    thing,
  };
  const view = cross(value);
  assertView(view.thing, thing);
  const { record, list, map, set } = view;
  assertStrictEquals(record.deep.thing, view.thing);
  assertStrictEquals(list[0]![0]![0], view.thing);
  assertStrictEquals(map.get("value"), view.thing);
  assertEquals(map.get(view.thing), "key");
  assertStrictEquals([...[...set][0]!][0], view.thing);
});

Deno.test("pack() and unpack() work on a shared object by itself", () => {
  const thing = new Thing(3);
  assertView(cross(thing), thing);
});

Deno.test("pack() and unpack() keep different objects apart", () => {
  const [first, second] = cross([new Thing(1), new Thing(1)]);
  assertNotStrictEquals(first, second);
});

Deno.test("pack() and unpack() keep cycles and shared references", () => {
  const shared = { a: 1 };
  const value: Record<string, unknown> = { thing: new Thing(), shared };
  value["self"] = value;
  value["list"] = [value, shared];
  const view = cross(value);
  assertStrictEquals(view["self"], view);
  const [first, second] = view["list"] as [unknown, unknown];
  assertStrictEquals(first, view);
  assertStrictEquals(second, view["shared"]);
});

Deno.test("pack() and unpack() keep a cycle through Map and Set", () => {
  const map = new Map<unknown, unknown>();
  const set = new Set<unknown>([map, new Thing()]);
  map.set(set, map);
  const view = cross(map);
  const [[key, value]] = [...view] as [[Set<unknown>, unknown]];
  assertStrictEquals(value, view);
  assert(key.has(view));
});

Deno.test("pack() and unpack() keep the order of Maps and Sets", () => {
  const map = new Map<string, unknown>([["b", 1], ["a", new Thing()], [
    "c",
    2,
  ]]);
  const set = new Set<unknown>([3, new Thing(), 1]);
  const view = cross({ map, set });
  assertEquals([...view.map.keys()], ["b", "a", "c"]);
  assertEquals([...view.set].map((item) => typeof item), [
    "number",
    "object",
    "number",
  ]);
});

Deno.test("pack() and unpack() keep platform objects beside shared ones", () => {
  const bytes = new Uint8Array([1, 2]);
  const value = {
    thing: new Thing(),
    bytes,
    same: bytes.buffer,
    date: new Date(5),
    error: new RangeError("far"),
    pattern: /a/g,
    big: 3n,
  };
  const view = cross(value);
  assertEquals(view.bytes, bytes);
  assertStrictEquals(view.bytes.buffer, view.same);
  assertEquals(view.date, value.date);
  assert(view.error instanceof RangeError);
  assertEquals(view.error.message, "far");
  assertEquals(view.pattern, value.pattern);
  assertEquals(view.big, 3n);
});

Deno.test("pack() and unpack() keep holes, lengths and odd keys", () => {
  const list: unknown[] = [new Thing()];
  list.length = 5;
  const keys = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "": 3}');
  const view = cross({ list, keys, thing: new Thing() });
  assertEquals(view.list.length, 5);
  assert(!(1 in view.list));
  assertEquals(Object.keys(view.keys), ["__proto__", "constructor", ""]);
  assertEquals(view.keys.a, undefined);
  assertStrictEquals(Object.getPrototypeOf(view.keys), Object.prototype);
});

Deno.test("pack() looks into the fields of a class, as a clone does", () => {
  class Box {
    thing = new Thing(4);
    #hidden = new Thing(5);
    get hidden(): Thing {
      return this.#hidden;
    }
  }
  const box = new Box();
  const view = cross(box);
  assertView(view.thing, box.thing);
  assertEquals(Object.keys(view), ["thing"]);
});

Deno.test("pack() looks into the fields of a class that has a tag", () => {
  class Tagged {
    thing = new Thing(1);
    get [Symbol.toStringTag]() {
      return "Tagged";
    }
  }
  const { beside } = pack([new Tagged()], to(1));
  assertEquals(beside.length, 1);
});

Deno.test("pack() leaves the caller's value alone", () => {
  const thing = new Thing();
  const value = { list: [thing], map: new Map([[thing, new Set([thing])]]) };
  pack(value, to(1));
  assertStrictEquals(value.list[0], thing);
  assert(value.map.get(thing)!.has(thing));
});

Deno.test("unpack() takes nothing of the user's for a placeholder", () => {
  const alike = { kind: "TestThing", number: 1 };
  const view = cross({ alike, empty: {}, thing: new Thing(1) });
  assertEquals(view.alike, alike);
  assertEquals(view.empty, {});
  assert(!isShareable(view.alike));
  assert(!isShareable(view.empty));
});

Deno.test("unpack() revives what a shared object holds before it", () => {
  const inner = new Thing(1);
  const outer = new Thing(2, inner);
  const view = cross({ outer, inner });
  assertView(view.outer, outer);
  assertView(view.outer.part, inner);
  assertStrictEquals(view.outer.part, view.inner);
});

Deno.test("pack() tells each object who receives it, once", () => {
  let asked = 0;
  const thing = new Thing();
  const handleOf = thing[HANDLE].bind(thing);
  thing[HANDLE] = (receiver) => {
    asked++;
    return handleOf(receiver);
  };
  pack([thing, { thing }], to(5));
  assertEquals(asked, 1);
  assertEquals(thing.receiver, 5);
});

Deno.test("pack() collects what moves, once", () => {
  const thing = new Thing();
  const mover: Mover = { transfer: [], moved: () => {} };
  thing.mover = mover;
  const movers: Mover[] = [];
  pack([thing, new Thing(), [thing]], to(1, movers));
  assertEquals(movers.length, 1);
  assertStrictEquals(movers[0], mover);
});

Deno.test("revivedHandle() is undefined for a user's own object", () => {
  cross(new Thing(1));
  assertEquals(revivedHandle(), undefined);
  assertEquals(new Thing(9).number, 9);
});

Deno.test("isShareable() needs the method", () => {
  assert(isShareable(new Thing()));
  for (const value of [undefined, 1, "a", {}, [], () => {}, { [HANDLE]: 1 }]) {
    assert(!isShareable(value));
  }
});
