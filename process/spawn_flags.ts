// Copyright 2026 the authors. MIT license.

// The flags of an OS process that runs a part of this program: what it may do,
// and how the platform is to find and run its modules.

import {
  absolute,
  areDenialsKnown,
  optionsOfProgram,
  placesIn,
} from "./command_line.ts";
import { discoverConfig, type Right, RIGHTS } from "./config_file.ts";
import type { Limits } from "./engine.ts";
import { StateError } from "../errors.ts";
import { me } from "../program/self.ts";

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

/** Whether the process must give back the right to use the C library. */
export function mustDropFfi({ permissions = "inherit" }: Limits): boolean {
  if (permissions === "none") return true;
  const asked = permissions === "inherit" ? permissions : permissions.ffi;
  return asked === "inherit" ? !isGranted({ name: "ffi" }) : asked !== true;
}

/** The module that an OS process runs. */
export const MAIN: string = new URL("./spawn_entry.js", import.meta.url).href;

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
  if (options === "none") return ["--allow-ffi", ...importFlags(false)];
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
    else if (name === "import") {
      flags.push(...importFlags(asked[name] === "inherit"));
    }
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
    if (isGranted({ name })) return `--allow-${name}`;
    // The hosts of imports are more than those on the command line, and a list
    // of libraries has not the one that an OS process needs.
    if (name === "import" || name === "ffi") return undefined;
    return listFlag(name, allowed(name));
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

/** The places of a permission on the command line that are still granted. */
function allowed(name: Right): string[] {
  return optionsOfProgram()
    .filter(([option, value]) => option === `--allow-${name}` && value)
    .flatMap(([, value]) => placesIn(value!, name))
    .filter((place) => mayAsk(name, place));
}

function mayAsk(name: Right, place: string): boolean {
  try {
    return isGranted(descriptorOf(name, place));
  } catch (error) {
    if (error instanceof StateError) throw error;
    // Hosts with a star, and whole networks, cannot be asked for.
    return false;
  }
}

function listFlag(name: Right, places: readonly string[]): string | undefined {
  return places.length > 0 ? `--allow-${name}=${places.join()}` : undefined;
}

/** The hosts from which Deno lets a program import that does not say it. */
const IMPORT_HOSTS = [
  "cdn.jsdelivr.net:443",
  "deno.land:443",
  "esm.sh:443",
  "gist.githubusercontent.com:443",
  "jsr.io:443",
  "raw.esm.sh:443",
  "raw.githubusercontent.com:443",
];

/**
 * Lets a process import from no more hosts than its parent, though no
 * permission names one; and if it inherits, from all of these.
 */
function importFlags(doesInherit: boolean): string[] {
  const own = doesInherit ? allowed("import") : [];
  const hosts = IMPORT_HOSTS.filter((host) => mayAsk("import", host));
  if (own.length === 0 && hosts.length === IMPORT_HOSTS.length) return [];
  return [listFlag("import", [...own, ...hosts]) ?? "--deny-import"];
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

/** @throws {StateError} If an unknown part of it is denied. */
function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  const { state, partial } = Deno.permissions.querySync(descriptor);
  if (state !== "granted") return false;
  const { name } = descriptor;
  if (!partial || isDenialKnown(name)) return true;
  throw new StateError(
    `Cannot start process: a part of the permission ${name} is denied, and neither the command line nor the configuration file tells which: give --deny-${name}`,
  );
}

/** Whether the command line tells all denials of a right. */
function isDenialKnown(right: string): boolean {
  return areDenialsKnown() &&
    optionsOfProgram().some(([name]) => DENIAL.exec(name)?.[1] === right);
}

function denialFlags(): string[] {
  const flags: string[] = [];
  for (const [name, value] of optionsOfProgram()) {
    const right = DENIAL.exec(name)?.[1];
    if (right === undefined) continue;
    const places = value === undefined
      ? ""
      : `=${placesIn(value, right).join()}`;
    flags.push(`${name}${places}`);
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
