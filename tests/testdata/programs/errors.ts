// Copyright 2026 the authors. MIT license.

// One child for each way in which an error can leave it uncaught.

import * as mp from "../../../mod.ts";

export function thrown() {
  throw new TypeError("thrown", { cause: new RangeError("because") });
}

export async function rejected() {
  await Promise.resolve();
  throw new TypeError("rejected");
}

export function unhandled() {
  Promise.reject(new TypeError("unhandled"));
  return new Promise(() => {});
}

export function timer() {
  setTimeout(() => {
    throw new TypeError("timer");
  }, 0);
  return new Promise(() => {});
}

export function microtask() {
  queueMicrotask(() => {
    throw new TypeError("microtask");
  });
  return new Promise(() => {});
}

export function listener() {
  addEventListener("mine", () => {
    throw new TypeError("listener");
  });
  dispatchEvent(new Event("mine"));
  return new Promise(() => {});
}

export function string() {
  // deno-lint-ignore no-throw-literal -- users do.
  throw "a mere string";
}

export class Runner extends mp.Process {
  override run() {
    throw new TypeError("runner");
  }
}

const TARGETS: Record<string, () => unknown> = {
  thrown,
  rejected,
  unhandled,
  timer,
  microtask,
  listener,
  string,
};

if (import.meta.main) {
  const how = Deno.args[0]!;
  const target = TARGETS[how];
  const p = target === undefined
    ? new Runner({ name: how })
    : new mp.Process({ target, name: how });
  p.start();
  console.log(await p.join(), p.exitCode);
  console.log("the parent goes on");
}
