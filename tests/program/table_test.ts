// Copyright 2026 the authors. MIT license.

// The table of processes, without any process: its words are all there is.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { StateError } from "../../errors.ts";
import {
  GRACE,
  MAX_PROCESSES,
  type NewProcess,
  runningState,
  stateIndex,
  Table,
} from "../../program/table.ts";
import {
  createTableMemory,
  tableMemoryOf,
} from "../../program/table_memory.ts";
import { EXPIRED, Line, runSync } from "../../memory/park.ts";
import { me } from "../../program/self.ts";
import * as mp from "../../mod.ts";
import { SHORT } from "../_support/delays.ts";

function createTable(): Table {
  return new Table(createTableMemory("thread"));
}

function enter(table: Table, process: Partial<NewProcess> = {}): number {
  return table.allocate({
    parent: 0,
    pid: 1,
    host: table.host,
    daemon: false,
    name: "test",
    ...process,
  });
}

/** What it is: alive, running, and with which exit code. */
function stateOf(table: Table, token: number) {
  return [table.isAlive(token), table.isRunning(token), table.exitCode(token)];
}

Deno.test("Table.allocate() enters a running process with its fields", () => {
  const table = createTable();
  const parent = enter(table);
  const child = enter(table, {
    parent,
    ident: 77,
    pid: 42,
    daemon: true,
    name: "子进程",
  });
  assertEquals(stateOf(table, child), [true, true, undefined]);
  assertEquals(table.parentOf(child), parent);
  assertEquals(table.identOf(child), 77);
  assertEquals(table.pidOf(child), 42);
  assertEquals(table.isDaemon(child), true);
  assertEquals(table.isDaemon(parent), false);
  assertEquals(table.nameOf(child), "子进程");
  assertEquals(table.living(), [parent, child].toSorted((a, b) => a - b));
  assertEquals(table.words.load(stateIndex(child)), runningState(child));
});

Deno.test("Table.allocate() gives idents that no OS process can have", () => {
  const table = createTable();
  const idents = Array.from({ length: 3 }, () => table.identOf(enter(table)));
  assertEquals(new Set(idents).size, 3);
  for (const ident of idents) assert(ident > 2 ** 22);
});

Deno.test("Table.allocate() gives no token twice", () => {
  const table = createTable();
  const tokens = new Set<number>();
  for (let i = 0; i < 3 * MAX_PROCESSES; i++) {
    const token = enter(table);
    assert(token > 0);
    tokens.add(token);
    table.end(token, 0);
    table.free(token);
  }
  assertEquals(tokens.size, 3 * MAX_PROCESSES);
  assertEquals(table.living(), []);
});

Deno.test("Table.allocate() refuses one more than it has slots", () => {
  const table = createTable();
  const tokens = Array.from({ length: MAX_PROCESSES }, () => enter(table));
  assertEquals(new Set(tokens).size, MAX_PROCESSES);
  assertThrows(
    () => enter(table),
    StateError,
    `Cannot start process: ${MAX_PROCESSES} processes are running already`,
  );
  assertEquals(table.living().length, MAX_PROCESSES);
  // One that has ended keeps its slot until its parent has read the code.
  table.end(tokens[5]!, 0);
  assertThrows(() => enter(table), StateError);
  table.free(tokens[5]!);
  const token = enter(table, { name: "the last" });
  assertEquals(table.nameOf(token), "the last");
  assertEquals(table.isAlive(tokens[5]!), false);
});

Deno.test("Table.allocate() takes the slots of the dead whose parents are dead", () => {
  const table = createTable();
  const parent = enter(table);
  const children = Array.from(
    { length: MAX_PROCESSES - 1 },
    () => enter(table, { parent }),
  );
  for (const child of children) table.end(child, 0);
  assertThrows(() => enter(table), StateError);
  table.end(parent, 0);
  for (const _ of children) enter(table);
  assertThrows(() => enter(table), StateError);
});

Deno.test("Process.start() with a full table is refused", () => {
  const { table } = me();
  const used = table.living().length;
  const fillers: number[] = [];
  while (table.living().length < MAX_PROCESSES) fillers.push(enter(table));
  try {
    const p = new mp.Process({ target: () => {} });
    assertThrows(
      () => p.start(),
      mp.StateError,
      "Cannot start process: 1024 processes are running already",
    );
    assertEquals(p.isAlive(), false);
    assertEquals(p.ident, undefined);
    assertEquals(mp.activeChildren(), []);
  } finally {
    for (const token of fillers) {
      table.end(token, 0);
      table.free(token);
    }
  }
  assertEquals(table.living().length, used);
});

Deno.test("Process.start() works again when the table is no longer full", () => {
  const { table } = me();
  const fillers: number[] = [];
  while (table.living().length < MAX_PROCESSES) fillers.push(enter(table));
  const p = new mp.Process({ target: () => {} });
  assertThrows(() => p.start(), mp.StateError);
  for (const token of fillers) {
    table.end(token, 0);
    table.free(token);
  }
  p.start();
  assert(p.joinSync());
  assertEquals(p.exitCode, 0);
});

Deno.test("Table.end() decides the exit code once", () => {
  const table = createTable();
  for (const code of [0, 1, 255, -9, -15, -64, -128]) {
    const token = enter(table);
    table.end(token, code);
    assertEquals(stateOf(table, token), [false, false, code]);
    table.end(token, 3);
    assertEquals(table.exitCode(token), code);
    assertEquals(table.stop(token, -15), false);
    assertEquals(table.exitCode(token), code);
  }
});

Deno.test("Table.stop() decides the exit code before the end", () => {
  const table = createTable();
  const token = enter(table);
  assertEquals(table.stop(token, -15), true);
  assertEquals(stateOf(table, token), [true, false, -15]);
  assertEquals(table.stop(token, -9), false);
  table.end(token, 0);
  assertEquals(stateOf(table, token), [false, false, -15]);
  assertEquals(table.wasCut(token), false);
});

Deno.test("Table.isAlive() cuts one that ignores a stop for too long", () => {
  const table = createTable();
  const token = enter(table);
  table.stop(token, -9);
  const start = performance.now();
  while (table.isAlive(token));
  const taken = performance.now() - start;
  assert(taken >= GRACE - SHORT, `cut after ${taken} ms`);
  assertEquals(stateOf(table, token), [false, false, -9]);
  assertEquals(table.wasCut(token), true);
});

Deno.test("Table.free() needs an ended process and the right token", () => {
  const table = createTable();
  const first = enter(table);
  table.free(first);
  assertEquals(table.isAlive(first), true);
  table.stop(first, -15);
  table.free(first);
  assertEquals(table.exitCode(first), -15);
  table.end(first, 0);
  table.free(first);
  table.free(first);
  assertEquals(table.isAlive(first), false);
});

Deno.test("a token of a slot that was given away is dead for ever", () => {
  const table = createTable();
  const first = enter(table, { name: "first" });
  table.end(first, 3);
  table.free(first);
  let again = enter(table);
  while (stateIndex(again) !== stateIndex(first)) {
    table.end(again, 0);
    table.free(again);
    again = enter(table, { name: "again" });
  }
  assertEquals(table.isAlive(first), false);
  assertEquals(table.isRunning(first), false);
  assertEquals(table.stop(first, -9), false);
  table.end(first, 9);
  table.free(first);
  assertEquals(stateOf(table, again), [true, true, undefined]);
  assertEquals(table.epitaph(first), {
    name: undefined,
    ident: undefined,
    exitCode: undefined,
  });
});

Deno.test("Table.epitaph() tells of the dead while their slot lasts", () => {
  const table = createTable();
  const token = enter(table, { ident: 5, name: "bob" });
  table.stop(token, -9);
  table.end(token, 0);
  const epitaph = { name: "bob", ident: 5, exitCode: -9 };
  assertEquals(table.epitaph(token), epitaph);
  table.free(token);
  assertEquals(table.epitaph(token), epitaph);
});

Deno.test("Table.nameOf() keeps as much of a name as fits, in whole characters", () => {
  const table = createTable();
  for (const name of ["", "a".repeat(500), "子".repeat(500), "🙂".repeat(99)]) {
    const kept = table.nameOf(enter(table, { name }));
    assert(name.startsWith(kept));
    assert(name === "" || kept.length > 20);
    assert(kept.isWellFormed());
  }
});

Deno.test("Table.ended() waits for the end", async () => {
  const table = createTable();
  const token = enter(table);
  const soon = performance.now() + SHORT;
  assertEquals(runSync(table.ended(token), soon), EXPIRED);
  const line = new Line();
  const ended = line.run(table.ended(token), Infinity);
  table.stop(token, -15);
  assertEquals(table.isAlive(token), true);
  table.end(token, 0);
  assertEquals(await ended, true);
  assertEquals(runSync(table.ended(token), Infinity), true);
});

Deno.test("Table.ended() cuts one that ignores a stop", () => {
  const table = createTable();
  const token = enter(table);
  table.stop(token, -15);
  assertEquals(runSync(table.ended(token), Infinity), true);
  assertEquals(table.wasCut(token), true);
});

Deno.test("Table() of a handle is another view of the same table", () => {
  const table = createTable();
  const token = enter(table, { name: "seen by both" });
  const other = new Table(tableMemoryOf(structuredClone(table.handle)));
  assertEquals(other.living(), [token]);
  assertEquals(other.nameOf(token), "seen by both");
  other.end(token, 4);
  assertEquals(stateOf(table, token), [false, false, 4]);
});

Deno.test("Table.countRequest() counts the requests of one process", () => {
  const table = createTable();
  const token = enter(table);
  const other = enter(table);
  assertEquals(table.requestsOf(token), 0);
  table.countRequest(token);
  table.countRequest(token);
  assertEquals(table.requestsOf(token), 2);
  assertEquals(table.requestsOf(other), 0);
});

Deno.test("Table.allocate() by many threads at once gives each its own", async () => {
  const table = createTable();
  const q = new mp.Queue<number[]>();
  const url = new URL("../../program/", import.meta.url).href;
  // Exported by no module and self-contained: it crosses by its source.
  const target = async (
    q: mp.Queue<number[]>,
    handle: Table["handle"],
    url: string,
  ) => {
    const { Table } = await import(new URL("table.ts", url).href);
    const { tableMemoryOf } = await import(
      new URL("table_memory.ts", url).href
    );
    const table = new Table(tableMemoryOf(handle));
    const tokens: number[] = [];
    for (let i = 0; i < 200; i++) {
      const name = `${i}`;
      tokens.push(table.allocate({ parent: 0, pid: 1, daemon: false, name }));
    }
    q.putSync(tokens);
  };
  const children = [1, 2, 3, 4].map(() =>
    new mp.Process({ target, args: [q, table.handle, url] })
  );
  for (const child of children) child.start();
  const tokens: number[] = [];
  for (const child of children) {
    tokens.push(...await q.get());
    await child.join();
  }
  assertEquals(new Set(tokens).size, 800);
  assertEquals(table.living().toSorted(), tokens.toSorted());
  assertEquals(new Set(tokens.map((token) => table.identOf(token))).size, 800);
});
