// Copyright 2026 the authors. MIT license.

// Counts the words of all text files under a folder, once with one process and
// once with a process for every core, and says what that has brought:
//
//     deno task demo [folder]
//
// Without a folder it reads this project and the texts that Deno has built in.

import * as mp from "../mod.ts";
import { countWith, labelOf } from "./word_count/crew.ts";
import { type Plan, plan, readText } from "./word_count/files.ts";
import { say } from "./word_count/terminal.ts";
import {
  addWords,
  type Counts,
  isSame,
  mostFrequent,
} from "./word_count/text.ts";

async function main(folder: string | undefined): Promise<number> {
  if (folder !== undefined) {
    if (isFolder(folder)) return await report([folder]);
    console.error(`Cannot count words: there is no folder ${folder}`);
    return 1;
  }
  const project = decodeURIComponent(new URL("..", import.meta.url).pathname);
  const texts = await Deno.makeTempDir({ prefix: "word_count_" });
  try {
    await writeTexts(texts);
    return await report([project, texts]);
  } finally {
    await Deno.remove(texts, { recursive: true });
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Writes the texts that Deno has built in: its types and its documentation. */
async function writeTexts(folder: string) {
  for (const args of [["types"], ["doc", "--json"]]) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args,
      env: { NO_COLOR: "1" },
      stderr: "null",
    }).output();
    await Deno.writeFile(`${folder}/${args[0]}.txt`, stdout);
  }
}

/** Counts, checks and prints; returns the exit code. */
async function report(folders: string[]): Promise<number> {
  const terminal = new mp.Lock();
  const work = plan(folders, ({ path, why }) => {
    say(terminal, `skipped ${path}: ${why}`);
  });
  console.log(`${work.files.length} files, ${megabytes(work.bytes)}`);

  // First, so that both crews find the files in the system's cache.
  const start = performance.now();
  const expected = countHere(work);
  const here = performance.now() - start;
  const n = mp.cpuCount();
  const silent = { terminal, isNaming: false };
  // What only the first process of a program costs, neither crew shall pay.
  await countWith(1, { files: [], parts: [], bytes: 0 }, silent);
  const many = await countWith(n, work, { terminal, isNaming: true });
  const one = await countWith(1, work, silent);

  if (expected.size === 0) {
    say(
      terminal,
      `Cannot count words: there are none in ${folders.join(", ")}`,
    );
    return 1;
  }
  for (const { counts } of [one, many]) {
    if (isSame(counts, expected)) continue;
    say(terminal, "Cannot trust the count: this program alone finds another");
    return 1;
  }
  printWords(expected);
  printTime("in this program", here);
  printTime(labelOf(1), one.milliseconds);
  printTime(labelOf(n), many.milliseconds);
  const speedUp = one.milliseconds / many.milliseconds;
  console.log(`speed-up ${speedUp.toFixed(2)}, all counts are the same`);
  return 0;
}

/** The same count without any process: what the others must come to. */
function countHere({ files }: Plan): Counts {
  const counts: Counts = new Map();
  for (const path of files) {
    try {
      addWords(counts, readText(path));
    } catch {
      // The processes name it.
    }
  }
  return counts;
}

function printWords(counts: Counts) {
  const words = mostFrequent(counts, 20);
  const width = String(words[0]?.[1]).length;
  for (const [word, n] of words) {
    console.log(`${String(n).padStart(width)} ${word}`);
  }
}

function printTime(label: string, milliseconds: number) {
  console.log(`${label.padEnd(16)}${(milliseconds / 1000).toFixed(3)} s`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args[0]);
}
