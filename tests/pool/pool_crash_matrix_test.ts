// Copyright 2026 the authors. MIT license.

// Everything that can go wrong × where × in how many workers × what the caller
// does meanwhile, after loky's catalogue. In each cell nothing may hang, each
// task settles once, and what is lost is exactly what was hit.
//
// Cells that do not exist:
// - "loop" and "never" outlast everything but a timeout, which a task has and a
//   start has not: at import, in the initializer and between tasks only
//   terminate() ends them, so only that is asked there. "never" between tasks
//   is a promise that is not awaited; while sending, nothing can be awaited.
// - "uncloneable" is a value: it is there as an argument (reading) or as a
//   result (sending).
// - Reading runs no code of the user, but for the import of the task's module.
//
// By default every pair of two columns is covered, of which the start method is
// one; STRESS=1 runs all cells.

import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import {
  activeChildren,
  Pool,
  RawArray,
  type TaskOptions,
  WorkerExitError,
} from "../../mod.ts";
import { me } from "../../program/self.ts";
import { LONG, many } from "../_support/delays.ts";
import { contractOf, type Method, METHODS } from "../_support/contract.ts";
import { inTime, numbers } from "../_support/pools.ts";
import { until } from "../_support/until.ts";
import { setUpHere, taskHere } from "../testdata/pool_bad_import.ts";
import { LOOP, PLAN, type Plan, setUp, task } from "../testdata/pool_faults.ts";

const WORKERS = 2;
const TASKS = 8;
const FAULTS = ["exit", "error", "terminate", "loop", "never", "uncloneable"];
const PLACES = [
  "import",
  "initializer",
  "reading",
  "task",
  "sending",
  "between",
];
const WIDTHS = ["one worker", "all workers"];
const ACTIONS = ["map", "imap", "close", "join", "terminate"];

type Cell = [
  fault: string,
  place: string,
  width: string,
  action: string,
  method: Method,
];

function exists([fault, place, , action]: Cell): boolean {
  const isStart = place === "import" || place === "initializer";
  if (fault === "uncloneable") {
    return place === "reading" || place === "sending";
  }
  if (fault !== "loop" && fault !== "never") return true;
  if (fault === "never" && (place === "between" || place === "sending")) {
    return false;
  }
  return action === "terminate" || !(isStart || place === "between");
}

function allCells(): Cell[] {
  const cells: Cell[] = [];
  for (const fault of FAULTS) {
    for (const place of PLACES) {
      for (const width of WIDTHS) {
        for (const action of ACTIONS) {
          for (const method of METHODS) {
            cells.push([fault, place, width, action, method]);
          }
        }
      }
    }
  }
  return cells.filter(exists);
}

function pairsOf(cell: Cell): string[] {
  return cell.flatMap((a, i) =>
    cell.slice(i + 1).map((b, j) => `${i}${a} ${i + j + 1}${b}`)
  );
}

/**
 * Few cells with every pair: always the one that has most of what lacks and,
 * among those, whose values were taken least often.
 */
function sample(cells: Cell[]): Cell[] {
  const lacking = new Set(cells.flatMap(pairsOf));
  const uses = new Map<string, number>();
  const usesOf = (value: string) => uses.get(value) ?? 0;
  const chosen: Cell[] = [];
  const gain = (cell: Cell) =>
    pairsOf(cell).filter((pair) => lacking.has(pair)).length -
    cell.reduce((sum, value) => sum + usesOf(value), 0) / 1e6;
  while (lacking.size > 0) {
    const best = cells.reduce((a, b) => gain(b) > gain(a) ? b : a);
    for (const pair of pairsOf(best)) lacking.delete(pair);
    for (const value of best) uses.set(value, usesOf(value) + 1);
    chosen.push(best);
  }
  return chosen;
}

/** Terminates, until it is stopped, the workers that have asked for it. */
function hunt(folder: string): () => void {
  const timer = setInterval(() => {
    for (const { name } of Deno.readDirSync(folder)) {
      let worker: string;
      try {
        worker = Deno.readTextFileSync(`${folder}/${name}/name`);
      } catch {
        // It has its claim, and has not written its name yet.
        continue;
      }
      activeChildren().find(({ name }) => name === worker)?.terminate();
    }
  }, 5);
  return () => clearInterval(timer);
}

function poolFor(place: string, runs: RawArray<"i">, method: Method): Pool {
  const isBad = place === "import" || place === "reading";
  const file = isBad ? "pool_bad_import.ts" : "pool_faults.ts";
  const module = new URL(`../testdata/${file}`, import.meta.url);
  const common = { processes: WORKERS, module, method };
  // Without an initializer the first task is what makes a worker import it.
  if (place === "reading") return new Pool(common);
  const initializer = place === "import" ? setUpHere : setUp;
  return new Pool({ ...common, initializer, initargs: [runs] });
}

/**
 * How long a task may run, in milliseconds. Its time counts from its start, so
 * it has to outlast, in the tasks that nothing hits, what they do there: while
 * reading, they import a module, which takes long on a loaded machine.
 */
function patienceIn(place: string): number {
  return place === "reading" ? LONG : LONG / 2;
}

/** How often it has gone wrong. */
function hits(folder: string): number {
  return [...Deno.readDirSync(folder)].length;
}

/** Calls the pool as the cell says, and gives what became of the tasks. */
async function act(
  pool: Pool,
  action: string,
  func: (i: number) => unknown,
  items: number[],
  options: TaskOptions,
  isHit: () => boolean,
): Promise<PromiseSettledResult<unknown>[]> {
  if (action === "map") {
    const map = pool.map(func, items, { chunkSize: 1, ...options });
    return inTime(Promise.allSettled([map]));
  }
  if (action === "imap") {
    const settled: PromiseSettledResult<unknown>[] = [];
    const results = pool.imap(func, items, options);
    for (let i = 0; i < TASKS; i++) {
      settled.push(...await inTime(Promise.allSettled([results.next()])));
    }
    return settled;
  }
  const results = items.map((item) => pool.applyAsync(func, [item], options));
  const settled = Promise.allSettled(results);
  if (action === "terminate") {
    await until(isHit);
    pool.terminate();
  } else pool.close();
  if (action === "join") await inTime(pool.join());
  return inTime(settled);
}

function checkLoss(error: unknown, [fault, place]: Cell): void {
  const { name, message } = error as Error;
  if (fault === "loop" || fault === "never") {
    assertEquals(name, "TimeoutError");
  } else if (fault === "uncloneable") {
    assertEquals(name, "DataCloneError");
  } else if (fault === "error" && place === "sending") {
    assertEquals(message, "from the getter");
  } else assert(error instanceof WorkerExitError, `${error}`);
}

const warm = new Set<Method>();

/**
 * Has a worker load all once: on a fresh clone, where it is compiled first,
 * that may take longer than a loop.
 */
async function warmUp(method: Method): Promise<void> {
  if (warm.has(method)) return;
  warm.add(method);
  const plan: Plan = {
    folder: "",
    fault: "none",
    place: "nowhere",
    times: 0,
    first: 0,
  };
  Deno.env.set(PLAN, JSON.stringify(plan));
  await using pool = poolFor("import", new RawArray("i", TASKS), method);
  await inTime(pool.apply(taskHere, [0]));
}

async function runCell(cell: Cell, folder: string): Promise<void> {
  const [fault, place, width, action, method] = cell;
  const times = width === "one worker" ? 1 : WORKERS;
  const first = me().childCount + 1;
  const plan: Plan = { folder, fault, place, times, first };
  Deno.env.set(PLAN, JSON.stringify(plan));
  const runs = new RawArray("i", TASKS);
  const pool = poolFor(place, runs, method);
  const func = place === "reading" || place === "import" ? taskHere : task;
  const isLong = fault === "loop" || fault === "never";
  const isBadArgument = fault === "uncloneable" && place === "reading";
  const items = numbers(TASKS).map((i) =>
    isBadArgument && i < times ? (() => i) as unknown as number : i
  );
  const isHit = () =>
    isBadArgument || hits(folder) >= times ||
    pool.stats().done + pool.stats().failed === TASKS;
  const options = isLong && action !== "terminate"
    ? { timeout: patienceIn(place) }
    : {};
  const start = performance.now();
  const settled = await act(pool, action, func, items, options, isHit);
  pool.close();
  await inTime(pool.join());
  assertLess(performance.now() - start, LOOP, "somebody waited for a loop");
  const { done, failed } = pool.stats();
  assertEquals(done + failed, TASKS);
  const losses = settled.flatMap((one) =>
    one.status === "rejected" ? [one.reason] : []
  );
  if (action === "map") assertEquals(losses.length > 0, failed > 0);
  else assertEquals(losses.length, failed);
  if (action === "terminate") return;
  if (place === "import" || place === "initializer") assertEquals(failed, 0);
  else if (place === "between") assertLessOrEqual(failed, times);
  else assertEquals(failed, times);
  for (const error of losses) checkLoss(error, cell);
  if (action === "map" || place === "reading") return;
  for (const [i, { status }] of settled.entries()) {
    if (status === "fulfilled") assertEquals(runs.get(i), 1, `task ${i}`);
  }
}

const CELLS = many(sample(allCells()), allCells());

for (const cell of CELLS) {
  const [fault, place, width, action, method] = cell;
  const name = [fault, place, width, action].join(", ");
  contractOf({ methods: [method] }).test(
    `Pool crash matrix: ${name}`,
    async () => {
      const folder = await Deno.makeTempDir();
      const rest = fault === "terminate" ? hunt(folder) : () => {};
      try {
        await warmUp(method);
        await runCell(cell, folder);
      } finally {
        rest();
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}
