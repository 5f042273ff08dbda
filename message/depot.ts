// Copyright 2026 the authors. MIT license.

// The depot of an OS process: thread memory that lies in messages on their way.
// A ring carries bytes, and the memory of another thread cannot be made of
// bytes. So the sender lays it down with the host, the first thread of the OS
// process, before the message goes; and a receiver that does not have it asks
// the host for it, over the port of its own that is there for starts of workers
// (process/worker_engine.ts). The host answers in its event loop and in the
// slices of its waits, which are short for a while after something was laid
// down.
//
// The host keeps what its sender has laid down until the sender takes it away.
// What a sender has left behind that has ended is kept too, for it may be on
// its way; of that, the oldest goes when there is much.

import { hasten, runSync, type Steps } from "../memory/park.ts";
import { rememberMemory, threadMemory } from "../memory/region.ts";
import { NO_MESSAGE, receiveFrom, sendTo } from "./port.ts";
import { isHost, me } from "../program/self.ts";
import { ThreadWords } from "../memory/word.ts";

/** What a thread asks of the depot. */
export type DepotRequest = Change | Want;

/** Something is laid down, or need not lie there any more. */
type Change =
  | { readonly lay: readonly Laid[]; readonly from: number }
  | { readonly drop: readonly number[] };

/** Something is fetched; the answer is rung in with `signal`. */
interface Want {
  readonly want: readonly number[];
  readonly signal: SharedArrayBuffer;
}

/** Memory and its number. */
export type Laid = readonly [id: number, memory: SharedArrayBuffer];

/** Something that lies in the depot of the host. */
interface Lying {
  readonly memory: SharedArrayBuffer;
  /** The sender that has laid it down first. */
  readonly from: number;
  /** How often it was laid down and not taken away. */
  count: number;
}

const lying = new Map<number, Lying>();

/** How often this thread has laid down what lies in the depot. */
const own = new Map<number, number>();

/** The numbers of what need not lie there any more. */
const unneeded: number[] = [];

/** How many things of the dead the depot keeps, about. */
const MOST_LEFT = 1024;

/** Lays memory down, for receivers that are not known yet. */
export function layDown(laid: readonly Laid[]): void {
  const fresh = laid.filter(([id]) => {
    const count = own.get(id) ?? 0;
    own.set(id, count + 1);
    return count === 0;
  });
  if (fresh.length > 0) tellHost({ lay: fresh, from: me().token });
}

/** What {@linkcode layDown} has laid down need not lie there any more. */
export function takeAway(ids: readonly number[]): void {
  for (const id of ids) {
    const count = own.get(id)! - 1;
    if (count > 0) own.set(id, count);
    else {
      own.delete(id);
      unneeded.push(id);
    }
  }
}

/** Tells the host, once for many, what need not lie there any more. */
export function tidyDepot(): void {
  if (unneeded.length > 0) tellHost({ drop: unneeded.splice(0) });
}

/** The memory of each number that this thread has or that lies in the depot. */
export function fetchMemory(ids: readonly number[]): Map<number, Memory> {
  const found = new Map<number, Memory>();
  const wanted = ids.filter((id) => {
    const memory = threadMemory(id);
    if (memory !== undefined) found.set(id, memory);
    return memory === undefined;
  });
  if (wanted.length === 0) return found;
  const memories = isHost() ? look(wanted) : ask(wanted);
  for (const [i, id] of wanted.entries()) {
    const memory = memories[i];
    if (memory === undefined) continue;
    rememberMemory({ kind: "thread", id, memory });
    found.set(id, memory);
  }
  return found;
}

type Memory = SharedArrayBuffer;

/** Does what another thread asks of the depot of this host. */
export function serveDepot(request: DepotRequest, port: MessagePort): void {
  if ("want" in request) {
    const { want, signal } = request;
    sendTo(port, want.map((id) => lying.get(id)?.memory), []);
    const words = new ThreadWords(new Int32Array(signal));
    words.add(0, 1);
    words.notify(0, Infinity);
  } else keep(request);
}

function keep(request: Change): void {
  if ("lay" in request) {
    for (const [id, memory] of request.lay) {
      const there = lying.get(id);
      if (there !== undefined) there.count++;
      else lying.set(id, { memory, from: request.from, count: 1 });
    }
    if (lying.size > MOST_LEFT) clear();
    hasten();
  } else {
    for (const id of request.drop) {
      const there = lying.get(id);
      if (there !== undefined && --there.count === 0) lying.delete(id);
    }
  }
}

/** Throws away the oldest that the dead have left. */
function clear(): void {
  const { table } = me();
  const left = [...lying].filter(([, { from }]) => !table.isAlive(from));
  for (const [id] of left.slice(0, -MOST_LEFT)) lying.delete(id);
}

function tellHost(request: Change): void {
  if (isHost()) keep(request);
  else {
    sendTo(me().requests!, request, []);
    callHost();
  }
}

/** For the host itself: what was laid down may lie in a port yet. */
function look(ids: readonly number[]): Answer {
  serveAll();
  return ids.map((id) => lying.get(id)?.memory);
}

/** Takes in what the threads of this host have asked for; see worker_engine. */
let serveAll: () => void = () => {};

/** Sets what takes in the requests of the threads of this host. */
export function setIntake(intake: () => void): void {
  serveAll = intake;
}

let signal: SharedArrayBuffer | undefined;

function ask(ids: readonly number[]): Answer {
  const port = me().requests!;
  signal ??= new SharedArrayBuffer(4);
  sendTo(port, { want: ids, signal } satisfies Want, []);
  callHost();
  return runSync(answered(port, signal), Infinity) as Answer;
}

type Answer = readonly (Memory | undefined)[];

function* answered(port: MessagePort, rung: SharedArrayBuffer): Steps<Answer> {
  const words = new ThreadWords(new Int32Array(rung));
  while (true) {
    const value = words.load(0);
    const answer = receiveFrom(port);
    if (answer !== NO_MESSAGE) return answer as Answer;
    yield { words, index: 0, value };
  }
}

/** Has the host look at what this thread has sent to it. */
export function callHost(): void {
  const { table, token } = me();
  table.countRequest(token);
  const { postMessage } = globalThis as unknown as {
    postMessage(bell: number): void;
  };
  postMessage(0);
}
