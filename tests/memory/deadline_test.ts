// Copyright 2026 the authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  AT_ONCE,
  checkTimeout,
  deadlineOf,
  type WaitOptions,
} from "../../memory/deadline.ts";

Deno.test("deadlineOf() is Infinity without a timeout", () => {
  assertEquals(deadlineOf(undefined), Infinity);
  assertEquals(deadlineOf({}), Infinity);
  assertEquals(deadlineOf({ block: true }), Infinity);
  assertEquals(deadlineOf({ timeout: undefined }), Infinity);
  assertEquals(deadlineOf({ timeout: Infinity }), Infinity);
});

Deno.test("deadlineOf() counts the timeout from the call", () => {
  const before = performance.now();
  const deadline = deadlineOf({ timeout: 1_000 });
  const after = performance.now();
  assert(deadline >= before + 1_000 && deadline <= after + 1_000);
});

Deno.test("deadlineOf() is AT_ONCE where nothing may wait", () => {
  assertEquals(deadlineOf({ timeout: 0 }), AT_ONCE);
  assertEquals(deadlineOf({ block: false }), AT_ONCE);
  assertEquals(deadlineOf({ block: false, timeout: 1_000 }), AT_ONCE);
  assert(AT_ONCE < performance.now());
});

Deno.test("deadlineOf() refuses a timeout that is negative or no number", () => {
  assertThrows(() => deadlineOf({ timeout: -1 }), RangeError, "got -1");
  assertThrows(() => deadlineOf({ timeout: NaN }), RangeError, "got NaN");
  const text = { timeout: "5" } as unknown as WaitOptions;
  assertThrows(() => deadlineOf(text), TypeError, "got string");
  const negative = { block: false, timeout: -1 };
  assertThrows(() => deadlineOf(negative), RangeError);
});

Deno.test("deadlineOf() refuses options that are no object", () => {
  const number = 5 as unknown as WaitOptions;
  assertThrows(() => deadlineOf(number), TypeError, "got number");
});

Deno.test("deadlineOf() calls null by its name", () => {
  const none = null as unknown as WaitOptions;
  assertThrows(() => deadlineOf(none), TypeError, "got null");
  const timeout = none as unknown as number;
  assertThrows(() => deadlineOf({ timeout }), TypeError, "got null");
});

Deno.test("deadlineOf() throws the reason of an aborted signal", () => {
  const reason = new RangeError("enough");
  const signal = AbortSignal.abort(reason);
  assertEquals(assertThrows(() => deadlineOf({ signal })), reason);
});

Deno.test("checkTimeout() takes 0 and Infinity", () => {
  checkTimeout(0);
  checkTimeout(Infinity);
});
