// Copyright 2026 the authors. MIT license.

// The worker engine, and the one file that names Worker.
//
// All workers of an OS process are started by its first thread, the host, also
// those that a child asks for: a worker that a worker starts comes up half a
// second late (Deno 2.9.6), and ends with that worker. A child asks over a
// message port of its own, and then calls the host twice: by a count in the
// table, for a host that blocks in one of our waits, and by a message, for a
// host in its event loop.

import { report } from "./child.ts";
import { StateError } from "../errors.ts";
import { RIGHTS } from "./config_file.ts";
import {
  type Launch,
  type Limits,
  setEngine,
  SPARE,
  type Spare,
} from "./engine.ts";
import { takeSpare } from "./spares.ts";
import {
  callHost,
  type DepotRequest,
  serveDepot,
  setIntake,
} from "../message/depot.ts";
import { NO_MESSAGE, receiveFrom, sendTo } from "../message/port.ts";
import { goesBeside } from "../message/pack.ts";
import { isHost, me, setServer } from "../program/self.ts";
import { watch } from "../memory/park.ts";
import { stateIndex } from "../program/table.ts";

/** What a worker runs first. */
const ENTRY = new URL("./worker_entry.js", import.meta.url);

setEngine("worker", {
  checkLimits({ permissions, maxMemory }: Limits): void {
    if (maxMemory !== undefined) {
      throw new TypeError(
        'Cannot start process: maxMemory needs an OS process: method: "spawn"',
      );
    }
    checkEntry();
    if (permissions === undefined) return;
    checkFlag();
    checkReads(permissions);
  },

  carries: goesBeside,

  launch(launch: Launch): void {
    const { start: { given }, transfer } = launch;
    const moving = { ...launch, transfer: [...transfer, given.bytes.buffer] };
    if (isHost()) startWorker(moving);
    else request(moving);
  },

  prepare(died: () => void): Spare {
    checkEntry();
    return new SpareWorker(died);
  },

  stop(token: number, code: number): void {
    me().table.stop(token, code);
  },

  release,
});

/**
 * Throws if workers cannot be given permissions. Deno ends the whole program
 * for one that is without the flag, so what cannot be seen counts as absent.
 */
function checkFlag(): void {
  let flags: string[] = [];
  try {
    flags = Deno.readTextFileSync("/proc/self/cmdline").split("\0");
  } catch {
    // It may not be read, or there is none.
  }
  if (flags.includes("--unstable-worker-options")) return;
  throw new TypeError(
    "Cannot start process: permissions of a worker need the flag " +
      "--unstable-worker-options on the command line of the program",
  );
}

/**
 * Throws if a worker could not load what it runs first: a parent that blocks
 * would never hear of it.
 */
function checkEntry(): void {
  if (isEntryThere) return;
  // Of a file on the net, or in a compiled program, this cannot be asked.
  if (ENTRY.protocol === "file:" && !Deno.build.standalone) {
    const read = { name: "read", path: ENTRY } as const;
    if (Deno.permissions.requestSync(read).state !== "granted") {
      throw new TypeError(
        `Cannot start process: this program may not read ${ENTRY}, which a worker runs first: give --allow-read`,
      );
    }
    try {
      Deno.lstatSync(ENTRY);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new StateError(
        `Cannot start process: ${ENTRY} is not there, which a worker runs first: keep the files of the library together`,
      );
    }
  }
  isEntryThere = true;
}

let isEntryThere = false;

/** Throws if a worker with these permissions could not load its modules. */
function checkReads(permissions: Deno.PermissionOptions): void {
  if (permissions === "inherit") return;
  const right = ENTRY.protocol === "file:" ? "read" : "import";
  const given = permissions === "none" ? false : permissions[right];
  if (given === true || given === "inherit") return;
  if (Array.isArray(given) && given.some(hasEntry)) return;
  throw new TypeError(
    `Cannot start process: a worker must ${right} its modules, ${ENTRY} first: give it permissions.${right}`,
  );
}

/**
 * Whether a place that a worker may read or import from has the entry in it, as
 * far as that can be told.
 */
function hasEntry(place: string | URL): boolean {
  // Whether hosts are enough, with their wildcards and ports, Deno says.
  const isOfFiles = ENTRY.protocol === "file:" && Deno.build.os !== "windows";
  if (!isOfFiles) return true;
  let name = place;
  if (typeof place === "string") {
    // The marks of a URL are letters of a name.
    const path = place.startsWith("/") ? place : `${Deno.cwd()}/${place}`;
    name = `file://${path.replace(/[%?#]/g, encodeURIComponent)}`;
  }
  const folder = new URL(name).pathname;
  return ENTRY.pathname === folder ||
    ENTRY.pathname.startsWith(folder.replace(/\/*$/, "/"));
}

/** Lets go of the worker of a process that has ended. */
function release(token: number): void {
  const child = workers.get(token);
  if (child === undefined) return;
  serveChild(token, child);
  workers.delete(token);
  child.requests.close();
  endUnborn(token);
  // A worker that ended by itself closes right after it has said so. To
  // terminate it in between would make its close a no-op, and let its code run
  // on.
  if (me().table.wasCut(token)) child.worker.terminate();
}

/** Has the host start a worker. */
function request(launch: Launch): void {
  sendTo(me().requests!, launch, launch.transfer);
  callHost();
}

interface Child {
  readonly worker: Worker;
  readonly requests: MessagePort;
  served: number;
}

const workers = new Map<number, Child>();

/** How many workers this OS process has started and not let go of. */
export function heldWorkers(): number {
  return workers.size;
}

function startWorker(launch: Launch): void {
  const { token, name, start, transfer, limits: { permissions } } = launch;
  const spare = permissions === undefined
    ? takeSpare("worker", rightsOfWorkers) as SpareWorker | undefined
    : undefined;
  const { port1, port2 } = spare?.channel ?? new MessageChannel();
  const worker = spare?.worker ?? makeWorker(name, permissions);
  try {
    if (spare !== undefined) port1.postMessage(start, [...transfer]);
    else worker.postMessage([port2, start], [port2, ...transfer]);
  } catch (error) {
    // It cannot be cloned. The worker has begun nothing.
    worker.terminate();
    port1.close();
    throw error;
  }
  const child = { worker, requests: port1, served: 0 };
  worker.onerror = (event) => {
    // Only errors that the child could not catch come here: of its loading.
    event.preventDefault();
    report(name, `${event.message}${hintOf(event.message)}`);
    me().table.end(token, 1);
  };
  worker.onmessage = serve;
  workers.set(token, child);
  setServer(serve);
  setIntake(serve);
  releaseWhenEnded(token);
}

function makeWorker(
  name: string,
  permissions?: Deno.PermissionOptions,
): Worker {
  const limits = permissions === undefined ? {} : { deno: { permissions } };
  const worker = new Worker(ENTRY, { type: "module", name, ...limits });
  setRef?.call(worker, false);
  return worker;
}

/** A worker without work. */
class SpareWorker implements Spare {
  readonly rights = rightsOfWorkers();
  readonly channel = new MessageChannel();
  readonly worker: Worker;
  isReady = false;
  error: unknown;
  #isOver = false;

  constructor(died: () => void) {
    const { port2 } = this.channel;
    this.worker = makeWorker(SPARE);
    this.worker.postMessage([port2], [port2]);
    // Both are heard by another when it is taken.
    this.worker.onmessage = () => {
      this.isReady = true;
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.error = new Error(`${event.message}${hintOf(event.message)}`);
      this.#isOver = true;
      died();
    };
  }

  isAlive(): boolean {
    return !this.#isOver;
  }

  end(): Promise<void> {
    this.#isOver = true;
    this.channel.port1.close();
    this.worker.terminate();
    return Promise.resolve();
  }
}

/** What a worker may do that inherits all rights. */
function rightsOfWorkers(): string {
  return RIGHTS.map((name) => {
    const { state, partial } = Deno.permissions.querySync({ name });
    return `${name} ${state} ${partial}`;
  }).join();
}

/** How to come by the modules of workers, if that is what was not found. */
function hintOf(message: string): string {
  const folder = new URL(".", import.meta.url).href;
  if (!Deno.build.standalone || !message.includes(folder)) return "";
  return "\nA compiled program has it only if it was compiled with --include and its path, in the folder of the library";
}

/**
 * Makes what runs in workers a part of the program's own module graph: it is
 * downloaded and checked together with it. A worker cannot download anything by
 * itself while the main thread is blocked, since that thread does it.
 *
 * It is never called: that it stands here is enough.
 */
export function workerModules(): Promise<unknown>[] {
  return [import("./worker_entry.js"), import("./worker_main.ts")];
}

// A worker must not keep the program alive by itself: whether the program waits
// for it is decided when the main code is done. Only this nameless method sets
// that.
const setRef = Object.getOwnPropertySymbols(Worker.prototype)
  .filter((symbol) => symbol.description === undefined)
  .map((symbol) =>
    (Worker.prototype as unknown as Record<symbol, (ref: boolean) => void>)[
      symbol
    ]
  )[0];

function releaseWhenEnded(token: number): void {
  const { table } = me();
  const look = () => {
    if (!table.isAlive(token)) return release(token);
    const index = stateIndex(token);
    const value = table.words.load(index);
    const park = { words: table.words, index, value };
    if (watch(park, look) === undefined) queueMicrotask(look);
  };
  look();
}

/** Does what children have asked for: starts workers, keeps the depot. */
function serve(): void {
  for (const [token, child] of workers) serveChild(token, child);
}

function serveChild(token: number, child: Child): void {
  const requests = me().table.requestsOf(token);
  while (child.served !== requests) {
    const request = receiveFrom(child.requests) as
      | Launch
      | DepotRequest
      | typeof NO_MESSAGE;
    // A child counts after it has sent the message, which may yet be on its
    // way.
    if (request === NO_MESSAGE) break;
    child.served++;
    if (!("start" in request)) serveDepot(request, child.requests);
    else if (me().table.isAlive(request.token)) startWorker(request);
  }
}

/**
 * Ends the children that `parent` entered into the table but did not ask for
 * before it was given up. Without a worker they would live for ever.
 */
function endUnborn(parent: number): void {
  const { table } = me();
  for (const token of table.living()) {
    const isIts = table.parentOf(token) === parent && !table.isSpawned(token);
    if (isIts && !workers.has(token)) table.end(token, 1);
  }
}
