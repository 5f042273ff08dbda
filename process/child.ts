// Copyright 2026 the authors. MIT license.

// The life of a child, whatever engine runs it: from its identity to its exit
// code.

import type { Arguments, Job, Start } from "./engine.ts";
import { awaitOthers, finishDuties, stopDaemons } from "./ending.ts";
import { loadHomes } from "./homes.ts";
import { usedMethod } from "../memory/method.ts";
import {
  kindsOf,
  type Packed,
  prepareViews,
  unpack,
} from "../message/handle.ts";
import { reread } from "../message/reader.ts";
import {
  become,
  beginImport,
  checkpoint,
  endImport,
  me,
} from "../program/self.ts";
import { type Callable, explained, resolve } from "../message/target.ts";

/** The work of a child, with what its parent gave it: revived and imported. */
export type OwnWork = Job;

let own: OwnWork | undefined;

/**
 * What this process was given to do; undefined in the main process, and in a
 * child that has not imported the module of its target yet.
 */
export function ownWork(): OwnWork | undefined {
  return own;
}

/** The differences between the life of a worker and that of an OS process. */
export interface Surroundings {
  /** The port over which a worker asks its host for workers. */
  readonly requests?: MessagePort;
  /** Called when the child has opened all that it was given. */
  begun?(): void;
  /** Ends the thread or OS process. */
  leave(code: number): never;
}

/** Lives the life of a child and ends it. */
export async function live(
  { identity, given, ...refs }: Start,
  { requests, begun, leave }: Surroundings,
): Promise<void> {
  become(identity, requests, () => leave(0));
  guard(leave);
  let hasFailed = false;
  try {
    await loadHomes(kindsOf(given));
    const work = await unpacked(given);
    begun?.();
    await run(refs, work);
  } catch (error) {
    report(me().name, Deno.inspect(error, { colors: false }));
    hasFailed = true;
  }
  await finishDuties();
  stopDaemons();
  await awaitOthers();
  // As at the end of any program: what was set last counts.
  leave(hasFailed ? 1 : Deno.exitCode & 0xff);
}

/** Calls a target as a function: its `this` is not the process. */
export function callTarget(
  target: Callable | undefined,
  args: readonly unknown[],
  kwargs: object | undefined,
): unknown {
  return target?.(...args, ...(kwargs === undefined ? [] : [kwargs]));
}

/** Tells on stderr how a process failed, in one write. */
export function report(name: string, text: string): void {
  const bytes = new TextEncoder().encode(`Process ${name}:\n${text}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stderr.writeSync(bytes.subarray(at));
  }
}

/** What a child was given. */
async function unpacked(given: Packed): Promise<Arguments> {
  try {
    return unpack(given) as Arguments;
  } catch (error) {
    // The module of a class comes before the target's.
    beginImport();
    const work = await reread(error);
    await endImport();
    return work as Arguments;
  }
}

async function run(
  refs: Omit<Start, "identity" | "given">,
  { args, kwargs, this: fields }: Arguments,
): Promise<void> {
  beginImport();
  const target = refs.target && await resolve(refs.target);
  const Class = refs.class && await resolve(refs.class);
  await prepareViews();
  await endImport();
  // The start method is used here, as in the parent: it cannot be set any more.
  usedMethod();
  own = { target: target?.value, args, kwargs, class: Class?.value, fields };
  // If this process was told to stop while it imported, its target must not
  // begin.
  checkpoint();
  try {
    if (Class === undefined) await callTarget(target?.value, args, kwargs);
    else await (await import("./process.ts")).currentProcess().run();
  } catch (error) {
    const told = explained(error, target?.isFromSource ? target : Class);
    if (told instanceof TypeError) {
      const { advise } = await import("../message/advice.ts");
      advise(told, { ...refs, class: Class?.value });
    }
    throw told;
  }
}

/**
 * Sets what decides whether an uncaught error ends this process, which is told
 * on stderr either way. It is not asked about errors that the program handles
 * itself.
 */
export function setJudge(judge: (error: unknown) => boolean): void {
  isFatal = judge;
}

let isFatal: (error: unknown) => boolean = () => true;

/** Takes over every other way in which a child can end, and what it prints. */
function guard(leave: (code: number) => never): void {
  const exit = (code: number): never => {
    stopDaemons();
    return leave(code & 0xff);
  };
  const fail = (error: unknown): void => {
    const text = Deno.inspect(error, { colors: false });
    if (isFatal(error)) {
      report(me().name, text);
      exit(1);
    }
    report(
      me().name,
      `left behind by an earlier task; this one goes on\n${text}`,
    );
  };
  Deno.exit = (code = Deno.exitCode) => exit(code);
  self.close = () => exit(Deno.exitCode);
  handleFirst("error", (event) => {
    const { message, filename, lineno, colno, error } = event;
    const init = { message, filename, lineno, colno, error, cancelable: true };
    if (isHandled(new ErrorEvent("error", init))) return;
    fail(error ?? new Error(message));
  });
  handleFirst("unhandledrejection", ({ promise, reason }) => {
    const init = { promise, reason, cancelable: true };
    const again = new PromiseRejectionEvent("unhandledrejection", init);
    if (isHandled(again) || hasListenersOfNode()) return;
    fail(reason);
  });
  // A thread cannot be interrupted. A worker that was told to stop may come out
  // of a loop or sleep of its own much later: it must at least print nothing.
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

/** The events of uncaught errors. */
interface Uncaught {
  error: ErrorEvent;
  unhandledrejection: PromiseRejectionEvent;
}

// An event that was sent on comes to the listener that has sent it, too.
const sentOn = new WeakSet<globalThis.Event>();

/** Hears of an event before all listeners of the program, and alone. */
function handleFirst<K extends keyof Uncaught>(
  type: K,
  handle: (event: Uncaught[K]) => void,
): void {
  const first = (event: globalThis.Event) => {
    if (sentOn.has(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    handle(event as Uncaught[K]);
  };
  // Listeners that capture come before those that do not.
  addEventListener(type, first, { capture: true });
}

/** Whether a listener of the program prevents what the event would bring. */
function isHandled(again: globalThis.Event): boolean {
  sentOn.add(again);
  dispatchEvent(again);
  return again.defaultPrevented;
}

/**
 * Whether the program has asked Node's `process` for uncaught errors. Those of
 * promises are told to it after the event, whatever became of that.
 */
function hasListenersOfNode(): boolean {
  const { process } = globalThis as unknown as {
    process: { listenerCount(name: string): number };
  };
  return process.listenerCount("unhandledRejection") +
      process.listenerCount("uncaughtException") > 0;
}
