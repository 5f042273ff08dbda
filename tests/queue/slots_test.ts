// Copyright 2026 the authors. MIT license.

// The memory under priority queues and queues of tasks.

import { assert, assertEquals } from "@std/assert";
import { Arena, GRANULE, LIST_WORDS } from "../../queue/arena.ts";
import { createRegion } from "../../memory/region.ts";
import { keyOf } from "../../queue/order.ts";
import { HOLDS, REDELIVERS } from "../../queue/slot_layout.ts";
import { Slots } from "../../queue/slots.ts";
import { randomOf } from "../_support/random.ts";

const LAST_ORDER = 8;

function makeArena(): Arena {
  const map = (1 + LIST_WORDS) * 4;
  const data = (map + 2 ** LAST_ORDER) / 4;
  const region = createRegion(data * 4 + 2 ** LAST_ORDER * GRANULE);
  const plan = { order: 0, lists: 1, map, data, lastOrder: LAST_ORDER };
  const arena = new Arena(region.words, region.bytes, plan);
  arena.reset(2);
  return arena;
}

Deno.test("Arena hands out what nobody has, and merges it again", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomOf(seed);
    const arena = makeArena();
    const owned = new Map<number, number>();
    for (let i = 0; i < 2_000; i++) {
      if (random(5) < 3) {
        const size = 1 + random(random(4) === 0 ? 100 : 6);
        const place = arena.allocate(size);
        if (place < 0) continue;
        assert(place + size <= 2 ** LAST_ORDER, "outside");
        for (const [other, length] of owned) {
          const isApart = place + size <= other || other + length <= place;
          assert(isApart, `${place}+${size} is in ${other}+${length}`);
        }
        owned.set(place, size);
      } else if (owned.size > 0) {
        const [place, size] = [...owned][random(owned.size)]!;
        arena.free(place, size);
        owned.delete(place);
      }
      if (random(200) === 0) {
        arena.rebuild([...owned].sort(([a], [b]) => a - b));
      }
    }
    for (const [place, size] of owned) arena.free(place, size);
    assertEquals(arena.allocate(2 ** LAST_ORDER), 0);
    assertEquals(arena.allocate(1), -1);
  }
});

Deno.test("Slots are made anew when the lock comes back from the dead", () => {
  for (const flags of [0, HOLDS, HOLDS | REDELIVERS]) {
    const random = randomOf(flags + 5);
    const dead = new Set<number>();
    const isAlive = (token: number) => !dead.has(token);
    const locker = { token: 1, isAlive };
    const limits = { maxBytes: 2 ** 14, maxItems: 0, flags };
    const slots = Slots.create(limits, locker);
    const model: { rank: number; turn: number; bytes: Uint8Array }[] = [];
    for (let turn = 0; turn < 500; turn++) {
      const rank = random(9);
      const bytes = new Uint8Array(random(60)).fill(turn);
      const key = keyOf(rank, "rank");
      const result = slots.tryPut({ tag: 2, inline: 0, bytes, key });
      if (result === "put") model.push({ rank, turn, bytes });
      model.sort((a, b) => a.rank - b.rank || a.turn - b.turn);
      if (random(3) === 0) {
        const message = slots.tryTake();
        assertEquals(message?.bytes, model.shift()?.bytes);
        if ((flags & HOLDS) !== 0) assert(slots.done());
      }
      if (random(20) === 0) {
        // It dies in the middle of something: the lock is all that it leaves.
        const token = 1000 + turn;
        new Int32Array(slots.handle.memory!)[0] = token << 1;
        dead.add(token);
      }
      assertEquals(slots.count(), model.length);
    }
    while (model.length > 0) {
      assertEquals(slots.tryTake()?.bytes, model.shift()?.bytes);
    }
    assertEquals(slots.tryTake(), undefined);
  }
});
