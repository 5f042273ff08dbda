// Copyright 2026 the authors. MIT license.

// What to do about a TypeError of a function that ran in another process, where
// it comes of what was lost on the way: the class of an argument, the object of
// a method, the private fields of a process object. It is added to the error's
// own text, so that it is read wherever that is.
//
// Only errors that the engine words so are added to, and those of a program
// that name a class which was lost. Advice is looked for when an error came: a
// call that succeeds pays nothing for it.

import { stackOf } from "./classes.ts";
import type { TargetRef } from "./target.ts";
import { type Stripped, Writer } from "./writer.ts";

/** A call that has failed. */
export interface FailedCall {
  /** The function, if there is one. */
  readonly target: Pick<TargetRef, "name" | "source"> | undefined;
  /** The class of the process object, if that has one of its own. */
  readonly class?: { readonly name: string } | undefined;
  /** The arguments that came without their class. */
  readonly stripped: readonly Stripped[] | undefined;
}

/** Adds to the text of an error what to do about it, if that is known. */
export function advise(error: unknown, call: FailedCall): void {
  if (!(error instanceof TypeError)) return;
  const { message } = error as { message: unknown };
  if (typeof message !== "string") return;
  const advice = aboutFields(message, call) ?? aboutThis(message, call) ??
    aboutClasses(message, call);
  if (advice === undefined) return;
  const told = `${message}: ${advice}`;
  const stack = stackOf(error)?.replace(message, () => told);
  write(error, "message", told);
  if (stack !== undefined) write(error, "stack", stack);
}

/** What arrives without its class in a value. */
export function strippedIn(value: object, root: string): Stripped[] {
  const stripped: Stripped[] = [];
  // What has no letter may have gone beside the message: no error here.
  new Writer({ placeOf: () => 0 }).write(
    value,
    root,
    undefined,
    undefined,
    stripped,
  );
  return stripped;
}

/** The names of fields of `this` in a source, private ones with their `#`. */
const FIELD_OF_THIS = /\bthis\s*(?:\?\.|\.)\s*(#?[\p{ID_Continue}$]+)/gu;

/** How the engine begins to tell of a private field, or method, that is not. */
const PRIVATE =
  /^(?:Cannot \S+ private member (#\S+) |(?:Receiver|Object) must be an? instance of class (\S+)$)/;

/** How it tells of the members of nothing; not how this file goes on. */
const OF_NOTHING =
  / of (?:undefined|null) \((?:reading|setting) '(.*)'\)$|'this' as it is undefined\.?$/;

/** How it tells of an object that is not what it should be. */
const OF_ANOTHER =
  / is not (?:a function|a constructor|(?:async )?iterable(?: \(.*\))?)$| as it is undefined\.?$|^Spread syntax requires |^Cannot convert undefined or null to object$/;

/** A private field or method of a process object, which only its class has. */
function aboutFields(
  message: string,
  { class: Class }: FailedCall,
): string | undefined {
  const [, field, name] = PRIVATE.exec(message) ?? [];
  for (const { made, source } of chainOf(Class)) {
    const isIts = field === undefined
      ? name === made
      : source.includes(`${field}`);
    if (!isIts) continue;
    return `the private fields and methods of ${
      Class!.name || "the class"
    } are not in the child, where its constructor does not run: make them public`;
  }
  return undefined;
}

/** A class and those that it extends. */
function* chainOf(
  Class: unknown,
): Generator<{ readonly made: string; readonly source: string }> {
  for (let c = Class; typeof c === "function"; c = Object.getPrototypeOf(c)) {
    if (c === Function.prototype) return;
    yield { made: c.name, source: Function.prototype.toString.call(c) };
  }
}

/** A method whose object has stayed behind. */
function aboutThis(
  message: string,
  { target }: FailedCall,
): string | undefined {
  if (target === undefined) return undefined;
  const { name, source } = target;
  const nothing = OF_NOTHING.exec(message);
  const isPrivate = PRIVATE.test(message);
  if (nothing === null && !isPrivate) return undefined;
  const fields = [...source.matchAll(FIELD_OF_THIS)].map(([, field]) => field!);
  const isOfThis = isPrivate
    ? fields.some((field) => field.startsWith("#"))
    : nothing![1] === undefined || fields.includes(nothing![1]);
  if (!isOfThis) return undefined;
  return `${
    name || "the function"
  } came without the object that it is a method of: export a function that takes what it needs as arguments`;
}

/** An argument whose methods and accessors have stayed behind. */
function aboutClasses(
  message: string,
  { stripped = [] }: FailedCall,
): string | undefined {
  const [first] = stripped;
  if (first === undefined) return undefined;
  const words = new Set(message.split(/[^\p{ID_Continue}$]+/u));
  const isMeant = PRIVATE.test(message) || OF_NOTHING.test(message) ||
    OF_ANOTHER.test(message) ||
    stripped.some(({ name }) => name !== "" && words.has(name));
  if (!isMeant) return undefined;
  const names = new Set(stripped.map(({ name }) => name || "a class"));
  const classes = [...names].join(" and ");
  const paths = stripped.map(({ path, as }) => `${path} is ${plain(as)}`);
  // Buffer, for one, is not the program's to register.
  const canRegister = stripped.every(({ as }) => as === "Object");
  const wayOut = canRegister
    ? "register it with registerClass(), or send data"
    : "send data";
  return `${listed(paths)} here: instances of ${classes} cross without their ` +
    `class: ${wayOut}, and build the instance in the target`;
}

/** "a plain object", "a plain Array" */
function plain(as: string): string {
  return `a plain ${as === "Object" ? "object" : as}`;
}

function listed(parts: readonly string[]): string {
  const last = parts.at(-1)!;
  if (parts.length === 1) return last;
  return `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** Refused without a throw: the error is worth more than its text. */
function write(error: Error, key: "message" | "stack", value: string): void {
  Reflect.defineProperty(error, key, {
    value,
    configurable: true,
    writable: true,
  });
}
