// Copyright 2026 the authors. MIT license.

import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

interface Case {
  file: string;
  source: string;
}

/** For each rule, sources it must report (once) and sources it must pass. */
const RULES: Record<string, { bad: Case[]; good: Case[] }> = {
  "floors": {
    bad: [
      { file: "errors.ts", source: 'import "./queue.ts";' },
      { file: "errors.ts", source: 'import type { A } from "./queue.ts";' },
      { file: "sync/lock.ts", source: 'export * from "../pool/core.ts";' },
      { file: "sync/lock.ts", source: 'export { A } from "../pool/core.ts";' },
      { file: "sync/lock.ts", source: 'await import("../pool/core.ts");' },
      { file: "sync/lock.ts", source: 'let a: import("../pool/core.ts").A;' },
      { file: "sync/lock.ts", source: 'import "../sync.ts";' },
      { file: "queue/ring.ts", source: 'import "../shared/blocks.ts";' },
      { file: "subprocess/popen.ts", source: 'import "../program/self.ts";' },
      { file: "memory/word.ts", source: 'import "../queue/ring.ts";' },
      { file: "sync.ts", source: 'export * from "./queue.ts";' },
      { file: "sync.ts", source: 'export * from "./context.ts";' },
      { file: "context.ts", source: 'import "./mod.ts";' },
      { file: "process.ts", source: 'import "./tests/_support/delays.ts";' },
      { file: "process.ts", source: 'import "./lost/lost.ts";' },
      { file: "lost.ts", source: "export {};" },
      { file: "lost/lost.ts", source: "export {};" },
    ],
    good: [
      { file: "queue.ts", source: 'export * from "./errors.ts";' },
      { file: "queue.ts", source: 'export * from "./queue/new.ts";' },
      { file: "queue/new.ts", source: 'import "./other.ts";' },
      { file: "queue/ring.ts", source: 'import "../message/codec.ts";' },
      { file: "queue/ring.ts", source: 'import "../errors.ts";' },
      { file: "subprocess/popen.ts", source: 'import "../memory/timers.ts";' },
      { file: "process/process.ts", source: "await import(url);" },
      { file: "context.ts", source: 'import "./queue.ts";' },
      { file: "mod.ts", source: 'export * from "./context.ts";' },
      { file: "tests/a_test.ts", source: 'import "../mod.ts";' },
      { file: "bench/mp/a.ts", source: 'import "../../mod.ts";' },
    ],
  },
  "doors": {
    bad: [
      { file: "queue.ts", source: "export class Queue {}" },
      { file: "queue.ts", source: 'import "./queue/fifo_queue.ts";' },
      { file: "mod.ts", source: "export const a = 1;" },
    ],
    good: [
      { file: "queue.ts", source: 'export * from "./queue/fifo_queue.ts";' },
      { file: "queue.ts", source: 'export { A } from "./queue/ring.ts";' },
      { file: "context.ts", source: "export class A {}" },
      { file: "errors.ts", source: "export class A {}" },
      { file: "queue/ring.ts", source: "export class A {}" },
      { file: "tests/a.ts", source: "export class A {}" },
    ],
  },
  "owners": {
    bad: [
      { file: "queue.ts", source: "Atomics.load(a, 0);" },
      { file: "queue.ts", source: "const { load } = Atomics;" },
      { file: "queue.ts", source: 'globalThis["Atomics"].load(a, 0);' },
      { file: "queue.ts", source: "globalThis.Atomics.load(a, 0);" },
      { file: "process.ts", source: "new Worker(url);" },
      { file: "process.ts", source: "let w: Worker;" },
      { file: "memory/word.ts", source: "new Worker(url);" },
      { file: "process.ts", source: "new Deno.Command(path);" },
      { file: "process.ts", source: 'new Deno["Command"](path);' },
      { file: "process.ts", source: "let c: Deno.Command;" },
      { file: "process.ts", source: "const { Command } = Deno;" },
      { file: "sync/claim.ts", source: 'process.getBuiltinModule("node:fs");' },
    ],
    good: [
      { file: "memory/word.ts", source: "Atomics.load(a, 0);" },
      { file: "process/worker_engine.ts", source: "new Worker(url);" },
      { file: "process/spawn_engine.ts", source: "new Deno.Command(p);" },
      {
        file: "subprocess/platform_command.ts",
        source: "new Deno.Command(p);",
      },
      { file: "queue.ts", source: "// Atomics and Worker" },
      { file: "queue.ts", source: "class Command {} new Command();" },
      { file: "queue.ts", source: "const workerCount = 2;" },
      { file: "queue.ts", source: "const { pid } = Deno;" },
      { file: "tests/a_test.ts", source: "new Worker(url);" },
      { file: "bench/bare/a.ts", source: "Atomics.load(a, 0);" },
      { file: "tools/a.ts", source: "new Deno.Command(p);" },
      { file: "examples/a.ts", source: "Atomics.load(a, 0);" },
    ],
  },
  "no-dependency": {
    bad: [
      { file: "queue.ts", source: 'import "@std/assert";' },
      { file: "queue.ts", source: 'import a from "npm:a";' },
      { file: "queue.ts", source: 'import type { A } from "jsr:@a/a";' },
      { file: "queue.ts", source: 'export * from "https://a.test/a.ts";' },
      { file: "queue.ts", source: 'await import("npm:a@1");' },
      { file: "queue.ts", source: "await import(`jsr:@a/a`);" },
    ],
    good: [
      { file: "queue.ts", source: 'import "./errors.ts";' },
      { file: "queue/ring.ts", source: 'await import("../../errors.ts");' },
      { file: "message/target.ts", source: "await import(url);" },
      { file: "message/codec.ts", source: 'import v8 from "node:v8";' },
      { file: "tests/a_test.ts", source: 'import "@std/assert";' },
    ],
  },
  "error-text": {
    bad: [
      { file: "queue.ts", source: 'new TypeError("The queue is full");' },
      { file: "queue.ts", source: 'new Full("queue is full");' },
      { file: "queue.ts", source: 'new StateError("Cannot put: closed.");' },
      { file: "queue.ts", source: "new RangeError(`Bad size ${n}`);" },
      {
        file: "queue.ts",
        source: "new RangeError(`Cannot put: ${n} items.`);",
      },
      { file: "queue.ts", source: 'new RangeError("Bad size " + n);' },
      { file: "queue.ts", source: 'new DOMException("Gone", "AbortError");' },
    ],
    good: [
      { file: "queue.ts", source: 'new Full("Cannot put: queue is full");' },
      {
        file: "queue.ts",
        source: "new RangeError(`Cannot put: size is ${n}`);",
      },
      {
        file: "queue.ts",
        source: "new RangeError(`${action}: size is ${n}`);",
      },
      { file: "queue.ts", source: 'new RangeError("Cannot put " + n);' },
      { file: "queue.ts", source: "new RangeError(text);" },
      { file: "queue.ts", source: "new RangeError();" },
      { file: "queue.ts", source: 'new Map("any.");' },
      { file: "tests/a_test.ts", source: 'new TypeError("boom.");' },
    ],
  },
  "no-bare-error": {
    bad: [
      { file: "queue.ts", source: 'throw new Error("Cannot put: closed");' },
      { file: "queue.ts", source: 'throw Error("Cannot put: closed");' },
    ],
    good: [
      {
        file: "queue.ts",
        source: 'throw new TypeError("Cannot put: closed");',
      },
      { file: "queue.ts", source: "throw error;" },
      { file: "tests/a_test.ts", source: 'throw new Error("boom");' },
    ],
  },
  "no-console": {
    bad: [{ file: "queue.ts", source: 'console.log("put");' }],
    good: [
      { file: "queue.ts", source: "log.console;" },
      { file: "examples/a.ts", source: 'console.log("put");' },
    ],
  },
  "comment-width": {
    bad: [
      { file: "queue.ts", source: `// ${"word ".repeat(16)}` },
      { file: "queue.ts", source: `/** ${"word ".repeat(16)}*/` },
      { file: "tests/a.ts", source: `/**\n * ${"word ".repeat(16)}\n */` },
    ],
    good: [
      { file: "queue.ts", source: `// ${"word ".repeat(15)}` },
      { file: "queue.ts", source: `// see https://a.test/${"a".repeat(80)}` },
      { file: "queue.ts", source: `/**\n * | ${"word ".repeat(16)}|\n */` },
      { file: "queue.ts", source: `// deno-lint-ignore ${"a ".repeat(40)}` },
      { file: "queue.ts", source: `const text = "${"word ".repeat(16)}";` },
    ],
  },
  "unique-test-names": {
    bad: [
      {
        file: "tests/a_test.ts",
        source: 'Deno.test("a", f); Deno.test("a", g);',
      },
      {
        file: "tests/a_test.ts",
        source: 'Deno.test("a", f); Deno.test.ignore({ name: "a", fn: g });',
      },
      {
        file: "tests/a_test.ts",
        source: "Deno.test(function a() {}); Deno.test.only('a', g);",
      },
      {
        file: "tests/a_test.ts",
        source: "Deno.test(`a (${m})`, f); Deno.test(`a (${m})`, g);",
      },
      {
        file: "tests/a_test.ts",
        source: 'contract.test("a", f); contract.test("a", g);',
      },
      {
        file: "tests/a_test.ts",
        source: "contract.test(`a ${b}`, f); suite.test(`a ${b}`, g);",
      },
    ],
    good: [
      {
        file: "tests/a_test.ts",
        source: 'Deno.test("a", f); Deno.test("b", g);',
      },
      {
        file: "tests/a_test.ts",
        source: "Deno.test(`a (${m})`, f); Deno.test(`b (${m})`, g);",
      },
      {
        file: "tests/a_test.ts",
        source: 'Deno.test("a", f); contract.test("a", g); /a/.test("a");',
      },
      {
        file: "tests/a_test.ts",
        source: "Deno.test(`${name}`, f); Deno.test(`${name}`, g);",
      },
      { file: "tests/a_test.ts", source: 'a.test("a"); a.test("a");' },
    ],
  },
};

function findings(rule: string, { file, source }: Case): string[] {
  return Deno.lint.runPlugin(plugin, file, source)
    .filter(({ id }) => id === `house/${rule}`)
    .map(({ message }) => message);
}

for (const [rule, { bad, good }] of Object.entries(RULES)) {
  Deno.test(`house/${rule} reports what breaks it`, () => {
    for (const breach of bad) {
      const messages = findings(rule, breach);
      assertEquals(
        messages.length,
        1,
        `${breach.file}: ${breach.source} ${JSON.stringify(messages)}`,
      );
    }
  });

  Deno.test(`house/${rule} passes what keeps it`, () => {
    for (const kept of good) {
      assertEquals(findings(rule, kept), [], `${kept.file}: ${kept.source}`);
    }
  });
}

Deno.test("house/copyright wants the header on the first line", () => {
  const header = "// Copyright 2026 the authors. MIT license.\n";
  const file = "queue.ts";
  assertEquals(findings("copyright", { file, source: "" }).length, 1);
  const late = { file, source: `\n${header}` };
  assertEquals(findings("copyright", late).length, 1);
  assertEquals(findings("copyright", { file, source: header }), []);
});

Deno.test("every house rule has cases here", () => {
  const tested = [...Object.keys(RULES), "copyright"];
  assertEquals(tested.sort(), Object.keys(plugin.rules).sort());
});

Deno.test("a file is known by its place in the repository", () => {
  const { pathname } = new URL("../../errors.ts", import.meta.url);
  const source = 'import "./queue.ts";';
  assertEquals(findings("floors", { file: pathname, source }).length, 1);
});
