// Copyright 2026 the authors. MIT license.

// How this OS process was started. Deno does not tell, and lets a program read
// it only if it may do everything.

import {
  closeFile,
  openFile,
  openKernel,
  Scratch,
  SYS,
  systemCall,
} from "../memory/kernel.ts";

const READ_ONLY = 0n;
const MOST_BYTES = 2 ** 17;

/** The words of the command line; none if the system does not tell. */
export function commandLine(): string[] {
  openKernel("start process");
  const fd = openFile("/proc/self/cmdline", READ_ONLY);
  if (fd < 0) return [];
  const { bytes, address } = new Scratch(MOST_BYTES);
  const length = systemCall(SYS.read, BigInt(fd), address, BigInt(MOST_BYTES));
  closeFile(fd);
  return new TextDecoder().decode(
    bytes.subarray(0, Math.max(0, Number(length))),
  )
    .split("\0");
}
