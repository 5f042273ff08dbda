// Copyright 2026 the authors. MIT license.

// Forbids a call of the system to this process and its children, as a container
// or an old kernel does, and uses the module then: METHOD [NUMBER ERRNO]

import process from "node:process";
import {
  Process,
  Queue,
  setStartMethod,
  type StartMethod,
} from "../../../mod.ts";
import { LONG } from "../../_support/delays.ts";

const SECCOMP = Deno.build.arch === "aarch64" ? 277n : 317n;
const SET_MODE_FILTER = 1n;
/** For all threads of this process. */
const TSYNC = 1n;
const NO_NEW_PRIVS = 38;

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const ERRNO = 0x0005_0000;
const ALLOW = 0x7fff_0000;

function forbid(call: number, errno: number): void {
  const { symbols } = Deno.dlopen("libc.so.6", {
    prctl: {
      parameters: ["i32", "usize", "usize", "usize", "usize"],
      result: "i32",
    },
    syscall: {
      parameters: ["i64", "usize", "usize", "buffer"],
      result: "i64",
    },
    memcpy: { parameters: ["buffer", "buffer", "usize"], result: "usize" },
  });
  // struct sock_filter { u16 code; u8 jt, jf; u32 k }
  const lines = [
    [LOAD, 0, 0, 0],
    [JUMP_IF_EQUAL, 0, 1, call],
    [RETURN, 0, 0, ERRNO | errno],
    [RETURN, 0, 0, ALLOW],
  ] as const;
  const filter = new Uint8Array(8 * lines.length);
  const view = new DataView(filter.buffer);
  for (const [i, [code, yes, no, k]] of lines.entries()) {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, yes);
    view.setUint8(8 * i + 3, no);
    view.setUint32(8 * i + 4, k, true);
  }
  // struct sock_fprog { u16 length; struct sock_filter *filter }
  const program = new Uint8Array(16);
  const head = new DataView(program.buffer);
  head.setUint16(0, lines.length, true);
  head.setBigUint64(8, symbols.memcpy(filter, filter, 0n), true);
  symbols.prctl(NO_NEW_PRIVS, 1n, 0n, 0n, 0n);
  const refused = symbols.syscall(SECCOMP, SET_MODE_FILTER, TSYNC, program);
  if (refused !== 0n) Deno.exit(77);
}

export function echo(tasks: Queue<string>, results: Queue<string>): void {
  results.putSync("begun");
  results.putSync(tasks.getSync());
}

if (import.meta.main) {
  const [method, call, errno] = Deno.args as [StartMethod, string?, string?];
  if (call !== undefined) forbid(Number(call), Number(errno));
  setStartMethod(method);
  try {
    const [tasks, results] = [new Queue<string>(), new Queue<string>()];
    const child = new Process({ target: echo, args: [tasks, results] });
    child.start();
    await results.get();
    const idle = results.get();
    const before = process.cpuUsage();
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, LONG / 2);
    await promise;
    const { user, system } = process.cpuUsage(before);
    // A wait that does not sleep takes a processor to itself.
    const most = LONG / 8 * 1000;
    console.log(user + system < most ? "sleeps" : "spins");
    await tasks.put("echo");
    console.log(await idle, await child.join());
  } catch (error) {
    console.log(String(error));
  }
}
