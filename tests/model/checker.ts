// Copyright 2026 the authors. MIT license.

/**
 * Runs real code over model words under every schedule with few preemptions.
 *
 * Source: M. Musuvathi and S. Qadeer, "Iterative Context Bounding for
 * Systematic Testing of Multithreaded Programs" (2007).
 *
 * @module
 */

// With the file, and not by the first of its tests: it opens a library.
import "../../memory/kernel.ts";
import { LONG } from "../_support/delays.ts";
import {
  type Assignment,
  Control,
  controlBytes,
  MAX_THREADS,
  type Readiness,
} from "./control.ts";
import type { CheckOptions, Scenario } from "./scenario.ts";
import {
  type Branch,
  type Fault,
  LIVELOCK,
  Schedule,
  type Stage,
  STUCK,
} from "./scheduler.ts";
import { formatSchedule, formatTrace, parseSchedule } from "./trace.ts";

export { ASSERTION, DEADLOCK, DIVERGED, LIVELOCK } from "./scheduler.ts";
export type { Fault } from "./scheduler.ts";
export type {
  CheckOptions,
  Ending,
  Scenario,
  ThreadContext,
} from "./scenario.ts";

/** What a check that found nothing has done. */
export interface CheckResult {
  /** How many schedules were run. */
  schedules: number;
  /** How many steps they took together. */
  steps: number;
}

/** A schedule under which the scenario fails. */
export class ModelError extends Error {
  override name = "ModelError";
  /** What is wrong. */
  readonly fault: Fault;
  /** The choices that lead there, for {@linkcode CheckOptions.replay}. */
  readonly schedule: string;
  /** How many schedules were run, this one included. */
  readonly schedules: number;
  /** What each step did, and where the threads are; the middle may be cut. */
  readonly trace: string;

  constructor(
    name: string,
    found: Pick<ModelError, "fault" | "schedule" | "schedules" | "trace"> & {
      text: string;
    },
  ) {
    super(
      `Cannot pass "${name}": ${found.fault}, schedule ${found.schedule} ` +
        `(number ${found.schedules})\n${found.text}\n${found.trace}`,
    );
    this.fault = found.fault;
    this.schedule = found.schedule;
    this.schedules = found.schedules;
    this.trace = found.trace;
  }
}

/**
 * Runs the scenario under every schedule within the bounds, the plainest first.
 *
 * @throws {ModelError} At the first schedule under which it fails.
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const scenario = await load(options);
  const stage = makeStage(options, scenario);
  let isWhole = false;
  try {
    const hired = scenario.threads.map((_, thread) => {
      const url = new URL("./worker.ts", import.meta.url);
      crew[thread] ??= new Worker(url, { type: "module" });
      return hire(crew[thread], {
        module: options.module,
        scenario: options.scenario,
        thread,
        control: stage.controlMemory,
        memory: stage.memory,
        plain: options.plain ?? true,
        gaps: options.bytes ?? false,
      });
    });
    await Promise.all(hired);
    const result = explore(options, stage);
    isWhole = true;
    return result;
  } catch (error) {
    isWhole = error instanceof ModelError && error.fault !== STUCK;
    throw error;
  } finally {
    // A worker that is blocked outlives `terminate()`: it must leave by itself.
    scenario.threads.forEach((_, thread) => stage.control.quit(thread));
    if (!isWhole) {
      for (const worker of crew.splice(0)) worker.terminate();
    }
  }
}

/**
 * The workers of this test file, by the threads that they are: a start takes as
 * long as hundreds of schedules. One that left its loop takes another scenario.
 */
const crew: Worker[] = [];

/**
 * The check of a seeded mistake: fails unless the checker finds it.
 *
 * @returns What it found.
 */
export async function assertFinds(
  fault: Fault,
  options: CheckOptions,
): Promise<ModelError> {
  let passed: CheckResult;
  try {
    passed = await check(options);
  } catch (error) {
    if (error instanceof ModelError && error.fault === fault) return error;
    throw error;
  }
  throw new TypeError(
    `Cannot find a ${fault} in "${options.name}": ` +
      `all ${passed.schedules} schedules pass`,
  );
}

interface OwnedStage extends Stage {
  readonly controlMemory: SharedArrayBuffer;
  readonly memory: SharedArrayBuffer;
}

async function load(options: CheckOptions): Promise<Scenario> {
  const module = await import(options.module);
  const scenario: Scenario | undefined = module[options.scenario];
  const count = scenario?.threads?.length;
  if (scenario === undefined || count !== options.threads) {
    throw new TypeError(
      `Cannot check "${options.name}": ${options.module} has no scenario ` +
        `${options.scenario} of ${options.threads} threads`,
    );
  }
  if (count > MAX_THREADS) {
    throw new RangeError(
      `Cannot check "${options.name}": ${count} threads are more than ${MAX_THREADS}`,
    );
  }
  return scenario;
}

function makeStage(options: CheckOptions, scenario: Scenario): OwnedStage {
  const maxSteps = options.maxSteps ?? 1_000;
  const controlMemory = new SharedArrayBuffer(controlBytes(maxSteps));
  const memory = new SharedArrayBuffer(4 * options.words);
  return {
    controlMemory,
    memory,
    control: new Control(controlMemory),
    cells: new Int32Array(memory),
    scenario,
    patience: 5 * LONG,
    bounds: {
      preemptions: options.preemptions ?? 2,
      timeouts: options.timeouts ?? 0,
      sliceMs: options.sliceMs ?? Infinity,
      kills: options.kills ?? 0,
      victims: options.victims ?? scenario.threads.map((_, thread) => thread),
      maxSteps,
    },
  };
}

function hire(worker: Worker, assignment: Assignment): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Readiness>) => {
      if (data.failure === undefined) resolve();
      else reject(new TypeError(`Cannot import the scenario: ${data.failure}`));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new TypeError(`Cannot start a thread: ${event.message}`));
    };
    worker.postMessage(assignment);
  });
}

function explore(options: CheckOptions, stage: Stage): CheckResult {
  const { replay, maxSchedules = 200_000 } = options;
  // One stack per cost: what needs fewer preemptions is looked at first, so a
  // mistake is shown by the plainest schedule that has it.
  const open: Branch[][] = [];
  const result = { schedules: 0, steps: 0 };
  let prescribed: ArrayLike<number> | undefined = parseSchedule(replay ?? "");
  while (prescribed !== undefined) {
    if (result.schedules === maxSchedules) {
      throw new RangeError(
        `Cannot check "${options.name}": more than ${maxSchedules} schedules`,
      );
    }
    result.schedules++;
    const branches = runOne(options, stage, prescribed, result);
    if (replay !== undefined) break;
    for (const branch of branches) (open[branch.cost] ??= []).push(branch);
    prescribed = next(open);
  }
  return result;
}

/** Runs one schedule, and returns those that leave it somewhere. */
function runOne(
  options: CheckOptions,
  stage: Stage,
  prescribed: ArrayLike<number>,
  result: CheckResult,
): Branch[] {
  const schedule = new Schedule(stage, prescribed);
  const { path, branches, fault, text } = schedule.run();
  result.steps += stage.control.length;
  if (fault === undefined) {
    schedule.clear();
    return branches;
  }
  // What comes after the prescribed steps follows by itself, and is long.
  const isEndless = fault === LIVELOCK || fault === STUCK;
  const error = new ModelError(options.name, {
    fault,
    schedule: formatSchedule(isEndless ? prescribed : path),
    schedules: result.schedules,
    text,
    trace: formatTrace(stage.control, schedule.describe()),
  });
  // A thread that is stuck cannot be got out of where it is.
  if (fault !== STUCK) schedule.clear();
  throw error;
}

function next(open: readonly Branch[][]): Uint8Array | undefined {
  for (const stack of open) {
    const branch = stack?.pop();
    if (branch === undefined) continue;
    const prescribed = branch.path.slice(0, branch.length + 1);
    prescribed[branch.length] = branch.choice;
    return prescribed;
  }
  return undefined;
}
