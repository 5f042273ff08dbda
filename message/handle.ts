// Copyright 2026 the authors. MIT license.

// Handles: what crosses to a child in place of a Lock, a Queue …, wherever they
// stand in its arguments, and how the child gets its own view of them.
//
// A clone keeps the identity of what it clones. So each shared object is
// replaced by an empty placeholder, and a list beside the arguments says which
// placeholder stands for what; no value of a user can be taken for one.
//
// Handles cross only at the start of a process, and all of them together. So a
// process has one view of each shared object, however many ways lead to it, and
// a view may keep what is this process's alone: the promises that wait in line,
// the task that holds a lock, whether a queue is closed.

import { kindOf, LITERAL, PLAIN } from "./kinds.ts";
import {
  createRegion,
  openRegion,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";

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

/** A value that may cross, and which of its placeholders stand for what. */
export interface Packed {
  readonly value: unknown;
  readonly handles: ReadonlyArray<readonly [placeholder: object, Handle]>;
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

/**
 * `value` with placeholders for the shared objects in it: in plain objects,
 * arrays, Maps and Sets, at any depth. A part that holds none is not copied. It
 * is for the process of the token `receiver`; what moves there is added to
 * `movers`.
 */
export function pack(
  value: unknown,
  receiver: number,
  movers: Mover[],
): Packed {
  if (!holdsShareable(value)) return { value, handles: [] };
  const handles: [object, Handle][] = [];
  const copies = new Map<object, unknown>();
  const copy = (value: unknown): unknown => {
    if (!isContainer(value)) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (isShareable(value)) {
      const placeholder = {};
      copies.set(value, placeholder);
      // A handle may hold shared objects, as that of a Value its lock. Theirs
      // come before it in the list: they are revived when its turn comes.
      const handle = mapParts(
        value[HANDLE](receiver),
        (part) => isShareable(part) ? copy(part) : part,
      );
      const mover = (value as Partial<Movable>)[MOVER]?.();
      if (mover !== undefined) movers.push(mover);
      handles.push([placeholder, handle]);
      return placeholder;
    }
    const target = emptyLike(value);
    copies.set(value, target);
    fill(target, value, copy);
    return target;
  };
  return { value: copy(value), handles };
}

/** The kinds of the handles in a packed value. */
export function kindsOf({ handles }: Packed): Set<string> {
  return new Set(handles.map(([_, handle]) => handle.kind));
}

/** The other side of {@linkcode pack}: puts views in place of placeholders. */
export function unpack({ value, handles }: Packed): unknown {
  if (handles.length === 0) return value;
  const views = new Map<object, unknown>();
  for (const [placeholder, handle] of handles) {
    const whole = mapParts(
      handle,
      (part) => views.get(part as object) ?? part,
    );
    views.set(placeholder, revive(whole));
  }
  const seen = new Set<object>();
  const replace = (value: unknown): unknown => {
    if (!isContainer(value)) return value;
    const view = views.get(value);
    if (view !== undefined) return view;
    if (seen.has(value)) return value;
    seen.add(value);
    fill(value, value, replace);
    return value;
  };
  return replace(value);
}

/** Whether `value` is a Lock, a Queue … */
export function isShareable(value: unknown): value is Shareable {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<Shareable>)[HANDLE] === "function";
}

function mapParts(handle: Handle, map: (part: unknown) => unknown): Handle {
  const parts = Object.entries(handle).map(([key, part]) => [key, map(part)]);
  return Object.fromEntries(parts);
}

/** Whether there is one in `value`, where {@linkcode pack} looks for them. */
export function holdsShareable(
  value: unknown,
  seen: Set<object> = new Set(),
): boolean {
  if (!isContainer(value) || seen.has(value)) return false;
  if (isShareable(value)) return true;
  seen.add(value);
  return partsOf(value).some((part) => holdsShareable(part, seen));
}

/** The parts of a container; the keys too where they may be objects. */
function partsOf(value: object): unknown[] {
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  return Array.isArray(value) || isRecord(value) ? Object.values(value) : [];
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

// A clone makes plain objects of instances of a user's classes, so a Lock in a
// field of one is looked for as in a plain object. Platform objects are not.
function isRecord(value: object): boolean {
  const kind = kindOf(value);
  return kind === LITERAL || kind === PLAIN;
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return new Array(value.length);
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  return isRecord(value) ? {} : value;
}

/** Fills `target` with copies of the parts of `source`, which it may be. */
function fill(
  target: object,
  source: object,
  copy: (value: unknown) => unknown,
): void {
  if (source instanceof Map) {
    const entries = [...source];
    const map = target as Map<unknown, unknown>;
    map.clear();
    for (const [k, v] of entries) map.set(copy(k), copy(v));
  } else if (source instanceof Set) {
    const items = [...source];
    const set = target as Set<unknown>;
    set.clear();
    for (const item of items) set.add(copy(item));
  } else if (Array.isArray(source) || isRecord(source)) {
    const [to, from] = [target, source] as Record<string, unknown>[];
    for (const key of Object.keys(from!)) to![key] = copy(from![key]);
  }
}
