// Copyright 2026 the authors. MIT license.

// The program's error classes, which need not be registered: an error that has
// come is an instance of its class, if a module of this process exports that
// class. It is looked for by its name and its source, when the first error of
// it comes, and only where the call that receives can wait.

import { locate, prototypeBy, stampOf } from "./classes.ts";
import type { Stranger } from "./reader.ts";
import { hiddenIn } from "./register.ts";
import { exportsNamed } from "./search.ts";
import { modulesOfTargets } from "./target.ts";
import { me } from "../program/self.ts";

/** Gives errors their classes, as far as these are found. */
export async function adopt(strangers: readonly Stranger[]): Promise<void> {
  for (const { error, keys, isNamed } of strangers) {
    for (const [i, key] of keys.entries()) {
      const prototype = prototypeBy(key) ?? await find(key);
      if (prototype === undefined) continue;
      Reflect.setPrototypeOf(error, prototype);
      // The class itself says how its errors are called.
      if (i === 0 && isNamed) Reflect.deleteProperty(error, "name");
      break;
    }
  }
}

const searches = new Map<string, Promise<object | undefined>>();

/** The prototype of the class of a key, which is looked for once. */
function find(key: string): Promise<object | undefined> {
  let search = searches.get(key);
  if (search === undefined) searches.set(key, search = searchFor(key));
  return search;
}

async function searchFor(key: string): Promise<object | undefined> {
  const end = key.lastIndexOf(" ");
  const stamp = key.slice(end + 1);
  // A registered class is known, or its module is not loaded.
  if (!stamp.startsWith("?")) return undefined;
  const { mainModule } = me();
  const roots = new Set(modulesOfTargets());
  if (mainModule !== undefined) roots.add(mainModule);
  const all = await exportsNamed(key.slice(0, end), [...roots]);
  const found = new Set(all.filter((value) => isErrorClass(value, stamp)));
  // Of two with the same source, neither is known to be meant.
  const [Class, other] = found;
  if (Class === undefined || other !== undefined) return undefined;
  locate(key, Class.prototype);
  return Class.prototype;
}

/** Whether a value is the error class of that stamp, and a copy is whole. */
// deno-lint-ignore ban-types
function isErrorClass(value: Function, stamp: string): boolean {
  if (!(value.prototype instanceof Error) || stampOf(value) !== stamp) {
    return false;
  }
  for (let base = value; base !== Error; base = Object.getPrototypeOf(base)) {
    if (typeof base !== "function" || base === Function.prototype) return false;
    if (hiddenIn(base) !== undefined) return false;
  }
  return true;
}
