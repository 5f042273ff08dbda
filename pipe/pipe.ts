// Copyright 2026 the authors. MIT license.

// How pipes are made.

import {
  checkBoolean,
  checkCount,
  checkInteger,
  checkOptions,
} from "../memory/check.ts";
import type { Connection } from "./connection.ts";
import { revive } from "../message/handle.ts";
import type { ConnectionHandle } from "./channel.ts";
import type { LinkHandle } from "./link.ts";
import { PortLink } from "./port_link.ts";
import { MAX_BYTES } from "../queue/store.ts";
import { RingLink } from "./ring_link.ts";
import { made, me } from "../program/self.ts";

/** The kind of pipe to make. */
export interface PipeOptions {
  /**
   * Whether messages go both ways. If not, the first end only receives and the
   * second only sends.
   *
   * @default {true}
   */
  duplex?: boolean | undefined;
  /**
   * How much may be unread in each direction, in bytes, before a send waits;
   * rounded up to a power of two from 4 KiB to 1 GiB. A longer message is sent
   * all the same: a pipe grows for it, up to 256 MiB, or to `maxBytes` if that
   * is more. Memory is reserved, not used, until there are messages.
   *
   * @default {4194304}
   */
  maxBytes?: number | undefined;
  /**
   * Whether messages can move objects instead of copying them. Such a pipe has
   * one owner for each end.
   *
   * @default {false}
   */
  transfer?: boolean | undefined;
}

/**
 * Makes a pipe and returns its two ends: what is sent at one is received at the
 * other.
 *
 * Python: `multiprocessing.Pipe(duplex)`.
 *
 * @param options {@linkcode PipeOptions}.
 * @typeParam A What the first end sends.
 * @typeParam B What the second end sends.
 * @returns The two ends. With `{ duplex: false }` the first only receives and
 * the second only sends.
 * @throws {TypeError} If an option is of the wrong kind.
 * @throws {RangeError} If `maxBytes` is not an integer in its range.
 *
 * @example A process at each end
 * ```ts
 * import { type Connection, Pipe, Process } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [near, far] = Pipe<string>();
 * const p = new Process({
 *   target: (far: Connection<string>) => far.sendSync("hello"),
 *   args: [far],
 * });
 * p.start();
 * far.close();
 * assertEquals(await Array.fromAsync(near), ["hello"]);
 * await p.join();
 * ```
 *
 * @example Moving a buffer instead of copying it
 * ```ts
 * import { Pipe } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = Pipe<ArrayBuffer>({ transfer: true });
 * const buffer = new ArrayBuffer(2 ** 20);
 * a.sendSync(buffer, { transfer: [buffer] });
 * assertEquals(buffer.byteLength, 0);
 * assertEquals(b.recvSync().byteLength, 2 ** 20);
 * a.close();
 * b.close();
 * ```
 */
export function Pipe<T = unknown>(
  options: PipeOptions & { duplex: false },
): [Connection<never, T>, Connection<T, never>];
/** Makes a pipe with messages in both directions. */
export function Pipe<A = unknown, B = A>(
  options?: PipeOptions,
): [Connection<A, B>, Connection<B, A>];
export function Pipe(
  options: PipeOptions = {},
): [Connection, Connection] {
  checkCount("create pipe", arguments, 1, OPTIONS);
  checkOptions("create pipe", options, OPTIONS);
  const { duplex = true, transfer = false, maxBytes = DEFAULT_MAX_BYTES } =
    options;
  checkBoolean("create pipe", "duplex", duplex);
  checkBoolean("create pipe", "transfer", transfer);
  checkInteger("create pipe", "maxBytes", maxBytes, 1, MAX_BYTES);
  const { locker } = me();
  const handles = transfer
    ? PortLink.pair(duplex)
    : RingLink.pair(duplex, maxBytes, locker);
  return handles.map(connectionOf) as [Connection, Connection];
}

const OPTIONS = ["duplex", "maxBytes", "transfer"];
const DEFAULT_MAX_BYTES = 2 ** 22;

function connectionOf(link: LinkHandle): Connection {
  const handle: ConnectionHandle = { kind: "Connection", link };
  const end = revive(handle) as Connection;
  made(end);
  return end;
}
