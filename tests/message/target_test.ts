// Copyright 2026 the authors. MIT license.

// How functions and classes cross to a child. What a child says that cannot
// find its target stands in program_test.ts.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import * as mp from "../../mod.ts";
import {
  type Callable,
  callerModule,
  refer,
  resolve,
} from "../../message/target.ts";
import { HUNG } from "../_support/delays.ts";
import byDefault from "../testdata/targets/by_default.ts";
import byDefaultNamed from "../testdata/targets/by_default_named.ts";
import * as byName from "../testdata/targets/by_name.ts";
import * as reexport from "../testdata/targets/reexport.ts";
import * as sameSource from "../testdata/targets/same_source.ts";
import { Outer } from "../testdata/targets/subclass.ts";

function urlOf(name: string): string {
  return import.meta.resolve(`../testdata/targets/${name}.ts`);
}

/** What the target puts into its queue when a child of `module` runs it. */
async function answerOf(
  target: (q: mp.Queue, n: number) => unknown,
  module?: string | URL,
): Promise<unknown> {
  const q = new mp.Queue();
  const p = new mp.Process({ target, args: [q, 7], module });
  p.start();
  assert(await p.join({ timeout: HUNG }), "it hangs");
  assertEquals(p.exitCode, 0);
  return q.getNowait();
}

const ourFactor = 10;

export function ours(q: mp.Queue, n: number): void {
  q.putSync(n * ourFactor);
}

Deno.test("a target is found in the module that makes the process", async () => {
  assertEquals(await answerOf(ours), 70);
});

Deno.test("a target is found by its name in the module of the option", async () => {
  assertEquals(await answerOf(byName.named, urlOf("by_name")), 14);
  assertEquals(await answerOf(byName.later, new URL(urlOf("by_name"))), 14);
  assertEquals(await answerOf(byName.arrow, urlOf("by_name")), 14);
});

Deno.test("a target is found by its source if its name differs", async () => {
  assertEquals(await answerOf(byName.outer, urlOf("by_name")), 15);
  assertEquals(await answerOf(reexport.handedOn, urlOf("reexport")), 14);
});

Deno.test("a target is found as the default export", async () => {
  assertEquals(await answerOf(byDefault, urlOf("by_default")), 21);
  assertEquals(await answerOf(byDefaultNamed, urlOf("by_default_named")), 28);
});

Deno.test("a target is not taken for an export of the same name", async () => {
  const answer = await answerOf(byName.getNamesake(), urlOf("by_name"));
  assertEquals(answer, ["namesake", 7]);
});

Deno.test("a target among exports of the same source is found by its name", async () => {
  assertEquals(await answerOf(sameSource.twice, urlOf("same_source")), 14);
  assertEquals(await answerOf(sameSource.thrice, urlOf("same_source")), 21);
});

Deno.test("resolve() refuses one of several exports of the same source", async () => {
  const ref = refer(
    Object.defineProperty(sameSource.ambiguous, "name", { value: "wrapper" }),
    urlOf("same_source"),
    undefined,
  );
  await assertRejects(
    () => resolve(ref),
    TypeError,
    `Cannot find target wrapper in ${urlOf("same_source")}: 3 of its exports ` +
      "have the same source, as decorated functions do: use the plain function",
  );
});

Deno.test("a target that uses nothing outside itself needs no export", async () => {
  assertEquals(await answerOf((q, n) => q.putSync(n + 1)), 8);
  assertEquals(
    await answerOf(async function (q, n) {
      await q.put(n + 2);
    }),
    9,
  );
  const methods = {
    plain(q: mp.Queue, n: number) {
      q.putSync(n + 3);
    },
    async later(q: mp.Queue, n: number) {
      await q.put(n + 4);
    },
    "with space"(q: mp.Queue, n: number) {
      q.putSync(n + 5);
    },
  };
  assertEquals(await answerOf(methods.plain), 10);
  assertEquals(await answerOf(methods.later), 11);
  assertEquals(await answerOf(methods["with space"]), 12);
});

Deno.test("a subclass is found by its source if its name differs", async () => {
  const q = new mp.Queue();
  const p = new Outer({ module: urlOf("subclass") });
  Object.assign(p, { q, who: "bob" });
  p.start();
  assert(await p.join({ timeout: HUNG }), "it hangs");
  assertEquals(p.exitCode, 0);
  assertEquals(q.getNowait(), "hello bob");
});

Deno.test("refer() names the module, the main module and the source", () => {
  const ref = refer(ours, "file:///a.ts", "file:///b.ts");
  assertEquals(ref.modules, ["file:///a.ts", "file:///b.ts"]);
  assertEquals(ref.name, "ours");
  assertEquals(ref.source, ours.toString());
  assertEquals(refer(ours, undefined, undefined).modules, []);
  const twice = refer(ours, "file:///a.ts", "file:///a.ts");
  assertEquals(twice.modules, ["file:///a.ts"]);
});

Deno.test("refer() refuses native and bound functions", () => {
  const native: [Callable, string][] = [
    [console.log, "log is a native function: use a function of a module"],
    [Math.max, "max is a native function: use a function of a module"],
    [
      ours.bind(undefined),
      "bound ours is a bound function, and its object does not cross",
    ],
  ];
  for (const [target, text] of native) {
    assertThrows(
      () => refer(target, undefined, undefined),
      TypeError,
      `Cannot start process: ${text}`,
    );
  }
});

Deno.test("Process.start() refuses native and bound functions", () => {
  for (const target of [Math.max, ours.bind(undefined)]) {
    const p = new mp.Process({ target });
    assertThrows(() => p.start(), TypeError, "use a function of a module");
    assertEquals(p.ident, undefined);
    assertEquals(mp.activeChildren(), []);
  }
});

Deno.test("resolve() finds the very function of the module", async () => {
  const ref = refer(byName.outer, urlOf("by_name"), undefined);
  const { value, isFromSource } = await resolve(ref);
  assertStrictEquals(value, byName.getInner());
  assertEquals(isFromSource, false);
});

Deno.test("resolve() looks in the main module after the first", async () => {
  const { value } = await resolve(
    refer(byName.named, urlOf("by_default"), urlOf("by_name")),
  );
  assertStrictEquals(value, byName.named);
});

Deno.test("resolve() evaluates the source of what it does not find", async () => {
  const local = (n: number) => n + 1;
  const ref = refer(local, urlOf("by_name"), undefined);
  const { value, isFromSource } = await resolve(ref);
  assertEquals(isFromSource, true);
  assertEquals(value(1), 2);
});

Deno.test("resolve() passes on what an import throws", async () => {
  const broken =
    new URL("../testdata/programs/_broken.ts", import.meta.url).href;
  await assertRejects(
    () => resolve(refer(ours, broken, undefined)),
    RangeError,
    "this module cannot be imported",
  );
  await assertRejects(
    () => resolve(refer(ours, "file:///no/such/module.ts", undefined)),
    TypeError,
    'Module not found "file:///no/such/module.ts"',
  );
});

Deno.test("resolve() does without a module that is only a name", async () => {
  // So `deno eval` and examples in comments are called.
  const url = "file:///no/such/$deno$eval.mts";
  const { isFromSource } = await resolve(refer(ours, url, undefined));
  assertEquals(isFromSource, true);
});

Deno.test("resolve() says of a getter that it cannot be sent", async () => {
  const { get } = Object.getOwnPropertyDescriptor(
    {
      get one() {
        return 1;
      },
    },
    "one",
  )!;
  await assertRejects(
    () => resolve(refer(get!, undefined, undefined)),
    TypeError,
    "Cannot find target get one: get one is not exported by its module",
  );
});

Deno.test("callerModule() is this module, however it is called", async () => {
  const here = import.meta.url;
  assertEquals(callerModule(), here);
  assertEquals([1].map(() => callerModule()), [here]);
  assertEquals(await Promise.resolve().then(() => callerModule()), here);
  const nested = (depth: number): string | undefined =>
    depth === 0 ? callerModule() : nested(depth - 1);
  assertEquals(nested(40), here);
});

Deno.test("callerModule() leaves the settings of stacks alone", () => {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = 0;
    const prepare = () => "mine";
    Error.prepareStackTrace = prepare;
    assertEquals(callerModule(), import.meta.url);
    assertEquals(Error.stackTraceLimit, 0);
    assertStrictEquals(Error.prepareStackTrace, prepare);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
});
