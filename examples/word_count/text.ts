// Copyright 2026 the authors. MIT license.

// Words: what they are, and how to count them.

/** How often each word occurs. */
export type Counts = Map<string, number>;

// Finds the words also where no spaces stand between them, as in Chinese or
// Thai. The locale is fixed, so that every machine counts alike.
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

// Letters with their marks, in one or more groups: naïve, don't. It takes apart
// what the segmenter leaves together in programs: mp.Queue, snake_case.
const WORD = /\p{L}[\p{L}\p{M}]*(?:['’]\p{L}[\p{L}\p{M}]*)*/gu;

// `fatal` refuses what is not UTF-8.
const decoder = new TextDecoder("utf-8", { fatal: true });

/** The text that the bytes stand for; throws if they are not text. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.includes(0)) {
    throw new TypeError("Cannot read text: it has NUL bytes");
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new TypeError("Cannot read text: it is not UTF-8");
  }
}

/** Adds the words of `text` to `counts`. */
export function addWords(counts: Counts, text: string) {
  const segments = segmenter.segment(text.normalize().toLowerCase());
  for (const { segment, isWordLike } of segments) {
    if (!isWordLike) continue;
    for (const word of segment.match(WORD) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
}

/** Adds all of `more` to `counts`. */
export function addCounts(counts: Counts, more: Counts) {
  for (const [word, n] of more) counts.set(word, (counts.get(word) ?? 0) + n);
}

/** Whether both count the same words equally often. */
export function isSame(a: Counts, b: Counts): boolean {
  return a.size === b.size && [...a].every(([word, n]) => b.get(word) === n);
}

/** The `n` most frequent words, in alphabetical order where they are equal. */
export function mostFrequent(counts: Counts, n: number): [string, number][] {
  return [...counts]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, n);
}
