// Copyright 2026 the authors. MIT license.

// One child sends, the main process receives, both blocking: pipe_ints,
// pipe_objects, pipe_bytes_1mib.

import * as mp from "../../mod.ts";
import { measure, mebibyte, objects } from "../lib.ts";

/** The child: sends as many values as it is told to, until told zero. */
export function produce(
  scenario: string,
  writer: mp.Connection<unknown, never>,
  go: mp.Queue<number>,
): void {
  const values = items(scenario);
  const bytes = mebibyte();
  for (let size = go.getSync(); size > 0; size = go.getSync()) {
    for (let i = 0; i < size; i++) {
      if (scenario.endsWith("1mib")) writer.sendBytesSync(bytes);
      else writer.sendSync(values[i % values.length]);
    }
  }
}

function items(scenario: string): unknown[] {
  if (scenario === "pipe_objects") return objects();
  return Array.from({ length: 256 }, (_, i) => i);
}

async function main(scenario: string): Promise<void> {
  const [reader, writer] = mp.Pipe({ duplex: false });
  const go = new mp.Queue<number>();
  const child = new mp.Process({
    target: produce,
    args: [scenario, writer, go],
  });
  child.start();
  const isBytes = scenario.endsWith("1mib");
  measure(scenario, function batch(size) {
    go.putSync(size);
    for (let i = 0; i < size; i++) {
      if (isBytes) reader.recvBytesSync();
      else reader.recvSync();
    }
  }, isBytes ? "MiB/s" : "items/s");
  go.putSync(0);
  await child.join();
}

if (import.meta.main) await main(Deno.args[0]!);
