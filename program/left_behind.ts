// Copyright 2026 the authors. MIT license.

// The last words of the main process: which waits and results of its code are
// still pending when it ends by itself. A wait is pending then only if no other
// process lives, since one that lives keeps the program alive; so nobody could
// have ended it, and the program has failed. A result that no code awaits is
// dropped, as in Python, which does not say so.
//
// Nothing is told after `Deno.exit()` or an uncaught error, which have said why
// the program ends, nor under deno test and deno bench, which end a module
// whatever it waits for.

import { pendingWaits } from "../memory/park.ts";

/** A result that code has asked for. */
export interface Debt {
  /** Whether it has come, and is no error. */
  readonly isDone: boolean;
}

/** A part of the program that has results to come. */
export interface Debtor {
  /** Those that are pending, and their names. */
  owed(): ReadonlyMap<Debt, string>;
}

const debtors = new Set<Debtor>();

/** Has the results of `debtor` told at the end, if they are pending. */
export function addDebtor(debtor: Debtor): void {
  debtors.add(debtor);
  tellAtEnd();
}

/** Nothing more is to come of `debtor`. */
export function removeDebtor(debtor: Debtor): void {
  debtors.delete(debtor);
}

/** Tells on stderr what is pending when this process ends by itself. */
export function tellAtEnd(): void {
  if (isInstalled || isUnderTest()) return;
  isInstalled = true;
  const debts = new Map<Debt, string>();
  let end: globalThis.Event | undefined;
  addEventListener("beforeunload", (event) => {
    end = event;
    // The first time, the daemons are told to stop. They may be heard to end
    // before it is over, and then what they owe has failed.
    for (const debtor of debtors) {
      for (const [debt, name] of debtor.owed()) debts.set(debt, name);
    }
  });
  // Not before it is settled that no listener has more to do. Deno.exit() sends
  // this event without the other.
  addEventListener("unload", () => {
    if (end?.defaultPrevented === false) tell(debts);
  });
}

let isInstalled = false;

function tell(debts: ReadonlyMap<Debt, string>): void {
  const waits = pendingWaits();
  const results = [...debts].flatMap(([{ isDone }, name]) =>
    isDone ? [] : [name]
  );
  const complaints: string[] = [];
  if (waits.length > 0) {
    complaints.push(
      `Cannot end wait: no process is left that could: ${counted(waits)}`,
    );
  }
  if (results.length > 0) {
    complaints.push(
      "Cannot finish task: the program has ended, and no code awaited its " +
        `result: ${counted(results)}`,
    );
  }
  if (complaints.length === 0) return;
  const line = `Process MainProcess: ${complaints.join("; ")}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
  if (waits.length > 0 && Deno.exitCode === 0) Deno.exitCode = 1;
}

/** "Queue.get(), 2 × Event.wait()" */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) =>
    count === 1 ? name : `${count} × ${name}`
  ).join(", ");
}

// In a program that is run, Deno.test and Deno.bench are stubs; under deno
// eval, which has no such tests, they are not.
function isUnderTest(): boolean {
  return Deno.test.name === "test" && !Deno.mainModule?.includes("$deno$eval");
}
