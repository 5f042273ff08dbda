// Copyright 2026 the authors. MIT license.

// This process: its identity, and the stop word that it must obey.

import { isChildOf, isLeashLoose, kill, takeLeash } from "./liveness.ts";
import { type Locker, lockerOf } from "./locker.ts";
import {
  createLargeRegion,
  openRegion,
  type RegionHandle,
} from "../memory/region.ts";
import { forceMethod, type StartMethod } from "../memory/method.ts";
import { pendingWaits, setAttendant, watch } from "../memory/park.ts";
import { hasProcessMemory } from "../memory/process_memory.ts";
import { runningState, stateIndex, Table } from "./table.ts";
import { createTableMemory, tableMemoryOf } from "./table_memory.ts";

/** The places where a module may start processes, for errors. */
export const GUARDED = "only under `if (import.meta.main)`, and under deno " +
  "test and deno bench only in Deno.test() or Deno.bench()";

/** A process, as it knows itself. */
export interface Self {
  /** Its name in the table and in every lock that it holds. */
  readonly token: number;
  /** The table of its program. */
  readonly table: Table;
  /** This process as its locks see it, and their view of the others. */
  readonly locker: Locker;
  /** The memory of what its program shares by name; made at its first use. */
  blocks: RegionHandle | undefined;
  /** Its name; may be changed by the program. */
  name: string;
  /** The numbers of its ancestors and its own: `Process-1:2` has `[1, 2]`. */
  readonly path: readonly number[];
  /** Whether it is a daemon, which may have no children. */
  readonly daemon: boolean;
  /** Secret bytes that all processes of a program share. */
  authKey: Uint8Array;
  /** The URL of the program's main module; undefined if there is none. */
  readonly mainModule: string | undefined;
  /** The folder in which the program began, which may be in another by now. */
  readonly folder: string;
  /** The process that started it; undefined for the first process. */
  readonly parent: ParentInfo | undefined;
  /** True while its target's module is being imported. */
  importing: boolean;
  /** How many children it has started. */
  childCount: number;
  /** The port to the host, to ask it for workers; undefined in a host. */
  readonly requests: MessagePort | undefined;
}

/** The parent, as its child is told of it. */
export interface ParentInfo {
  readonly token: number;
  readonly name: string;
  readonly pid: number;
  readonly ident: number;
  readonly path: readonly number[];
}

/** The facts that make a child a process of the program. */
export interface Identity {
  readonly token: number;
  /** The process of the program that is the first thread of its OS process. */
  readonly host: number;
  readonly table: RegionHandle;
  readonly blocks: RegionHandle;
  /** The program's start method, if it is chosen. */
  readonly method: StartMethod | undefined;
  readonly name: string;
  readonly path: readonly number[];
  readonly daemon: boolean;
  readonly authKey: Uint8Array;
  readonly mainModule: string | undefined;
  readonly folder: string;
  readonly parent: ParentInfo;
}

/** Address space only, until something is shared by name. */
const BLOCKS_BYTES = 2 ** 32;

// Seen while the module is loaded: a program may go elsewhere before it starts
// its first process.
const FOLDER = currentFolder();

let self: Self | undefined;

// The work of this process at the end of each slice of a wait: a host that has
// started a worker serves its descendants' requests. The worker engine sets it,
// since it stands over this file.
let serve: () => void = () => {};

// Set by message/transit.ts, which stands over this file, as soon as there is
// something on its way.
let sending: Sender | undefined;

/** This process. The first to ask in a program becomes its main process. */
export function me(): Self {
  return self ??= becomeMain();
}

/** The memory of what the program shares by name. */
export function blocks(): RegionHandle {
  const kind = hasProcessMemory() ? "process" : "thread";
  return me().blocks ??= createLargeRegion(BLOCKS_BYTES, kind).handle;
}

/**
 * Lets other OS processes see the program, if this one may: to be called before
 * the first process is started, while the main process is alone.
 */
export function shareProgram(): void {
  const { table, token } = me();
  if (!isMain() || isShared) return;
  isShared = true;
  if (!hasProcessMemory()) return;
  table.moveTo(createTableMemory("process"));
  table.occupy(token);
}

let isShared = false;

/** Whether this process is the first thread of its OS process. */
export function isHost(): boolean {
  return me().table.host === me().token;
}

/** Whether this process is the main one of its program. */
export function isMain(): boolean {
  return me().parent === undefined;
}

/**
 * Takes the identity that the parent gave. `stopped` runs when the process has
 * been told to stop, and must not return.
 */
export function become(
  identity: Identity,
  requests: MessagePort | undefined,
  stopped: () => never,
): void {
  const { table: handle, blocks, host, method, ...rest } = identity;
  const isSpawned = host === identity.token;
  const table = new Table(
    tableMemoryOf(isSpawned ? openRegion(handle).handle : handle),
  );
  table.host = host;
  if (isSpawned) moveIn(table, identity, stopped);
  if (method !== undefined) forceMethod(method);
  self = {
    ...rest,
    table,
    locker: lockerOf(identity.token, (other) => table.isAlive(other)),
    // Its parent may be gone before it needs them, or hands them on.
    blocks: isSpawned ? openRegion(blocks).handle : blocks,
    importing: false,
    childCount: 0,
    requests,
  };
  obey = stopped;
  stateWords = table.words;
  stateCell = stateIndex(identity.token);
  running = runningState(identity.token);
  setAttendant(look, isAnyoneElseAlive);
  listen();
}

/** Takes the slot that the parent has kept for this OS process. */
function moveIn(table: Table, identity: Identity, stopped: () => never): void {
  const { token, daemon, parent } = identity;
  if (!takeLeash(daemon) && daemon) stopped();
  // Descendants of processes outlive those; what the main one has started does
  // not outlive the program.
  if (!daemon && parent.path.length === 0) owner = parent.pid;
  if (!table.moveIn(token)) stopped();
}

// The shared objects that this process has made while it imports.
const newborn: object[] = [];

/** A shared object was made, and did not come from another process. */
export function made(object: object): void {
  if (self?.importing) newborn.push(object);
}

/** This process, a child, begins to import a module of its target. */
export function beginImport(): void {
  me().importing = true;
}

/** The import is over: what it has made is not for the target. */
export async function endImport(): Promise<void> {
  me().importing = false;
  if (newborn.length === 0) return;
  const { estrange } = await import("./strangers.ts");
  newborn.splice(0).forEach(estrange);
}

/** Sets how this process looks after what it has sent. */
export function setSender(sender: Sender): void {
  sending = sender;
}

/** Looks after what this process has sent: some of it may be lost now. */
export function lookAfterSent(): void {
  sending?.sweep();
}

/** Waits, blocking, until this process may end for what it has sent. */
export function awaitTaken(): void {
  sending?.awaitTaken();
}

/** The part of a process that looks after what is on its way to others. */
export interface Sender {
  /** Looks what of it has come. */
  sweep(): void;
  /** The same, unless it has just done so. */
  sweepIfDue(): void;
  /** Waits, blocking, until it has come, or that takes too long. */
  awaitTaken(): void;
}

/** Sets what this process does at the end of each slice of a wait, besides. */
export function setServer(server: () => void): void {
  serve = server;
}

// Until a child takes its identity, no process could stop it.
let obey: () => void = () => {};
let stateWords: { peek(index: number): number } = { peek: () => 0 };
let stateCell = 0;
let running = 0;

/**
 * Ends this process here if it was told to stop. Every operation on a shared
 * object begins with it, so a terminated thread that cannot be interrupted
 * stops at the next one, and never between taking a lock and releasing it.
 */
export function checkpoint(): void {
  if (stateWords.peek(stateCell) !== running) obey();
}

/** Whether any other process of the program lives. */
export function isAnyoneElseAlive(): boolean {
  const { table, token } = me();
  return table.living().some((other) => other !== token);
}

function look(): void {
  checkpoint();
  if (owner !== 0) lookForOwner();
  serve();
  sending?.sweepIfDue();
}

/**
 * The OS process of the main one, for what that has started and is no daemon;
 * else 0.
 */
let owner = 0;

/** The time of the last look for it, in milliseconds. */
let lookedAt = 0;
let wasLoose = false;

/** How often a process looks whether its program is over, in milliseconds. */
export const OWNER_LOOKS = 500;

/**
 * Ends this process, and all others, if the main module of the program is over
 * and its OS process is not: then another program runs there. If that has ended
 * too, this process goes on. A dying one closes its files before it is gone, so
 * two looks must agree.
 */
export function lookForOwner(): void {
  const now = performance.now();
  if (owner === 0 || now - lookedAt < OWNER_LOOKS / 2) return;
  lookedAt = now;
  const isLoose = isLeashLoose();
  if (isLoose && !isChildOf(owner)) owner = 0;
  else if (isLoose && wasLoose) {
    endProgram();
    obey();
  }
  wasLoose = isLoose;
}

/** Kills all other OS processes that the program has started. */
export function endProgram(): void {
  const { table, token } = me();
  for (const other of table.living()) {
    const pid = table.pidOf(other);
    // One that is about to be started has the pid of its parent.
    const isOther = other !== token && table.isSpawned(other);
    if (isOther && pid !== Deno.pid) kill(pid);
  }
}

/** Obeys a stop also while the process waits in its event loop. */
function listen(): void {
  const { table } = me();
  const park = { words: table.words, index: stateCell, value: running };
  if (watch(park, listen) === undefined) checkpoint();
}

/**
 * Loads the words about waits that no process can end, in the few programs that
 * come to their end with one. After that, the end comes again.
 */
function hearOfEnd(event: globalThis.Event): void {
  if (pendingWaits().length === 0) return;
  removeEventListener("beforeunload", hearOfEnd);
  event.preventDefault();
  import("./left_behind.ts").then(({ tellAtEnd }) => tellAtEnd());
}

function becomeMain(): Self {
  const table = new Table(createTableMemory("thread"));
  const token = table.allocate({
    parent: 0,
    ident: Deno.pid,
    pid: Deno.pid,
    daemon: false,
    name: "MainProcess",
  });
  table.host = token;
  setAttendant(look, isAnyoneElseAlive);
  addEventListener("beforeunload", hearOfEnd);
  return {
    token,
    table,
    locker: lockerOf(token, (other) => table.isAlive(other)),
    blocks: undefined,
    name: "MainProcess",
    path: [],
    daemon: false,
    authKey: crypto.getRandomValues(new Uint8Array(32)),
    mainModule: mainModule(),
    folder: FOLDER,
    parent: undefined,
    importing: false,
    childCount: 0,
    requests: undefined,
  };
}

// Undefined in a worker, also in one that this module did not start.
function mainModule(): string | undefined {
  try {
    return Deno.mainModule;
  } catch {
    return undefined;
  }
}

function currentFolder(): string {
  try {
    return Deno.cwd();
  } catch {
    // It was removed.
    return "/";
  }
}
