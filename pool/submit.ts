// Copyright 2026 the authors. MIT license.

// A call of a pool, or a chunk of many, as a task: its arguments in the
// shortest form there is.

import { wrongKind } from "../memory/check.ts";
import { encode, type Frame, type Road } from "../message/codec.ts";
import { unpack } from "../message/handle.ts";
import { packMoving } from "../message/pack.ts";
import type { Stripped } from "../message/writer.ts";
import type { Core } from "./core.ts";
import { isIterable } from "./source.ts";
import { type Parcel, type Sink, Task, type TaskRules } from "./task.ts";
import {
  CHUNK,
  type EACH,
  encodeMany,
  encodeSome,
  noteOf,
  ONE,
  PORT,
  type Portion,
  SPREAD,
  SPREAD_CHUNK,
  WATCHED,
} from "./wire.ts";

/** How arguments go, and their message: good until the next encode. */
export interface Arguments {
  readonly kind: number;
  readonly frame: Frame;
}

/** The facts that the elements of a chunk have in common. */
export interface Chunking {
  /** The function, by its place. */
  readonly func: number;
  /** Whether an element is the one argument, or the array of all arguments. */
  readonly kind: typeof ONE | typeof SPREAD;
  /** The flag EACH, or 0: the first error of an element ends its chunk. */
  readonly each: typeof EACH | 0;
  readonly rules: TaskRules | undefined;
  readonly trace: Error | undefined;
}

const form: { kind: number; frame: Frame } = {
  kind: 0,
  frame: { tag: 0, inline: 0, bytes: undefined },
};

/** For the error of an argument that is shared memory. */
const WAY_OUT = "give it in initargs";

// One list for all messages as long as nothing is noted: most hold no instance
// of a class.
let notes: Stripped[] = [];

/** A list for what the next message has that arrives without its class. */
function blank(): Stripped[] {
  return notes.length === 0 ? notes : notes = [];
}

/** What was noted since; undefined if it is nothing. */
function noted(): Stripped[] | undefined {
  return notes.length === 0 ? undefined : notes;
}

/** One argument goes by itself: an integer then takes no bytes at all. */
export function encodeArgs(
  args: readonly unknown[],
  road?: Road,
): Arguments {
  if (args.length === 1) {
    form.kind = ONE;
    form.frame = encode(args[0], "args[0]", WAY_OUT, road, blank());
  } else {
    form.kind = SPREAD;
    form.frame = encode(args, "args", WAY_OUT, road, blank());
  }
  return form;
}

/** Submits one call. Arguments that cannot be encoded fail only this call. */
export function submitCall(
  core: Core,
  func: number,
  args: readonly unknown[],
  sink: Sink,
  rules: TaskRules | undefined,
): Task {
  const now = core.now();
  let task: Task;
  let frame: Frame;
  let parcel: Parcel | undefined;
  let stripped: Stripped[] | undefined;
  try {
    if (rules?.transfer !== undefined) {
      parcel = wrap(args, rules.transfer, core.road);
      stripped = noted();
    }
    // Objects that cannot be moved to an OS process are gone here all the same.
    const encoded = parcel === undefined
      ? encodeArgs(args, core.road)
      : core.canMove
      ? { kind: PORT, frame: encode(undefined) }
      : encodeArgs(unpack(parcel.packed) as unknown[], core.road);
    frame = encoded.frame;
    task = new Task(
      noteOf(encoded.kind, func) | watched(rules),
      sink,
      rules,
      now,
    );
  } catch (error) {
    parcel?.cargo?.end();
    task = new Task(0, sink, undefined, now);
    core.plan.failed(task, error);
    return task;
  }
  task.trace = core.trace();
  task.stripped = stripped ?? noted();
  if (core.canMove) {
    task.parcel = parcel;
    task.cargo = parcel?.cargo;
  } else {
    parcel?.cargo?.end();
  }
  core.submit(task, frame);
  return task;
}

/** Submits one call for each worker that there is. */
export function submitToAll(
  core: Core,
  func: number,
  args: readonly unknown[],
  makeSink: () => Sink,
): void {
  const now = core.now();
  const trace = core.trace();
  const { kind, frame } = encodeArgs(args);
  const stripped = noted();
  core.submitToAll(() => {
    const task = new Task(noteOf(kind, func), makeSink(), undefined, now);
    task.trace = trace;
    task.stripped = stripped;
    return task;
  }, frame);
}

/**
 * Submits one chunk, of which the first element is that of index `start`. What
 * cannot be encoded or submitted fails the chunk, and nothing else.
 */
export function submitChunk(
  core: Core,
  chunking: Chunking,
  items: readonly unknown[],
  start: number,
  sink: Sink,
): Task {
  const { rules, trace } = chunking;
  const note = chunkNote(chunking, items.length === 1);
  const task = new Task(note, sink, rules, core.now());
  task.trace = trace;
  try {
    const frame = encodeChunk(chunking, items, start, core.road);
    task.stripped = notedFrom(items.length === 1 ? 0 : start);
    core.submit(task, frame);
  } catch (error) {
    core.plan.failed(task, error);
  }
  return task;
}

/**
 * Submits the first of `items` as one chunk, as many as a message carries, of
 * which the first is that of index `start`. Returns how many. A chunk of one
 * `isAlone`: a task like any other. What cannot be encoded or submitted fails
 * all of `items`, and nothing else.
 */
export function submitSome(
  core: Core,
  chunking: Chunking,
  items: readonly unknown[],
  start: number,
  sinkOf: (count: number, isAlone: boolean) => Sink,
): number {
  const { rules, trace } = chunking;
  const { length } = items;
  let task: Task | undefined;
  let count = length;
  try {
    const some = encodeStart(chunking, items, start, core.road);
    const { frame, isAlone } = some;
    count = some.count;
    const note = chunkNote(chunking, isAlone);
    task = new Task(note, sinkOf(count, isAlone), rules, core.now());
    task.trace = trace;
    task.stripped = notedFrom(start);
    core.submit(task, frame);
  } catch (error) {
    task ??= new Task(0, sinkOf(count, true), undefined, core.now());
    core.plan.failed(task, error);
  }
  return count;
}

/** A chunk of one is a task like any other. */
function chunkNote({ func, kind, each, rules }: Chunking, isAlone: boolean) {
  const many = kind === ONE ? CHUNK : SPREAD_CHUNK;
  return noteOf(isAlone ? kind : many | each, func) | watched(rules);
}

function encodeChunk(
  { kind }: Chunking,
  items: readonly unknown[],
  start: number,
  road: Road,
): Frame {
  checkRows(kind, items, start);
  try {
    if (items.length === 1) {
      return encode(items[0], `items[${start}]`, WAY_OUT, road, blank());
    }
    return kind === ONE
      ? encodeMany(items, "items", road, blank())
      : encode(items, "items", undefined, road, blank());
  } catch (error) {
    throw namedFrom(start, items, road, error);
  }
}

/** As {@linkcode encodeChunk}, of as many of `items` as a message carries. */
function encodeStart(
  { kind }: Chunking,
  items: readonly unknown[],
  start: number,
  road: Road,
): Portion {
  checkRows(kind, items, start);
  try {
    const { length } = items;
    return encodeSome(items, 0, length, "items", WAY_OUT, road, blank());
  } catch (error) {
    throw namedFrom(start, items, road, error);
  }
}

/**
 * The error of a chunk, which names a place in the chunk; the caller knows only
 * the elements.
 */
function namedFrom(
  start: number,
  items: readonly unknown[],
  road: Road,
  error: unknown,
): unknown {
  try {
    items.forEach((item, i) => {
      encode(item, `items[${start + i}]`, WAY_OUT, road).cargo?.end();
    });
  } catch (named) {
    return named;
  }
  return error;
}

/** Throws unless each element of a starmap can be the arguments of a call. */
function checkRows(
  kind: Chunking["kind"],
  items: readonly unknown[],
  start: number,
): void {
  if (kind === SPREAD) items.forEach((item, i) => checkRow(item, start + i));
}

/** Throws unless an element can be the arguments of a call. */
function checkRow(item: unknown, index: number): void {
  if (Array.isArray(item) || typeof item === "object" && isIterable(item)) {
    return;
  }
  const name = `items[${index}]`;
  throw wrongKind("map", name, "an array of arguments", item);
}

/** As {@linkcode noted}, of a chunk whose first element is that of `start`. */
function notedFrom(start: number): Stripped[] | undefined {
  if (start === 0) return noted();
  return noted()?.map(({ path, ...rest }) => ({
    ...rest,
    path: path.replace(/\d+/, (place) => String(start + Number(place))),
  }));
}

// Objects move at the call, even if the task must wait: the caller has lost
// them from then on.
function wrap(
  args: readonly unknown[],
  transfer: readonly Transferable[],
  road: Road,
): Parcel {
  const { cargo, ...packed } = packMoving(
    args,
    transfer,
    "args",
    WAY_OUT,
    road,
    blank(),
  );
  try {
    // The list is cloned along, so that it names the objects that have moved.
    const moved = structuredClone({ packed, transfer: [...transfer] }, {
      transfer: [...transfer],
    });
    return { ...moved, cargo };
  } catch (error) {
    cargo?.end();
    throw error;
  }
}

/** In a note: whether the worker must say when the task starts. */
function watched(rules: TaskRules | undefined): number {
  if (rules === undefined) return 0;
  const isWatched = rules.timeout !== undefined ||
    rules.signal !== undefined || rules.isAnnounced === true;
  return isWatched ? WATCHED : 0;
}
