// Copyright 2026 the authors. MIT license.

// S-52 arguments by position or by name.
//
// Python: Process(target=task, args=('太白金星',)) or
// Process(target=task, kwargs={'name': '太白金星'}).
//
// JavaScript passes by name with an object, so kwargs arrive as one, the last
// argument. The second way is taken when Deno.args[0] is "kwargs".

import * as mp from "../../mod.ts";
import { sleepSync } from "./_seed.ts";

export function task(name: string) {
  console.log(`${name} is runing`);
  sleepSync(3);
  console.log(`${name} is done`);
}

export function taskByName({ name }: { name: string }) {
  task(name);
}

if (import.meta.main) {
  const p = Deno.args[0] === "kwargs"
    ? new mp.Process({ target: taskByName, kwargs: { name: "太白金星" } })
    : new mp.Process({ target: task, args: ["太白金星"] });
  p.start();
  console.log("====主");
}
