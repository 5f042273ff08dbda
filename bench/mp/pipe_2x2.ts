// Copyright 2026 the authors. MIT license.

// Two children send and two receive over one pipe: pipe_2x2.

import * as mp from "../../mod.ts";
import { measure } from "../lib.ts";

/** A child that sends. */
export function send(
  end: mp.Connection<number>,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) end.sendSync(i);
    done.putSync(true);
  }
}

/** A child that receives. */
export function receive(
  end: mp.Connection<number>,
  go: mp.Queue<number>,
  done: mp.Queue<boolean>,
): void {
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) end.recvSync();
    done.putSync(true);
  }
}

async function main(scenario: string): Promise<void> {
  const [near, far] = mp.Pipe<number>({ duplex: false });
  const done = new mp.Queue<boolean>();
  const signals: mp.Queue<number>[] = [];
  const children: mp.Process[] = [];
  for (const target of [send, send, receive, receive]) {
    const go = new mp.Queue<number>();
    const child = new mp.Process({
      target,
      args: [target === send ? far : near, go, done],
    });
    child.start();
    signals.push(go);
    children.push(child);
  }
  measure(scenario, function batch(size) {
    for (const go of signals) go.putSync(size / 2);
    for (const _ of signals) done.getSync();
  }, "items/s");
  for (const go of signals) go.putSync(0);
  for (const child of children) await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
