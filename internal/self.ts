// Copyright 2026 the authors. MIT license.

// This process: who it is, and the stop word that it must obey.

import { createLargeRegion, openRegion, type RegionHandle } from "./memory.ts";
import { setAttendant, watch } from "./park.ts";
import { runningState, stateIndex, Table } from "./table.ts";

/** What a process knows of itself. */
export interface Self {
  /** Who it is in the table and in every lock that it holds. */
  readonly token: number;
  /** The table of its program. */
  readonly table: Table;
  /** The memory of what its program shares by name. */
  readonly blocks: RegionHandle;
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
  /** Who started it; undefined for the first process. */
  readonly parent: ParentInfo | undefined;
  /** True while its target's module is being imported. */
  importing: boolean;
  /** How many children it has started. */
  childCount: number;
}

/** What a child is told of its parent. */
export interface ParentInfo {
  readonly token: number;
  readonly name: string;
  readonly pid: number;
  readonly ident: number;
  readonly path: readonly number[];
}

/** What a child must be told to become a process of the program. */
export interface Identity {
  readonly token: number;
  readonly table: RegionHandle;
  readonly blocks: RegionHandle;
  readonly name: string;
  readonly path: readonly number[];
  readonly daemon: boolean;
  readonly authKey: Uint8Array;
  readonly mainModule: string | undefined;
  readonly parent: ParentInfo;
}

/** Address space only, until something is shared by name. */
const BLOCKS_BYTES = 2 ** 32;

let self: Self | undefined;

// What this process does besides, whenever it looks round: the one that starts
// workers serves its descendants' requests.
let serve: () => void = () => {};

/** This process. The first to ask in a program becomes its main process. */
export function me(): Self {
  return self ??= becomeMain();
}

/** Whether this process is the main one of its program. */
export function isMain(): boolean {
  return me().parent === undefined;
}

/**
 * Takes the identity that the parent gave. `stopped` runs when the process has
 * been told to stop, and must not return.
 */
export function become(identity: Identity, stopped: () => never): void {
  const { table: handle, ...rest } = identity;
  const table = new Table(openRegion(handle).handle);
  self = { ...rest, table, importing: false, childCount: 0 };
  obey = stopped;
  stateWords = table.words;
  stateCell = stateIndex(identity.token);
  running = runningState(identity.token);
  setAttendant(look, isAnyoneElseAlive);
  listen();
}

/** Sets what this process does whenever it looks round. */
export function setServer(server: () => void): void {
  serve = server;
}

// Until a child takes its identity there is nobody who could stop it.
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
  serve();
}

/** Obeys a stop also while the process waits in its event loop. */
function listen(): void {
  const { table } = me();
  const park = { words: table.words, index: stateCell, value: running };
  if (watch(park, listen) === undefined) checkpoint();
}

function becomeMain(): Self {
  const table = new Table();
  const token = table.allocate({
    parent: 0,
    ident: Deno.pid,
    pid: Deno.pid,
    daemon: false,
    name: "MainProcess",
  });
  setAttendant(look, isAnyoneElseAlive);
  return {
    token,
    table,
    blocks: createLargeRegion(BLOCKS_BYTES).handle,
    name: "MainProcess",
    path: [],
    daemon: false,
    authKey: crypto.getRandomValues(new Uint8Array(32)),
    mainModule: mainModule(),
    parent: undefined,
    importing: false,
    childCount: 0,
  };
}

// Undefined in a worker, and in one that was not started by this module.
function mainModule(): string | undefined {
  try {
    return Deno.mainModule;
  } catch {
    return undefined;
  }
}
