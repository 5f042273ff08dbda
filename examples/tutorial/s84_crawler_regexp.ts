// Copyright 2026 the authors. MIT license.

// S-84 a crawler whose workers get a compiled regular expression.
//
// Python: re.compile(r'…', re.S); p.apply_async(get_page, args=(url, pattern),
// callback=parse_page); get_page returns (text, pattern); i.get().
//
// re.S is the flag "s". A tuple comes back as an array of the same two.

import * as mp from "../../mod.ts";
import { servePages } from "./_pages.ts";

const PATTERN =
  /<dd>.*?board-index.*?>(\d+)<.*?title="(.*?)".*?star.*?>(.*?)<.*?releasetime.*?>(.*?)<.*?integer">(.*?)<.*?fraction">(.*?)</gs;

const FILMS = [
  ["1", "霸王别姬", "张国荣", "1993-01-01", "9.", "6"],
  ["2", "肖申克的救赎", "蒂姆", "1994-10-14", "9.", "5"],
  ["3", "罗马假日", "格利高里", "1953-09-02", "9.", "1"],
];

export async function getPage(
  url: string,
  pattern: RegExp,
): Promise<[string, RegExp]> {
  const response = await fetch(url);
  return [await response.text(), pattern];
}

function parsePage([text, pattern]: [string, RegExp]) {
  for (const match of text.matchAll(pattern)) {
    const [, index, title, actor, time, integer, fraction] = match;
    const score = `${integer}${fraction}`;
    console.log(JSON.stringify({ index, title, actor, time, score }));
  }
}

function toItem([index, title, actor, time, integer, fraction]: string[]) {
  return `<dd>
  <i class="board-index">${index}</i><a title="${title}"></a>
  <p class="star">${actor}</p><p class="releasetime">${time}</p>
  <i class="integer">${integer}</i><i class="fraction">${fraction}</i>
</dd>`;
}

if (import.meta.main) {
  await using pages = servePages({ "/board": FILMS.map(toItem).join("\n") });
  const p = new mp.Pool();
  const resL = [
    p.applyAsync(getPage, [`${pages.origin}/board`, PATTERN], {
      callback: parsePage,
    }),
  ];
  for (const i of resL) {
    const [, pattern] = await i.get();
    console.log(pattern instanceof RegExp, pattern.flags);
  }
  p.close();
  await p.join();
}
