// Copyright 2026 the authors. MIT license.

// Handles: what crosses to a child in place of a Lock, a Queue …, wherever they
// stand in its arguments, and how the child gets its own view of them.
//
// The arguments go as a message of the codec. Where a shared object stands in
// them, the message has a letter of its own, and the place of its handle in the
// list beside it; no value of a user can be taken for one.
//
// Handles cross only at the start of a process, and all of them together. So a
// process has one view of each shared object, however many ways lead to it, and
// a view may keep what is this process's alone: the promises that wait in line,
// the task that holds a lock, whether a queue is closed.

import {
  createRegion,
  openRegion,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";
import { read } from "./reader.ts";

/** The method of a shared object that returns its handle. */
export const HANDLE: unique symbol = Symbol.for("multiprocessing.handle");

/** A shared object: a view of memory that a child can have too. */
export interface Shareable {
  /**
   * The handle that crosses in its place to the process of the token
   * `receiver`.
   */
  [HANDLE](receiver: number): Handle;
}

/** The method of an object that only one process at a time can have. */
export const MOVER: unique symbol = Symbol.for("multiprocessing.mover");

/** A shared object that may be one of those. */
export interface Movable extends Shareable {
  /** The part that moves with its handle; undefined if it need not move. */
  [MOVER](): Mover | undefined;
}

/** A part of an object that leaves this process beside its handle. */
export interface Mover {
  /** For the transfer list of the message that carries the handle. */
  readonly transfer: readonly Transferable[];
  /** To be called when it is on its way. */
  moved(): void;
}

/** The stand-in that crosses; its `kind` says which class revives it. */
export interface Handle {
  readonly kind: string;
}

/** The handle of an object that lies in one region. */
export interface Sited extends Handle {
  readonly region: RegionHandle;
}

/**
 * The method of an object of this module that belongs to one process: it tells
 * why, for the error of a message that holds it.
 */
export const LOCAL: unique symbol = Symbol.for("multiprocessing.local");

/** A value that may cross: a message, and beside it what bytes cannot hold. */
export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly beside: readonly Beside[];
}

/** A handle, or what the platform's own clone brings along. */
export type Beside = Given | { readonly value: object };

/** A handle on its way. */
export interface Given {
  readonly handle: Handle;
  /**
   * The places, among those before, of the handles of the shared objects that
   * it holds, by their keys.
   */
  readonly parts: Readonly<Record<string, number>>;
}

// Classes enter themselves: this file stands under them, and a child loads only
// those that it was given (process/homes.ts).
const classes = new Map<string, new () => Shareable>();

// The handle that the constructor which runs now makes its view from. It is no
// argument: the parameters of these constructors are promises to users, and a
// handle among them would let anyone make a view of any memory.
let reviving: Handle | undefined;

/**
 * Says which class makes a child's view from handles of `kind`. Its constructor
 * begins by asking for {@linkcode revivedHandle}.
 */
export function setReviver(kind: string, view: new () => Shareable): void {
  classes.set(kind, view);
}

/** The handle to make a view from; undefined if a user wants a new object. */
export function revivedHandle<H extends Handle>(): H | undefined {
  const handle = reviving as H | undefined;
  reviving = undefined;
  return handle;
}

/** The region of the handle to make a view from, or a new one of `bytes`. */
export function ownRegion(bytes: number): Region {
  const handle = revivedHandle<Sited>();
  return handle === undefined ? createRegion(bytes) : openRegion(handle.region);
}

/** As {@linkcode revivedHandle}, if the base class will ask for it too. */
export function peekHandle<H extends Handle>(): H | undefined {
  return reviving as H | undefined;
}

// The work that views still need before they are whole.
const preparations: (() => Promise<void>)[] = [];

/** Has `work` done before the target of a child begins. */
export function prepare(work: () => Promise<void>): void {
  preparations.push(work);
}

/** Does what the views made so far still need. */
export async function prepareViews(): Promise<void> {
  for (const work of preparations.splice(0)) await work();
}

/** The view of what `handle` names. */
export function revive(handle: Handle): Shareable {
  reviving = handle;
  return new (classes.get(handle.kind)!)();
}

/** The kinds of the handles beside a packed value. */
export function kindsOf({ beside }: Packed): Set<string> {
  return new Set(beside.filter(isGiven).map(({ handle }) => handle.kind));
}

/** The value that was packed, with views in place of its shared objects. */
export function unpack({ bytes, beside }: Packed): unknown {
  const all: object[] = [];
  for (const item of beside) {
    all.push(isGiven(item) ? revive(whole(item, all)) : item.value);
  }
  return read(bytes, all);
}

/** Whether it is a handle. */
export function isGiven(item: Beside): item is Given {
  return "handle" in item;
}

/** Whether `value` is a Lock, a Queue … */
export function isShareable(value: unknown): value is Shareable {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<Shareable>)[HANDLE] === "function";
}

/** The handle with the views that were revived before it. */
function whole({ handle, parts }: Given, views: readonly object[]): Handle {
  const held = Object.entries(parts).map(([key, place]) => [key, views[place]]);
  return { ...handle, ...Object.fromEntries(held) };
}
