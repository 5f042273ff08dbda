// Copyright 2026 the authors. MIT license.

// Values into messages and back: what a ring carries, and any other road.
//
// A message is a structured clone of a value, with these differences, all but
// the last two for the better:
// - errors keep class, name, message, stack, own fields and causes wherever
//   they stand. `instanceof` holds for the classes of the language, of Deno and
//   of this module, and for those of the program that are found
//   (docs/decisions/0025); an error of another class arrives as the nearest of
//   these, under its own name. Own fields that cannot be cloned are left out;
// - an instance of a registered class arrives as one (message/register.ts);
// - a typed array or DataView that is the whole message arrives as a copy of
//   what it views, not of all of its buffer. Inside another value it brings the
//   whole buffer, which it may share with other views there;
// - an error for what cannot be cloned names the way to it;
// - a Proxy and an `arguments` object are sent as the plain objects they show;
// - there is no Blob, File, CryptoKey … which need more than memory. Where the
//   platform carries a message, it carries these too (message/pack.ts).
//
// One format of our own serves every value. Measured (bench/codec_bench.ts), it
// costs three quarters of JSON with the check that JSON would need, and less
// than half of `node:v8`. That moreover takes 25 ms to load, loses buffers that
// views share, and takes a URL or a Lock for an empty object.

import { Draft } from "./bytes.ts";
import {
  IS_BUFFER,
  IS_SHARED,
  IS_VIEW,
  isOutOfBounds,
  kindOf,
  strippedClass,
  tagOf,
  viewKind,
} from "./kinds.ts";
import { read, readText } from "./reader.ts";
import { VIEWS } from "./wire.ts";
import {
  refusal,
  type Road,
  sharedMemory,
  type Stripped,
  Writer,
} from "./writer.ts";
import type { Cargo } from "./transit.ts";

export type { Cargo, Carrier } from "./transit.ts";
export type { Road } from "./writer.ts";

/**
 * One message on its way into shared memory or out of it. `bytes` of one that
 * was encoded is valid until the next {@linkcode encode} in this thread, or
 * until code of the user runs: it may be the user's own typed array. Drop it
 * after use: it may be huge.
 */
export interface Frame {
  tag: number;
  inline: number;
  /** Undefined if the value is wholly in `tag` and `inline`. */
  bytes: Uint8Array | undefined;
  /**
   * The shared objects in it. The sender says when they are sent, or that they
   * are not.
   */
  cargo?: Cargo | undefined;
}

/** An integer of 32 bits, in `inline`. */
const INTEGER = 0;
/** The place in {@linkcode CONSTANTS} is in `inline`. */
const CONSTANT = 1;
/** The value itself, as message/wire.ts has it. */
const VALUE = 2;
/** A string, in UTF-8. */
const TEXT = 3;
/** An ArrayBuffer's bytes. */
const BUFFER = 4;
/** A view's bytes; its kind is added to the tag. */
const VIEW = 5;

/** The tag of a Uint8Array. */
const BYTES = VIEW + viewKind(new Uint8Array(0));

const CONSTANTS: readonly unknown[] = [undefined, null, false, true];

const frame: Frame = { tag: 0, inline: 0, bytes: undefined, cargo: undefined };

const texts = new Draft();

/** Undefined while it writes: a getter that encodes makes another. */
let idle: Writer | undefined = new Writer();

/**
 * Makes a message of `value`; the result is the same object every time. What
 * cannot be cloned throws a DataCloneError with the way to it, which starts at
 * `root`; of what is shared it says the `wayOut`. Shared objects go by a `road`
 * only. The first class instances that arrive without their class are added to
 * `stripped`.
 */
export function encode(
  value: unknown,
  root = "value",
  wayOut?: string,
  road?: Road,
  stripped?: Stripped[],
): Frame {
  switch (typeof value) {
    case "number":
      if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
        return fill(INTEGER, value, undefined);
      }
      break;
    case "undefined":
      return fill(CONSTANT, 0, undefined);
    case "boolean":
      return fill(CONSTANT, value ? 3 : 2, undefined);
    case "string":
      if (value.isWellFormed()) return fill(TEXT, 0, texts.text(value));
      break;
    case "object":
      if (value === null) return fill(CONSTANT, 1, undefined);
      if (ArrayBuffer.isView(value)) {
        const bytes = viewed(value, root, wayOut, stripped);
        return fill(VIEW + viewKind(value), 0, bytes);
      }
      if (isFixedBuffer(value)) return fill(BUFFER, 0, new Uint8Array(value));
  }
  return write(value, root, wayOut, road, stripped);
}

/** A message of the first of many values, and how many they are. */
export interface First extends Frame {
  count: number;
}

/**
 * As {@linkcode encode} of an array that has no holes, or of as many of its
 * first elements as it takes to fill about `most` bytes.
 */
export function encodeFirst(
  values: readonly unknown[],
  most: number,
  root: string,
  road?: Road,
  stripped?: Stripped[],
): First {
  const { tag, inline, bytes, cargo } = write(
    values,
    root,
    undefined,
    road,
    stripped,
    most,
  );
  return { tag, inline, bytes, cargo, count: idle!.written };
}

/**
 * As {@linkcode encode}, while the message of another `encode` is still needed.
 * An object, for which it is used, is always written in full.
 */
export function encodeApart(value: object, root: string): Frame {
  return { tag: VALUE, inline: 0, bytes: new Writer().write(value, root) };
}

/** A copier, which cuts room for many copies from a few buffers. */
export interface Copier {
  of(bytes: Uint8Array): Uint8Array;
}

/** The message once more, its bytes copied: valid for as long as it is kept. */
export function keep(
  { tag, inline, bytes, cargo }: Frame,
  copier?: Copier,
): Frame {
  const copy = bytes && (copier?.of(bytes) ?? bytes.slice());
  return { tag, inline, bytes: copy, cargo };
}

/**
 * The value of a message. `bytes` must be this thread's own, not shared memory,
 * and is free for the next message unless {@linkcode wantsOwn} says otherwise.
 */
export function decode(
  tag: number,
  inline: number,
  bytes: Uint8Array | undefined,
): unknown {
  switch (tag) {
    case INTEGER:
      return inline;
    case CONSTANT:
      return CONSTANTS[inline];
    case VALUE:
      return read(bytes!);
    case TEXT:
      return readText(bytes!);
  }
  const { buffer, byteOffset, byteLength } = bytes!;
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  const own = isWhole ? buffer : bytes!.slice().buffer;
  if (tag === BUFFER) return own;
  const kind = tag - VIEW;
  const View = VIEWS[kind];
  if (View === undefined) {
    throw new TypeError(`Cannot decode a message: its tag is ${tag}`);
  }
  return new View(own as ArrayBuffer);
}

/**
 * Whether {@linkcode decode} makes the `bytes` of such a message a part of the
 * value, so that they must be a fresh array that no code uses again.
 */
export function wantsOwn(tag: number): boolean {
  return tag >= BUFFER;
}

/** Whether a message is bytes: an ArrayBuffer or a Uint8Array. */
export function isBytes(tag: number): boolean {
  return tag === BUFFER || tag === BYTES;
}

function fill(
  tag: number,
  inline: number,
  bytes: Uint8Array | undefined,
): Frame {
  frame.tag = tag;
  frame.inline = inline;
  frame.bytes = bytes;
  frame.cargo = undefined;
  return frame;
}

function write(
  value: unknown,
  root: string,
  wayOut: string | undefined,
  road: Road | undefined,
  stripped: Stripped[] | undefined,
  most?: number,
): Frame {
  const writer = idle ?? new Writer();
  idle = undefined;
  try {
    const bytes = writer.write(value, root, wayOut, road, stripped, most);
    fill(VALUE, 0, bytes);
    frame.cargo = writer.takeCargo();
    return frame;
  } finally {
    idle = writer;
  }
}

/** The bytes that `view` shows, in place. */
function viewed(
  view: ArrayBufferView,
  root: string,
  wayOut: string | undefined,
  stripped: Stripped[] | undefined,
): Uint8Array {
  const { buffer } = view;
  if (kindOf(buffer) === IS_SHARED) {
    throw refusal(root, sharedMemory("a view of a SharedArrayBuffer", wayOut));
  }
  if ((buffer as ArrayBuffer).detached) {
    throw refusal(root, "it is a view of a detached ArrayBuffer");
  }
  if (isOutOfBounds(view)) {
    throw refusal(root, "its ArrayBuffer has become too short for it");
  }
  if (Object.getPrototypeOf(view) === Uint8Array.prototype) {
    return view as Uint8Array;
  }
  const name = stripped && strippedClass(view, IS_VIEW);
  if (name !== undefined) {
    stripped!.push({ path: root, name, as: tagOf(view) });
  }
  // A subclass, Buffer for one, may have other methods under the same names.
  return new Uint8Array(buffer, view.byteOffset, view.byteLength);
}

function isFixedBuffer(value: object): value is ArrayBuffer {
  return Object.getPrototypeOf(value) === ArrayBuffer.prototype &&
    kindOf(value) === IS_BUFFER &&
    !(value as ArrayBuffer).resizable && !(value as ArrayBuffer).detached;
}
