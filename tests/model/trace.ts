// Copyright 2026 the authors. MIT license.

// Schedules as text: a choice per step, and what each step did.

import {
  type Control,
  MAX_THREADS,
  Op,
  SLEEPS,
  type Step,
  UNLIMITED,
  WAIT_RESULTS,
} from "./control.ts";

// A choice is one byte: a thread, plus what to do with it.

/** Let thread t take a step: t itself. */
export const STEP = 0;
/** Let the wait of thread t time out. */
export const TIMEOUT = MAX_THREADS;
/** Kill thread t. */
export const KILL = 2 * MAX_THREADS;

/**
 * A schedule as an error prints it: `0011t10`, `t1` times T1 out, `k1` kills
 * it.
 */
export function formatSchedule(choices: ArrayLike<number>): string {
  return Array.from(choices, (choice) => {
    const thread = choice % MAX_THREADS;
    if (choice < TIMEOUT) return `${thread}`;
    return choice < KILL ? `t${thread}` : `k${thread}`;
  }).join("");
}

/** The choices that {@linkcode formatSchedule} wrote. */
export function parseSchedule(text: string): number[] {
  if (!/^(?:[tk]?[0-7])*$/.test(text)) {
    throw new TypeError(`Cannot replay "${text}": it is no schedule`);
  }
  return Array.from(text.matchAll(/([tk]?)(.)/g), ([, kind, thread]) => {
    const base = kind === "t" ? TIMEOUT : kind === "k" ? KILL : STEP;
    return base + Number(thread);
  });
}

/** The most steps of a trace that are shown, half of them its last. */
const SHOWN = 200;

/** The steps of a schedule, and where it left its threads. */
export function formatTrace(
  control: Control,
  threads: readonly string[],
): string {
  const lines: string[] = [];
  const cut = control.length > SHOWN ? control.length - SHOWN : 0;
  for (let i = 0; i < control.length; i++) {
    if (cut > 0 && i === SHOWN / 2) {
      lines.push(`… ${cut} more steps …`);
      i += cut;
    }
    lines.push(formatStep(control.step(i)));
  }
  return [...lines, ...threads].map((line) => `  ${line}`).join("\n");
}

function formatStep(step: Step): string {
  const { index, a, b, result } = step;
  const who = `T${step.thread}`;
  switch (step.op) {
    case Op.PEEK:
      return `${who} peek[${index}] = ${result}`;
    case Op.POKE:
      return `${who} poke[${index}] ${result}→${a}`;
    case Op.LOAD:
      return `${who} load[${index}] = ${result}`;
    case Op.STORE:
      return `${who} store[${index}] ${result}→${a}`;
    case Op.ADD:
      return `${who} add[${index}] ${a} = ${result}`;
    case Op.EXCHANGE:
      return `${who} exchange[${index}] ${a} = ${result}`;
    case Op.CAS:
      return `${who} cas[${index}] ${a}→${b} = ${result}`;
    case Op.WAIT: {
      const ms = b === UNLIMITED ? "" : `, ${b} ms`;
      const end = result === SLEEPS ? "sleeps" : WAIT_RESULTS[result];
      return `${who} wait[${index}] while ${a}${ms}: ${end}`;
    }
    case Op.NOTIFY: {
      const count = a === UNLIMITED ? "all" : a;
      return `${who} notify[${index}] ${count}: wakes ${sleepers(step.woken)}`;
    }
    case Op.IS_DEAD:
      return `${who} isDead(T${index}) = ${result === 1}`;
    case Op.LOCAL:
      return `${who} runs on`;
    case Op.END:
      return `${who} ends`;
    case Op.TIMEOUT:
      return `${who} times out of wait[${index}]`;
    default:
      return `${who} is killed`;
  }
}

function sleepers(bits: number): string {
  const names: string[] = [];
  for (let thread = 0; thread < MAX_THREADS; thread++) {
    if ((bits >> thread & 1) === 1) names.push(`T${thread}`);
  }
  return names.join(" ") || "nobody";
}
