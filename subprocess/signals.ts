// Copyright 2026 the authors. MIT license.

// Signals: their names and numbers, and sending them to groups of processes.
//
// A group is named by the number of the process that made it, its leader. The
// system gives the number to no other process while the group has a member. So
// a number is safe as long as its leader is not reaped, and after that as long
// as no process has it: if one does, the group is gone, and what goes by its
// number is another's.

import { builtinModule } from "../memory/builtin.ts";
import { wrongKind } from "../memory/check.ts";

/** Whether `signal` is one, by name or number. */
export function isSignal(signal: unknown): signal is Deno.Signal | number {
  const { signals } = builtinModule<Os>("node:os").constants;
  if (typeof signal === "string") return Object.hasOwn(signals, signal);
  return Number.isInteger(signal) && Number(signal) >= 0 &&
    Number(signal) <= LAST_SIGNAL;
}

const LAST_SIGNAL = 64;

/** The name of a signal, if it has one. */
export function signalName(number: number): string | undefined {
  const { signals } = builtinModule<Os>("node:os").constants;
  return Object.keys(signals).find((name) => signals[name] === number);
}

/** The number of a signal; 0 if there is none of that name. */
export function signalNumber(name: string): number {
  return builtinModule<Os>("node:os").constants.signals[name] ?? 0;
}

/** Throws unless `signal` may be a signal, by name or number. */
export function checkSignalKind(signal: unknown): void {
  if (typeof signal === "string" || typeof signal === "number") return;
  throw wrongKind("send signal", "it", "a name or a number", signal);
}

/** Why a platform that was asked to send `signal` refused, with `cause`. */
export function notSent(signal: unknown, cause: unknown): TypeError {
  return new TypeError(
    `Cannot send signal: ${
      isSignal(signal) ? "Deno sends no" : "there is no"
    } signal ${signal}`,
    { cause },
  );
}

/**
 * Sends a signal to the members of a group; false if it has none.
 *
 * @throws {TypeError} If there is no such signal, or Deno does not send it.
 */
export function signalGroup(
  leader: number,
  signal: Deno.Signal | number,
): boolean {
  try {
    // The types know the names only.
    Deno.kill(-leader, signal as Deno.Signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error instanceof TypeError ? notSent(signal, error) : error;
  }
}

/** Whether a process has this number. */
export function isNumberInUse(pid: number): boolean {
  try {
    // No signal: the system only looks for the process.
    Deno.kill(pid, 0 as unknown as Deno.Signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}

interface Os {
  constants: { signals: Readonly<Record<string, number>> };
}
