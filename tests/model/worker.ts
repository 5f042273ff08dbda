// Copyright 2026 the authors. MIT license.

// One thread of a scenario: waits for the turn, runs the scenario's function
// under it, and does so again for the next schedule.

import {
  type Assignment,
  Control,
  QUIT,
  type Readiness,
  UNWIND,
} from "./control.ts";
import type { Scenario, ThreadContext } from "./scenario.ts";
import { KILLED, ModelWords, StillWords } from "./words.ts";

/** An assertion of a scenario that does not hold. */
class ModelAssertion extends Error {
  override name = "ModelAssertion";
}

/** The part of a worker's scope that is used here. */
interface WorkerScope {
  onmessage: (event: MessageEvent<Assignment>) => void;
  postMessage(message: Readiness): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => work(data);

async function work(job: Assignment): Promise<void> {
  const control = new Control(job.control);
  // Deadlines in the code under test follow the scenario's time.
  performance.now = () => control.now();
  Object.defineProperty(performance, "timeOrigin", { value: 0 });
  let scenario: Scenario;
  try {
    const module = await import(job.module);
    scenario = module[job.scenario];
  } catch (error) {
    scope.postMessage({ failure: textOf(error) });
    return;
  }
  scope.postMessage({ failure: undefined });
  serve(job, control, scenario);
}

function serve(job: Assignment, control: Control, scenario: Scenario): void {
  while (true) {
    const command = control.take(job.thread);
    if (command === QUIT) return;
    // A thread that was told to unwind before it began has nothing to leave.
    if (command !== UNWIND) runOnce(job, control, scenario);
    control.back();
  }
}

function runOnce(job: Assignment, control: Control, scenario: Scenario): void {
  const context = makeContext(job, control, scenario);
  try {
    context.words.begin();
    const result: unknown = scenario.threads[job.thread]?.(context);
    if (result instanceof Promise) {
      throw new TypeError("Cannot run the thread: it is async");
    }
  } catch (error) {
    if (error !== KILLED) {
      control.fail(`T${job.thread} threw ${textOf(error)}`);
    }
  }
  if (!control.isDead(job.thread)) control.end(job.thread);
}

function makeContext(
  job: Assignment,
  control: Control,
  scenario: Scenario,
): ThreadContext & { words: ModelWords } {
  const cells = new Int32Array(job.memory);
  const still = new StillWords(cells, control);
  const { thread, plain, gaps } = job;
  function fail(text: string): never {
    control.fail(`T${thread}: ${text}`);
    throw new ModelAssertion(text);
  }
  const words = new ModelWords({
    cells,
    control,
    thread,
    plain,
    gaps,
    invariant() {
      if (scenario.invariant?.(still) === false) {
        fail("the invariant does not hold after this step");
      }
    },
  });
  return {
    words,
    bytes: new Uint8Array(job.memory),
    thread,
    assert(condition, text) {
      if (!condition) fail(text);
    },
    isDead: (other) => words.isDead(other),
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.stack ?? `${error.name}: ${error.message}`;
}
