// Copyright 2026 the authors. MIT license.

// The command line of this OS process, and the permissions that it names.

import { optionsOfSet } from "./config_file.ts";
import { readFile } from "../memory/kernel.ts";
import { me } from "../program/self.ts";

/** An option, and its value if it has one. */
export type Option = [name: string, value: string | undefined];

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

/** What short options of permissions stand for. */
const LONG: Readonly<Record<string, string>> = {
  "-A": "--allow-all",
  "-E": "--allow-env",
  "-I": "--allow-import",
  "-N": "--allow-net",
  "-P": "--permission-set",
  "-R": "--allow-read",
  "-S": "--allow-sys",
  "-W": "--allow-write",
};

const SET = "--permission-set";

/** Subcommands that run a program. */
const SUBCOMMANDS = ["bench", "eval", "repl", "run", "serve", "test", "x"];

/** Permissions of files; of programs, those with a slash in their names. */
const OF_FILES = ["read", "write", "ffi", "run"];

/**
 * The options on the command line of this OS process, without those that the
 * program itself is given, each with its value. In place of a permission set
 * stand the options that it means; it stays if these cannot be known.
 */
export function optionsOfProgram(): readonly Option[] {
  return optionsOnce ??= spelledOut(parse(ownWords()));
}

let optionsOnce: readonly Option[] | undefined;

/** Whether the command line tells all denials. */
export function areDenialsKnown(): boolean {
  return optionsOfProgram().every(([name]) => name !== SET);
}

/**
 * The places in the value of an option for a permission, those of files with
 * their whole paths.
 */
export function placesIn(value: string, right: string): string[] {
  return value.split(",").map((place) =>
    isFile(place, right) ? pathFrom(me().folder, place) : place
  );
}

/**
 * The path of a file, or its URL, that the command line names: relative to the
 * folder in which the program began, which it may have left since.
 */
export function absolute(place: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(place)
    ? place
    : pathFrom(me().folder, place);
}

function isFile(place: string, right: string): boolean {
  return OF_FILES.includes(right) && (right !== "run" || place.includes("/"));
}

function pathFrom(folder: string, place: string): string {
  return place.startsWith("/") ? place : `${folder}/${place}`;
}

/**
 * The words of the command line of this OS process; none if the system does not
 * tell. Deno tells only a program that may do everything.
 */
function ownWords(): string[] {
  return readFile("/proc/self/cmdline", "start process")?.split("\0") ?? [];
}

interface Line {
  readonly subcommand: string | undefined;
  readonly options: readonly Option[];
}

function parse([, ...words]: string[]): Line {
  const options: Option[] = [];
  let subcommand: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === "--") break;
    if (word.startsWith("-") && word !== "-") {
      options.push(...optionsIn(word));
      const last = options.at(-1)!;
      const takesNext = last[1] === undefined &&
        (WITH_VALUE.includes(last[0]) ||
          // The value of --lock may be missing.
          last[0] === "--lock" && !words[i + 1]?.startsWith("-"));
      if (takesNext) last[1] = words[++i];
    } else if (subcommand === undefined && SUBCOMMANDS.includes(word)) {
      subcommand = word;
    } // These take files, and options after them too.
    else if (subcommand !== "test" && subcommand !== "bench") break;
  }
  return { subcommand, options };
}

/** The options that stand in a word, with the value if that does, too. */
function optionsIn(word: string): Option[] {
  if (word.startsWith("--")) {
    const at = word.indexOf("=");
    return [
      at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)],
    ];
  }
  // Short options may stand in one word: -Acmy.json is -A -c my.json.
  const options: Option[] = [];
  for (let i = 1; i < word.length; i++) {
    const rest = word.slice(i + 1);
    const isLast = rest.startsWith("=") || "cLP".includes(word[i]!);
    const name = `-${word[i]}`;
    const value = isLast ? rest.replace(/^=/, "") || undefined : undefined;
    options.push([LONG[name] ?? name, value]);
    if (isLast) break;
  }
  return options;
}

function spelledOut({ subcommand, options }: Line): readonly Option[] {
  const set = options.find(([name]) => name === SET);
  if (set === undefined) return options;
  const others = options.filter(([name]) => name !== SET);
  const names = new Set(others.map(([name]) => name));
  // Deno leaves the set aside then.
  if (names.has("--allow-all")) return others;
  const config = others.find(([name]) => name === "--config" || name === "-c");
  const meant = optionsOfSet(
    set[1],
    subcommand,
    config?.[1] && absolute(config[1]),
  );
  if (meant === undefined) return options;
  const spelled: Option[] = [];
  for (const { kind, right, places, folder } of meant) {
    const name = `--${kind}-${right}`;
    // An option of the command line stands in place of the set's.
    if (names.has(name)) continue;
    const whole = places?.map((place) =>
      isFile(place, right) ? pathFrom(folder, place) : place
    );
    const written = whole?.filter((place) => !place.includes(","));
    // A comma cannot be written, and no denial must be lost.
    if (kind !== "allow" && written?.length !== whole?.length) return options;
    if (written?.length !== 0) spelled.push([name, written?.join()]);
  }
  return [...others, ...spelled];
}
