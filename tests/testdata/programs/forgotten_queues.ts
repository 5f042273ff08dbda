// Copyright 2026 the authors. MIT license.

// Fills queues and forgets them. Prints, as JSON, how many files and MB of
// shared memory it had before, at most, and at last. Needs `--expose-gc`.

import * as mp from "../../../mod.ts";
import { SHORT } from "../../_support/delays.ts";

declare function gc(): void;

const { Queue } = mp.getContext("spawn");

function isMemory(file: string): boolean {
  try {
    const target = Deno.readLinkSync(`/proc/self/fd/${file}`);
    return target.includes("memfd:multiprocessing");
  } catch {
    return false;
  }
}

function usage(): [files: number, megabytes: number] {
  const files = [...Deno.readDirSync("/proc/self/fd")];
  const status = Deno.readTextFileSync("/proc/self/status");
  return [
    files.filter(({ name }) => isMemory(name)).length,
    Number(/RssShmem:\s*(\d+)/.exec(status)![1]) / 1024,
  ];
}

const before = usage();
for (let i = 0; i < 40; i++) {
  new Queue({ maxBytes: 2 ** 24 }).putSync(new Uint8Array(4_000_000).fill(1));
}
const most = usage();
for (let i = 0; i < 200; i++) {
  const [files, megabytes] = usage();
  if (files <= before[0] + 5 && megabytes <= before[1] + 40) break;
  gc();
  await new Promise((resolve) => setTimeout(resolve, SHORT));
}
console.log(JSON.stringify([before, most, usage()]));
