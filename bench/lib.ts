// Copyright 2026 the authors. MIT license.

// What every TypeScript contestant shares: workload sizes, the clock, the
// report. `python/lib.py` is the same file in Python; both read
// `workloads.json`, so that all contestants carry equal loads.

import workloads from "./workloads.json" with { type: "json" };

/** What is measured, and how often it is done in one batch. */
export type Workload = keyof typeof workloads.batch;

/** A duration, a size, or anything done a second: that ends in `/s`. */
export type Unit =
  | "ns"
  | "µs"
  | "ms"
  | "×"
  | "MiB"
  | "requests"
  | `${string}/s`;

/** One line that a contestant prints. */
export interface Report {
  scenario: string;
  metric: string;
  value: number;
  unit: string;
}

/** How a scenario is reported when its name is not also its workload's. */
export interface MeasureOptions {
  workload?: Workload;
  metric?: string;
}

const SCALE: Record<string, number> = { ns: 1e6, "µs": 1e3, ms: 1 };

const encoder = new TextEncoder();

/** The size of one batch of `workload`. */
export function batchSize(workload: Workload): number {
  return workloads.batch[workload];
}

/** Runs `batch(size)` to warm up, then against the clock, and reports. */
export function measure(
  scenario: string,
  batch: (size: number) => void,
  unit: Unit,
  options: MeasureOptions = {},
): void {
  const size = batchSize(options.workload ?? scenario as Workload);
  runFor(workloads.warmMs, batch, size);
  const each = runFor(workloads.minMs, batch, size);
  reportEach(scenario, each, unit, options);
}

/** The form of {@linkcode measure} for batches that wait asynchronously. */
export async function measureAsync(
  scenario: string,
  batch: (size: number) => Promise<void>,
  unit: Unit,
  options: MeasureOptions = {},
): Promise<void> {
  const size = batchSize(options.workload ?? scenario as Workload);
  await runForAsync(workloads.warmMs, batch, size);
  const each = await runForAsync(workloads.minMs, batch, size);
  reportEach(scenario, each, unit, options);
}

/** Times each call of `once` by itself: median and 99th percentile. */
export function sample(
  scenario: string,
  once: () => void,
  size: number,
  unit: Unit,
): void {
  for (let i = 0; i < size; i++) once();
  const times: number[] = [];
  const stop = performance.now() + workloads.minMs;
  while (times.length < size || performance.now() < stop) {
    const start = performance.now();
    once();
    times.push(performance.now() - start);
  }
  reportTimes(scenario, times, unit);
}

/** The form of {@linkcode sample} for calls that wait asynchronously. */
export async function sampleAsync(
  scenario: string,
  once: () => Promise<void>,
  size: number,
  unit: Unit,
): Promise<void> {
  for (let i = 0; i < size; i++) await once();
  const times: number[] = [];
  const stop = performance.now() + workloads.minMs;
  while (times.length < size || performance.now() < stop) {
    const start = performance.now();
    await once();
    times.push(performance.now() - start);
  }
  reportTimes(scenario, times, unit);
}

/**
 * Reports by how much of this program's memory each of `count` workers grew.
 */
export function reportMemory(
  scenario: string,
  before: number,
  count: number,
): void {
  const each = (Deno.memoryUsage().rss - before) / count;
  report({ scenario, metric: "each", value: each / 2 ** 20, unit: "MiB" });
}

/** Reports how long `work` takes, the first time in this program. */
export async function measureFirst(
  scenario: string,
  work: () => Promise<unknown>,
  metric = "mean",
): Promise<void> {
  const start = performance.now();
  await work();
  const value = performance.now() - start;
  report({ scenario, metric, value, unit: "ms" });
}

/** Reports for how long at most the event loop is held while `work` runs. */
export async function measureHold(
  scenario: string,
  work: () => Promise<unknown>,
): Promise<void> {
  let last = performance.now();
  let value = 0;
  const look = () => {
    const now = performance.now();
    value = Math.max(value, now - last);
    last = now;
  };
  const timer = setInterval(look, 0);
  await work();
  look();
  clearInterval(timer);
  report({ scenario, metric: "longest hold", value, unit: "ms" });
}

/** Prints one result for the runner. */
export function report(line: Report): void {
  print(JSON.stringify(line));
}

/** Prints one line on standard output. */
export function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** 256 records whose JSON is 200 bytes long, as in `lib.py`. */
export function objects(): Record<string, unknown>[] {
  return Array.from({ length: 256 }, (_, i) => ({
    id: 10000 + i,
    name: `customer ${10000 + i}`,
    email: `customer.${10000 + i}@mail.example`,
    active: i % 2 === 0,
    score: i + 0.25,
    tags: ["alpha", "beta", "gamma"],
    note: "n".repeat(200 - 142 - String(i).length - (i % 2 === 0 ? 0 : 1)),
  }));
}

/** A tree of lists and records, about 3 kB as JSON, as in `lib.py`. */
export function nested(): Record<string, unknown> {
  const rows = Array.from({ length: 64 }, (_, i) => ({
    index: i,
    values: [i, i * 2, i / 4],
    label: `row ${i}`,
  }));
  return { title: "report", rows };
}

/** A record of 600 fields, as in `lib.py`. */
export function wide(): Record<string, number> {
  const entries = Array.from({ length: 600 }, (_, i) => [`key${i}`, i * 3]);
  return Object.fromEntries(entries);
}

/** One MiB in which every byte value occurs. */
export function mebibyte(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 1 << 20 }, (_, i) => i & 255);
}

/** The value that a codec scenario carries, as in `codec.py`. */
export function codecValue(scenario: string): unknown {
  switch (scenario) {
    case "codec_int":
      return 12345;
    case "codec_string":
      return "s".repeat(100);
    case "codec_object":
      return objects()[0];
    case "codec_nested":
      return nested();
    case "codec_bytes_1mib":
      return mebibyte();
    case "queue_wide_object":
      return wide();
    default:
      throw new RangeError(`Cannot make a value: no scenario ${scenario}`);
  }
}

/** Whether this module is running inside a worker. */
export function insideWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}

function runFor(
  ms: number,
  batch: (size: number) => void,
  size: number,
): number {
  const start = performance.now();
  let count = 0;
  while (true) {
    batch(size);
    count += size;
    const elapsed = performance.now() - start;
    if (elapsed >= ms) return elapsed / count;
  }
}

async function runForAsync(
  ms: number,
  batch: (size: number) => Promise<void>,
  size: number,
): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (true) {
    await batch(size);
    count += size;
    const elapsed = performance.now() - start;
    if (elapsed >= ms) return elapsed / count;
  }
}

function reportTimes(scenario: string, times: number[], unit: Unit): void {
  times.sort((a, b) => a - b);
  const scale = SCALE[unit]!;
  const median = times[Math.floor(times.length / 2)]!;
  const p99 = times[Math.floor(times.length * 0.99)]!;
  report({ scenario, metric: "median", value: median * scale, unit });
  report({ scenario, metric: "p99", value: p99 * scale, unit });
}

function reportEach(
  scenario: string,
  each: number,
  unit: Unit,
  options: MeasureOptions,
): void {
  const value = unit.endsWith("/s") ? 1000 / each : each * SCALE[unit]!;
  report({ scenario, metric: options.metric ?? "mean", value, unit });
}
