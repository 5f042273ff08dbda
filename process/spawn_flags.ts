// Copyright 2026 the authors. MIT license.

// The flags of an OS process that runs a part of this program: what it may do,
// and how the platform is to find and run its modules.

import type { Limits } from "./engine.ts";
import {
  closeFile,
  openFile,
  openKernel,
  Scratch,
  SYS,
  systemCall,
} from "../memory/kernel.ts";
import { me } from "../program/self.ts";

/** A permission of a program, as Deno names it. */
const RIGHTS = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "ffi",
  "sys",
  "import",
] as const;

type Right = typeof RIGHTS[number];

/** Options of `deno run` that say how modules are found and run. */
const CARRIED = [
  "--cached-only",
  "--cert",
  "--conditions",
  "--frozen",
  "--frozen-lockfile",
  "--import-map",
  "--lock",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--node-modules-dir",
  "--node-modules-linker",
  "--preload",
  "--require",
  "--v8-flags",
  "--vendor",
];

/** Options of all subcommands whose value may be the next word. */
const WITH_VALUE = [
  "--cert",
  "--conditions",
  "--config",
  "--coverage-threshold",
  "--ext",
  "--filter",
  "--host",
  "--import-map",
  "--inspect-publish-uid",
  "--junit-path",
  "--location",
  "--log-level",
  "--min-dep-age",
  "--minimum-dependency-age",
  "--node-modules-linker",
  "--port",
  "--preload",
  "--related",
  "--repeats",
  "--reporter",
  "--require",
  "--retry",
  "--seed",
  "--shard",
  "-L",
  "-c",
];

/** Options of ours whose value is a file, or may be the URL of one. */
const WITH_FILE = [
  "--cert",
  "--import-map",
  "--lock",
  "--preload",
  "--require",
];

/** An option that denies a right, and the name of that right. */
const DENIAL = /^--(?:deny|ignore)-(.*)$/;

/** Denials that name files; of programs, those with a slash in their names. */
const OF_FILES = ["read", "write", "ffi", "run"];

/** Whether the process must give back the right to use the C library. */
export function mustDropFfi({ permissions }: Limits): boolean {
  if (permissions === undefined || permissions === "inherit") return false;
  return permissions === "none" ||
    ![true, "inherit"].includes(permissions.ffi as boolean | string);
}

/** The module that an OS process runs. */
const MAIN = new URL("./spawn_main.ts", import.meta.url).href;

/**
 * The words of `deno run` for a process with these limits, up to the arguments
 * of its main module.
 */
export function wordsFor(limits: Limits): string[] {
  const found = discoverConfig();
  const { mainModule } = me();
  return [
    "run",
    "--quiet",
    "--no-prompt",
    ...permissionFlags(limits.permissions),
    ...denialFlags(),
    ...carriedFlags(limits.maxMemory, found),
    // Deno finds a package.json, its dependencies and its `imports` beside the
    // main module only. So that is named, and never runs: what is loaded before
    // it ends the process.
    ...found === "package" ? [`--preload=${MAIN}`, mainModule!] : [MAIN],
  ];
}

function permissionFlags(options: Deno.PermissionOptions = "inherit") {
  if (options === "none") return ["--allow-ffi"];
  checkPermissions(options);
  const asked = options === "inherit"
    ? Object.fromEntries(RIGHTS.map((name) => [name, "inherit"]))
    : options as Record<string, unknown>;
  if (options === "inherit" && RIGHTS.every((name) => isGranted({ name }))) {
    return ["--allow-all"];
  }
  const flags: string[] = [];
  for (const name of RIGHTS) {
    const flag = permissionFlag(name, asked[name]);
    if (flag !== undefined) flags.push(flag);
  }
  // To map the memory of the program: see mustDropFfi.
  if (!flags.includes("--allow-ffi")) flags.push("--allow-ffi");
  return flags;
}

/**
 * Throws at a permission that is not understood. The process would silently not
 * have it.
 */
function checkPermissions(options: Deno.PermissionOptions): void {
  if (options === "inherit") return;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot start process: permissions must be "inherit", "none" or an object: got ${options}`,
    );
  }
  for (const name of Object.keys(options)) {
    if ((RIGHTS as readonly string[]).includes(name)) continue;
    throw new TypeError(
      `Cannot start process: there is no permission ${name}: use ${
        RIGHTS.join(", ")
      }`,
    );
  }
}

function permissionFlag(name: Right, asked: unknown): string | undefined {
  if (asked === undefined || asked === false) return undefined;
  if (asked === "inherit") {
    return isGranted({ name }) ? `--allow-${name}` : undefined;
  }
  if (asked === true) {
    if (!isGranted({ name })) throw exceeds(name);
    return `--allow-${name}`;
  }
  if (!Array.isArray(asked) || name === "ffi") {
    throw new TypeError(
      `Cannot start process: permissions.${name} must be a boolean, "inherit" or an array`,
    );
  }
  if (asked.length === 0) return undefined;
  const places = asked.map((place) => textOf(place));
  for (const place of places) {
    if (place.includes(",")) {
      throw new TypeError(
        `Cannot start process: permissions.${name} has a comma in ${place}`,
      );
    }
    if (!isGranted(descriptorOf(name, place))) throw exceeds(name, place);
  }
  return `--allow-${name}=${places.join()}`;
}

function textOf(place: unknown): string {
  if (!(place instanceof URL)) return String(place);
  return place.protocol === "file:"
    ? decodeURIComponent(place.pathname)
    : place.host;
}

function descriptorOf(name: Right, place: string): Deno.PermissionDescriptor {
  const field = {
    read: "path",
    write: "path",
    ffi: "path",
    net: "host",
    import: "host",
    env: "variable",
    run: "command",
    sys: "kind",
  }[name];
  return { name, [field]: place } as Deno.PermissionDescriptor;
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  const { state, partial } = Deno.permissions.querySync(descriptor);
  return state === "granted" && (!partial || isDenialKnown(descriptor.name));
}

/** Whether the command line tells all denials of a right. */
function isDenialKnown(right: string): boolean {
  let isKnown = false;
  for (const [name] of optionsOfProgram()) {
    // The denials of a permission set stand in the configuration file.
    if (name === "-P" || name === "--permission-set") return false;
    if (DENIAL.exec(name)?.[1] === right) isKnown = true;
  }
  return isKnown;
}

function denialFlags(): string[] {
  const flags: string[] = [];
  for (const [name, value] of optionsOfProgram()) {
    const right = DENIAL.exec(name)?.[1];
    if (right === undefined) continue;
    if (value === undefined || !OF_FILES.includes(right)) {
      flags.push(value === undefined ? name : `${name}=${value}`);
      continue;
    }
    // A comma in a path is written twice.
    const places = value.split(/(?<!,),(?!,)/).map((place) =>
      right === "run" && !place.includes("/") ? place : absolute(place)
    );
    flags.push(`${name}=${places.join()}`);
  }
  return flags;
}

function exceeds(name: string, place?: string): Error {
  return new Deno.errors.NotCapable(
    `Cannot start process: permissions.${name} is more than this process may${
      place === undefined ? "" : `: ${place}`
    }`,
  );
}

function carriedFlags(
  maxMemory: number | undefined,
  found: string | undefined,
): string[] {
  const flags: string[] = [];
  const v8: string[] = [];
  let config: string | undefined;
  for (const [name, value] of optionsOfProgram()) {
    if (name === "--v8-flags") v8.push(...(value ?? "").split(","));
    else if (name === "--config" || name === "-c") {
      config = value && absolute(value);
    } else if (name === "--no-config") config = "";
    else if (value === MAIN) continue;
    else if (CARRIED.includes(name) || name.startsWith("--unstable")) {
      const isFile = value !== undefined && WITH_FILE.includes(name);
      const carried = isFile ? absolute(value) : value;
      flags.push(carried === undefined ? name : `${name}=${carried}`);
    }
  }
  if (found !== "package") config ??= found;
  if (config !== undefined) {
    flags.push(config === "" ? "--no-config" : `--config=${config}`);
  }
  if (maxMemory !== undefined) {
    v8.push(`--max-old-space-size=${Math.ceil(maxMemory / 2 ** 20)}`);
  }
  if (v8.length > 0) flags.push(`--v8-flags=${v8.join()}`);
  return flags;
}

type Option = [name: string, value: string | undefined];

/**
 * The options on the command line of this OS process, without those that the
 * program itself is given, each with its value.
 */
function optionsOfProgram(): Option[] {
  return optionsOnce ??= parse(ownWords());
}

let optionsOnce: Option[] | undefined;

const READ_ONLY = 0n;
const MOST_BYTES = 2 ** 17;

/**
 * The words of the command line of this OS process; none if the system does not
 * tell. Deno tells only a program that may do everything.
 */
function ownWords(): string[] {
  openKernel("start process");
  const fd = openFile("/proc/self/cmdline", READ_ONLY);
  if (fd < 0) return [];
  const { bytes, address } = new Scratch(MOST_BYTES);
  const length = systemCall(SYS.read, BigInt(fd), address, BigInt(MOST_BYTES));
  closeFile(fd);
  const text = bytes.subarray(0, Math.max(0, Number(length)));
  return new TextDecoder().decode(text).split("\0");
}

function parse([, ...words]: string[]): Option[] {
  const options: Option[] = [];
  let subcommand: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") break;
    if (word.startsWith("-") && word !== "-") {
      const [name, own] = halves(word);
      const takesNext = own === undefined && (WITH_VALUE.includes(name) ||
        // The value of --lock may be missing.
        name === "--lock" && !words[i + 1]?.startsWith("-"));
      options.push([name, takesNext ? words[++i] : own]);
    } else if (subcommand === undefined && /^[a-z]+$/.test(word)) {
      subcommand = word;
    } // These take files, and options after them too.
    else if (subcommand !== "test" && subcommand !== "bench") break;
  }
  return options;
}

/** The name of an option, and its value if that stands in the same word. */
function halves(word: string): [string, string | undefined] {
  // Short options may stand in one word: -Acmy.json is -A -c my.json.
  const short = /^-[^-=cL]*([cL])=?(.*)$/.exec(word);
  if (short !== null) return [`-${short[1]}`, short[2] || undefined];
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/**
 * The path of a file that the command line names: relative to the folder in
 * which the program began, which it may have left since.
 */
function absolute(place: string): string {
  if (place.startsWith("/") || /^[a-z][a-z0-9+.-]+:/i.test(place)) return place;
  return `${me().folder}/${place}`;
}

/**
 * The configuration file that Deno has found for the program; "" if there is
 * none, and "package" if a package.json is nearer, or the only one. Deno would
 * look for that of a process beside this module instead.
 */
function discoverConfig(): string | undefined {
  const { mainModule } = me();
  if (mainModule === undefined || !mainModule.startsWith("file:")) {
    return undefined;
  }
  try {
    for (
      let folder = new URL(".", mainModule);;
      folder = new URL("..", folder)
    ) {
      for (const name of ["deno.json", "deno.jsonc"]) {
        const file = new URL(name, folder);
        if (isFile(file)) return decodeURIComponent(file.pathname);
      }
      const hasPackage = isFile(new URL("package.json", folder));
      if (hasPackage && isFile(new URL(mainModule))) return "package";
      if (folder.pathname === "/") return "";
    }
  } catch (error) {
    // This process may not read there: Deno looks for the file by itself.
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function isFile(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}
