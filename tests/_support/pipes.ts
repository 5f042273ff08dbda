// Copyright 2026 the authors. MIT license.

// What the tests of pipes share: both forms of every method, so that one text
// is the contract of both, and both kinds of pipe.

import {
  type Connection,
  Pipe,
  type PipeOptions,
  type SendOptions,
  wait,
  type Waitable,
  type WaitOptions,
  waitSync,
} from "../../mod.ts";
import { HUNG } from "./delays.ts";
import { type Method, METHODS, PORT_METHODS } from "./contract.ts";

/** Where tests are added: `Deno`, or a contract. */
interface Tests<T> {
  test(name: string, body: (context: T) => void | Promise<void>): void;
}

/** Tests with a pipe of their own each, which is closed at their end. */
export function withPipe<T>(
  tests: Tests<T>,
  options: PipeOptions = {},
): Tests<[near: Connection, far: Connection, context: T]> {
  return {
    test(name, body) {
      tests.test(name, async (context) => {
        const [near, far] = Pipe(options);
        try {
          await body([near, far, context]);
        } finally {
          near.close();
          far.close();
        }
      });
    },
  };
}

/** The options of a wait that must end by itself. */
export const SOON: WaitOptions = { timeout: HUNG };

type Any = Connection<unknown, unknown>;
type Buffer = ArrayBuffer | ArrayBufferView;

/** The methods of a connection, in one of their two forms. */
export interface Form {
  readonly name: string;
  send(end: Any, value: unknown, options?: SendOptions): Promise<void>;
  sendBytes(
    end: Any,
    buffer: Buffer,
    offset?: number,
    size?: number,
    options?: WaitOptions,
  ): Promise<void>;
  recv(end: Any, options?: WaitOptions): Promise<unknown>;
  recvBytes(
    end: Any,
    maxLength?: number,
    options?: WaitOptions,
  ): Promise<Uint8Array>;
  recvBytesInto(
    end: Any,
    buffer: Buffer,
    offset?: number,
    options?: WaitOptions,
  ): Promise<number>;
  poll(end: Any, timeout?: number | WaitOptions): Promise<boolean>;
  wait<T extends Waitable>(list: Iterable<T>, options?: WaitOptions): Promise<
    T[]
  >;
}

/** Calls `run` so that what it throws rejects. */
async function tried<T>(run: () => T): Promise<T> {
  return await run();
}

const ASYNC: Form = {
  name: "async",
  send: (end, ...args) => end.send(...args),
  sendBytes: (end, ...args) => end.sendBytes(...args),
  recv: (end, options = SOON) => end.recv(options),
  recvBytes: (end, most, options = SOON) => end.recvBytes(most, options),
  recvBytesInto: (end, buffer, offset, options = SOON) =>
    end.recvBytesInto(buffer, offset, options),
  poll: (end, ...args) => end.poll(...args),
  wait: (list, options) => wait(list, options),
};

const SYNC: Form = {
  name: "sync",
  send: (end, ...args) => tried(() => end.sendSync(...args)),
  sendBytes: (end, ...args) => tried(() => end.sendBytesSync(...args)),
  recv: (end, options = SOON) => tried(() => end.recvSync(options)),
  recvBytes: (end, most, options = SOON) =>
    tried(() => end.recvBytesSync(most, options)),
  recvBytesInto: (end, buffer, offset, options = SOON) =>
    tried(() => end.recvBytesIntoSync(buffer, offset, options)),
  poll: (end, ...args) => tried(() => end.pollSync(...args)),
  wait: (list, options) => tried(() => waitSync(list, options)),
};

/** Both forms. */
export const FORMS: readonly Form[] = [ASYNC, SYNC];

/** Both kinds of pipe. */
export const KINDS: readonly {
  name: string;
  options: PipeOptions;
  /** Of processes that can have its ends. */
  methods: readonly Method[];
}[] = [
  { name: "copies", options: {}, methods: METHODS },
  { name: "transfers", options: { transfer: true }, methods: PORT_METHODS },
];
