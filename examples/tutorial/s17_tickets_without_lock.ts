// Copyright 2026 the authors. MIT license.

// S-17 a hundred buyers, one ticket, no lock: it is sold several times.
//
// Python: Process(target=task) a hundred times, json.load(), json.dump().
//
// Between reading the count and writing it back every other buyer may read the
// same count. The file is Deno.args[0], or a new one in a temporary directory.

import * as mp from "../../mod.ts";
import { dumpTickets, loadTickets, sleepSync } from "./_seed.ts";

function search(file: string) {
  console.log(`剩余票数${loadTickets(file).count}`);
}

function get(file: string) {
  const tickets = loadTickets(file);
  sleepSync(0.1);
  if (tickets.count > 0) {
    tickets.count -= 1;
    sleepSync(0.2);
    dumpTickets(tickets, file);
    console.log("购票成功");
  }
}

export function task(file: string) {
  search(file);
  get(file);
}

if (import.meta.main) {
  const file = Deno.args[0] ?? `${Deno.makeTempDirSync()}/db`;
  dumpTickets({ count: 1 }, file);
  for (let i = 0; i < 100; i++) {
    new mp.Process({ target: task, args: [file] }).start();
  }
}
