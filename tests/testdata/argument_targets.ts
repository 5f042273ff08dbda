// Copyright 2026 the authors. MIT license.

import vm from "node:vm";
import { Lock, Process, type Queue } from "../../mod.ts";

/** `value` as text: of errors all that is to arrive. */
export function textOf(value: unknown): string {
  if (!(value instanceof Error)) return Deno.inspect(shown(value));
  const parts = [`${value.constructor.name}: ${value.message}`];
  for (const [key, field] of Object.entries(value)) {
    if (key === "name") continue;
    parts.push(`${key}=${typeof field === "string" ? field : textOf(field)}`);
  }
  if (value instanceof AggregateError) {
    parts.push(`errors=[${value.errors.map(textOf).join()}]`);
  }
  if (value.cause !== undefined) parts.push(`cause=(${textOf(value.cause)})`);
  return parts.join(" ");
}

/** The errors in an object as text: their stacks differ. */
function shown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      part instanceof Error ? textOf(part) : part,
    ]),
  );
}

export function tell(q: Queue<unknown>, value: unknown): void {
  q.putSync(textOf(value));
}

export function tellNamed(
  q: Queue<unknown>,
  { value }: { value: unknown },
): void {
  q.putSync(textOf(value));
}

export class Teller extends Process {
  q: Queue<unknown>;
  value: object;

  constructor(q: Queue<unknown>, value: object) {
    super({ module: import.meta.url });
    this.q = q;
    this.value = value;
  }

  override run(): void {
    tell(this.q, this.value);
  }
}

let mine: unknown;

export function keep(value: unknown): void {
  mine = value;
}

export function kept(): string {
  return textOf(mine);
}

export function same<T>(value: T): T {
  return value;
}

export function throwElsewhere(): void {
  vm.runInNewContext(
    'throw Object.assign(new RangeError("far"), { code: "E_FAR" })',
  );
}

export async function timeOut(): Promise<void> {
  const lock = new Lock();
  await lock.acquire();
  await lock.hold({ timeout: 1 });
}

interface Memories {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly again: SharedArrayBuffer;
  readonly module: WebAssembly.Module;
  readonly blob: Blob;
  readonly large: Uint8Array;
  readonly middle: Uint8Array;
}

export async function useMemory(
  q: Queue<unknown>,
  { memory, words, again, module, blob, large, middle }: Memories,
): Promise<void> {
  words[0] = 5;
  q.putSync([
    words.buffer === memory,
    again === memory,
    module instanceof WebAssembly.Module,
    await blob.text(),
    large.at(-1),
    middle.length,
    middle.buffer === large.buffer,
  ]);
}
