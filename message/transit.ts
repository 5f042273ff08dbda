// Copyright 2026 the authors. MIT license.

// Shared objects in messages (docs/decisions/0026): what stands in a message in
// place of a Lock, a Queue …, and how its receiver comes by its own view.
//
// What is on its way is held by its sender, as if it were still in use there:
// the memory, its file, its place among the holders of a pipe's end. It is so
// until the receiver has opened it, which the waybill of the message tells
// (waybills.ts), or it is known that no receiver will: the message was never
// put, or has left its store and no process has claimed it for a while. The
// message of a pool's task may be read by one worker after the other, so the
// pool itself says when it ends.

import { LostObjectError, StateError } from "../errors.ts";
import type { MemoryKind } from "../memory/method.ts";
import {
  closeTaken,
  isLent,
  knownMapping,
  searchFile,
} from "../memory/process_memory.ts";
import {
  createRegion,
  exportHandle,
  isRegionHandle,
  lendRegion,
  openRegion,
  type ProcessHandle,
  type Region,
  type RegionHandle,
} from "../memory/region.ts";
import { isAnyoneElseAlive, me, setSender } from "../program/self.ts";
import { fetchMemory, layDown, takeAway, tidyDepot } from "./depot.ts";
import {
  type Handle,
  handleOf,
  isShareable,
  loadClass,
  type Movable,
  MOVER,
  noteView,
  prepareViews,
  revive,
  setTransits,
  type Shareable,
  substituteFor,
  TRANSIT,
  type Transit,
  type Traveler,
  viewOf,
} from "./handle.ts";
import type { Arrival } from "./reader.ts";
import type { Road } from "./writer.ts";
import { ThreadWords } from "../memory/word.ts";
import { WAYBILL_WORDS, Waybills } from "./waybills.ts";

/** What stands in a message in place of a shared object. */
export interface Form {
  /** Its handle, with a {@linkcode Site} in place of each region. */
  readonly handle: Handle;
  /** The same object for all in a message. */
  readonly bill: Bill;
}

/** Where the receivers of a message find its waybill. */
interface Bill {
  readonly sender: number;
  readonly box: Site;
  readonly index: number;
  readonly number: number;
  /** Whether the message may be read by more than one receiver. */
  readonly isForMany: boolean;
}

/** Where a receiver finds a region. */
type Site = ProcessHandle | { readonly kind: "thread"; readonly lying: number };

/** A store, as far as it knows what has left it. */
export interface Carrier {
  isEmpty(): boolean;
  /** A mark behind all messages that there are, in a store with an order. */
  mark?(): number;
  /** Whether all messages before the mark have left. */
  isPast?(mark: number): boolean;
}

/**
 * How long a message may have left its store unclaimed, in milliseconds. Its
 * receiver may have to load classes first, on a busy machine.
 */
const GRACE = 10_000;

/** How often a process looks after what it has sent, in milliseconds. */
const SWEEPS = 50;

/** How few messages are not worth a look. */
const FEW = 16;

/** A region of waybills. */
interface Box {
  readonly region: Region;
  readonly bills: Waybills;
  readonly free: number[];
}

const boxes: Record<MemoryKind, Box[]> = { thread: [], process: [] };

/** What this process has sent and still holds. */
const underway = new Set<Cargo>();

let swept = 0;
let many = FEW;

/** The shared objects of one message, as its sender holds them. */
export class Cargo {
  readonly #reach: MemoryKind;
  readonly #box: Box;
  readonly #bill: Bill;
  readonly #objects: Shareable[] = [];
  readonly #laid: number[] = [];
  #isOver = false;
  /** Whether its message has left its store; undefined: it was not sent. */
  #hasLeft: (() => boolean) | undefined;
  #leftAt = 0;

  /** For a message that goes by a road. */
  constructor({ reach, isForMany }: Road) {
    if (underway.size >= many) sweep();
    this.#reach = reach;
    const box = this.#box = boxes[reach].find(({ free }) => free.length > 0) ??
      addBox(reach);
    const index = box.free.pop()!;
    const number = box.bills.write(index);
    const sender = me().token;
    const at = this.#siteOf(box.region.handle)!;
    this.#bill = { sender, box: at, index, number, isForMany };
  }

  /** Whether something of it ends with this process. */
  get isMortal(): boolean {
    return this.#reach === "process" ||
      this.#objects.some((object) => TRANSIT in object);
  }

  /** The form of a shared object; a text says why it cannot be in a message. */
  add(shared: Shareable): Form | string {
    if ((shared as Partial<Movable>)[MOVER]?.() !== undefined) return MOVES;
    const handle = handleOf(shared, me().token);
    this.#objects.push(shared);
    noteView(handle, shared);
    const form = this.#sited(handle);
    return form === undefined
      ? REACHES_WORKERS
      : { handle: form as Handle, bill: this.#bill };
  }

  /** Its message is in the store now. */
  sent(carrier: Carrier): void {
    const mark = carrier.mark?.();
    this.#hasLeft = mark === undefined
      ? () => carrier.isEmpty()
      : () => carrier.isPast!(mark);
    underway.add(this);
    setSender({ sweep, sweepIfDue, awaitTaken });
  }

  /** This process need not hold it any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    underway.delete(this);
    const { index, number } = this.#bill;
    if (this.#box.bills.end(index, number)) {
      for (const object of this.#objects) {
        transitOf(object)?.takeBack();
      }
    }
    this.#box.free.push(index);
    takeAway(this.#laid);
  }

  /** Ends if it was taken, or is lost. */
  look(now: number): void {
    const { index, number } = this.#bill;
    if (this.#box.bills.isTaken(index, number)) this.end();
    else if (!this.#hasLeft!()) this.#leftAt = 0;
    else if (this.#leftAt === 0) this.#leftAt = now;
    if (this.#leftAt === 0) return;
    // There is no process that could be about to claim it, if no other lives.
    const grace = isAnyoneElseAlive() ? GRACE : 0;
    if (now - this.#leftAt >= grace) this.end();
  }

  /** Sites for the regions of a handle; undefined if one cannot be had. */
  #sited(part: unknown): unknown {
    if (typeof part !== "object" || part === null) return part;
    if (isRegionHandle(part)) return this.#siteOf(part);
    if (Object.getPrototypeOf(part) !== Object.prototype) return part;
    const sited: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(part)) {
      const form = this.#sited(value);
      if (form === undefined && value !== undefined) return undefined;
      sited[key] = form;
    }
    return sited;
  }

  #siteOf(region: RegionHandle): Site | undefined {
    if (region.kind === "thread") {
      if (this.#reach === "process") return undefined;
      this.#laid.push(region.id);
      layDown([[region.id, region.memory]]);
      return { kind: "thread", lying: region.id };
    }
    const there = exportHandle(region);
    if (there === undefined) {
      throw new StateError(
        "Cannot send shared object: this process has closed it",
      );
    }
    lendRegion(region, () => this.#isOver);
    return there;
  }
}

const REACHES_WORKERS = "it reaches workers only, and OS processes may be " +
  'given what it is sent through: make it with getContext("spawn")';
const MOVES = "an end of a pipe that was made with { transfer: true } is " +
  "given to a process at its start";

function addBox(reach: MemoryKind): Box {
  const region = createRegion(WAYBILL_WORDS * 4, reach);
  const free = Array.from({ length: WAYBILL_WORDS }, (_, index) => index);
  const box = { region, bills: new Waybills(region.words), free };
  boxes[reach].push(box);
  return box;
}

/** Looks after what this process has sent, unless it has just done so. */
function sweepIfDue(): void {
  if (underway.size > 0 && performance.now() - swept > SWEEPS) sweep();
}

function sweep(): void {
  if (underway.size === 0) return;
  swept = performance.now();
  for (const cargo of underway) cargo.look(swept);
  many = Math.max(FEW, underway.size * 2);
  closeTaken();
  tidyDepot();
}

/**
 * Waits, blocking, until what ends with this process was taken, or it is time
 * to end.
 */
function awaitTaken(): void {
  const deadline = performance.now() + MOST_AWAITED;
  const sleep = new ThreadWords(new Int32Array(new SharedArrayBuffer(4)));
  while (isAnyoneElseAlive() && performance.now() < deadline) {
    sweep();
    if (![...underway].some(({ isMortal }) => isMortal)) break;
    sleep.wait(0, 0, LOOKS);
  }
}

/** How long a process waits at its end for its messages, in milliseconds. */
const MOST_AWAITED = 1000;
const LOOKS = 2;

setTransits({
  cargoFor: (road) => new Cargo(road),
  arrival: () => new Arriving(),
});

/** The shared objects of a message that is being read. */
class Arriving implements Arrival {
  readonly #came: Shareable[] = [];
  readonly #lost: { readonly kind: string; readonly cause: unknown }[] = [];
  #bill!: Bill;

  /** The view of what a form stands for; undefined if it is lost. */
  add(value: unknown): object | undefined {
    const form = value as Form;
    const { kind } = form.handle;
    this.#bill = form.bill;
    loadClass(kind);
    try {
      const handle = opened(form.handle, memoriesIn(form)) as Handle;
      const known = viewOf(handle);
      if (known !== undefined) return known;
      const view = revive(handle);
      prepareViews();
      noteView(handle, view);
      this.#came.push(view);
      return view;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const substitute = substituteFor(form.handle);
      if (substitute === undefined) this.#lost.push({ kind, cause: error });
      return substitute;
    }
  }

  drop(): void {
    for (const view of this.#came) transitOf(view)?.drop();
  }

  settle(value: unknown): void {
    const { sender, box, index, number, isForMany } = this.#bill;
    const { table } = me();
    if (!isForMany && table.isAlive(sender)) {
      const words = wordsOf(box);
      if (words !== undefined && new Waybills(words).take(index, number)) {
        for (const view of this.#came) transitOf(view)?.arrived(sender);
      }
    }
    const [loss] = this.#lost;
    if (loss === undefined) return;
    const { name = "a process" } = table.isAlive(sender)
      ? { name: table.nameOf(sender) }
      : table.epitaph(sender);
    throw new LostObjectError(
      `Cannot receive ${loss.kind}: no process has its memory any more: ${name} has sent it, and must live until it is received`,
      { ...loss, value },
    );
  }
}

function transitOf(object: Shareable): Transit | undefined {
  return (object as Partial<Traveler>)[TRANSIT]?.();
}

function wordsOf(box: Site): Region["words"] | undefined {
  try {
    return openRegion(openedSite(box, memoriesIn(box))).words;
  } catch (error) {
    // The sender has ended since.
    if (error instanceof StateError) return undefined;
    throw error;
  }
}

type Memories = ReadonlyMap<number, SharedArrayBuffer>;

/** The thread memory of a form, fetched all together. */
function memoriesIn(form: object): Memories {
  const ids: number[] = [];
  const walk = (part: unknown) => {
    if (typeof part !== "object" || part === null || isShareable(part)) return;
    if ("lying" in part) ids.push(part.lying as number);
    else Object.values(part).forEach(walk);
  };
  walk(form);
  return fetchMemory(ids);
}

/** Regions of this process for the sites of a handle. */
function opened(part: unknown, memories: Memories): unknown {
  if (typeof part !== "object" || part === null || isShareable(part)) {
    return part;
  }
  if (Object.getPrototypeOf(part) !== Object.prototype) return part;
  if (isSite(part)) return openedSite(part, memories);
  return Object.fromEntries(
    Object.entries(part).map(([key, item]) => [key, opened(item, memories)]),
  );
}

function isSite(part: object): part is Site {
  return "lying" in part || isRegionHandle(part);
}

function openedSite(site: Site, memories: Memories): RegionHandle {
  if (site.kind === "process") return openedFile(site);
  const memory = memories.get(site.lying);
  if (memory !== undefined) {
    return openRegion({ kind: "thread", id: site.lying, memory }).handle;
  }
  throw new StateError("Cannot find memory: it is not in the depot any more");
}

function openedFile(handle: ProcessHandle): RegionHandle {
  const known = knownMapping(handle.address);
  // To fail, and then to search, would have the platform open a library for the
  // reason.
  if (known?.file.isOpen !== true && isLent(handle.address)) {
    try {
      return openRegion(handle).handle;
    } catch (error) {
      // Its number is another's by now, or it was closed since.
      if (!(error instanceof StateError)) throw error;
    }
  }
  if (known !== undefined) {
    const { memory, start } = known;
    return openRegion({ ...handle, memory, start }).handle;
  }
  const { table } = me();
  const pids = new Set(table.living().map((token) => table.pidOf(token)));
  const address = searchFile(handle.address, [...pids]);
  if (address !== undefined) return openRegion({ ...handle, address }).handle;
  throw new StateError("Cannot find memory: no process has it open");
}
