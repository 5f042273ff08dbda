// Copyright 2026 the authors. MIT license.

// S-18 a hundred buyers, one ticket, a lock: it is sold once.
//
// Python: Lock(), lock.acquire(), lock.release(), json.load(), json.dump().
//
// Looking is free for all, buying is one at a time. The file is Deno.args[0],
// or a new one in a temporary directory.

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

export function task(file: string, lock: mp.Lock) {
  search(file);
  lock.acquireSync();
  get(file);
  lock.release();
}

if (import.meta.main) {
  const file = Deno.args[0] ?? `${Deno.makeTempDirSync()}/db`;
  dumpTickets({ count: 1 }, file);
  const lock = new mp.Lock();
  for (let i = 0; i < 100; i++) {
    new mp.Process({ target: task, args: [file, lock] }).start();
  }
}
