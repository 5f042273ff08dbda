// Copyright 2026 the authors. MIT license.

// Many processes at both ends: every message whole, and exactly once.

import { assert, assertEquals } from "@std/assert";
import { type Connection, EOFError, Pipe, Queue } from "../../mod.ts";
import { contractOf } from "../_support/contract.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { randomOf } from "../_support/random.ts";
import { many } from "../_support/delays.ts";

const here = import.meta.url;

/** Messages of each sender. */
const COUNT = many(300, 20_000);

/** What a process may take. */
const LIMIT = { timeout: many(60_000, 600_000) };

const MOST_BYTES = 3 * 2 ** 20;

/** What a receiver tells at the end. */
interface Report {
  /** The numbers of the messages it got, by sender. */
  readonly got: number[][];
  /** What was wrong with them. */
  readonly faults: string[];
}

interface Named {
  sender: number;
  number: number;
  size: number;
  text: string;
}

/** Mostly short, seldom long; a tenth of them empty. */
function sizeOf(random: () => number): number {
  const kind = random();
  if (kind < 0.1) return 0;
  if (kind < 0.8) return Math.floor(random() * 300);
  if (kind < 0.995) return Math.floor(random() * 20_000);
  return Math.floor(random() * MOST_BYTES);
}

function fill(bytes: Uint8Array, sender: number, number: number): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7 + sender + number;
}

function isFilled(bytes: Uint8Array, sender: number, number: number): boolean {
  return bytes.every((byte, i) => byte === (i * 7 + sender + number & 0xff));
}

/** Sends its messages, each in two parts that say the same. */
export function sendAll(
  end: Connection,
  sender: number,
  senders: number,
  count: number,
): void {
  const random = randomOf(sender + 1);
  for (let number = 0; number < count; number++) {
    const size = sizeOf(random);
    if (number % 3 === 0) {
      const text = "é".repeat(Math.min(size, 1000));
      end.sendSync({ sender, number, size: text.length, text });
    } else if (number % 3 === 1) {
      end.sendSync(number * senders + sender);
    } else {
      const bytes = new Uint8Array(8 + size);
      new DataView(bytes.buffer).setInt32(0, sender);
      new DataView(bytes.buffer).setInt32(4, number);
      fill(bytes.subarray(8), sender, number);
      end.sendBytesSync(bytes);
    }
  }
}

export async function sendAllAsync(
  end: Connection,
  sender: number,
  senders: number,
  count: number,
): Promise<void> {
  const random = randomOf(sender + 1);
  const sent: Promise<void>[] = [];
  for (let number = 0; number < count; number++) {
    if (sizeOf(random) > 10_000) await Promise.all(sent.splice(0));
    sent.push(end.send(number * senders + sender));
  }
  await Promise.all(sent);
}

/** Receives to the end. */
export function receiveAll(
  end: Connection,
  senders: number,
  reports: Queue<Report>,
): void {
  const got: number[][] = Array.from({ length: senders }, () => []);
  const faults: string[] = [];
  try {
    while (true) note(end.recvSync(LIMIT), senders, got, faults);
  } catch (error) {
    if (!(error instanceof EOFError)) faults.push(String(error));
  }
  reports.putSync({ got, faults });
}

export async function receiveAllAsync(
  end: Connection,
  senders: number,
  reports: Queue<Report>,
): Promise<void> {
  const got: number[][] = Array.from({ length: senders }, () => []);
  const faults: string[] = [];
  async function receive() {
    for await (const value of end) note(value, senders, got, faults);
  }
  await Promise.all([receive(), receive()]);
  for (const numbers of got) numbers.sort((a, b) => a - b);
  await reports.put({ got, faults });
}

function note(
  value: unknown,
  senders: number,
  got: number[][],
  faults: string[],
): void {
  if (typeof value === "number") {
    got[value % senders]!.push(Math.floor(value / senders));
  } else if (value instanceof Uint8Array) {
    const view = new DataView(value.buffer, value.byteOffset);
    const [sender, number] = [view.getInt32(0), view.getInt32(4)];
    if (!isFilled(value.subarray(8), sender, number)) {
      faults.push(`bytes of ${sender}:${number}`);
    }
    got[sender]!.push(number);
  } else {
    const { sender, number, size, text } = value as Named;
    if (text.length !== size || /[^é]/.test(text)) {
      faults.push(`text of ${sender}:${number}`);
    }
    got[sender]!.push(number);
  }
}

const CROWDS = many([1, 3], [1, 2, 4]);

for (const senders of CROWDS) {
  for (const receivers of CROWDS) {
    for (
      const [how, send, receive] of [
        ["sync", sendAll, receiveAll],
        ["async", sendAllAsync, receiveAllAsync],
      ] as const
    ) {
      const suite = contractOf({ variant: how });
      suite.test(`Connection loses and doubles nothing: ${senders} send, ${receivers} receive`, async (method) => {
        // Small, so that it is often full, grows and wraps around.
        const [near, far] = Pipe({ maxBytes: 2 ** 16 });
        const reports = new Queue<Report>();
        const children = [];
        for (let i = 0; i < receivers; i++) {
          children.push(startIn(here, method, receive, far, senders, reports));
        }
        for (let i = 0; i < senders; i++) {
          children.push(startIn(here, method, send, near, i, senders, COUNT));
        }
        near.close();
        far.close();
        const got: number[][] = Array.from({ length: senders }, () => []);
        for (let i = 0; i < receivers; i++) {
          const report = await reports.get(LIMIT);
          assertEquals(report.faults, []);
          report.got.forEach((numbers, sender) => {
            const isInOrder = numbers.every((n, i) =>
              i === 0 || n > numbers[i - 1]!
            );
            assert(isInOrder, `of sender ${sender} in another order`);
            got[sender]!.push(...numbers);
          });
        }
        const all = Array.from({ length: COUNT }, (_, i) => i);
        for (const numbers of got) {
          assertEquals(numbers.sort((a, b) => a - b), all);
        }
        await joinAll(...children);
      });
    }
  }
}
