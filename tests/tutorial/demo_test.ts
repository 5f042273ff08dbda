// Copyright 2026 the authors. MIT license.

// The demo, `deno task demo`, as its user runs it.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { inFolder, type Outcome, runProgram } from "../_support/programs.ts";

const DEMO = new URL("../../examples/word_count.ts", import.meta.url);

function demo(...args: string[]): Promise<Outcome> {
  return runProgram(DEMO, { args });
}

type Content = string | Uint8Array;

/** Runs the demo on a folder with these files. */
function demoOn(
  files: Record<string, Content>,
  prepare: (folder: string) => void = () => {},
): Promise<Outcome & { folder: string }> {
  return inFolder(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    prepare(folder);
    return { ...await demo(folder), folder };
  });
}

/** The lines "NUMBER WORD". */
function countsIn(stdout: string): [string, number][] {
  return [...stdout.matchAll(/^ *(\d+) (\S+)$/gm)]
    .map(([, n, word]) => [word!, Number(n)]);
}

Deno.test("demo counts words, the most frequent first", async () => {
  const { code, stdout, stderr } = await demoOn({
    "a.txt": "The cat. the CAT! Don't, don't; the 42 end",
    "deep/down/b.md": "cat_nap: naïve nai\u0308ve\nπ 你好世界",
    "empty.txt": "",
  });
  assertEquals(stderr, "");
  assertEquals(code, 0);
  assertEquals(countsIn(stdout), [
    ["cat", 3],
    ["the", 3],
    ["don't", 2],
    ["naïve", 2],
    ["end", 1],
    ["nap", 1],
    ["π", 1],
    ["世界", 1],
    ["你好", 1],
  ]);
  assertMatch(stdout, /^3 files, 0\.0 MB$/m);
  assertMatch(stdout, /^1 process +\d+\.\d{3} s$/m);
  assertMatch(stdout, /^speed-up \d+\.\d\d, all counts are the same$/m);
});

Deno.test("demo prints twenty words at most", async () => {
  const words = Array.from({ length: 26 }, (_, i) => "abcdefghijkl"[i % 12])
    .map((letter, i) => `${letter}${i < 12 ? "x" : "y"}${i < 24 ? "" : "z"}`);
  const { stdout } = await demoOn({ "a.txt": words.join(" ") });
  assertEquals(countsIn(stdout).length, 20);
});

Deno.test("demo splits a large file between words", async () => {
  const lines = 30_000;
  const { code, stdout } = await demoOn({
    "large.txt": "größe ένα\n".repeat(lines),
    // Nowhere to split it.
    "one_word.txt": "a".repeat(100_000),
  });
  assertEquals(code, 0);
  assertEquals(countsIn(stdout), [
    ["größe", lines],
    ["ένα", lines],
    ["a".repeat(100_000), 1],
  ]);
});

Deno.test("demo names and skips files that are not text", async () => {
  const noise = new Uint8Array(100_000).fill(0xff);
  const { code, stdout, stderr, folder } = await demoOn({
    "good.txt": "good",
    "nul.bin": "bad\0bad",
    "latin1.txt": new Uint8Array([0x66, 0xfc, 0x72]),
    "large.bin": noise,
  });
  assertEquals(code, 0);
  assertEquals(countsIn(stdout), [["good", 1]]);
  assertEquals(stderr.trimEnd().split("\n").toSorted(), [
    `skipped ${folder}/large.bin: Cannot read text: it is not UTF-8`,
    `skipped ${folder}/latin1.txt: Cannot read text: it is not UTF-8`,
    `skipped ${folder}/nul.bin: Cannot read text: it has NUL bytes`,
  ]);
});

Deno.test("demo names and skips what it cannot read", async () => {
  const { code, stdout, stderr, folder } = await demoOn(
    { "good.txt": "good" },
    (folder) => {
      Deno.symlinkSync(`${folder}/nowhere`, `${folder}/dangling.txt`);
      // A file of which even root can read nothing: fails in the child.
      if (Deno.build.os === "linux") {
        Deno.symlinkSync("/proc/self/mem", `${folder}/memory.txt`);
      }
    },
  );
  assertEquals(code, 0);
  assertEquals(countsIn(stdout), [["good", 1]]);
  assertStringIncludes(stderr, `skipped ${folder}/dangling.txt: `);
  if (Deno.build.os === "linux") {
    assertStringIncludes(stderr, `skipped ${folder}/memory.txt: `);
  }
});

Deno.test("demo fails on an empty folder", async () => {
  const { code, stderr, folder } = await demoOn({});
  assertEquals(stderr, `Cannot count words: there are none in ${folder}\n`);
  assertEquals(code, 1);
});

Deno.test("demo fails on a folder without text", async () => {
  const { code, stderr, folder } = await demoOn({ "a.bin": "\0" });
  assertStringIncludes(stderr, `skipped ${folder}/a.bin: `);
  assertStringIncludes(stderr, `there are none in ${folder}\n`);
  assertEquals(code, 1);
});

Deno.test("demo fails on a missing folder", async () => {
  const { code, stdout, stderr } = await demo("/no/such/folder");
  assertEquals(stdout, "");
  assertEquals(
    stderr,
    "Cannot count words: there is no folder /no/such/folder\n",
  );
  assertEquals(code, 1);
});

Deno.test("demo fails on a file in the place of a folder", async () => {
  const { code, stderr } = await demo(import.meta.filename!);
  assertStringIncludes(stderr, "there is no folder");
  assertEquals(code, 1);
});

Deno.test("demo reads this project and Deno's texts by default", async () => {
  const { code, stdout, stderr } = await demo();
  assertEquals(stderr, "");
  assertEquals(code, 0);
  assertEquals(countsIn(stdout).length, 20);
  const [, files, megabytes] = /^(\d+) files, (\d+\.\d) MB$/m.exec(stdout)!;
  assert(Number(files) > 20, stdout);
  assert(Number(megabytes) > 5, stdout);
});
