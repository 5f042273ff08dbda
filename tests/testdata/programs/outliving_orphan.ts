// Copyright 2026 the authors. MIT license.

// An orphan reads what its program shares by name, and so does its own child.

import * as mp from "../../../mod.ts";
import { HUNG } from "../../_support/delays.ts";

type Answers = mp.Queue<string | number>;

const { Process, Queue } = mp.getContext("spawn");

export function read(answers: Answers) {
  using memory = new mp.SharedMemory({ name: "word" });
  answers.putSync(memory.buf[0]!);
}

export async function outlive(answers: Answers) {
  answers.putSync("begun");
  await mp.parentProcess()!.join();
  const p = new Process({ target: read, args: [answers] });
  p.start();
  read(answers);
  await p.join();
}

export async function parent(answers: Answers) {
  const p = new Process({ target: outlive, args: [answers] });
  p.start();
  await p.join();
}

if (import.meta.main) {
  const memory = new mp.SharedMemory({ name: "word", create: true, size: 8 });
  memory.buf[0] = 42;
  const answers: Answers = new Queue();
  const p = new Process({ target: parent, args: [answers] });
  p.start();
  console.log(await answers.get());
  p.kill();
  await p.join();
  const options = { timeout: HUNG / 4 };
  console.log(await answers.get(options), await answers.get(options));
  memory.unlink();
}
