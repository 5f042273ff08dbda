// Copyright 2026 the authors. MIT license.

// How a process is started. Its work, its slot in the table and its identity
// are put together here, and its engine launches it.

import { StateError } from "../errors.ts";
import {
  type Arguments,
  engineOf,
  type Job,
  type Limits,
  type Start,
} from "./engine.ts";
import { awaitOthersAtExit, TERMINATED } from "./ending.ts";
import { loadWhatMayCome } from "./homes.ts";
import { chosenMethod, type StartMethod } from "../memory/method.ts";
import { reconsider } from "../memory/park.ts";
import type { Mover } from "../message/handle.ts";
import { pack } from "../message/pack.ts";
import { refer } from "../message/target.ts";
import type { Stripped } from "../message/writer.ts";
import { blocks, type Identity, me, shareProgram } from "../program/self.ts";
import "./spawn_engine.ts";
import "./worker_engine.ts";

/** A process to be, as its parent has made it. */
export interface Draft extends Job {
  /** The module in which target and class are looked for first. */
  readonly module: string | undefined;
  readonly name: string;
  readonly path: readonly number[];
  readonly daemon: boolean;
  readonly authKey: Uint8Array;
  readonly method: StartMethod;
  readonly limits: Limits;
}

/**
 * Throws in a program that was bundled into one file with this library. The
 * built file of the library itself has the entries of processes beside it.
 */
function checkFiles(): void {
  const { url } = import.meta;
  if (url.endsWith("/process/launch.ts") || url.endsWith("/mod.js")) return;
  throw new StateError(
    `Cannot start process: this library was bundled into ${url}, and a process loads its files: keep it out, by \`deno bundle --external=\` and the specifier that imports it`,
  );
}

/** Starts a process and returns its token; throws if nothing is started. */
export function launch(draft: Draft): number {
  const { name, method, limits } = draft;
  const engine = engineOf(method);
  checkFiles();
  engine.checkLimits(limits);
  shareProgram();
  awaitOthersAtExit();
  const refs = refsOf(draft);
  const token = claimSlot(draft);
  const movers: Mover[] = [];
  try {
    const identity = identityOf(draft, token);
    // After the child is in the table: the shared objects that it is given
    // count it as a user.
    const stripped: Stripped[] = [];
    const given = pack(givenIn(draft), {
      start: { token, movers },
      stripped,
      carries: engine.carries,
    });
    const start = { identity, ...refs, given, stripped };
    const transfer = movers.flatMap((mover) => mover.transfer);
    engine.launch({ token, name, start, transfer, limits });
  } catch (error) {
    const { table } = me();
    table.end(token, 1);
    table.free(token);
    throw error;
  }
  for (const mover of movers) mover.moved();
  // Waits of this process that no other one could have ended until now do not
  // keep it alive yet: the new child may end them.
  reconsider();
  // What the child sends may come to a call that blocks.
  if (!areHomesLoaded) {
    areHomesLoaded = true;
    loadWhatMayCome();
  }
  return token;
}

let areHomesLoaded = false;

function refsOf(draft: Draft): Pick<Start, "target" | "class"> {
  const { target, class: Class, module } = draft;
  const { mainModule } = me();
  return {
    target: target && refer(target, module, mainModule),
    class: Class && refer(Class, module, mainModule),
  };
}

function givenIn({ args, kwargs, fields }: Draft): Arguments {
  return { args, kwargs, this: fields };
}

function claimSlot({ method, name, daemon }: Draft): number {
  const { table, token: parent } = me();
  const token = table.allocate({
    parent,
    pid: Deno.pid,
    host: table.host,
    isSpawned: method === "spawn",
    daemon,
    name,
  });
  // If this process was given up meanwhile, no host starts what it asks for.
  if (!table.isRunning(parent)) table.end(token, TERMINATED);
  return token;
}

function identityOf(draft: Draft, child: number): Identity {
  const { method, name, path, daemon, authKey } = draft;
  const { table, mainModule, folder, token, ...parent } = me();
  return {
    token: child,
    host: method === "spawn" ? child : table.host,
    table: table.handle,
    blocks: blocks(),
    method: chosenMethod(),
    name,
    path,
    daemon,
    authKey,
    mainModule,
    folder,
    parent: {
      token,
      name: parent.name,
      pid: Deno.pid,
      ident: table.identOf(token),
      path: parent.path,
    },
  };
}
