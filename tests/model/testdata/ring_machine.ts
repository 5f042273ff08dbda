// Copyright 2026 the authors. MIT license.

// The ring under every queue (queue/ring.ts), driven by the loops that drive it
// everywhere (queue/store.ts), and the mistakes of both:
// `?mistake=clearsTheBitLast` …

import { lockerOf } from "../../../program/locker.ts";
import { runSync, type Steps } from "../../../memory/park.ts";
import type * as rings from "../../../queue/ring.ts";
import type * as stores from "../../../queue/store.ts";
import type { Words } from "../../../memory/word.ts";
import type { Ending, Scenario, ThreadContext } from "../scenario.ts";
import { importWith } from "./mistake.ts";
import { withoutSpins } from "./own_words.ts";
import { entryOf, valueIn } from "./store_scenarios.ts";

const { format, Ring } = await importWith("queue/ring.ts", import.meta.url, {
  clearsTheBitLast: [["\n    words.notify(index, Infinity);\n  }", "\n  }"]],
  sleepsUnseen: [["const value = word | SLEEPERS;", "const value = word;"]],
  wakesNoWriter: [[
    "      published = this.#publish(HEAD,",
    "      this.#publish(HEAD,",
  ], [
    "    let published: number;\n    this.#lockReading();",
    "    const published = 0;\n    this.#lockReading();",
  ]],
  wakesOneWriter: [[
    "=== 0 ? taken : Infinity;",
    "=== 0 ? taken : taken;",
  ]],
  keepsThePlace: [[
    "      words.notify(HEAD, Infinity);\n    }\n    return false;",
    "    }\n    return false;",
  ]],
  publishesFirst: [
    ["      this.#write(", "      const write = () => this.#write("],
    [
      "      published = this.#publish(TAIL, tail + need);",
      "      published = this.#publish(TAIL, tail + need);\n      write();",
    ],
  ],
  takesFirst: [
    [
      "const units = this.#read(head);",
      `const at = DATA + unitAt(head, words.peek(GEOMETRY)) * 2;
      const units = (words.peek(at + 1) & HAS_BYTES) === 0
        ? 1
        : 1 + unitsOf(words.peek(at));`,
    ],
    [
      "published = this.#publish(HEAD, head + units);",
      `published = this.#publish(HEAD, head + units);
      this.#read(head);`,
    ],
  ],
  closesOneSide: [["    setBit(words, HEAD, CLOSED);\n", ""]],
  closesInSilence: [["    words.notify(TAIL, Infinity);\n", ""]],
  growsAlone: [
    [
      "    if (log2Of(words.peek(GEOMETRY)) >= last) return false;\n    this.#lockReading();",
      "    if (log2Of(words.peek(GEOMETRY)) >= last) return false;",
    ],
    [
      "      return true;\n    } finally {\n      this.#readLock.release();",
      "      return true;\n    } finally {",
    ],
  ],
  leavesTheWrapBehind: [["if (wrapped > 0) {", "if (wrapped < 0) {"]],
  countsOnce: [[
    "if (positionOf(words.load(TAIL)) !== positionOf(tail)) continue;",
    "",
  ]],
  keepsTheCount: [[
    "if (abandoned || this.#words.peek(RECOUNT) !== 0) this.#recount();",
    "",
  ]],
  countsForTheDead: [["    this.#mend();\n", ""]],
  drainsBackwards: [
    [
      "      words.poke(SEEN_TAIL, tail);\n      this.#publish(HEAD, tail);",
      "      this.#publish(HEAD, tail);\n      words.poke(SEEN_TAIL, tail);",
    ],
  ],
}) as typeof rings;

const { OVER, putting, takeNext, taking } = await importWith(
  "queue/store.ts",
  import.meta.url,
  {
    looksForRoomLast: [
      ["    const seen = store.seenRoom();\n", ""],
      [
        "    const park = store.parkForRoom(seen);",
        "    const park = store.parkForRoom(store.seenRoom());",
      ],
    ],
    looksForTheEndLast: [
      ["  const isClosed = store.isClosed();\n", ""],
      [
        "if (message !== undefined || !isClosed)",
        "if (message !== undefined || !store.isClosed())",
      ],
    ],
  },
) as typeof stores;

type Ring = rings.Ring;

/** The words of a ring of 8 units; then those of the scenarios. */
const RING_WORDS = 80 + 8 * 2;
/** How many messages a thread has put; by thread. */
const PUT = RING_WORDS;
/** How many messages were taken. */
const TAKEN = RING_WORDS + 4;
/** What was taken, in order. */
const LOG = RING_WORDS + 5;

/** How many words a scenario shares. */
export const WORDS = 128;

/** Less than a slice of `runSync`. */
const DEADLINE = 10;

const WRITE_LOCK = 0;
const READ_LOCK = 32;

function ringOf(context: ThreadContext): Ring {
  const { bytes, thread, isDead } = context;
  const isAlive = (token: number) => !isDead(token - 1);
  return viewOf(
    withoutSpins(context, WRITE_LOCK, READ_LOCK),
    bytes,
    thread + 1,
    isAlive,
  );
}

function viewOf(
  words: Words,
  bytes: Uint8Array,
  token: number,
  isAlive: (token: number) => boolean,
): Ring {
  // No scenario opens a ring by its handle.
  const handle = undefined as unknown as rings.RingHandle;
  const memory = bytes.subarray(0, RING_WORDS * 4);
  const locker = lockerOf(token, isAlive);
  return new Ring({ words, bytes: memory, handle }, locker);
}

function puttingOne(
  ring: Ring,
  value: number,
  size: number,
): Steps<stores.PutResult> {
  return putting(ring, () => {
    const result = ring.tryPut(entryOf(value, size));
    return result === "full" ? undefined : result;
  });
}

/** {@linkcode OVER} if the ring is closed and empty. */
function takingOne(
  ring: Ring,
  { assert }: Pick<ThreadContext, "assert">,
): Steps<number | typeof OVER> {
  return taking(ring, () => {
    const message = takeNext(ring);
    if (message === undefined || typeof message === "symbol") return message;
    return valueIn(message, assert);
  });
}

/** Puts `count` messages: thread 1 puts 11, 12 … */
function puts(count: number, size = 0) {
  return (context: ThreadContext): void => {
    const ring = ringOf(context);
    for (let i = 1; i <= count; i++) {
      const value = context.thread * 10 + i;
      const result = runSync(puttingOne(ring, value, size), Infinity);
      context.assert(result === "put", `${value} is not put`);
      context.words.poke(PUT + context.thread, i);
    }
  };
}

/** Takes `count` messages and writes them down. */
function takes(count: number) {
  return (context: ThreadContext): void => {
    const ring = ringOf(context);
    for (let i = 0; i < count; i++) {
      const value = runSync(takingOne(ring, context), Infinity);
      context.assert(typeof value === "number", "the ring is closed");
      note(context.words, value as number);
    }
  };
}

function note(words: Words, value: number): void {
  words.poke(LOG + words.add(TAKEN, 1), value);
}

/** What was taken and what is left, in the order of the ring. */
function remains(words: Words, ending: Ending): number[] {
  const ring = viewOf(
    words,
    ending.bytes,
    9,
    (token) => !ending.isDead(token - 1),
  );
  const count = ring.count();
  const values = Array.from(
    { length: words.load(TAKEN) },
    (_, i) => words.load(LOG + i),
  );
  let left = 0;
  for (
    let message = ring.tryTake();
    message !== undefined && left < 20;
    message = ring.tryTake()
  ) {
    values.push(valueIn(message, ending.assert));
    left++;
  }
  ending.assert(count === left, `counts ${count} messages of ${left}`);
  ending.assert(ring.count() === 0, "counts messages of none");
  const isPut = ring.tryPut(entryOf(99, 0)) !== "full";
  ending.assert(isPut, "an empty ring takes nothing");
  return values;
}

/** Everything that was put is there once; `missing` may be lost to deaths. */
function lossless(words: Words, ending: Ending, missing = 0): void {
  const values = remains(words, ending);
  const { assert } = ending;
  const whole = new Set(values);
  assert(whole.size === values.length, `doubled: ${values}`);
  for (let thread = 0; thread < 4; thread++) {
    const own = values.filter((value) => Math.floor(value / 10) === thread);
    const sorted = own.toSorted((a, b) => a - b);
    // Two readers write down what they took in any order.
    if (!hasTwoReaders) assert(`${own}` === `${sorted}`, `order: ${own}`);
    for (let i = 1; i <= words.load(PUT + thread); i++) {
      if (!whole.has(thread * 10 + i)) missing--;
    }
  }
  assert(missing >= 0, `lost: there is only ${values}`);
}

let hasTwoReaders = false;

interface Limits {
  /** The first capacity is 2 to the power of this many units. */
  log2?: number;
  /** The last capacity, likewise. */
  last?: number;
  /** The most messages. */
  items?: number;
  /** How many messages may be lost if a thread dies. */
  missing?: number;
  /** With two, what was taken may be written down in another order. */
  readers?: number;
}

function scenario(threads: Scenario["threads"], limits: Limits = {}): Scenario {
  const { log2 = 1, last = log2, items = 0, missing = 0, readers = 1 } = limits;
  return {
    threads,
    init: (words) => format(words, log2, last, items),
    finally(words, ending) {
      hasTwoReaders = readers > 1;
      const dead = threads.some((_, thread) => ending.isDead(thread));
      lossless(words, ending, dead ? missing : 0);
    },
  };
}

export const oneWriterOneReader = scenario([puts(2), takes(2)], { log2: 2 });
export const fullRing = scenario([puts(3), takes(3)], { log2: 1 });
export const onePlace = scenario([puts(2), takes(2)], { log2: 2, items: 1 });
export const wrapAround = scenario([puts(3, 9), takes(3)], { log2: 2 });
export const twoWriters = scenario([puts(1), puts(1), takes(2)], {
  log2: 2,
  items: 1,
});
export const twoReaders = scenario([takes(1), takes(1), puts(2)], {
  log2: 2,
  items: 1,
  readers: 2,
});
export const growing = scenario([puts(4, 8), takes(4)], { last: 3 });

/** Wrapped around, full, and then in need of more room. */
export const growsWrapped: Scenario = {
  ...scenario([puts(2, 8), takes(3)], { log2: 2, last: 3 }),
  init(words, bytes) {
    format(words, 2, 3, 0);
    const ring = viewOf(words, bytes, 9, () => true);
    ring.tryPut(entryOf(31, 8));
    ring.tryPut(entryOf(32, 0));
    ring.tryTake();
    ring.tryTake();
    ring.tryPut(entryOf(33, 8));
    words.poke(PUT + 3, 0);
  },
};

/** The part that wraps around is read while the ring grows over it. */
export const growsUnderReader: Scenario = {
  ...scenario([puts(1, 8), takes(1)]),
  init(words, bytes) {
    format(words, 1, 3, 0);
    const ring = viewOf(words, bytes, 9, () => true);
    ring.tryPut(entryOf(31, 0));
    ring.tryTake();
    ring.tryPut(entryOf(32, 8));
  },
};

/** A small message fits where a large one does not. */
export const bytesForTheSecond: Scenario = {
  ...scenario([puts(1, 24), (context) => {
    puts(1)(context);
    context.words.notify(PUT + 1, 1);
  }, (context) => {
    takes(1)(context);
    // The small one must get through before anything else is taken.
    while (context.words.load(PUT + 1) === 0) {
      context.words.wait(PUT + 1, 0, Infinity);
    }
    takes(4)(context);
  }]),
  init(words, bytes) {
    format(words, 2, 2, 8);
    const ring = viewOf(words, bytes, 9, () => true);
    for (const value of [31, 32, 33, 34]) ring.tryPut(entryOf(value, 0));
  },
};

/** The same where the large one does not even make the ring grow. */
export const bytesInASmallRing: Scenario = {
  ...bytesForTheSecond,
  threads: [puts(1, 48), ...bytesForTheSecond.threads.slice(1)],
  init(words, bytes) {
    format(words, 2, 3, 4);
    const ring = viewOf(words, bytes, 9, () => true);
    for (const value of [31, 32, 33, 34]) ring.tryPut(entryOf(value, 0));
  },
};

/** A thread waits for the other side when the ring is closed. */
export const closeWhileReading: Scenario = {
  init: (words) => format(words, 2, 2, 0),
  threads: [(context) => {
    const value = runSync(takingOne(ringOf(context), context), Infinity);
    context.assert(value === OVER, "took what was not put");
  }, closes],
};

export const closeWhileWriting: Scenario = {
  init: (words) => format(words, 2, 2, 1),
  threads: [(context) => {
    const ring = ringOf(context);
    let result = runSync(puttingOne(ring, 1, 0), Infinity);
    if (result === "put") result = runSync(puttingOne(ring, 2, 0), Infinity);
    context.assert(result === "closed", "put two where one fits");
  }, closes],
};

function closes(context: ThreadContext): void {
  ringOf(context).close();
}

/** What was put before the ring was closed is taken before its end. */
export const closesBehind: Scenario = {
  init: (words) => format(words, 2, 2, 0),
  threads: [(context) => {
    const ring = ringOf(context);
    while (true) {
      const value = runSync(takingOne(ring, context), Infinity);
      if (typeof value !== "number") return;
      note(context.words, value);
    }
  }, (context) => {
    puts(1)(context);
    closes(context);
  }],
  finally(words, { assert }) {
    assert(words.load(TAKEN) === 1, "the end came before the message");
  },
};

/** Puts, closes and throws away; a taker may have come before. */
export const drainsWhileReading: Scenario = {
  init: (words) => format(words, 2, 2, 0),
  threads: [(context) => {
    const ring = ringOf(context);
    while (true) {
      const value = runSync(takingOne(ring, context), Infinity);
      if (value === OVER) return;
      context.assert(value === 11, "took what was not put");
    }
  }, (context) => {
    const ring = ringOf(context);
    ring.tryPut(entryOf(11, 8));
    ring.close({ drain: true });
  }],
  finally(words, ending) {
    ending.assert(remains(words, ending).length === 0, "not drained");
  },
};

/** A deadline passes just as the message comes: it goes to the other one. */
export const timeoutRacesWithNotify: Scenario = {
  ...scenario([takes(1), (context) => {
    const deadline = performance.now() + DEADLINE;
    const value = runSync(takingOne(ringOf(context), context), deadline);
    if (typeof value === "number") note(context.words, value);
    // The message of the other one.
    if (typeof value === "number") puts(1)(context);
  }, puts(1)], { log2: 2, readers: 2 }),
};

/** One counts while the others put and take. */
export const counting = scenario([puts(2), takes(1), (context) => {
  const count = ringOf(context).count();
  context.assert(count >= 0 && count <= 2, `counts ${count}`);
}], { log2: 2 });

/** There is always a message: a thread that counts must not find none. */
export const countsNone: Scenario = {
  init(words, bytes) {
    format(words, 2, 2, 0);
    viewOf(words, bytes, 9, () => true).tryPut(entryOf(31, 0));
  },
  threads: [(context) => {
    const ring = ringOf(context);
    ring.tryPut(entryOf(1, 0));
    ring.tryTake();
    ring.tryPut(entryOf(2, 0));
  }, (context) => {
    const ring = ringOf(context);
    const count = ring.count();
    context.assert(count >= 1 && count <= 2, `counts ${count}`);
    context.assert(!ring.isEmpty(), "is empty");
  }],
};

/** Puts what there is room for. */
function offers(count: number, size = 0) {
  return (context: ThreadContext): void => {
    const ring = ringOf(context);
    for (let i = 1; i <= count; i++) {
      const value = context.thread * 10 + i;
      if (ring.tryPut(entryOf(value, size)) !== "put") return;
      context.words.poke(PUT + context.thread, i);
    }
  };
}

/** Takes what there is, and writes it down. */
function looks(count: number) {
  return (context: ThreadContext): void => {
    const ring = ringOf(context);
    for (let i = 0; i < count; i++) {
      const message = ring.tryTake();
      if (message === undefined) return;
      note(context.words, valueIn(message, context.assert));
    }
  };
}

/** The first thread may die; the others must be able to go on. */
export const writerDies = scenario([offers(2, 9), offers(1), looks(2)], {
  log2: 2,
  last: 3,
});
export const readerDies = scenario([looks(2), looks(1), offers(2)], {
  log2: 2,
  items: 2,
  missing: 1,
  readers: 2,
});
export const growerDies = scenario([offers(3, 8), looks(2)], { last: 3 });
export const closerDies: Scenario = {
  init: (words) => format(words, 2, 2, 0),
  threads: [(context) => {
    const ring = ringOf(context);
    ring.tryPut(entryOf(1, 0));
    ring.tryPut(entryOf(2, 8));
    ring.close({ drain: true });
  }],
  finally(words, ending) {
    const values = remains(words, ending);
    const isOne = ["", "1", "1,2"].includes(`${values}`);
    ending.assert(isOne, `there is ${values}`);
  },
};

/** A death between a count and its position; then one that only counts. */
export const counterMourns: Scenario = {
  ...scenario([(context) => {
    offers(1)(context);
    looks(1)(context);
  }], { missing: 1 }),
  init(words, bytes) {
    format(words, 2, 2, 0);
    const ring = viewOf(words, bytes, 9, () => true);
    ring.tryPut(entryOf(31, 0));
    ring.tryPut(entryOf(32, 0));
  },
};
