// Copyright 2026 the authors. MIT license.

// The pools of the tutorial.

import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import {
  assertBefore,
  assertSameLines,
  collect,
  groups,
  numbers,
  run,
} from "../_support/tutorial.ts";

const SQUARES = JSON.stringify(numbers(10).map((n) => Number(n) ** 2));
const HELLOS = numbers(10).map((n) => `hello ${n}`);

Deno.test("S-04 gives a task to the worker that has ended one", async () => {
  const args = ["4"];
  const lines = await run("s04_cpu_count_pool", { args, scale: 0.1 });
  const text = lines.join("\n");
  assertEquals(collect(lines, /^(Parent) pid \d+$/).length, 1);
  const firstEnd = lines.findIndex((line) => / end in /.test(line));
  for (const early of ["subprocess Start", "before close"]) {
    assert(lines.indexOf(early) >= 0, text);
    assertLess(lines.indexOf(early), firstEnd, text);
  }
  const idents = collect(lines, /^task \d run in (\d+)$/);
  assertEquals(idents.length, 10);
  assertLessOrEqual(new Set(idents).size, 4);
  let inside = 0;
  for (const line of lines) {
    if (/^task \d run/.test(line)) inside++;
    if (/^task \d end/.test(line)) inside--;
    assertLessOrEqual(inside, 4, text);
  }
  assertEquals(lines.slice(-11), ["All subprocess done", ...HELLOS]);
});

Deno.test("S-09 runs in a pool of one thread", async () => {
  assertEquals(await run("s09_thread_pool"), ["hello elin", "foofoo"]);
});

Deno.test("S-51 calls back in two waves of five", async () => {
  const lines = await run("s51_pool_callback", { scale: 0.2 });
  assertEquals(lines[0], "end");
  assertSameLines(
    lines.slice(1),
    numbers(10).map((i) => `-->exec done: ${Number(i) + 100}`),
  );
  // A worker that is slow to start may miss the first wave; no more than that.
  const first = collect(lines.slice(1, 6), /(\d)$/).map(Number);
  const early = first.filter((n) => n < 5);
  assertGreater(early.length, 2, lines.join("\n"));
});

Deno.test("S-51 prints only `end` without close and join", async () => {
  // Its tasks would take two seconds, its end does not wait for them.
  const stderr = "Process MainProcess: Cannot finish task: the program has " +
    "ended, and no code awaited its result: 10 × foo\n";
  const options = { args: ["forget"], scale: 1, stderr };
  assertEquals(await run("s51_pool_callback", options), ["end"]);
});

Deno.test("S-74 maps elements, and beats a hundred processes", async () => {
  const lines = await run("s74_pool_map");
  assertSameLines(lines.slice(0, 2), ["[ 1, 2 ]", "alex"]);
  assertEquals(lines[2], "map has returned");
  const [pooled] = groups(lines[3], /^pool: ([\d.]+) ms$/);
  const [single] = groups(lines[4], /^processes: ([\d.]+) ms$/);
  assertEquals(lines.length, 5);
  assertLess(Number(pooled) * 2, Number(single));
});

Deno.test("S-75 is serial", async () => {
  const lines = await run("s75_pool_apply", { scale: 0.05 });
  const idents = collect(lines, /^(\d+) run$/);
  assertEquals(idents.length, 10);
  assertLessOrEqual(new Set(idents).size, 3);
  assertEquals(lines[10], SQUARES);
  const [seconds] = groups(lines[11], /^(\d+\.\d\d)$/);
  assertGreater(Number(seconds), 9.9);
});

Deno.test("S-76 runs three at a time, results in order", async () => {
  const lines = await run("s76_pool_apply_async", { scale: 0.2 });
  const insides = collect(lines, /^\d+ run, inside: (\d+)$/).map(Number);
  assertEquals(insides.length, 10);
  assertEquals(Math.max(...insides), 3);
  assertLessOrEqual(new Set(collect(lines, /^(\d+) run/)).size, 3);
  assertEquals(lines.at(-1), SQUARES);
});

Deno.test("S-77 goes on at once and gets its messages later", async () => {
  const lines = await run("s77_pool_messages", { scale: 0.1 });
  const line = "==============================>";
  assertBefore(lines, line, "end");
  assertSameLines(collect(lines, /^msg: (.*)$/), HELLOS);
  assertEquals(lines.filter((text) => text === "end").length, 10);
  const objects = numbers(10).map(() => "[object AsyncResult]").join(" ");
  assertEquals(lines.slice(-11), [objects, ...HELLOS]);
});

Deno.test("S-78 is serial, and its results have no get()", async () => {
  const lines = await run("s78_pool_messages_apply");
  assertEquals(lines, [
    ...HELLOS.flatMap((hello) => [`msg: ${hello}`, "end"]),
    "==============================>",
    JSON.stringify(HELLOS),
    ...numbers(10).map(() => "false"),
  ]);
});

Deno.test("S-81 calls back in the main process", async () => {
  const lines = await run("s81_simple_callback");
  const [main] = groups(lines[0], /^主进程 (\d+)$/);
  const [ident] = groups(lines[1], /^func1>> (\d+)$/);
  assert(ident !== main);
  assertEquals(lines.slice(2), ["func1", `func2>> ${main}`, "func2", "100"]);
});

Deno.test("S-81 calls back one after another", async () => {
  const lines = await run("s81_simple_callback", { args: ["many"] });
  const [main] = groups(lines[0], /^主进程 (\d+)$/);
  // What workers print may stand between, what callbacks print may not.
  const back = lines.slice(1).filter((line) => !line.startsWith("func1"));
  assertEquals(back.length, 30);
  const squares: string[] = [];
  for (let i = 0; i < back.length; i += 3) {
    assertEquals(back.slice(i, i + 2), [`func2>> ${main}`, "func2"]);
    squares.push(back[i + 2]!);
  }
  assertSameLines(squares, numbers(10).map((n) => `${(10 + Number(n)) ** 2}`));
});

Deno.test("S-82 gets one page", async () => {
  assertEquals(await run("s82_one_get"), [
    "<Response [200]>",
    "200",
    "<h1>百度一下,你就知道</h1>",
  ]);
});

Deno.test("S-83 fetches in workers and writes in the main process", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/db.txt`;
    const lines = await run("s83_crawler", { args: [file] });
    const [main] = groups(lines[0], /^主进程 (\d+)$/);
    const getters = collect(lines, /^<进程(\d+)> get http/);
    assertEquals(getters.length, 5);
    assertLessOrEqual(new Set(getters).size, 3);
    assert(!getters.includes(main!));
    const parsers = collect(lines, /^<进程(\d+)> parse http/);
    assertEquals(parsers, numbers(5).map(() => main));
    const written = (await Deno.readTextFile(file)).trimEnd().split("\n");
    assertSameLines(
      written.map((line) =>
        groups(line, /^url:<http:\/\/\S+?\/(\w+> size:\[\d+\])$/)[0]!
      ),
      [
        "baidu> size:[500]",
        "python> size:[1200]",
        "openstack> size:[2700]",
        "help> size:[1600]",
        "sina> size:[2000]",
      ],
    );
    assertEquals(
      lines.at(-1),
      '["baidu 500","python 1200","openstack 2700","help 1600","sina 2000"]',
    );
    assertEquals(lines.length, 12);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("S-84 sends a regular expression there and back", async () => {
  const film = (
    index: string,
    title: string,
    actor: string,
    time: string,
    score: string,
  ) => JSON.stringify({ index, title, actor, time, score });
  assertEquals(await run("s84_crawler_regexp"), [
    film("1", "霸王别姬", "张国荣", "1993-01-01", "9.6"),
    film("2", "肖申克的救赎", "蒂姆", "1994-10-14", "9.5"),
    film("3", "罗马假日", "格利高里", "1953-09-02", "9.1"),
    "true gs",
  ]);
});

// Ten seconds of tasks: five with two workers, four with three.
for (const [workers, least] of [["2", 4.9], ["4", 2.9]] as const) {
  Deno.test(`S-85 takes its share of time with ${workers} workers`, async () => {
    const options = { args: [workers], scale: 0.2 };
    const lines = await run("s85_collect_at_end", options);
    assertEquals(lines[0], SQUARES);
    const [seconds] = groups(lines[1], /^(\d+\.\d\d)$/);
    assertGreater(Number(seconds), least);
    assertLess(Number(seconds), least + 2.5);
    assertEquals(lines.length, 2);
  });
}

Deno.test("S-86 runs twelve jobs on three threads", async () => {
  const lines = await run("s86_own_thread_pool", { scale: 0.2 });
  assertSameLines(
    collect(lines, /^线程[123] (\w+\(\d+\) = -?\d+)$/),
    numbers(12).map((n) =>
      Number(n) % 2 === 0
        ? `square(${n}) = ${Number(n) ** 2}`
        : `negate(${n}) = -${n}`
    ),
  );
  const threads = collect(lines, /^(线程\d)/);
  assertLessOrEqual(new Set(threads).size, 3);
  assertLess(new Set(threads).size, threads.length);
  assertEquals(lines.at(-1), "done");
});

Deno.test("S-87 grows up to its limit, then shrinks", async () => {
  const lines = await run("s87_elastic_pool", { scale: 0.1 });
  const workers = collect(lines, /^done: \d+, workers: (\d+)$/).map(Number);
  assertEquals(workers.length, 20);
  assertEquals(Math.max(...workers), 4);
  assertEquals(lines[0], "before: 1");
  assertEquals(lines.slice(-2), ["results: 20", "after: 1"]);
});

Deno.test("S-89 collects from all workers what the master gave", async () => {
  const lines = await run("s89_master_worker", { scale: 0.2 });
  assertSameLines(
    collect(lines, /^Worker-[123]: (\d -> \d+)$/),
    numbers(10).map((n) => `${n} -> ${Number(n) ** 2}`),
  );
  assertEquals(lines.at(-1), "master: 285");
  assertEquals(lines.length, 11);
});
