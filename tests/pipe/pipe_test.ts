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
  Process,
  Queue,
  StateError,
} from "../../mod.ts";
import { HUNG, LONG, MEDIUM, SHORT } from "../_support/delays.ts";
import { contract, contractOf } from "../_support/contract.ts";
import { FORMS, KINDS, SOON, withPipe } from "../_support/pipes.ts";
import { joinAll, startIn } from "../_support/processes.ts";
import { runProgram } from "../_support/programs.ts";
import { isPending } from "../_support/until.ts";
import { assertTimesOut, assertUncloneable } from "../_support/refusals.ts";

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

const BYTES = new Uint8Array([1, 2, 3, 4, 5]);

/** Calls that throw, and what they throw. */
const MISUSES: readonly [
  call: string,
  error: typeof RangeError | typeof TypeError,
  method: Exclude<keyof typeof FORMS[number], "name">,
  ...args: unknown[],
][] = [
  ["recv({ timeout: -1 })", RangeError, "recv", { timeout: -1 }],
  ["recv({ timeout: '1' })", TypeError, "recv", { timeout: "1" }],
  ["send({ timeout: NaN })", RangeError, "send", 1, { timeout: NaN }],
  ["send({ transfer: 1 })", TypeError, "send", 1, { transfer: 1 }],
  ["poll(-1)", RangeError, "poll", -1],
  ["poll('1')", TypeError, "poll", "1"],
  ["recvBytes(-1)", RangeError, "recvBytes", -1],
  ["recvBytes(NaN)", RangeError, "recvBytes", NaN],
  ["recvBytes('1')", TypeError, "recvBytes", "1"],
  ["sendBytes('text')", TypeError, "sendBytes", "text"],
  ["sendBytes(bytes, -1)", RangeError, "sendBytes", BYTES, -1],
  ["sendBytes(bytes, 6)", RangeError, "sendBytes", BYTES, 6],
  ["sendBytes(bytes, 0.5)", RangeError, "sendBytes", BYTES, 0.5],
  ["sendBytes(bytes, '1')", TypeError, "sendBytes", BYTES, "1"],
  ["sendBytes(bytes, 4, 2)", RangeError, "sendBytes", BYTES, 4, 2],
  ["recvBytesInto([])", TypeError, "recvBytesInto", []],
  ["recvBytesInto(bytes, 6)", RangeError, "recvBytesInto", BYTES, 6],
];

const pipes = withPipe(Deno);
const small = withPipe(Deno, { maxBytes: 4096 });
const piped = withPipe(contract);

for (const { name: kind, options, methods } of KINDS) {
  const pipes = withPipe(Deno, options);
  const small = withPipe(Deno, { ...options, maxBytes: 4096 });
  const oneWay = withPipe(Deno, { ...options, duplex: false });

  for (const form of FORMS) {
    const how = `${kind}, ${form.name}`;

    pipes.test(`Connection.recv() gives clones of what was sent (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.recv() gives an error as an error (${how})`, async ([a, b]) => {
      await form.send(a, new RangeError("far"));
      const error = await form.recv(b);
      assertInstanceOf(error, RangeError);
      assertEquals(error.message, "far");
    });

    pipes.test(`Connection.send() goes both ways, in order (${how})`, async ([a, b]) => {
      for (let i = 0; i < 100; i++) {
        await form.send(a, i);
        await form.send(b, -i);
      }
      for (let i = 0; i < 100; i++) {
        assertEquals(await form.recv(b), i);
        assertEquals(await form.recv(a), -i);
      }
    });

    pipes.test(`Connection.recv() gives up at the timeout and loses nothing (${how})`, async ([a, b]) => {
      const start = performance.now();
      await assertTimesOut(() => form.recv(b, { timeout: SHORT }));
      assert(performance.now() - start >= SHORT, "it gave up too soon");
      for (const options of [{ block: false }, { timeout: 0 }]) {
        await assertRejects(() => form.recv(b, options), DOMException);
      }
      await form.send(a, 1);
      assertEquals(await form.recv(b, { block: false }), 1);
    });

    pipes.test(`Connection.recv() gives what was sent, then EOFError for ever (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.send() throws BrokenPipeError if nobody has the other end (${how})`, async ([a, b]) => {
      b.close();
      await assertRejects(() => form.send(a, 1), BrokenPipeError);
      await assertRejects(() => form.sendBytes(a, BYTES), BrokenPipeError);
    });

    pipes.test(`Connection.poll() tells whether there is a message (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.poll() is true at the end (${how})`, async ([a, b]) => {
      a.close();
      assertEquals(await form.poll(b), true);
      assertEquals(await form.poll(b, Infinity), true);
      await assertRejects(() => form.recv(b), EOFError);
    });

    pipes.test(`Connection.sendBytes() copies bytes of shared memory (${how})`, async ([a, b]) => {
      const shared = new Uint8Array(new SharedArrayBuffer(3));
      shared.set([1, 2, 3]);
      await form.sendBytes(a, shared, 1);
      shared.fill(0);
      const bytes = await form.recvBytes(b);
      assertEquals(bytes, new Uint8Array([2, 3]));
      assertInstanceOf(bytes.buffer, ArrayBuffer);
    });

    pipes.test(`Connection.recvBytes() gives each message whole (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.recv() gives bytes as a Uint8Array (${how})`, async ([a, b]) => {
      await form.sendBytes(a, BYTES.buffer, 1, 2);
      assertEquals(await form.recv(b), new Uint8Array([2, 3]));
    });

    pipes.test(`Connection.recvBytes() leaves a value for recv() (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.recvBytes(maxLength) spoils a duplex end for reading only (${how})`, async ([a, b]) => {
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

    oneWay.test(`Connection.recvBytes(maxLength) closes an end that only receives (${how})`, async ([reader, writer]) => {
      await form.sendBytes(writer, BYTES);
      await assertRejects(() => form.recvBytes(reader, 0), RangeError);
      assert(reader.closed);
      await assertRejects(() => form.recv(reader), StateError);
      await assertRejects(() => form.send(writer, 1), BrokenPipeError);
    });

    pipes.test(`Connection.recvBytesInto() fills a part of a buffer (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.recvBytesInto() throws what does not fit (${how})`, async ([a, b]) => {
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

    pipes.test(`Connection.send() refuses what cannot be cloned, and sends nothing (${how})`, async ([a, b]) => {
      for (const value of [() => {}, { f() {} }, [new URL("http://a")]]) {
        await assertUncloneable(() => form.send(a, value));
      }
      assertEquals(await form.poll(b), false);
    });

    oneWay.test(`Connection of one way only receives, or only sends (${how})`, async ([reader, writer]) => {
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

    pipes.test(`Connection refuses everything after close() (${how})`, async ([a, b]) => {
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

    for (const [call, error, method, ...args] of MISUSES) {
      pipes.test(`Connection.${call} throws ${error.name} and does nothing (${how})`, async ([a, b]) => {
        await form.sendBytes(b, BYTES);
        const misuse = form[method] as (...args: unknown[]) => Promise<unknown>;
        await assertRejects(() => misuse(a, ...args), error);
        assertEquals(await form.poll(b), false);
        assertEquals(await form.recvBytes(a), BYTES);
      });
    }
  }

  pipes.test(`Connection.recv() promises are served in the order of their calls (${kind})`, async ([a, b]) => {
    const order: unknown[] = [];
    const waits = Array.from(
      { length: 10 },
      () => b.recv(SOON).then((value) => order.push(value)),
    );
    for (let i = 0; i < 10; i++) a.sendSync(i);
    await Promise.all(waits);
    assertEquals(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  pipes.test(`Connection.recv({ signal }) gives up and loses nothing (${kind})`, async ([a, b]) => {
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

  small.test(`Connection.close() refuses what waits in this process (${kind})`, async ([a, b]) => {
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

  pipes.test(`Connection.close() wakes those who wait at the other end (${kind})`, async ([a, b]) => {
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

  pipes.test(`Connection gives its messages to for await (${kind})`, async ([a, b]) => {
    for (let i = 0; i < 3; i++) a.sendSync(i);
    a.close();
    assertEquals(await Array.fromAsync(b), [0, 1, 2]);
    b.close();
    await assertRejects(() => Array.fromAsync(b), StateError);
  });

  const piped = withPipe(contractOf({ variant: kind, methods }), options);

  for (const target of [echo, echoAsync]) {
    for (const form of FORMS) {
      const variant = `${kind}, ${form.name}`;
      const piped = withPipe(contractOf({ variant, methods }), options);
      piped.test(`Connection carries messages to a child and back: ${target.name}`, async ([near, far, method]) => {
        const child = startIn(here, method, target, far);
        far.close();
        const values = [1, "two", { three: [3] }, BYTES, "x".repeat(100_000)];
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
    const variant = `${kind}, ${form.name}`;
    const piped = withPipe(contractOf({ variant, methods }), options);
    piped.test("Connection.recv() waits until another process sends", async ([near, far, method]) => {
      const go = new Queue<boolean>();
      const child = startIn(here, method, sendWhenTold, far, go);
      assertEquals(await form.poll(near, SHORT), false);
      go.putSync(true);
      assertEquals(await form.recv(near), "told");
      await joinAll(child);
    });

    piped.test("Connection.poll() waits until another process sends", async ([near, far, method]) => {
      const go = new Queue<boolean>();
      const child = startIn(here, method, sendWhenTold, far, go);
      go.putSync(true);
      assertEquals(await form.poll(near, HUNG), true);
      assertEquals(await form.recv(near, { block: false }), "told");
      await joinAll(child);
    });

    piped.test("Connection.recv() is told at once when another process closes", async ([near, far, method]) => {
      const go = new Queue<boolean>();
      const child = startIn(here, method, closeWhenTold, far, go);
      far.close();
      go.putSync(true);
      await assertRejects(() => form.recv(near), EOFError);
      go.putSync(true);
      await joinAll(child);
    });

    piped.test("Connection.recv() gives what a child that ended has sent, then EOFError", async ([near, far, method]) => {
      const child = startIn(here, method, sendAll, far, [1, 2, 3]);
      far.close();
      for (const value of [1, 2, 3]) {
        assertEquals(await form.recv(near), value);
      }
      await assertRejects(() => form.recv(near), EOFError);
      await joinAll(child);
    });
  }

  piped.test("Connection passes from child to grandchild", async ([near, far, method]) => {
    const child = startIn(here, method, passDown, far, 2);
    far.close();
    assertEquals(await near.recv(SOON), "from below");
    await assertRejects(() => near.recv(SOON), EOFError);
    await joinAll(child);
  });

  piped.test("Process.start() that fails leaves a connection as it was", async ([near, far, method]) => {
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
  small.test(`Connection.send() waits while maxBytes are unread (${form.name})`, async ([a, b]) => {
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

  small.test(`Connection.send() sends a message longer than maxBytes (${form.name})`, async ([a, b]) => {
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

  pipes.test(`Connection.send() refuses at once what can never fit (${form.name})`, async ([a, b]) => {
    const bytes = new Uint8Array(2 ** 28);
    await assertRejects(() => form.sendBytes(a, bytes), RangeError, "holds");
    await assertRejects(() => form.send(a, bytes), RangeError, "holds");
    assertEquals(await form.poll(b), false);
  });

  pipes.test(`Connection.send({ transfer }) is refused by a pipe that copies (${form.name})`, async ([a, b]) => {
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

small.test("Connection.send() that waits sends what the value was at the call", async ([a, b]) => {
  const big = new Uint8Array(3000);
  a.sendBytesSync(big);
  const bytes = new Uint8Array(3000).fill(1);
  const sent = a.sendBytes(bytes);
  bytes.fill(2);
  b.recvSync();
  await sent;
  assertEquals(b.recvBytesSync(), new Uint8Array(3000).fill(1));
});

pipes.test("Connection.recvBytes() that refuses a message leaves it to another process's turn", async ([a, b]) => {
  const refused = assertRejects(() => b.recvBytes(undefined, SOON), TypeError);
  const taken = b.recv(SOON);
  a.sendSync("value");
  await refused;
  assertEquals(await taken, "value");
});

Deno.test("Pipe() refuses wrong options", () => {
  const wrong = [{ duplex: 1 }, { transfer: "x" }, { maxBytes: "1" }];
  for (const options of [null, 1, "x", ...wrong]) {
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
  const program = new URL("../testdata/forget_connection.ts", here);
  const { code, lines, stderr } = await runProgram(program, {
    flags: ["--v8-flags=--expose-gc"],
  });
  assertEquals(stderr, "");
  assertEquals(lines, ["EOFError", "still waits"]);
  assertEquals(code, 0);
});

piped.test("Connection is held by a child from start() on", async ([near, far, method]) => {
  // Its target runs late, and the parent's own end is closed before that.
  const child = startIn(here, method, sendThenClose, far, ["late"]);
  far.close();
  assertEquals(await near.recv(SOON), "late");
  await assertRejects(() => near.recv(SOON), EOFError);
  await joinAll(child);
});

piped.test("Connection is held once by a child that got it twice", async ([near, far, method]) => {
  const child = startIn(here, method, sendThenClose, far, ["once"], [far, {
    far,
  }]);
  far.close();
  assertEquals(await near.recv(SOON), "once");
  await assertRejects(() => near.recv(SOON), EOFError);
  await joinAll(child);
});

piped.test("Connection gives each message to one of five children", async ([near, far, method]) => {
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

piped.test("Connection ends for all who wait at it", async ([near, far, method]) => {
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
