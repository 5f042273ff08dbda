// Copyright 2026 the authors. MIT license.

// A barrier at which processes wait for each other.

import {
  checkCount,
  checkFunction,
  checkInteger,
  checkOptions,
  printAs,
} from "../memory/check.ts";
import { BrokenBarrierError } from "../errors.ts";
import {
  type Arrival,
  BarrierState,
  barrierWords,
  formatBarrier,
} from "./barrier_state.ts";
import {
  checkTimeout,
  deadlineOf,
  type WaitOptions,
} from "../memory/deadline.ts";
import {
  HANDLE,
  prepare,
  revivedHandle,
  setReviver,
  type Sited,
} from "../message/handle.ts";
import { createRegion, openRegion } from "../memory/region.ts";
import { block, EXPIRED, Line, runSync } from "../memory/park.ts";
import { Wait } from "../memory/wait.ts";
import { checkpoint, made, me } from "../program/self.ts";
import { MAX_PROCESSES } from "../program/table.ts";
import {
  callerModule,
  explained,
  refer,
  resolve,
  type Target,
  type TargetRef,
} from "../message/target.ts";
import { GRANTED, MAX_TICKETS } from "./tickets.ts";

/** How a {@linkcode Barrier} behaves. */
export interface BarrierOptions {
  /**
   * Run in each round by the last to arrive, in its process, before the others
   * go on. It crosses to a process as a target does: an exported function, or
   * one that uses nothing outside itself. It may be async where parties
   * `await wait()`.
   */
  action?: (() => unknown) | undefined;
  /**
   * The longest wait in milliseconds, if `wait` is given none. A wait that
   * reaches it breaks the barrier.
   *
   * @default {Infinity}
   */
  timeout?: number | undefined;
  /**
   * The URL of the module that exports `action`, if it is not the module that
   * makes the barrier.
   *
   * @default {the module in which the barrier is made}
   */
  module?: string | URL | undefined;
}

/**
 * A place where a fixed number of parties wait until all have arrived; then all
 * go on, and it can be used again.
 *
 * Python: `multiprocessing.Barrier`.
 *
 * Give it to a process in its arguments; every process then has its own view of
 * the same barrier.
 *
 * - **All or none**: a round ends for all of its parties alike: they go on, or
 *   all get {@linkcode BrokenBarrierError}.
 * - **Broken** by a timeout, `abort()`, a failed action or a death, it stays
 *   so, and every wait is refused, until `reset()`.
 * - **Death**: a party that dies while it waits, or that has taken part in any
 *   round since the last reset and then fails (exit code other than 0), breaks
 *   it; those that wait are told within 600 ms which it was. A process that
 *   ends well has just left.
 *
 * @example Two in step
 * ```ts
 * import { Barrier } from "../mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const barrier = new Barrier(2);
 * const order: string[] = [];
 *
 * async function walk(name: string) {
 *   for (let step = 1; step <= 2; step++) {
 *     order.push(`${name}${step}`);
 *     await barrier.wait();
 *   }
 * }
 *
 * await Promise.all([walk("a"), walk("b")]);
 * assertEquals(order.slice(0, 2).sort(), ["a1", "b1"]);
 * assertEquals(order.slice(2).sort(), ["a2", "b2"]);
 * ```
 */
export class Barrier {
  readonly #handle: BarrierHandle;
  readonly #state: BarrierState;
  readonly #arriving = Wait.toTake<void, Arrival>(new Line("Barrier.wait()"), {
    now: () => {
      const arrival = this.#state.arrive(this.#action !== undefined);
      return arrival.kind === "early" ? EXPIRED : arrival;
    },
    steps: () => this.#state.arriving(this.#action !== undefined),
  });
  readonly #timeout: number | undefined;
  #action: Target | undefined;

  /**
   * Makes a barrier without waiters.
   *
   * @param parties How many must arrive.
   * @param options An action, and the longest wait.
   * @throws {TypeError} If an argument is of the wrong kind.
   * @throws {RangeError} If `parties` is not an integer from 1 to 32768, or
   * `timeout` is negative.
   */
  constructor(parties: number = 1, options: BarrierOptions = {}) {
    checkCount("create barrier", arguments, 2, OPTIONS);
    made(this);
    const revived = revivedHandle<BarrierHandle>();
    this.#handle = revived ?? create(parties, options);
    const { region, timeout, action } = this.#handle;
    const { locker, table } = me();
    const registrar = {
      ...locker,
      hasFailed: (other: number) => table.hasFailed(other),
    };
    const { words } = openRegion(region);
    if (revived === undefined) formatBarrier(words, parties);
    this.#state = new BarrierState(
      words,
      registrar,
      MAX_PROCESSES,
      MAX_TICKETS,
    );
    this.#timeout = timeout;
    if (action === undefined) return;
    if (revived === undefined) {
      this.#action = { value: options.action!, isFromSource: false };
    } else {
      prepare(async () => void (this.#action = await resolve(action)));
    }
  }

  /**
   * Waits until as many as there are parties wait.
   *
   * Python: `Barrier.wait(timeout)`.
   *
   * @param options `timeout` in milliseconds from the call; `signal` to give
   * up. Either breaks the barrier.
   * @returns How many had arrived before: 0 for the first, `parties` - 1 for
   * the last.
   * @throws {BrokenBarrierError} If it is broken, or gets broken or reset while
   * this waits.
   * @throws {Error} If the action throws, in the party that ran it.
   * @throws {RangeError} If `timeout` is negative.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const deadline = this.#deadline(options);
    const arrival = await this.#arriving
      .inLine(undefined, Infinity, options?.signal) as Arrival;
    if (arrival.kind === "actor") {
      try {
        await this.#action!.value();
      } catch (error) {
        this.#state.fail(arrival.state);
        throw explained(error, this.#action);
      }
    }
    if (arrival.kind !== "waiter") return this.#arrived(arrival);
    const { ticket, index } = arrival;
    const wait = (deadline: number, signal?: AbortSignal) =>
      // A line of its own: each sleeps on its own word.
      new Line("Barrier.wait()").run(
        this.#state.awaiting(ticket),
        deadline,
        signal,
      );
    let end;
    try {
      end = await wait(deadline, options?.signal);
    } catch (error) {
      this.#state.leave(ticket);
      throw error;
    }
    if (end === EXPIRED) end = this.#state.giveUp(ticket);
    if (end === 0) end = await wait(Infinity);
    if (end !== GRANTED) throw this.#broken();
    return index;
  }

  /**
   * As {@linkcode Barrier.wait}, blocking this thread.
   *
   * @throws {TypeError} If the action is async: the barrier is broken then.
   */
  waitSync(options?: WaitOptions): number {
    const deadline = this.#deadline(options);
    const arrival = this.#arriving.blocking(undefined, Infinity) as Arrival;
    if (arrival.kind === "actor") {
      try {
        checkSync(this.#action!.value());
      } catch (error) {
        this.#state.fail(arrival.state);
        throw explained(error, this.#action);
      }
    }
    if (arrival.kind !== "waiter") return this.#arrived(arrival);
    const { ticket, index } = arrival;
    let end = block(this.#state.awaiting(ticket), deadline);
    if (end === EXPIRED) end = this.#state.giveUp(ticket);
    if (end === 0) end = runSync(this.#state.awaiting(ticket), Infinity);
    if (end !== GRANTED) throw this.#broken();
    return index;
  }

  /**
   * Makes it as new. Waits that have begun get {@linkcode BrokenBarrierError};
   * those that begin from now on do not.
   *
   * Python: `Barrier.reset()`.
   */
  reset(): void {
    checkpoint();
    this.#state.reset();
  }

  /**
   * Breaks it for all, until `reset()`.
   *
   * Python: `Barrier.abort()`.
   */
  abort(): void {
    checkpoint();
    this.#state.abort();
  }

  /**
   * How many must arrive.
   *
   * Python: `Barrier.parties`.
   */
  get parties(): number {
    return this.#state.parties;
  }

  /**
   * How many wait now: a hint, others may come before the caller looks.
   *
   * Python: `Barrier.n_waiting`.
   */
  get nWaiting(): number {
    return this.#state.waiting;
  }

  /**
   * Whether it is broken. A death is found by a wait, not by this.
   *
   * Python: `Barrier.broken`.
   */
  get broken(): boolean {
    return this.#state.isBroken();
  }

  /** @internal */
  [HANDLE](): BarrierHandle {
    return this.#handle;
  }

  static {
    printAs(this, (barrier) => {
      const waiting = `${barrier.nWaiting} of ${barrier.parties} waiting`;
      return barrier.broken ? "broken" : waiting;
    });
  }

  #deadline(options: WaitOptions | undefined): number {
    const own = deadlineOf(options);
    checkpoint();
    const isOwn = own !== Infinity || options?.timeout !== undefined;
    if (isOwn || this.#timeout === undefined) return own;
    return performance.now() + this.#timeout;
  }

  /** The end of a call that need not wait. */
  #arrived(arrival: Arrival): number {
    const isOver = arrival.kind === "last" ||
      (arrival.kind === "actor" && this.#state.finish(arrival.state));
    if (!isOver) throw this.#broken();
    return this.parties - 1;
  }

  #broken(): BrokenBarrierError {
    const token = this.#state.cause();
    if (token === 0) {
      return new BrokenBarrierError("Cannot wait: the barrier is broken");
    }
    const party = me().table.epitaph(token);
    return new BrokenBarrierError(
      `Cannot wait: the barrier is broken: ${party.name ?? "a party"} died`,
      party,
    );
  }
}

interface BarrierHandle extends Sited {
  readonly timeout: number | undefined;
  readonly action: TargetRef | undefined;
}

/**
 * Half of the tickets, so that a round whose waiters have not looked leaves
 * room.
 */
const MAX_PARTIES = MAX_TICKETS / 2;

const OPTIONS = ["action", "timeout", "module"];

setReviver("Barrier", Barrier);

function create(parties: number, options: BarrierOptions): BarrierHandle {
  checkOptions("create barrier", options, OPTIONS);
  const { action, timeout, module } = options;
  checkInteger("create barrier", "parties", parties, 1, MAX_PARTIES);
  if (timeout !== undefined) checkTimeout(timeout);
  if (action !== undefined) checkFunction("create barrier", "action", action);
  const { handle } = createRegion(barrierWords(MAX_PROCESSES, MAX_TICKETS) * 4);
  return {
    kind: "Barrier",
    region: handle,
    timeout,
    action: action &&
      refer(action, module?.toString() ?? callerModule(), me().mainModule),
  };
}

function checkSync(result: unknown): void {
  if (!(result instanceof Promise)) return;
  // Its outcome comes too late for every waiter.
  result.catch(() => {});
  throw new TypeError("Cannot waitSync: the action of the barrier is async");
}
