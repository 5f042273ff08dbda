// Copyright 2026 the authors. MIT license.

import {
  assertEquals,
  AssertionError,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  abortable,
  deadline,
  debounce,
  delay,
  MuxAsyncIterator,
  pooledMap,
  retry,
  tee,
} from "@std/async";
import {
  assertSpyCall,
  assertSpyCalls,
  returnsNext,
  spy,
  stub,
} from "@std/testing/mock";
import { FakeTime, TimeError } from "@std/testing/time";
import { LONG } from "../_support/delays.ts";

const WRAPPERS = {
  assert: await import("../std/assert.ts"),
  async: await import("../std/async.ts"),
  mock: await import("../std/mock.ts"),
  time: await import("../std/time.ts"),
};

function declaredNames(file: string): string[] {
  const text = Deno.readTextFileSync(new URL(file, import.meta.url));
  const names = text.matchAll(/^export (?:function|class) (\w+)/gm);
  return [...new Set(Array.from(names, (match) => match[1] ?? ""))];
}

async function* countTo(n: number) {
  for (let i = 0; i < n; i++) yield await Promise.resolve(i);
}

for (const [name, wrapper] of Object.entries(WRAPPERS)) {
  Deno.test(`tests/std/${name}.d.ts declares only what is there`, () => {
    const declared = declaredNames(`../std/${name}.d.ts`);
    assertEquals(declared.filter((name) => !(name in wrapper)), []);
    assertEquals(declared.length > 0, true);
  });
}

Deno.test("assertThrows() returns the error, assertEquals() throws AssertionError", () => {
  assertThrows(() => assertEquals([1], [2]), AssertionError);
  const thrown = new RangeError("out of range");
  const caught = assertThrows(
    () => {
      throw thrown;
    },
    RangeError,
    "out of",
  );
  assertStrictEquals(caught, thrown);
});

Deno.test("@std/async cuts a wait by signal and by deadline", async () => {
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => {}), controller.signal);
  controller.abort(new RangeError("enough"));
  await assertRejects(() => waiting, RangeError, "enough");
  const error = await assertRejects(
    () => deadline(new Promise(() => {}), 1),
    DOMException,
  );
  assertEquals(error.name, "TimeoutError");
});

Deno.test("@std/async maps, merges, splits and retries", async () => {
  const mapped = pooledMap(2, countTo(4), (n) => Promise.resolve(n * n));
  assertEquals(await Array.fromAsync(mapped), [0, 1, 4, 9]);

  const [left, right] = tee(countTo(3));
  const merged = new MuxAsyncIterator<number>();
  merged.add(left);
  merged.add(right);
  const items = await Array.fromAsync(merged);
  assertEquals(items.sort(), [0, 0, 1, 1, 2, 2]);

  const flaky = spy(returnsNext<string>([new Error("not yet"), "done"]));
  assertEquals(await retry(flaky, { minTimeout: 1, jitter: 0 }), "done");
  assertSpyCalls(flaky, 2);
});

Deno.test("stub() replaces a method until disposed", () => {
  const clock = { hours: (add: number) => 12 + add };
  {
    using hours = stub(clock, "hours", () => 7);
    assertEquals(clock.hours(1), 7);
    assertSpyCall(hours, 0, { args: [1], returned: 7 });
  }
  assertEquals(clock.hours(1), 13);
});

Deno.test("FakeTime moves timers and dates by hand", async () => {
  const save = spy((_text: string) => {});
  {
    using time = new FakeTime(1_000);
    const debounced = debounce(save, LONG);
    debounced("a");
    debounced("b");
    const slept = delay(LONG);
    await time.tickAsync(LONG);
    await slept;
    assertEquals(Date.now(), 1_000 + LONG);
    assertThrows(() => new FakeTime(), TimeError);
  }
  assertSpyCalls(save, 1);
  assertSpyCall(save, 0, { args: ["b"] });
});
