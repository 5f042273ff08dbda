// Copyright 2026 the authors. MIT license.

// The runner. Every contestant of every round is a program of its own, so that
// none profits from another's warm compiler; the rounds are interleaved, so
// that a machine that changes its speed changes it for all.

import { parseArgs } from "node:util";
import { makeBuilt } from "./built.ts";
import { print, type Report } from "./lib.ts";
import { type Contestant, type Scenario, SCENARIOS } from "./scenarios.ts";

const USAGE = `Usage: deno run -A bench/run.ts [options]

  --only a,b      scenarios whose names begin with one of these
  --rounds n      rounds of each contestant, 5 if not given
  --markdown      put the machine, the versions and the date over the table
  --python name   the Python to run, python3 if not given`;

/** No contestant takes a quarter of this on an idle machine. */
const PATIENCE = 120_000;

/** How long a contestant may take to end its children when asked to. */
const KILL_GRACE = 2_000;

/** The values of one metric, by contestant. */
interface Row {
  scenario: Scenario;
  metric: string;
  unit: string;
  values: Map<string, number[]>;
}

/** What the command line asks for. */
interface Settings {
  scenarios: Scenario[];
  rounds: number;
  markdown: boolean;
  python: string;
}

const decoder = new TextDecoder();

async function main(): Promise<void> {
  const settings = parse(Deno.args);
  const folder = await Deno.makeTempDir();
  try {
    const built = await makeBuilt(new URL(`file://${folder}/`));
    await measure(settings, built.href);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs all rounds, and prints the table; `built` is a folder like this one. */
async function measure(settings: Settings, built: string): Promise<void> {
  const rows = new Map<string, Row>();
  const failed = new Set<string>();
  for (let round = 1; round <= settings.rounds; round++) {
    for (const scenario of settings.scenarios) {
      for (const contestant of scenario.contestants) {
        const title = `${scenario.name} (${contestant.label})`;
        if (failed.has(title) || !await exists(contestant.file)) continue;
        const place = contestant.isBuilt ? built : import.meta.url;
        note(`${round}/${settings.rounds} ${title}`);
        try {
          for (const line of await run(contestant, place, settings.python)) {
            keep(rows, scenario, contestant, line);
          }
        } catch (error) {
          failed.add(title);
          note(`${title}: ${(error as Error).message}`);
        }
      }
    }
  }
  if (settings.markdown) print(await machine(settings));
  print(table([...rows.values()], failed));
  if (failed.size > 0) Deno.exitCode = 1;
}

function parse(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: "" },
      rounds: { type: "string", default: "5" },
      markdown: { type: "boolean", default: false },
      python: { type: "string", default: "python3" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    Deno.exit(0);
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`Cannot run: ${values.rounds} is no count of rounds`);
  }
  const prefixes = values.only.split(",");
  const scenarios = SCENARIOS.filter(({ name }) =>
    prefixes.some((prefix) => name.startsWith(prefix))
  );
  if (scenarios.length === 0) {
    throw new RangeError(`Cannot run: no scenario begins with ${values.only}`);
  }
  return {
    scenarios,
    rounds,
    markdown: values.markdown,
    python: values.python,
  };
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await Deno.stat(new URL(file, import.meta.url))).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Runs one contestant to its end, and returns the lines it reports. Its files
 * are found from `place`, Python's from here.
 */
async function run(
  { file, args, preload }: Contestant,
  place: string,
  python: string,
): Promise<Report[]> {
  const { pathname } = new URL(file, place);
  const path = decodeURIComponent(pathname);
  const words: string[] = file.endsWith(".py")
    ? [python]
    : [Deno.execPath(), "run", "-A", "--no-check", "--quiet"];
  const [program, ...before] = words;
  if (preload !== undefined) {
    before.push("--preload", new URL(preload, place).href);
  }
  const child = new Deno.Command(program!, {
    args: [...before, path, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const asked = setTimeout(() => child.kill("SIGTERM"), PATIENCE);
  const forced = setTimeout(() => child.kill("SIGKILL"), PATIENCE + KILL_GRACE);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(asked);
  clearTimeout(forced);
  const lines = decoder.decode(stdout).split("\n");
  const reports = lines.filter((line) => line.startsWith("{"));
  if (code !== 0 || reports.length === 0) {
    const reason = decoder.decode(stderr).trim();
    throw new Error(`ended with ${signal ?? code}, ${reason || "no report"}`);
  }
  return reports.map((line) => JSON.parse(line));
}

function keep(
  rows: Map<string, Row>,
  scenario: Scenario,
  contestant: Contestant,
  { metric, unit, value }: Report,
): void {
  const key = `${scenario.name} ${metric}`;
  let row = rows.get(key);
  if (row === undefined) {
    row = { scenario, metric, unit, values: new Map() };
    rows.set(key, row);
  }
  if (row.unit !== unit) {
    throw new Error(`reported ${unit}, the others ${row.unit}`);
  }
  const values = row.values.get(contestant.label);
  if (values === undefined) row.values.set(contestant.label, [value]);
  else values.push(value);
}

function table(rows: Row[], failed: ReadonlySet<string>): string {
  const order = rows.toSorted((a, b) =>
    SCENARIOS.indexOf(a.scenario) - SCENARIOS.indexOf(b.scenario)
  );
  const lines = [
    "| scenario | Python | this module | rounds | ratio | target | | OS processes | ratio | bare platform, npm |",
    "|---|--:|--:|--:|--:|--:|---|--:|--:|---|",
  ];
  for (const row of order) lines.push(`| ${cells(row, failed).join(" | ")} |`);
  return lines.join("\n");
}

function cells(row: Row, failed: ReadonlySet<string>): string[] {
  const { scenario, metric, unit } = row;
  const name = metric === "mean"
    ? scenario.name
    : `${scenario.name}, ${metric}`;
  const python = row.values.get("python");
  const mp = row.values.get("mp");
  const ratio = python && mp && better(median(mp), median(python), unit);
  const spawn = row.values.get("spawn");
  const spawnRatio = python && spawn &&
    better(median(spawn), median(python), unit);
  const others = scenario.contestants.filter(({ label }) =>
    !["python", "mp", "spawn"].includes(label)
  );
  const bare = others.flatMap(({ label }) => {
    const values = row.values.get(label);
    return values ? [`${label} ${show(median(values), unit)}`] : [];
  });
  return [
    name,
    python ? show(median(python), unit) : "–",
    mp
      ? show(median(mp), unit)
      : failed.has(`${scenario.name} (mp)`)
      ? "failed"
      : "–",
    mp ? spread(mp, unit) : "–",
    ratio ? `×${figure(ratio)}` : "–",
    scenario.target ? `×${scenario.target}` : "–",
    ratio && scenario.target ? verdict(ratio, scenario.target) : "",
    spawn
      ? show(median(spawn), unit)
      : failed.has(`${scenario.name} (spawn)`)
      ? "failed"
      : "–",
    spawnRatio ? `×${figure(spawnRatio)}` : "–",
    bare.join("; "),
  ];
}

/** How many times better `value` is than `base`. */
function better(value: number, base: number, unit: string): number {
  return isRate(unit) ? value / base : base / value;
}

function isRate(unit: string): boolean {
  return unit.endsWith("/s") || unit === "×";
}

function verdict(ratio: number, target: number): string {
  return ratio >= target ? "pass" : "short";
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function spread(values: number[], unit: string): string {
  const low = show(Math.min(...values), unit);
  const high = show(Math.max(...values), unit);
  return low === high ? low : `${low} … ${high}`;
}

function show(value: number, unit: string): string {
  if (unit === "×") return `${figure(value)}×`;
  if (unit === "requests") return value.toFixed(0);
  if (unit === "MiB") return `${figure(value)} MiB`;
  if (unit === "MiB/s") return `${figure(value)} MiB/s`;
  if (unit.endsWith("/s")) return `${scaled(value, "")}/s`;
  return scaled(value, unit);
}

/** `value` in the unit that leaves one to three digits before the point. */
function scaled(value: number, unit: string): string {
  const units = unit === "" ? ["", "k", "M", "G"] : [" ns", " µs", " ms", " s"];
  let at = unit === "" ? 0 : units.indexOf(` ${unit}`);
  let scaled = value;
  while (scaled >= 1000 && at < units.length - 1) {
    scaled /= 1000;
    at++;
  }
  return figure(scaled) + units[at];
}

/** Three digits that count. */
function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

async function machine({ rounds, python }: Settings): Promise<string> {
  const version = await new Deno.Command(python, { args: ["--version"] })
    .output();
  const cores = navigator.hardwareConcurrency;
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return [
    `- Machine: ${await processor()}, ${cores} cores, ${memory} GiB`,
    `- System: ${Deno.build.os} ${Deno.osRelease()}, ${Deno.build.arch}`,
    `- Commit ${await commit()}`,
    `- Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `- ${decoder.decode(version.stdout).trim()}`,
    `- ${new Date().toISOString().slice(0, 10)}, median of ${rounds} rounds`,
    "",
  ].join("\n");
}

/** The commit that is measured; with a plus if files differ from it. */
async function commit(): Promise<string> {
  const describe = new Deno.Command("git", {
    args: ["describe", "--always", "--dirty=+", "--exclude=*"],
    cwd: new URL(".", import.meta.url),
  });
  const { stdout } = await describe.output();
  return decoder.decode(stdout).trim() || "unknown";
}

async function processor(): Promise<string> {
  if (Deno.build.os !== "linux") return "processor unknown";
  const info = await Deno.readTextFile("/proc/cpuinfo");
  return /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? "processor unknown";
}

function note(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

await main();
