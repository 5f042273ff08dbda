// Copyright 2026 the authors. MIT license.

// The desks of a pool: which of them has least or most to do, and which is a
// key's.

import { Desk } from "./desk.ts";
import type { Task } from "./task.ts";

/** The desks that there are. */
export class Desks {
  /** In the order in which they came. */
  readonly all: Desk[] = [];
  /** By number; none has the number 0. */
  readonly #numbered: (Desk | undefined)[] = [];
  readonly #maxTasks: number;

  /** Desks for workers that are replaced after `maxTasks` tasks. */
  constructor(maxTasks: number) {
    this.#maxTasks = maxTasks;
  }

  /** How many have a worker, also one that is due, starts or leaves. */
  get workers(): number {
    let count = 0;
    for (const desk of this.all) if (!desk.isEmpty) count++;
    return count;
  }

  /** The first whose worker is to be started. */
  get due(): Desk | undefined {
    return this.all.find((desk) => desk.isDue);
  }

  at(number: number): Desk | undefined {
    return this.#numbered[number];
  }

  add(number: number): Desk {
    const desk = new Desk(number, this.#maxTasks);
    this.all.push(desk);
    return this.#numbered[number] = desk;
  }

  /** A desk of the lowest number that none has. */
  addLowest(): Desk {
    let number = 1;
    while (this.at(number) !== undefined) number++;
    return this.add(number);
  }

  remove(desk: Desk): void {
    const place = this.all.indexOf(desk);
    if (place < 0) return;
    this.all.splice(place, 1);
    this.#numbered[desk.number] = undefined;
  }

  /**
   * The one with room for a task that may go anywhere whose worker has least to
   * do: the `latest` one, if it has nothing. One that is still starting, which
   * may take long, only if no worker is there: others would pass by the task.
   */
  leastBusyFor(task: Task, latest?: Desk): Desk | undefined {
    if (latest?.isIdle && latest.hasRoomFor(task)) return latest;
    let best: Desk | undefined;
    let starting: Desk | undefined;
    let hasReady = false;
    for (const desk of this.all) {
      hasReady ||= desk.isReady;
      if (desk.isRefused || !desk.hasRoomFor(task)) continue;
      if (desk.isIdle) return desk;
      if (desk.isStarting) starting ??= desk;
      else if (best === undefined || desk.outstanding < best.outstanding) {
        best = desk;
      }
    }
    return hasReady ? best : starting;
  }

  /** The one whose worker has most that another may have as well. */
  fullest(): Desk | undefined {
    let fullest: Desk | undefined;
    for (const desk of this.all) {
      if (desk.ahead > (fullest?.ahead ?? 0)) fullest = desk;
    }
    return fullest;
  }
}

/**
 * The number of a key's seat, from 1 to `max`. It follows from the key alone,
 * so that nothing need be remembered of keys, of which there may be endlessly
 * many.
 */
export function seatOfKey(key: string | number, max: number): number {
  return hash(`${typeof key}:${key}`) % max + 1;
}

/** FNV-1a, stirred: 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  return (value ^ value >>> 13) >>> 0;
}
