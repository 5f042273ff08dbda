// Copyright 2026 the authors. MIT license.

// Counting with several processes: one queue with the parts to read, one back
// with what was counted.

import * as mp from "../../mod.ts";
import { type Part, type Plan, readPart, skipped } from "./files.ts";
import { Bar, say } from "./terminal.ts";
import { addCounts, addWords, type Counts } from "./text.ts";

/**
 * What a process reports: a part that is done, and at its end all it counted.
 */
export type News = { bytes: number } | { counts: Counts };

/** What was counted, and how long it took. */
export interface Count {
  counts: Counts;
  /** From before the first process starts till the last one has ended. */
  milliseconds: number;
}

/** How a crew shows itself. */
export interface CrewOptions {
  terminal: mp.Lock;
  /** Whether the processes name the files that they cannot read. */
  isNaming: boolean;
}

/** What each process of the crew does. */
export async function countParts(
  parts: mp.Queue<Part>,
  news: mp.Queue<News>,
  { terminal, isNaming }: CrewOptions,
) {
  const counts: Counts = new Map();
  for await (const part of parts) {
    try {
      addWords(counts, readPart(part));
    } catch (error) {
      const { path, why } = skipped(part.path, error);
      if (isNaming) say(terminal, `skipped ${path}: ${why}`);
    }
    news.putSync({ bytes: part.bytes });
  }
  news.putSync({ counts });
}

/** Counts the words with `n` processes. */
export async function countWith(
  n: number,
  { parts, bytes }: Plan,
  options: CrewOptions,
): Promise<Count> {
  const start = performance.now();
  const todo = new mp.Queue<Part>();
  const news = new mp.Queue<News>();
  const crew = Array.from(
    { length: n },
    () => new mp.Process({ target: countParts, args: [todo, news, options] }),
  );
  for (const process of crew) process.start();
  for (const part of parts) todo.putSync(part);
  todo.shutdown();

  // Also if one dies, the news end when all have ended: no process waits for
  // ever.
  const ended = Promise.all(crew.map((process) => process.join()))
    .then(() => news.shutdown());
  const counts: Counts = new Map();
  using bar = new Bar(options.terminal, labelOf(n), bytes);
  for await (const item of news) {
    if ("counts" in item) addCounts(counts, item.counts);
    else bar.add(item.bytes);
  }
  await ended;
  const failed = crew.find((process) => process.exitCode !== 0);
  if (failed !== undefined) {
    throw new mp.StateError(`Cannot count words: ${failed.name} failed`);
  }
  return { counts, milliseconds: performance.now() - start };
}

/** "1 process", "2 processes" */
export function labelOf(n: number): string {
  return n === 1 ? "1 process" : `${n} processes`;
}
