// Copyright 2026 the authors. MIT license.

import type { Words } from "../../../memory/word.ts";
import type { ThreadContext } from "../scenario.ts";

/** The same words, but for some members. */
export function wordsWith(words: Words, members: Partial<Words>): Words {
  return new Proxy(words, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      const member = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Spinning for one of the locks is one step, or there would be forty. */
export function withoutSpins(
  { words, bytes }: ThreadContext,
  ...locks: number[]
): Words {
  const cells = new Int32Array(bytes.buffer);
  return wordsWith(words, {
    peek: (index) => locks.includes(index) ? cells[index]! : words.peek(index),
  });
}
