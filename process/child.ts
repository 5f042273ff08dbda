// Copyright 2026 the authors. MIT license.

// The life of a child, whatever engine runs it: from its identity to its exit
// code.

import { endFamily, stopDaemons } from "./family.ts";
import {
  kindsOf,
  type Packed,
  prepareViews,
  unpack,
} from "../message/handle.ts";
import { become, checkpoint, type Identity, me } from "../program/self.ts";
import {
  type Callable,
  explained,
  resolve,
  type TargetRef,
} from "../message/target.ts";

/** What a child is told at its start. */
export interface Start {
  readonly identity: Identity;
  /** A {@linkcode Work}, with placeholders for the shared objects in it. */
  readonly work: Packed;
}

/** What a child is to do. */
export interface Work {
  readonly target: TargetRef | undefined;
  readonly args: readonly unknown[];
  readonly kwargs: object | undefined;
  /** The class of the process object, if it is not Process itself. */
  readonly class: TargetRef | undefined;
  /** The own fields of the process object. */
  readonly fields: Record<string, unknown>;
}

/** A process object of the child itself, made by {@linkcode setSelfMaker}'s. */
export interface Runnable {
  run(): unknown;
}

/** What the process object of a child is made from. */
export interface SelfParts {
  readonly class: Callable | undefined;
  readonly fields: Record<string, unknown>;
  readonly target: Callable | undefined;
  readonly args: readonly unknown[];
  readonly kwargs: object | undefined;
}

/** Says how a child makes its own process object. */
export function setSelfMaker(maker: (parts: SelfParts) => Runnable): void {
  makeSelf = maker;
}

let makeSelf: (parts: SelfParts) => Runnable;

/** What an engine does for the life of a child. */
export interface Host {
  /** Loads what revives handles of some kinds. */
  load(kinds: Iterable<string>): Promise<void>;
  /** All that the child was given is its own now. */
  begun?(): void;
  /** Ends the thread or OS process. */
  leave(code: number): never;
}

/** Lives the life of a child and ends it. */
export async function live(
  { identity, work }: Start,
  { load, begun, leave }: Host,
): Promise<void> {
  become(identity, () => leave(0));
  guard(leave);
  let code = 0;
  try {
    await load(kindsOf(work));
    const own = unpack(work) as Work;
    begun?.();
    await run(own);
  } catch (error) {
    report(me().name, Deno.inspect(error, { colors: false }));
    code = 1;
  }
  await endFamily();
  leave(code);
}

/** Tells on stderr how a process failed, in one write. */
export function report(name: string, text: string): void {
  const bytes = new TextEncoder().encode(`Process ${name}:\n${text}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stderr.writeSync(bytes.subarray(at));
  }
}

async function run(work: Work): Promise<void> {
  me().importing = true;
  const target = work.target && await resolve(work.target);
  const Class = work.class && await resolve(work.class);
  await prepareViews();
  me().importing = false;
  const { fields, args, kwargs } = work;
  const self = makeSelf({
    class: Class?.value,
    fields,
    target: target?.value,
    args,
    kwargs,
  });
  // Told to stop while it was importing: the target must not begin.
  checkpoint();
  try {
    await self.run();
  } catch (error) {
    throw explained(error, target?.isFromSource ? target : Class);
  }
}

/** Takes over every other way in which a child can end, and what it prints. */
function guard(leave: (code: number) => never): void {
  const exit = (code: number): never => {
    stopDaemons();
    return leave(code & 0xff);
  };
  const fail = (error: unknown): never => {
    report(me().name, Deno.inspect(error, { colors: false }));
    return exit(1);
  };
  Deno.exit = (code = 0) => exit(code);
  self.close = () => exit(0);
  addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error ?? new Error(event.message));
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  // A thread cannot be interrupted. One that was told to stop and comes out of
  // its own loop or sleep must at least not be heard of any more.
  const voices = console as unknown as Record<string, unknown>;
  for (const name of Object.keys(voices)) {
    const say = voices[name];
    if (typeof say !== "function") continue;
    voices[name] = (...words: unknown[]) => {
      checkpoint();
      return say.apply(console, words);
    };
  }
}
