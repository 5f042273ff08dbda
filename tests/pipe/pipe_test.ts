// Copyright 2026 the authors. MIT license.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  BrokenPipeError,
  BufferTooShort,
  Connection,
  EOFError,
  Pipe,
  type PipeOptions,
  Process,
  Queue,
  StateError,
} from "../../mod.ts";
import { HUNG, LONG, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract, contractOf } from "../_support/contract.ts";
import { FORMS, KINDS, SOON } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { isPending } from "../_support/until.ts";

const here = import.meta.url;

// What children do.

export function echo(end: Connection): void {
  for (
    let value = end.recvSync(SOON);
    value !== "end";
    value = end.recvSync()
  ) {
    end.sendSync(value);
  }
}

export async function echoAsync(end: Connection): Promise<void> {
  for await (const value of end) await end.send(value);
}

export function sendAll(end: Connection, values: unknown[]): void {
  for (const value of values) end.sendSync(value);
}

export function sendThenClose(end: Connection, values: unknown[]): void {
  sendAll(end, values);
  end.close();
}

export function sendWhenTold(end: Connection, go: Queue<boolean>): void {
  go.getSync(SOON);
  end.sendSync("told");
}

export function closeWhenTold(end: Connection, go: Queue<boolean>): void {
  go.getSync(SOON);
  end.close();
  go.getSync(SOON);
}

export function receiveOne(end: Connection, got: Queue): void {
  got.putSync(end.recvSync(SOON));
}

export function receiveToEnd(end: Connection, got: Queue): void {
  try {
    while (true) got.putSync(end.recvSync(SOON));
  } catch (error) {
    got.putSync((error as Error).name);
  }
}

export function passDown(end: Connection, depth: number): void {
  if (depth === 0) return end.sendSync("from below");
  const child = new Process({
    target: passDown,
    args: [end, depth - 1],
    module: here,
  });
  child.start();
  end.close();
  child.joinSync(SOON);
}

export function eat(
  [left, right]: [Connection, Connection],
  got: Queue<unknown>,
): void {
  left.close();
  receiveToEnd(right, got);
}

export function bake([left, right]: [Connection, Connection]): void {
  right.close();
  for (let i = 0; i < 10; i++) left.sendSync(i);
  left.close();
}

function pipe(options: PipeOptions): [Connection, Connection] & Disposable {
  const [a, b] = Pipe(options);
  const close = () => {
    a.close();
    b.close();
  };
  return Object.assign([a, b], { [Symbol.dispose]: close }) as never;
}

const BYTES = new Uint8Array([1, 2, 3, 4, 5]);

for (const { name: kind, options, methods } of KINDS) {
  for (const form of FORMS) {
    const how = `${kind}, ${form.name}`;

    Deno.test(`Connection.recv() gives clones of what was sent (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      const values = [
        0,
        -1.5,
        12n,
        "text",
        "",
        true,
        null,
        undefined,
        [1, [2]],
        { a: { b: 1 } },
        new Map([[1, new Set([2])]]),
        new Date(5),
        BYTES,
      ];
      for (const value of values) await form.send(a, value);
      for (const value of values) {
        const got = await form.recv(b);
        assertEquals(got, value);
        if (typeof value === "object" && value) assert(got !== value);
      }
    });

    Deno.test(`Connection.recv() gives an error as an error (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.send(a, new RangeError("far"));
      const error = await form.recv(b);
      assertInstanceOf(error, RangeError);
      assertEquals(error.message, "far");
    });

    Deno.test(`Connection.send() goes both ways, in order (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      for (let i = 0; i < 100; i++) {
        await form.send(a, i);
        await form.send(b, -i);
      }
      for (let i = 0; i < 100; i++) {
        assertEquals(await form.recv(b), i);
        assertEquals(await form.recv(a), -i);
      }
    });

    Deno.test(`Connection.recv() gives up at the timeout and loses nothing (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      const start = performance.now();
      const error = await assertRejects(
        () => form.recv(b, { timeout: SHORT }),
        DOMException,
      );
      assertEquals(error.name, "TimeoutError");
      assert(performance.now() - start >= SHORT, "it gave up too soon");
      for (const options of [{ block: false }, { timeout: 0 }]) {
        await assertRejects(() => form.recv(b, options), DOMException);
      }
      await form.send(a, 1);
      assertEquals(await form.recv(b, { block: false }), 1);
    });

    Deno.test(`Connection.recv() gives what was sent, then EOFError for ever (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.send(a, 1);
      await form.sendBytes(a, BYTES);
      a.close();
      assertEquals(await form.recv(b), 1);
      assertEquals(await form.recvBytes(b), BYTES);
      await assertRejects(() => form.recv(b), EOFError);
      await assertRejects(() => form.recvBytes(b), EOFError);
      await assertRejects(
        () => form.recvBytesInto(b, new Uint8Array(1)),
        EOFError,
      );
      await assertRejects(() => form.recv(b, { block: false }), EOFError);
    });

    Deno.test(`Connection.send() throws BrokenPipeError if nobody has the other end (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      b.close();
      await assertRejects(() => form.send(a, 1), BrokenPipeError);
      await assertRejects(() => form.sendBytes(a, BYTES), BrokenPipeError);
    });

    Deno.test(`Connection.poll() tells whether there is a message (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      assertEquals(await form.poll(b), false);
      assertEquals(await form.poll(b, 0), false);
      const start = performance.now();
      assertEquals(await form.poll(b, SHORT), false);
      assertEquals(await form.poll(b, { timeout: SHORT }), false);
      assert(performance.now() - start >= 2 * SHORT, "it gave up too soon");
      await form.send(a, 1);
      for (const timeout of [undefined, 0, SHORT, Infinity, {}]) {
        assertEquals(await form.poll(b, timeout), true);
      }
      assertEquals(await form.recv(b), 1);
      assertEquals(await form.poll(b), false);
    });

    Deno.test(`Connection.poll() is true at the end (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      a.close();
      assertEquals(await form.poll(b), true);
      assertEquals(await form.poll(b, Infinity), true);
      await assertRejects(() => form.recv(b), EOFError);
    });

    Deno.test(`Connection.sendBytes() copies bytes of shared memory (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      const shared = new Uint8Array(new SharedArrayBuffer(3));
      shared.set([1, 2, 3]);
      await form.sendBytes(a, shared, 1);
      shared.fill(0);
      const bytes = await form.recvBytes(b);
      assertEquals(bytes, new Uint8Array([2, 3]));
      assertInstanceOf(bytes.buffer, ArrayBuffer);
    });

    Deno.test(`Connection.recvBytes() gives each message whole (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      const parts: [number?, number?][] = [[], [1], [1, 2], [5], [0, 0], [
        5,
        0,
      ]];
      for (const part of parts) await form.sendBytes(a, BYTES, ...part);
      await form.sendBytes(a, BYTES.buffer);
      await form.sendBytes(a, new DataView(BYTES.buffer, 1, 3), 1);
      await form.sendBytes(a, new Uint16Array([0x0201]));
      await form.send(a, BYTES);
      await form.send(a, BYTES.buffer);
      for (const [offset = 0, size = 5 - offset] of parts) {
        const bytes = await form.recvBytes(b);
        assertInstanceOf(bytes, Uint8Array);
        assertEquals(bytes, BYTES.slice(offset, offset + size));
      }
      assertEquals(await form.recvBytes(b), BYTES);
      assertEquals(await form.recvBytes(b), BYTES.slice(2, 4));
      assertEquals(await form.recvBytes(b), new Uint8Array([1, 2]));
      assertEquals(await form.recvBytes(b), BYTES);
      assertEquals(await form.recvBytes(b), BYTES);
      assertEquals(BYTES.length, 5);
    });

    Deno.test(`Connection.recv() gives bytes as a Uint8Array (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.sendBytes(a, BYTES.buffer, 1, 2);
      assertEquals(await form.recv(b), new Uint8Array([2, 3]));
    });

    Deno.test(`Connection.recvBytes() leaves a value for recv() (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.send(a, "value");
      await form.send(a, new Uint16Array(1));
      for (const value of ["value", new Uint16Array(1)]) {
        await assertRejects(() => form.recvBytes(b), TypeError, "recv()");
        await assertRejects(
          () => form.recvBytesInto(b, new Uint8Array(9)),
          TypeError,
        );
        assert(await form.poll(b));
        assertEquals(await form.recv(b), value);
      }
      assertFalse(await form.poll(b));
    });

    Deno.test(`Connection.recvBytes(maxLength) spoils a duplex end for reading only (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.sendBytes(a, BYTES);
      await form.sendBytes(a, BYTES);
      assertEquals(await form.recvBytes(b, 5), BYTES);
      await assertRejects(() => form.recvBytes(b, 4), RangeError, "has 5");
      assertEquals([b.readable, b.writable, b.closed], [false, true, false]);
      await assertRejects(() => form.recv(b), StateError, "too long");
      await assertRejects(() => form.recvBytes(b), StateError);
      await assertRejects(() => form.poll(b), StateError);
      await form.send(b, 1);
      assertEquals(await form.recv(a), 1);
    });

    Deno.test(`Connection.recvBytes(maxLength) closes an end that only receives (${how})`, async () => {
      using ends = pipe({ ...options, duplex: false });
      const [reader, writer] = ends;
      await form.sendBytes(writer, BYTES);
      await assertRejects(() => form.recvBytes(reader, 0), RangeError);
      assert(reader.closed);
      await assertRejects(() => form.recv(reader), StateError);
      await assertRejects(() => form.send(writer, 1), BrokenPipeError);
    });

    Deno.test(`Connection.recvBytesInto() fills a part of a buffer (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      for (let i = 0; i < 4; i++) await form.sendBytes(a, BYTES, 0, 2);
      await form.sendBytes(a, BYTES, 0, 0);
      const bytes = new Uint8Array(4);
      assertEquals(await form.recvBytesInto(b, bytes), 2);
      assertEquals([...bytes], [1, 2, 0, 0]);
      assertEquals(await form.recvBytesInto(b, bytes, 2), 2);
      assertEquals([...bytes], [1, 2, 1, 2]);
      const words = new Uint16Array(2);
      assertEquals(await form.recvBytesInto(b, words, 2), 2);
      assertEquals([...words], [0, 0x0201]);
      const buffer = new ArrayBuffer(2);
      assertEquals(await form.recvBytesInto(b, buffer), 2);
      assertEquals([...new Uint8Array(buffer)], [1, 2]);
      assertEquals(await form.recvBytesInto(b, bytes, 4), 0);
    });

    Deno.test(`Connection.recvBytesInto() throws what does not fit (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.sendBytes(a, BYTES);
      await form.send(a, "next");
      const buffer = new Uint8Array(6);
      const error = await assertRejects(
        () => form.recvBytesInto(b, buffer, 2),
        BufferTooShort,
      );
      assertEquals(error.bytes, BYTES);
      assertEquals(error.name, "BufferTooShort");
      assertEquals(buffer, new Uint8Array(6));
      assertEquals(await form.recv(b), "next");
    });

    Deno.test(`Connection.send() refuses what cannot be cloned, and sends nothing (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      for (const value of [() => {}, { f() {} }, [new Queue()], a]) {
        const error = await assertRejects(
          () => form.send(a, value),
          DOMException,
        );
        assertEquals(error.name, "DataCloneError");
      }
      assertEquals(await form.poll(b), false);
    });

    Deno.test(`Connection of one way only receives, or only sends (${how})`, async () => {
      using ends = pipe({ ...options, duplex: false });
      const [reader, writer] = ends;
      assertEquals([reader.readable, reader.writable], [true, false]);
      assertEquals([writer.readable, writer.writable], [false, true]);
      await form.send(writer, 1);
      assertEquals(await form.recv(reader), 1);
      await assertRejects(() => form.send(reader, 1), StateError, "receives");
      await assertRejects(() => form.sendBytes(reader, BYTES), StateError);
      await assertRejects(() => form.recv(writer), StateError, "sends");
      await assertRejects(() => form.recvBytes(writer), StateError);
      await assertRejects(() => form.poll(writer), StateError);
      writer.close();
      await assertRejects(() => form.recv(reader), EOFError);
    });

    Deno.test(`Connection refuses everything after close() (${how})`, async () => {
      using ends = pipe(options);
      const [a, b] = ends;
      await form.send(a, 1);
      b.close();
      b.close();
      assertEquals([b.closed, b.readable, b.writable], [true, false, false]);
      assertEquals([a.closed, a.readable, a.writable], [false, true, true]);
      const uses = [
        () => form.send(b, 1),
        () => form.sendBytes(b, BYTES),
        () => form.recv(b),
        () => form.recvBytes(b),
        () => form.recvBytesInto(b, new Uint8Array(1)),
        () => form.poll(b),
        () => form.wait([b]),
      ];
      for (const use of uses) await assertRejects(use, StateError, "closed it");
      const child = new Process({ target: echo, args: [b], module: here });
      assertThrows(() => child.start(), StateError, "closed it");
    });

    const misuses: [
      string,
      typeof RangeError | typeof TypeError,
      (end: Connection) => Promise<unknown>,
    ][] = [
      [
        "recv({ timeout: -1 })",
        RangeError,
        (end) => form.recv(end, { timeout: -1 }),
      ],
      [
        "recv({ timeout: '1' })",
        TypeError,
        (end) => form.recv(end, { timeout: "1" as never }),
      ],
      [
        "send({ timeout: NaN })",
        RangeError,
        (end) => form.send(end, 1, { timeout: NaN }),
      ],
      [
        "send({ transfer: 1 })",
        TypeError,
        (end) => form.send(end, 1, { transfer: 1 as never }),
      ],
      ["poll(-1)", RangeError, (end) => form.poll(end, -1)],
      ["poll('1')", TypeError, (end) => form.poll(end, "1" as never)],
      ["recvBytes(-1)", RangeError, (end) => form.recvBytes(end, -1)],
      ["recvBytes(NaN)", RangeError, (end) => form.recvBytes(end, NaN)],
      ["recvBytes('1')", TypeError, (end) => form.recvBytes(end, "1" as never)],
      [
        "sendBytes('text')",
        TypeError,
        (end) => form.sendBytes(end, "text" as never),
      ],
      [
        "sendBytes(bytes, -1)",
        RangeError,
        (end) => form.sendBytes(end, BYTES, -1),
      ],
      [
        "sendBytes(bytes, 6)",
        RangeError,
        (end) => form.sendBytes(end, BYTES, 6),
      ],
      [
        "sendBytes(bytes, 0.5)",
        RangeError,
        (end) => form.sendBytes(end, BYTES, 0.5),
      ],
      [
        "sendBytes(bytes, '1')",
        TypeError,
        (end) => form.sendBytes(end, BYTES, "1" as never),
      ],
      [
        "sendBytes(bytes, 4, 2)",
        RangeError,
        (end) => form.sendBytes(end, BYTES, 4, 2),
      ],
      [
        "recvBytesInto([])",
        TypeError,
        (end) => form.recvBytesInto(end, [] as never),
      ],
      [
        "recvBytesInto(bytes, 6)",
        RangeError,
        (end) => form.recvBytesInto(end, BYTES, 6),
      ],
    ];
    for (const [call, error, misuse] of misuses) {
      Deno.test(`Connection.${call} throws ${error.name} and does nothing (${how})`, async () => {
        using ends = pipe(options);
        const [a, b] = ends;
        await form.sendBytes(b, BYTES);
        await assertRejects(() => misuse(a), error);
        assertEquals(await form.poll(b), false);
        assertEquals(await form.recvBytes(a), BYTES);
      });
    }
  }

  Deno.test(`Connection.recv() promises are served in the order of their calls (${kind})`, async () => {
    using ends = pipe(options);
    const [a, b] = ends;
    const order: unknown[] = [];
    const waits = Array.from(
      { length: 10 },
      () => b.recv(SOON).then((value) => order.push(value)),
    );
    for (let i = 0; i < 10; i++) a.sendSync(i);
    await Promise.all(waits);
    assertEquals(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  Deno.test(`Connection.recv({ signal }) gives up and loses nothing (${kind})`, async () => {
    using ends = pipe(options);
    const [a, b] = ends;
    const controller = new AbortController();
    const waits = [
      b.recv({ signal: controller.signal }),
      b.recvBytes(1, { signal: controller.signal }),
      b.poll({ signal: controller.signal }),
    ];
    const ended = waits.map((wait) => assertRejects(() => wait, RangeError));
    controller.abort(new RangeError("enough"));
    await Promise.all(ended);
    a.sendSync(1);
    assertEquals(await b.recv(SOON), 1);
    await assertRejects(
      () => b.recv({ signal: AbortSignal.abort(new RangeError("before")) }),
      RangeError,
      "before",
    );
  });

  Deno.test(`Connection.close() refuses what waits in this process (${kind})`, async () => {
    using ends = pipe({ ...options, maxBytes: 4096 });
    const [a, b] = ends;
    const waits = [b.recv(), b.recvBytes(), b.poll(Infinity)];
    const fill = async () => {
      while (true) await b.send(BYTES);
    };
    waits.push(fill());
    const ended = waits.map((wait) => assertRejects(() => wait, StateError));
    assert(await isPending(Promise.race(ended), SHORT), "nothing waits");
    b.close();
    await Promise.all(ended);
    assert(await a.poll());
  });

  Deno.test(`Connection.close() wakes those who wait at the other end (${kind})`, async () => {
    using ends = pipe(options);
    const [a, b] = ends;
    const received = assertRejects(() => b.recv(SOON), EOFError);
    const polled = b.poll(Infinity);
    const sent = assertRejects(async () => {
      while (true) await b.send("x".repeat(100_000), SOON);
    }, BrokenPipeError);
    assert(await isPending(sent, SHORT), "nothing waits");
    // From here: filling the pipe may take as long as it likes.
    const start = performance.now();
    a.close();
    await Promise.all([received, sent]);
    assertEquals(await polled, true);
    assert(performance.now() - start < LONG, "it had to be noticed by chance");
  });

  Deno.test(`Connection is closed by \`using\` and \`await using\` (${kind})`, async () => {
    const [a, b] = Pipe(options);
    {
      using _ = a;
    }
    assert(a.closed);
    assert(await b.poll());
    {
      await using _ = b;
    }
    assert(b.closed);
  });

  Deno.test(`Connection gives its messages to for await (${kind})`, async () => {
    using ends = pipe(options);
    const [a, b] = ends;
    for (let i = 0; i < 3; i++) a.sendSync(i);
    a.close();
    assertEquals(await Array.fromAsync(b), [0, 1, 2]);
    b.close();
    await assertRejects(() => Array.fromAsync(b), StateError);
  });

  const suite = contractOf({ variant: kind, methods });

  for (const target of [echo, echoAsync]) {
    for (const form of FORMS) {
      const suite = contractOf({ variant: `${kind}, ${form.name}`, methods });
      suite.test(`Connection carries messages to a child and back: ${target.name}`, async (method) => {
        using ends = pipe(options);
        const [near, far] = ends;
        const child = startIn(here, method, target, far);
        far.close();
        const values = [
          1,
          "two",
          { three: [3] },
          BYTES,
          "x".repeat(100_000),
        ];
        for (const value of values) {
          await form.send(near, value, SOON);
          assertEquals(await form.recv(near), value);
        }
        if (target === echo) await form.send(near, "end");
        near.close();
        await joinAll(child);
      });
    }
  }

  for (const form of FORMS) {
    const suite = contractOf({ variant: `${kind}, ${form.name}`, methods });
    suite.test("Connection.recv() waits until another process sends", async (method) => {
      using ends = pipe(options);
      const [near, far] = ends;
      const go = new Queue<boolean>();
      const child = startIn(here, method, sendWhenTold, far, go);
      assertEquals(await form.poll(near, SHORT), false);
      go.putSync(true);
      assertEquals(await form.recv(near), "told");
      await joinAll(child);
    });

    suite.test("Connection.poll() waits until another process sends", async (method) => {
      using ends = pipe(options);
      const [near, far] = ends;
      const go = new Queue<boolean>();
      const child = startIn(here, method, sendWhenTold, far, go);
      go.putSync(true);
      assertEquals(await form.poll(near, HUNG), true);
      assertEquals(await form.recv(near, { block: false }), "told");
      await joinAll(child);
    });

    suite.test("Connection.recv() is told at once when another process closes", async (method) => {
      using ends = pipe(options);
      const [near, far] = ends;
      const go = new Queue<boolean>();
      const child = startIn(here, method, closeWhenTold, far, go);
      far.close();
      go.putSync(true);
      await assertRejects(() => form.recv(near), EOFError);
      go.putSync(true);
      await joinAll(child);
    });

    suite.test("Connection.recv() gives what a child that ended has sent, then EOFError", async (method) => {
      using ends = pipe(options);
      const [near, far] = ends;
      const child = startIn(here, method, sendAll, far, [1, 2, 3]);
      far.close();
      for (const value of [1, 2, 3]) {
        assertEquals(await form.recv(near), value);
      }
      await assertRejects(() => form.recv(near), EOFError);
      await joinAll(child);
    });
  }

  suite.test("Connection passes from child to grandchild", async (method) => {
    using ends = pipe(options);
    const [near, far] = ends;
    const child = startIn(here, method, passDown, far, 2);
    far.close();
    assertEquals(await near.recv(SOON), "from below");
    await assertRejects(() => near.recv(SOON), EOFError);
    await joinAll(child);
  });

  suite.test("Process.start() that fails leaves a connection as it was", async (method) => {
    using ends = pipe(options);
    const [near, far] = ends;
    const args = [far, () => {}];
    const child = new Process({ target: echo, args, module: here, method });
    assertThrows(() => child.start(), DOMException);
    assertFalse(far.closed);
    far.sendSync(1);
    near.sendSync(2);
    assertEquals([near.recvSync(), far.recvSync()], [1, 2]);
    far.close();
    const start = performance.now();
    await assertRejects(() => near.recv(SOON), EOFError);
    assert(performance.now() - start < LONG, "the failed child holds it");
  });
}

for (const form of FORMS) {
  Deno.test(`Connection.send() waits while maxBytes are unread (${form.name})`, async () => {
    using ends = pipe({ maxBytes: 4096 });
    const [a, b] = ends;
    let sent = 0;
    const text = "x".repeat(1000);
    while (sent < 100) {
      try {
        await form.send(a, text, { timeout: SHORT });
        sent++;
      } catch (error) {
        assertEquals((error as Error).name, "TimeoutError");
        break;
      }
    }
    assertEquals(sent, 4);
    await assertRejects(() => form.send(a, text, { block: false }));
    assertEquals(await form.recv(b), text);
    await form.send(a, text, { block: false });
    for (let i = 0; i < 4; i++) assertEquals(await form.recv(b), text);
    assertEquals(await form.poll(b), false);
  });

  Deno.test(`Connection.send() sends a message longer than maxBytes (${form.name})`, async () => {
    using ends = pipe({ maxBytes: 4096 });
    const [a, b] = ends;
    await form.send(a, "first");
    const bytes = new Uint8Array(3_000_000).map((_, i) => i);
    await form.sendBytes(a, bytes, 0, bytes.length, { block: false });
    await form.send(a, "last");
    assertEquals(await form.recv(b), "first");
    const got = await form.recvBytes(b);
    assertEquals(got.length, bytes.length);
    assert(got.every((byte, i) => byte === bytes[i]));
    assertEquals(await form.recv(b), "last");
  });

  Deno.test(`Connection.send() refuses at once what can never fit (${form.name})`, async () => {
    using ends = pipe({});
    const [a, b] = ends;
    const bytes = new Uint8Array(2 ** 28);
    await assertRejects(() => form.sendBytes(a, bytes), RangeError, "holds");
    await assertRejects(() => form.send(a, bytes), RangeError, "holds");
    assertEquals(await form.poll(b), false);
  });

  Deno.test(`Connection.send({ transfer }) is refused by a pipe that copies (${form.name})`, async () => {
    using ends = pipe({});
    const [a, b] = ends;
    const buffer = new ArrayBuffer(8);
    await assertRejects(
      () => form.send(a, buffer, { transfer: [buffer] }),
      TypeError,
      "transfer: true",
    );
    assertEquals(buffer.byteLength, 8);
    await form.send(a, buffer, { transfer: [] });
    assertEquals(await form.recv(b), buffer);
  });
}

Deno.test("Connection.send() that waits sends what the value was at the call", async () => {
  using ends = pipe({ maxBytes: 4096 });
  const [a, b] = ends;
  const big = new Uint8Array(3000);
  a.sendBytesSync(big);
  const bytes = new Uint8Array(3000).fill(1);
  const sent = a.sendBytes(bytes);
  bytes.fill(2);
  b.recvSync();
  await sent;
  assertEquals(b.recvBytesSync(), new Uint8Array(3000).fill(1));
});

Deno.test("Connection.recvBytes() that refuses a message leaves it to another process's turn", async () => {
  using ends = pipe({});
  const [a, b] = ends;
  const refused = assertRejects(() => b.recvBytes(undefined, SOON), TypeError);
  const taken = b.recv(SOON);
  a.sendSync("value");
  await refused;
  assertEquals(await taken, "value");
});

Deno.test("Pipe() refuses wrong options", () => {
  for (const options of [null, 1, "x"]) {
    assertThrows(() => Pipe(options as never), TypeError);
  }
  for (const options of [{ duplex: 1 }, { transfer: "x" }, { maxBytes: "1" }]) {
    assertThrows(() => Pipe(options as never), TypeError);
  }
  for (const maxBytes of [0, -1, 1.5, NaN, 2 ** 31]) {
    assertThrows(() => Pipe({ maxBytes }), RangeError);
  }
});

Deno.test("Connection is not made by `new`", () => {
  assertThrows(() => Reflect.construct(Connection, []), TypeError, "Pipe()");
  const [a, b] = Pipe();
  assert(a instanceof Connection);
  assert(b instanceof Connection);
});

Deno.test("Connection.fileno() says that there is none", () => {
  const [a] = Pipe();
  assertThrows(() => a.fileno(), StateError, "wait()");
});

Deno.test("Connection is closed when it is collected", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--v8-flags=--expose-gc",
      new URL("../testdata/forget_connection.ts", here).pathname,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stderr), "");
  assertEquals(decoder.decode(stdout), "EOFError\nstill waits\n");
  assertEquals(code, 0);
});

contract.test("Connection is held by a child from start() on", async (method) => {
  using ends = pipe({});
  const [near, far] = ends;
  // Its target runs late, and the parent's own end is closed before that.
  const child = startIn(here, method, sendThenClose, far, ["late"]);
  far.close();
  assertEquals(await near.recv(SOON), "late");
  await assertRejects(() => near.recv(SOON), EOFError);
  await joinAll(child);
});

contract.test("Connection is held once by a child that got it twice", async (method) => {
  using ends = pipe({});
  const [near, far] = ends;
  const child = startIn(here, method, sendThenClose, far, ["once"], [far, {
    far,
  }]);
  far.close();
  assertEquals(await near.recv(SOON), "once");
  await assertRejects(() => near.recv(SOON), EOFError);
  await joinAll(child);
});

contract.test("Connection gives each message to one of five children", async (method) => {
  using ends = pipe({});
  const [near, far] = ends;
  const got = new Queue();
  const children = Array.from(
    { length: 5 },
    () => startIn(here, method, receiveOne, far, got),
  );
  for (let i = 0; i < 5; i++) near.sendSync(i);
  const values = [];
  for (let i = 0; i < 5; i++) values.push(await got.get(SOON));
  assertEquals(values.sort(), [0, 1, 2, 3, 4]);
  await joinAll(...children);
  assertEquals(far.pollSync(), false);
});

contract.test("Connection ends for all who wait at it", async (method) => {
  using ends = pipe({});
  const [near, far] = ends;
  const got = new Queue();
  const children = Array.from(
    { length: 3 },
    () => startIn(here, method, receiveToEnd, far, got),
  );
  far.close();
  near.sendSync(1);
  assertEquals(await got.get(SOON), 1);
  near.close();
  for (let i = 0; i < 3; i++) assertEquals(await got.get(SOON), "EOFError");
  await joinAll(...children);
});

contract.test("Connection ends when each process has closed what it does not use", async (method) => {
  const both = Pipe();
  const got = new Queue();
  const eater = startIn(here, method, eat, both, got);
  const baker = startIn(here, method, bake, both);
  both[0].close();
  both[1].close();
  const values = [];
  for (let i = 0; i < 11; i++) values.push(await got.get(SOON));
  assertEquals(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "EOFError"]);
  await joinAll(eater, baker);
});

contract.test("Connection does not end while one process keeps the other end", async (method) => {
  const both = Pipe();
  using _ = both[0];
  const got = new Queue();
  const eater = startIn(here, method, eat, both, got);
  const baker = startIn(here, method, bake, both);
  both[1].close();
  for (let i = 0; i < 10; i++) assertEquals(await got.get(SOON), i);
  await joinAll(baker);
  const told = got.get(SOON);
  assert(await isPending(told, 2 * MEDIUM), "it ended");
  both[0].close();
  assertEquals(await told, "EOFError");
  await joinAll(eater);
});
