// Copyright 2026 the authors. MIT license.

// Handles: what crosses to a child in place of a Lock, a Queue …, wherever they
// stand in its arguments, and how the child gets its own view of them.
//
// The arguments go as a message of the codec. Where a shared object stands in
// them, the message has a letter of its own, and the place of its handle in the
// list beside it; no value of a user can be taken for one.
//
// Handles cross at the start of a process, all of them together, and later in
// messages (transit.ts). A process has one view of each shared object, however
// many ways lead to it, and a view may keep what is this process's alone: the
// promises that wait in line, the task that holds a lock, whether a queue is
// closed. So views are remembered by what they lie in, for as long as they are
// used. The ends of pipes are not: each Connection that comes is closed by
// itself.

import {
  createRegion,
  isRegionHandle,
  openRegion,
  type Region,
  type RegionHandle,
  rememberMemory,
} from "../memory/region.ts";
import { type Arrival, read, setArrival } from "./reader.ts";
import { ownModule } from "./target.ts";
import type { Cargo } from "./transit.ts";
import type { Road } from "./writer.ts";

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

/** The method of an object that is counted where it is held. */
export const TRANSIT: unique symbol = Symbol.for("multiprocessing.transit");

/** A shared object that is one of those. */
export interface Traveler extends Shareable {
  [TRANSIT](): Transit;
}

/** How the hold of a sender ends, which its handle has begun. */
export interface Transit {
  /** No process has received it. */
  takeBack(): void;
  /** This process has, and cannot read the rest of the message. */
  drop(): void;
  /** This process has, and holds it by now; `sender` is a token. */
  arrived(sender: number): void;
}

/** The method of an object that tells whether this process has closed it. */
export const CLOSED: unique symbol = Symbol.for("multiprocessing.closed");

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
  /** The shared objects in the message; it stays with the sender. */
  readonly cargo?: Cargo | undefined;
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
  mark(view, kind);
}

/** What an object has from the copy of this library that made it. */
interface Mark {
  /** One object in all marks of a copy. */
  readonly library: URL;
  readonly kind: string;
}

const MARK: unique symbol = Symbol.for("multiprocessing.mark");

const library = new URL(ownModule("mod.ts"));

/** Lets other copies of this library know the objects of a class. */
export function mark(
  Class: { readonly prototype: object },
  kind: string,
): void {
  const value: Mark = { library, kind };
  Object.defineProperty(Class.prototype, MARK, { value });
}

/**
 * Throws if `object` was made by another copy of this library, whose processes
 * stand in another table and are served by another host.
 */
export function checkCopy(action: string, object: unknown): void {
  const other = (object as { [MARK]?: Mark } | null | undefined)?.[MARK];
  if (other === undefined || other.library === library) return;
  throw new TypeError(
    `Cannot ${action}: the ${other.kind} was made by another copy of this library, ${other.library}, than ${library}: import the same one everywhere`,
  );
}

// What is made of a handle whose memory is lost, if something can be.
const substitutes = new Map<string, (handle: Handle) => Shareable>();

/** Says what stands for a lost object of `kind`. */
export function setSubstitute(
  kind: string,
  make: (handle: Handle) => Shareable,
): void {
  substitutes.set(kind, make);
}

/** What stands for a lost object; undefined if nothing can. */
export function substituteFor(handle: Handle): Shareable | undefined {
  return substitutes.get(handle.kind)?.(handle);
}

/** Shared objects in messages: message/transit.ts. */
export interface Transits {
  /** What the shared objects of a new message are added to. */
  cargoFor(road: Road): Cargo;
  /** The shared objects of a message that is read. */
  arrival(): Arrival;
}

let transits: Transits | undefined;

/** Sets it. The doors load it, and a process that needs it and has no door. */
export function setTransits(own: Transits): void {
  transits = own;
}

let loadAll: () => void = () => {};

/** Sets what loads it and the classes of all kinds, at once. */
export function setLoader(load: () => void): void {
  loadAll = load;
}

/** What the shared objects of a new message are added to. */
export function cargoFor(road: Road): Cargo {
  return loadedTransits().cargoFor(road);
}

/** Has the class loaded that revives handles of `kind`, at once. */
export function loadClass(kind: string): void {
  if (!classes.has(kind)) loadAll();
}

setArrival(() => loadedTransits().arrival());

function loadedTransits(): Transits {
  if (transits === undefined) loadAll();
  return transits!;
}

/** The views that have come here or have left, by what they lie in. */
const views = new Map<string, WeakRef<Shareable>>();
let mostViews = 64;

/** Remembers the view of a handle that comes or leaves. */
export function noteView(handle: Handle, view: Shareable): void {
  if (MOVER in view) return;
  views.set(identityOf(handle), new WeakRef(view));
  if (views.size <= mostViews) return;
  for (const [key, ref] of views) {
    if (ref.deref() === undefined) views.delete(key);
  }
  mostViews = Math.max(64, views.size * 2);
}

/** The view of a handle that this process has, and has not closed. */
export function viewOf(handle: Handle): Shareable | undefined {
  const view = views.get(identityOf(handle))?.deref();
  const isClosed = (view as Partial<Record<typeof CLOSED, () => boolean>>)
    ?.[CLOSED]?.();
  return isClosed ? undefined : view;
}

/** What an object lies in: its regions, or the objects in its handle. */
function identityOf(handle: Handle): string {
  const parts: unknown[] = [];
  const objects: Shareable[] = [];
  const walk = (part: unknown) => {
    if (typeof part !== "object" || part === null) parts.push(part);
    else if (isRegionHandle(part)) parts.push(siteOf(part));
    else if (isShareable(part)) objects.push(part);
    else Object.values(part).forEach(walk);
  };
  walk(handle);
  if (parts.length > 1) return parts.join();
  return [handle.kind, ...objects.map((part) => identityOf(part[HANDLE](0)))]
    .join();
}

function siteOf(region: RegionHandle): string {
  if (region.kind === "process") {
    return `${region.address.key}+${region.offset}`;
  }
  rememberMemory(region);
  return String(region.id);
}

/**
 * The handle of a shared object for `receiver`. Throws for one of another copy
 * of this library, whose processes stand in another table.
 */
export function handleOf(shared: Shareable, receiver: number): Handle {
  checkCopy("give object", shared);
  return shared[HANDLE](receiver);
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
  if (preparations.length === 0) return;
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
    if (!isGiven(item)) all.push(item.value);
    else {
      const handle = whole(item, all);
      const view = revive(handle);
      noteView(handle, view);
      all.push(view);
    }
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
