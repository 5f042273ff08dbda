// Copyright 2026 the authors. MIT license.

// S-67 a hundred buyers, five tickets, a lock, and nobody in step.
//
// Python: time.sleep(random.random()), lock.acquire(), lock.release(),
// json.load(), json.dump().
//
// The file is Deno.args[0], or a new one in a temporary directory.

import * as mp from "../../mod.ts";
import { dumpTickets, loadTickets, sleepSync } from "./_seed.ts";

function search(file: string) {
  sleepSync(Math.random());
  console.log(`剩余票数${loadTickets(file).count}`);
}

function get(file: string) {
  const tickets = loadTickets(file);
  if (tickets.count > 0) {
    sleepSync(Math.random());
    tickets.count -= 1;
    dumpTickets(tickets, file);
    console.log("购票成功");
  } else {
    console.log("购票失败");
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
  dumpTickets({ count: 5 }, file);
  const lock = new mp.Lock();
  for (let i = 0; i < 100; i++) {
    new mp.Process({ target: task, args: [file, lock] }).start();
  }
}
