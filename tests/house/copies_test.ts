// Copyright 2026 the authors. MIT license.

// A program that imports two copies of the library: sources and built file, or
// two versions. Their processes stand in different tables, so what one makes is
// nothing to the other, and says so at once.

import { assert, assertEquals } from "@std/assert";
import { build } from "../../tools/build.ts";
import { inFolder, runFiles } from "../_support/programs.ts";

const SOURCES = new URL("../../mod.ts", import.meta.url).href;

Deno.test("what one copy of the library makes is refused by another", async () => {
  await inFolder(async (folder) => {
    await build(new URL(`file://${folder}/`), { types: false });
    const built = `file://${folder}/mod.js`;
    const { code, lines, stderr } = await runFiles({
      "main.ts": PROGRAM.replace("SOURCES", SOURCES).replace("BUILT", built),
    });
    assertEquals([code, stderr], [0, ""]);
    const found = lines.map((line) => JSON.parse(line) as Refusal);
    for (const { by, kind, action, said, way } of found) {
      const [own, other] = by === "sources"
        ? [SOURCES, built]
        : [built, SOURCES];
      assertEquals(
        said,
        `TypeError: Cannot ${action}: the ${kind} was made by another copy ` +
          `of this library, ${other}, than ${own}: import the same one everywhere`,
        way,
      );
    }
    const ways = new Set(found.map(({ by, way }) => `${by} ${way}`));
    assertEquals(ways.size, 2 * 2 * 15);
    assert(found.length > 2 * 2 * 7 * 19, `${found.length}`);
  });
});

/** What the program says of one object that was given to the other copy. */
interface Refusal {
  by: "sources" | "built";
  kind: string;
  action: string;
  way: string;
  said: string;
}

const PROGRAM = `import * as sources from "SOURCES";
import * as built from "BUILT";

type Library = typeof sources;

const libraries = { sources, built: built as unknown as Library };

/** An object of each kind that another process can have. */
function shared(by: Library, method: sources.StartMethod) {
  const made = by.getContext(method);
  return {
    Array: new made.Array("i", 2),
    Barrier: new made.Barrier(2),
    BoundedSemaphore: new made.BoundedSemaphore(1),
    Condition: new made.Condition(),
    Connection: made.Pipe()[0],
    Event: new made.Event(),
    JoinableQueue: new made.JoinableQueue(),
    LifoQueue: new made.LifoQueue(),
    Lock: new made.Lock(),
    PriorityQueue: new made.PriorityQueue(),
    Queue: new made.Queue(),
    RLock: new made.RLock(),
    RawArray: new made.RawArray("i", 2),
    RawValue: new made.RawValue("i", 0),
    Semaphore: new made.Semaphore(1),
    ShareableList: new made.ShareableList([1]),
    SharedMemory: new made.SharedMemory({ create: true, size: 8 }),
    SimpleQueue: new made.SimpleQueue(),
    Value: new made.Value("i", 0),
  };
}

export function nothing(..._: unknown[]): void {}

/** Returns an object of another copy than that of the pool. */
export function event(other: keyof typeof libraries): unknown {
  return new libraries[other].Event();
}

async function main(): Promise<void> {
  const target = nothing;
  for (const [by, other] of [["sources", "built"], ["built", "sources"]] as const) {
    for (const method of ["worker", "spawn"] as const) {
      const used = libraries[by].getContext(method);
      const { wait, waitSync, waitFutures, asCompleted } = libraries[by];
      const tell = async (
        way: string,
        action: string,
        kind: string,
        use: () => unknown,
      ) => {
        let said = "given";
        try {
          await use();
        } catch (error) {
          said = String(error);
        }
        way = \`\${method} \${way}\`;
        console.log(JSON.stringify({ by, way, action, kind, said }));
      };
      await using pool = new used.Pool(1);
      const queue = new used.Queue<unknown>();
      const [near, _far] = used.Pipe<unknown>();
      const theirs = shared(libraries[other], method);
      for (const [kind, it] of Object.entries(theirs)) {
        const give = (way: string, use: () => unknown) =>
          tell(way, "give object", kind, use);
        await give("process", () =>
          new used.Process({ target, args: [it] }).start());
        await give("kwargs", () =>
          new used.Process({ target, kwargs: { it: [it] } }).start());
        await give("put", () => queue.put(it));
        await give("putSync", () => queue.putSync([it]));
        await give("send", () => near.send(it));
        await give("task", () => pool.apply(target, [it]));
        await give("initargs", () =>
          new used.Pool({ processes: 1, initializer: target, initargs: [it] }));
      }
      await tell("result", "give object", "Event", () =>
        pool.apply(event, [other]));
      const { Lock, RLock, Queue, Connection } = theirs;
      for (const [kind, lock] of Object.entries({ Lock, RLock })) {
        await tell("condition", "create condition", kind, () =>
          new used.Condition(lock));
        await tell("value", "create value", kind, () =>
          new used.Value("i", 0, { lock }));
        await tell("array", "create array", kind, () =>
          new used.Array("i", 1, { lock }));
      }
      const Process = new (libraries[other].getContext(method).Process)({ target });
      for (const [kind, it] of Object.entries({ Queue, Connection, Process })) {
        await tell("wait", "wait", kind, () => wait([it]));
        await tell("waitSync", "wait", kind, () => waitSync([it]));
      }
      await using executor =
        new (libraries[other].getContext(method).ProcessPoolExecutor)(1);
      const future = executor.submit(nothing);
      await tell("waitFutures", "wait for futures", "Future", () =>
        waitFutures([future]));
      await tell("asCompleted", "see what is completed", "Future", () =>
        asCompleted([future]).next());
      await future;
      theirs.SharedMemory.unlink();
      theirs.ShareableList.shm.unlink();
    }
  }
}

if (import.meta.main) await main();
`;
