// Copyright 2026 the authors. MIT license.

// System calls, and the one file that names `Deno.dlopen`.
//
// There is one door to all of them, syscall(2), which takes numbers: each
// symbol of a library costs 0.3 ms when it is opened. Addresses are numbers
// too, and not Deno's pointer objects, which ask for the permission at every
// use: a process may have given it back after it has begun.

import { StateError } from "../errors.ts";

const IS_ARM = Deno.build.arch === "aarch64";

/** The numbers of the calls, on x86-64 and on arm64. */
export const SYS = {
  clockGetTime: IS_ARM ? 113n : 228n,
  close: IS_ARM ? 57n : 3n,
  dup3: IS_ARM ? 24n : 292n,
  fcntl: IS_ARM ? 25n : 72n,
  ftruncate: IS_ARM ? 46n : 77n,
  futex: IS_ARM ? 98n : 202n,
  futexWaitV: 449n,
  getppid: IS_ARM ? 173n : 110n,
  kill: IS_ARM ? 129n : 62n,
  madvise: IS_ARM ? 233n : 28n,
  memfdCreate: IS_ARM ? 279n : 319n,
  mmap: IS_ARM ? 222n : 9n,
  openAt: IS_ARM ? 56n : 257n,
  pread: IS_ARM ? 67n : 17n,
  read: IS_ARM ? 63n : 0n,
  readLinkAt: IS_ARM ? 78n : 267n,
  uname: IS_ARM ? 160n : 63n,
  waitId: IS_ARM ? 95n : 247n,
} as const;

const NUMBERS = [
  "i64",
  "usize",
  "usize",
  "usize",
  "usize",
  "usize",
  "usize",
] as const;

const SYMBOLS = {
  call: { name: "syscall", parameters: NUMBERS, result: "i64" },
  callLater: {
    name: "syscall",
    parameters: NUMBERS,
    result: "i64",
    nonblocking: true,
  },
  addressOf: {
    name: "memcpy",
    parameters: ["buffer", "buffer", "usize"],
    result: "usize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

let symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;

/**
 * Opens the door, for what an error may say as `action`.
 *
 * @throws {StateError} If this program may not, or the system is another.
 */
export function openKernel(action: string): void {
  if (symbols !== undefined) return;
  if (!isSystemKnown()) {
    const { os, arch } = Deno.build;
    throw new StateError(
      `Cannot ${action}: OS processes share memory on Linux only, on x86-64 and arm64: this is ${os} on ${arch}`,
    );
  }
  symbols = openLibrary(SYMBOLS);
  if (symbols !== undefined) return;
  throw new StateError(
    `Cannot ${action}: the memory of OS processes needs --allow-ffi`,
  );
}

/** Whether the door is or can be opened, without asking anybody. */
export function hasKernel(): boolean {
  return symbols !== undefined || (isSystemKnown() && libraries().length > 0);
}

/** Makes a call; the door must be open. What is too small is -1. */
export function systemCall(
  number: bigint,
  a: bigint = 0n,
  b: bigint = 0n,
  c: bigint = 0n,
  d: bigint = 0n,
  e: bigint = 0n,
  f: bigint = 0n,
): bigint {
  return symbols!.call(number, a, b, c, d, e, f);
}

/**
 * Makes a call on another thread, while this one goes on; the door must be
 * open.
 */
export function systemCallLater(
  number: bigint,
  a: bigint = 0n,
  b: bigint = 0n,
  c: bigint = 0n,
  d: bigint = 0n,
  e: bigint = 0n,
  f: bigint = 0n,
): Promise<bigint> {
  return symbols!.callLater(number, a, b, c, d, e, f);
}

/**
 * Makes a call that should not fail; the door must be open.
 *
 * @throws {StateError} `Cannot ACTION: OBJECT: REASON`, if it fails.
 */
export function neededCall(
  action: string,
  object: string,
  call: () => bigint,
): bigint {
  const result = call();
  if (result >= 0n) return result;
  // To open a library may change the number of the error.
  showErrors();
  const again = call();
  if (again >= 0n) return again;
  throw new StateError(`Cannot ${action}: ${object}: ${reason()}`);
}

/** Lets errors name reasons also when the permission is gone. */
export function showErrors(): void {
  errors ??= openLibrary(ERRORS);
}

/** Where the bytes of a view are. They stay there as long as they are. */
export function addressOf(view: Uint8Array): bigint {
  const bytes = view as Uint8Array<ArrayBuffer>;
  // Copies nothing, and returns where it would have been.
  return symbols!.addressOf(bytes, bytes, 0n);
}

/** Opens a file and returns its number; -1 if it cannot. */
export function openFile(path: string, flags: bigint): number {
  paths ??= new Scratch(MOST_PATH);
  const text = paths.text(path);
  return Number(systemCall(SYS.openAt, AT_FDCWD, text, flags));
}

/** The text of a symbolic link, as far as it is short; "" if there is none. */
export function linkOf(path: string): string {
  paths ??= new Scratch(512);
  links ??= new Scratch(64);
  const { address, bytes } = links;
  const length = systemCall(
    SYS.readLinkAt,
    AT_FDCWD,
    paths.text(path),
    address,
    BigInt(bytes.length),
  );
  return new TextDecoder().decode(
    bytes.subarray(0, Math.max(0, Number(length))),
  );
}

/** Closes a file by its number. */
export function closeFile(fd: number): void {
  systemCall(SYS.close, BigInt(fd));
}

/** Whether there is a file that this process can open. */
export function hasFile(path: string): boolean {
  const fd = openFile(path, O_CLOEXEC | O_NONBLOCK);
  if (fd >= 0) closeFile(fd);
  return fd >= 0;
}

/**
 * The text of a file, for what an error may say as `action`; undefined if it
 * cannot be read.
 */
export function readFile(path: string, action: string): string | undefined {
  openKernel(action);
  const fd = openFile(path, O_CLOEXEC);
  if (fd < 0) return undefined;
  const { bytes, address } = new Scratch(MOST_READ);
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const length = Number(
      systemCall(SYS.read, BigInt(fd), address, BigInt(MOST_READ)),
    );
    if (length <= 0) break;
    text += decoder.decode(bytes.subarray(0, length), { stream: true });
  }
  closeFile(fd);
  return text + decoder.decode();
}

const O_CLOEXEC = 0o2000000n;
const O_NONBLOCK = 0o4000n;
const MOST_READ = 2 ** 16;
const MOST_PATH = 4096;

const AT_FDCWD = -100n & 0xffff_ffff_ffff_ffffn;

let paths: Scratch | undefined;
let links: Scratch | undefined;

/** Memory for arguments of a call, which is not needed after it. */
export class Scratch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly address: bigint;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.address = addressOf(this.bytes);
  }

  /** Writes a text as C takes it, and returns where it is. */
  text(text: string): bigint {
    this.bytes.set(new TextEncoder().encode(`${text}\0`));
    return this.address;
  }
}

const ERRORS = {
  place: { name: "__errno_location", parameters: [], result: "usize" },
  copy: {
    name: "memcpy",
    parameters: ["buffer", "usize", "usize"],
    result: "usize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

let errors: Deno.DynamicLibrary<typeof ERRORS>["symbols"] | undefined;

/** What the numbers of errors mean here, and what can be done. */
const REASONS: Readonly<Record<number, string>> = {
  1: "the system forbids it (EPERM): a container or a sandbox, perhaps",
  2: "it is not there (ENOENT): its process has ended or let go of it, or /proc is not mounted",
  9: "it is closed (EBADF)",
  12:
    "the system has no memory for it, or this process too many mappings (ENOMEM): drop what is not used, or raise vm.max_map_count",
  13:
    "this process may not (EACCES): a sandbox forbids it, or the two run as different users",
  23: "the system has too many files open (ENFILE): raise fs.file-max",
  24:
    "this process has too many files open (EMFILE): close queues, pipes and pools that are done, or raise the limit (ulimit -n)",
  38: "the kernel does not know the call (ENOSYS): it needs Linux 3.17",
};

/** Why the last call of this thread failed. */
function reason(): string {
  if (errors === undefined) return "the system refused";
  const number = new Int32Array(1);
  errors.copy(new Uint8Array(number.buffer), errors.place(), 4n);
  return REASONS[number[0]!] ?? `the system refused (errno ${number[0]})`;
}

function isSystemKnown(): boolean {
  const { os, arch } = Deno.build;
  return os === "linux" && (arch === "x86_64" || arch === "aarch64");
}

/** The names of the C library that this program may open it by. */
function libraries(): string[] {
  const { state, partial } = Deno.permissions.querySync({ name: "ffi" });
  if (state !== "granted") return [];
  if (!partial) return ["libc.so.6"];
  // While another library is denied Deno takes a name for a path.
  return PLACES.filter((path) =>
    Deno.permissions.querySync({ name: "ffi", path }).state === "granted"
  );
}

/** Where systems have the C library. */
const PLACES = [
  `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
  "/lib64/libc.so.6",
  "/lib/libc.so.6",
];

function openLibrary<T extends Deno.ForeignLibraryInterface>(
  symbolsOf: T,
): Deno.DynamicLibrary<T>["symbols"] | undefined {
  for (const name of libraries()) {
    try {
      return Deno.dlopen(name, symbolsOf).symbols;
    } catch (error) {
      // It is in another place on this system.
      if (name === "libc.so.6") throw error;
    }
  }
  return undefined;
}

// With the program, so that no test of a user is the one that opens a library
// for good. A worker opens it when it needs it.
if (!("WorkerGlobalScope" in globalThis) && hasKernel()) {
  symbols = openLibrary(SYMBOLS);
}
