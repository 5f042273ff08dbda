// Copyright 2026 the authors. MIT license.

// The shared objects that a child has made while it imported the module of its
// target. The parent has made its own from the same lines, and what the child
// puts into a queue of these reaches nobody. Python's spawn has that trap, and
// says nothing. Here such an object refuses to be used once the import is over.
//
// It is the object that changes, and not its class: the others cost nothing.

import { StateError } from "../errors.ts";

/** The members that do no harm. */
const KEPT: ReadonlySet<PropertyKey> = new Set([
  "constructor",
  "close",
  Symbol.dispose,
  Symbol.asyncDispose,
  Symbol.toStringTag,
]);

/** The names of classes that users know by another. */
const NAMES: Readonly<Record<string, string>> = {
  LockedValue: "Value",
  UnlockedValue: "RawValue",
};

/** Makes an object refuse to be used. */
export function estrange(object: object): void {
  const { name: ofClass } = object.constructor;
  const name = NAMES[ofClass] ?? ofClass;
  const refuse = () => {
    throw new StateError(
      `Cannot use ${name}: it was made while this process imported its ` +
        "module, so it is not the parent's: pass it in args",
    );
  };
  const inspect = () => `${name} { not the parent's }`;
  for (const [key, descriptor] of membersOf(object)) {
    if (KEPT.has(key)) continue;
    const isAccessor = "get" in descriptor || "set" in descriptor;
    if (!isAccessor && typeof descriptor.value !== "function") continue;
    Reflect.defineProperty(object, key, {
      configurable: true,
      ...isAccessor ? { get: refuse, set: refuse } : { value: refuse },
    });
  }
  for (const key of ["Deno.customInspect", "nodejs.util.inspect.custom"]) {
    const of = { configurable: true, value: inspect };
    Reflect.defineProperty(object, Symbol.for(key), of);
  }
}

/** Its own members and those of its classes. */
function membersOf(object: object): [PropertyKey, PropertyDescriptor][] {
  const members: [PropertyKey, PropertyDescriptor][] = [];
  for (
    let at: object | null = object;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const key of Reflect.ownKeys(at)) {
      members.push([key, Reflect.getOwnPropertyDescriptor(at, key)!]);
    }
  }
  return members;
}
