// Copyright 2026 the authors. MIT license.

// Random histories of a pool's plan, without a worker. A history that goes
// wrong prints its seed and its last steps; `World` with that seed repeats it.

import { assertGreater, assertThrows } from "@std/assert";
import { Plan } from "../../pool/plan.ts";
import { many } from "../_support/delays.ts";
import { type PlanClass, World } from "../_support/plan_world.ts";
import { importWith, type Mistake } from "../model/testdata/mistake.ts";

const HISTORIES = many(1000, 20_000);
const STEPS = 300;

/** Deliberate errors in `plan.ts`; the histories must find each. */
const MISTAKES: Readonly<Record<string, Mistake>> = {
  "what a dead worker has not begun is forgotten": [[
    "    this.#requeue(untouched, exitCode);\n    for",
    "    for",
  ]],
  "what a dead worker had begun is forgotten": [[
    "    for (const task of lost) this.#lose(task, exitCode);\n",
    "",
  ]],
  "a lost task is tried again once too often": [[
    "if (task.triesLeft > 0 && this.phase.isGoingOn) {",
    "if (task.triesLeft >= 0 && this.phase.isGoingOn) {",
  ]],
  "a new task overtakes those that wait": [[
    "const desk = this.#queue.length > 0\n      ? undefined\n      : task.pinned",
    "const desk = task.pinned",
  ]],
  "what comes back waits behind the others": [[
    "if (free.length > 0) this.#queue.insert(free);",
    "for (const task of free) this.#queue.push(task);",
  ]],
  "what comes back goes before all others": [[
    "if (free.length > 0) this.#queue.insert(free);",
    "if (free.length > 0) this.#queue.insert(free.map((t) => (t.place = 0, t)));",
  ]],
  "a worker that has started passes by what others have": [[
    "      if (desk.isStarting && desk.ahead > 0) {\n",
    "      if (false) {\n",
  ]],
  "a worker that does not wake is waited for": [[
    "const taken = this.#takeBack(desk, 1);",
    "const taken: Task[] = [];",
  ]],
  "what is late stays where it is": [[
    "if (areAllTold && desk.isLate(now)) this.#recall(desk);",
    "",
  ]],
  "a late worker gets more": [[
    "    desk.shut();\n",
    "",
  ]],
  "functions are taken for each other": [[
    "task.pace = this.#paces.of(task.note);",
    "task.pace = this.#paces.of(0);",
  ]],
  "what waits for one worker is passed by": [[
    "if (this.#waiting > this.#queue.length) {",
    "if (this.#waiting > this.#queue.length && first === undefined) {",
  ]],
  "what waits for one worker goes before all others": [[
    "desk.hasTurn(first)",
    "desk.hasTurn(undefined)",
  ]],
  "a key goes to any worker": [[
    "if (key !== undefined) task.pinned = this.#seatOf(key);\n    this.#number",
    "this.#number",
  ]],
  "a worker that is used up stays": [[
    "    if (desk.isUsedUp) this.#dismiss(desk);\n",
    "",
  ]],
  "a task that was called off is heard of again": [[
    "if (!task.settle()) return false;",
    "task.settle();",
  ]],
  "a task that is dropped is still counted": [[
    "if (task.seat === 0 && this.#settle(task)) this.#forget(task);",
    "if (task.seat === 0) this.#settle(task);",
  ]],
  "a task that its seat refuses stays there": [[
    "      this.#table.leave(task);\n      return given;",
    "      if (given === false) this.#table.leave(task);\n      return given;",
  ]],
  "a task that its seat refuses is told to nobody": [[
    "if (given instanceof Refusal) return this.failed(task, given.error);",
    "if (given instanceof Refusal) return;",
  ]],
  "a closed pool ends between two workers": [[
    "return !isGoingOn || this.#isDone || this.#hands.isEnding;",
    "return true;",
  ]],
  "a closed pool keeps its workers": [[
    "for (const desk of this.#desks.all) this.#dismiss(desk);\n",
    "",
  ]],
  "a seat is not filled again": [[
    "else if (!isUseless) this.#summon(desk);",
    "",
  ], [
    "if (!this.#isPausing) this.#summon(desk);",
    "",
  ]],
  "workers start all at once": [[
    "    if (this.#isWorthwhile(desk)) this.#hireDue(desk);\n",
    "    for (const due of this.#desks.all) if (due.isDue) this.#hireDue(due);\n",
  ]],
  "workers start where they are wanted": [[
    "    desk.summon();\n    this.#hands.hireInTurns();\n",
    "    desk.summon();\n    this.#hireDue(desk);\n",
  ]],
  "nobody is told of a worker that is due": [[
    "    desk.summon();\n    this.#hands.hireInTurns();\n",
    "    desk.summon();\n",
  ]],
  "a worker that is due is forgotten for the next": [[
    "    return this.#desks.due !== undefined;\n  }",
    "    return false;\n  }",
  ]],
  "a terminated pool still starts its workers": [[
    "    if (desk.isDue) desk.vacate();\n    if (desk.isEmpty) return;\n",
    "    if (desk.isEmpty || desk.isDue) return;\n",
  ]],
  "a closed pool starts workers for nothing": [[
    "    if (this.#isWorthwhile(desk)) this.#hireDue(desk);\n",
    "    if (this.#isHiring) this.#hireDue(desk);\n",
  ]],
  "a worker that could not start stays due": [[
    "      desk.vacate();\n      const isMore",
    "      const isMore",
  ]],
  "what waits is not given to a worker that starts": [[
    "    else this.#unseat(desk);\n    this.look(now, false);\n",
    "    else this.#unseat(desk);\n",
  ]],
  "a broken pool keeps its tasks": [[
    "if (this.phase.break(ruin)) this.#failAll();",
    "this.phase.break(ruin);",
  ]],
};

/** Throws what goes wrong first, with how it came to that. */
function runHistories(Class: PlanClass, count: number): void {
  for (let seed = 1; seed <= count; seed++) {
    const world = new World(Class, seed);
    try {
      for (let i = 0; i < STEPS; i++) world.step();
      world.end();
    } catch (error) {
      const last = world.steps.slice(-12).join("\n  ");
      const { message } = error as Error;
      throw new TypeError(
        `Cannot go on with seed ${seed}: ${message}\n  ${last}`,
        { cause: error },
      );
    }
  }
}

Deno.test("Plan keeps its promises in every history", () => {
  assertGreater(HISTORIES * STEPS, 100_000);
  runHistories(Plan, HISTORIES);
});

for (const name of Object.keys(MISTAKES)) {
  Deno.test(`Plan histories notice that ${name}`, async () => {
    const url = `file:///plan.ts?mistake=${encodeURIComponent(name)}`;
    const module = await importWith("pool/plan.ts", url, MISTAKES);
    const Class = (module as { Plan: PlanClass }).Plan;
    assertThrows(() => runHistories(Class, HISTORIES), TypeError);
  });
}
