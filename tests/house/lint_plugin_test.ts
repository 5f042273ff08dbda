// Copyright 2026 the authors. MIT license.

import { assertEquals } from "@std/assert";
import plugin from "../../tools/lint_plugin.ts";

type Case = readonly [file: string, source: string];

/** For each rule, sources it must report (once) and sources it must pass. */
const RULES: Record<string, { bad: Case[]; good: Case[] }> = {
  "floors": {
    bad: [
      ["errors.ts", 'import "./queue.ts";'],
      ["errors.ts", 'import type { A } from "./queue.ts";'],
      ["sync/lock.ts", 'export * from "../pool/core.ts";'],
      ["sync/lock.ts", 'export { A } from "../pool/core.ts";'],
      ["sync/lock.ts", 'await import("../pool/core.ts");'],
      ["sync/lock.ts", 'let a: import("../pool/core.ts").A;'],
      ["sync/lock.ts", 'import "../sync.ts";'],
      ["queue/ring.ts", 'import "../shared/blocks.ts";'],
      ["subprocess/popen.ts", 'import "../program/self.ts";'],
      ["memory/word.ts", 'import "../queue/ring.ts";'],
      ["sync.ts", 'export * from "./queue.ts";'],
      ["sync.ts", 'export * from "./context.ts";'],
      ["context.ts", 'import "./mod.ts";'],
      ["process.ts", 'import "./tests/_support/delays.ts";'],
      ["process.ts", 'import "./lost/lost.ts";'],
      ["lost.ts", "export {};"],
      ["lost/lost.ts", "export {};"],
    ],
    good: [
      ["queue.ts", 'export * from "./errors.ts";'],
      ["queue.ts", 'export * from "./queue/new.ts";'],
      ["queue/new.ts", 'import "./other.ts";'],
      ["queue/ring.ts", 'import "../message/codec.ts";'],
      ["queue/ring.ts", 'import "../errors.ts";'],
      ["subprocess/popen.ts", 'import "../memory/timers.ts";'],
      ["process/process.ts", "await import(url);"],
      ["context.ts", 'import "./queue.ts";'],
      ["mod.ts", 'export * from "./context.ts";'],
      ["tests/a_test.ts", 'import "../mod.ts";'],
      ["bench/mp/a.ts", 'import "../../mod.ts";'],
    ],
  },
  "doors": {
    bad: [
      ["queue.ts", "export class Queue {}"],
      ["queue.ts", 'import { Queue } from "./queue/fifo_queue.ts";'],
      ["mod.ts", "export const a = 1;"],
    ],
    good: [
      ["queue.ts", 'export * from "./queue/fifo_queue.ts";'],
      ["queue.ts", 'export { A } from "./queue/ring.ts";'],
      ["context.ts", "export class A {}"],
      ["errors.ts", "export class A {}"],
      ["queue/ring.ts", "export class A {}"],
      ["tests/a.ts", "export class A {}"],
    ],
  },
  "owners": {
    bad: [
      ["queue.ts", "Atomics.load(a, 0);"],
      ["queue.ts", "const { load } = Atomics;"],
      ["queue.ts", 'globalThis["Atomics"].load(a, 0);'],
      ["queue.ts", "globalThis.Atomics.load(a, 0);"],
      ["process.ts", "new Worker(url);"],
      ["process.ts", "let w: Worker;"],
      ["memory/word.ts", "new Worker(url);"],
      ["process.ts", "new Deno.Command(path);"],
      ["process.ts", 'new Deno["Command"](path);'],
      ["process.ts", "let c: Deno.Command;"],
      ["process.ts", "const { Command } = Deno;"],
      ["sync/claim.ts", 'process.getBuiltinModule("node:fs");'],
    ],
    good: [
      ["memory/word.ts", "Atomics.load(a, 0);"],
      ["process/worker_engine.ts", "new Worker(url);"],
      ["process/spawn_engine.ts", "new Deno.Command(p);"],
      ["subprocess/platform_command.ts", "new Deno.Command(p);"],
      ["queue.ts", "// Atomics and Worker"],
      ["queue.ts", "class Command {} new Command();"],
      ["queue.ts", "const workerCount = 2;"],
      ["queue.ts", "const { pid } = Deno;"],
      ["tests/a_test.ts", "new Worker(url);"],
      ["bench/bare/a.ts", "Atomics.load(a, 0);"],
      ["tools/a.ts", "new Deno.Command(p);"],
      ["examples/a.ts", "Atomics.load(a, 0);"],
    ],
  },
  "no-dependency": {
    bad: [
      ["queue.ts", 'import "@std/assert";'],
      ["queue.ts", 'import a from "npm:a";'],
      ["queue.ts", 'import type { A } from "jsr:@a/a";'],
      ["queue.ts", 'export * from "https://a.test/a.ts";'],
      ["queue.ts", 'await import("npm:a@1");'],
      ["queue.ts", "await import(`jsr:@a/a`);"],
    ],
    good: [
      ["queue.ts", 'import "./errors.ts";'],
      ["queue/ring.ts", 'await import("../../errors.ts");'],
      ["message/target.ts", "await import(url);"],
      ["message/codec.ts", 'import v8 from "node:v8";'],
      ["tests/a_test.ts", 'import "@std/assert";'],
    ],
  },
  "error-text": {
    bad: [
      ["queue.ts", 'new TypeError("The queue is full");'],
      ["queue.ts", 'new Full("queue is full");'],
      ["queue.ts", 'new StateError("Cannot put: closed.");'],
      ["queue.ts", "new RangeError(`Bad size ${n}`);"],
      ["queue.ts", "new RangeError(`Cannot put: ${n} items.`);"],
      ["queue.ts", 'new RangeError("Bad size " + n);'],
      ["queue.ts", 'new DOMException("Gone", "AbortError");'],
    ],
    good: [
      ["queue.ts", 'new Full("Cannot put: queue is full");'],
      ["queue.ts", "new RangeError(`Cannot put: size is ${n}`);"],
      ["queue.ts", "new RangeError(`${action}: size is ${n}`);"],
      ["queue.ts", 'new RangeError("Cannot put " + n);'],
      ["queue.ts", "new RangeError(text);"],
      ["queue.ts", "new RangeError();"],
      ["queue.ts", 'new Map("any.");'],
      ["tests/a_test.ts", 'new TypeError("boom.");'],
    ],
  },
  "no-bare-error": {
    bad: [
      ["queue.ts", 'throw new Error("Cannot put: closed");'],
      ["queue.ts", 'throw Error("Cannot put: closed");'],
    ],
    good: [
      ["queue.ts", 'throw new TypeError("Cannot put: closed");'],
      ["queue.ts", "throw error;"],
      ["tests/a_test.ts", 'throw new Error("boom");'],
    ],
  },
  "no-console": {
    bad: [["queue.ts", 'console.log("put");']],
    good: [
      ["queue.ts", "log.console;"],
      ["examples/a.ts", 'console.log("put");'],
    ],
  },
  "comment-width": {
    bad: [
      ["queue.ts", `// ${"word ".repeat(16)}`],
      ["queue.ts", `/** ${"word ".repeat(16)}*/`],
      ["tests/a.ts", `/**\n * ${"word ".repeat(16)}\n */`],
    ],
    good: [
      ["queue.ts", `// ${"word ".repeat(15)}`],
      ["queue.ts", `// see https://a.test/${"a".repeat(80)}`],
      ["queue.ts", `/**\n * | ${"word ".repeat(16)}|\n */`],
      ["queue.ts", `// deno-lint-ignore ${"a ".repeat(40)}`],
      ["queue.ts", `const text = "${"word ".repeat(16)}";`],
    ],
  },
  "unique-test-names": {
    bad: [
      ["tests/a_test.ts", 'Deno.test("a", f); Deno.test("a", g);'],
      [
        "tests/a_test.ts",
        'Deno.test("a", f); Deno.test.ignore({ name: "a", fn: g });',
      ],
      [
        "tests/a_test.ts",
        "Deno.test(function a() {}); Deno.test.only('a', g);",
      ],
      [
        "tests/a_test.ts",
        "Deno.test(`a (${m})`, f); Deno.test(`a (${m})`, g);",
      ],
      ["tests/a_test.ts", 'contract.test("a", f); contract.test("a", g);'],
      [
        "tests/a_test.ts",
        "contract.test(`a ${b}`, f); suite.test(`a ${b}`, g);",
      ],
    ],
    good: [
      ["tests/a_test.ts", 'Deno.test("a", f); Deno.test("b", g);'],
      [
        "tests/a_test.ts",
        "Deno.test(`a (${m})`, f); Deno.test(`b (${m})`, g);",
      ],
      [
        "tests/a_test.ts",
        'Deno.test("a", f); contract.test("a", g); /a/.test("a");',
      ],
      ["tests/a_test.ts", "Deno.test(`${name}`, f); Deno.test(`${name}`, g);"],
      ["tests/a_test.ts", 'a.test("a"); a.test("a");'],
    ],
  },
};

function findings(rule: string, [file, source]: Case): string[] {
  return Deno.lint.runPlugin(plugin, file, source)
    .filter(({ id }) => id === `house/${rule}`)
    .map(({ message }) => message);
}

for (const [rule, { bad, good }] of Object.entries(RULES)) {
  Deno.test(`house/${rule} reports what breaks it`, () => {
    for (const breach of bad) {
      const messages = findings(rule, breach);
      assertEquals(messages.length, 1, `${breach}: ${messages}`);
    }
  });

  Deno.test(`house/${rule} passes what keeps it`, () => {
    for (const kept of good) {
      assertEquals(findings(rule, kept), [], `${kept}`);
    }
  });
}

Deno.test("house/copyright wants the header on the first line", () => {
  const header = "// Copyright 2026 the authors. MIT license.\n";
  const file = "queue.ts";
  assertEquals(findings("copyright", [file, ""]).length, 1);
  const late = [file, `\n${header}`] as const;
  assertEquals(findings("copyright", late).length, 1);
  assertEquals(findings("copyright", [file, header]), []);
});

Deno.test("every house rule has cases here", () => {
  const tested = [...Object.keys(RULES), "copyright"];
  assertEquals(tested.sort(), Object.keys(plugin.rules).sort());
});

Deno.test("a file is known by its place in the repository", () => {
  const { pathname } = new URL("../../errors.ts", import.meta.url);
  const source = 'import "./queue.ts";';
  assertEquals(findings("floors", [pathname, source]).length, 1);
});
