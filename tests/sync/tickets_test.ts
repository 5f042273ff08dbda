// Copyright 2026 the authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import { createRegion } from "../../memory/region.ts";
import { GRANTED, Tickets, ticketWords } from "../../sync/tickets.ts";
import { StateError } from "../../mod.ts";

const SIZE = 4;

function tickets(): Tickets {
  const { words } = createRegion(ticketWords(SIZE) * 4, "thread");
  return new Tickets(words, 0, { token: 1, isAlive: () => true }, SIZE);
}

Deno.test("Tickets are given to the oldest first", () => {
  const line = tickets();
  const [first, second] = [line.take(), line.take()];
  assertEquals(line.give(1, GRANTED), 1);
  assertEquals([line.gift(first), line.gift(second)], [GRANTED, 0]);
  assertEquals(line.waiting(), 1);
});

Deno.test("Tickets of one who gives up again and again are the same", () => {
  const line = tickets();
  line.take();
  const ticket = line.take();
  for (let i = 0; i < 10; i++) {
    line.giveBack(ticket);
    assertEquals(line.take(), ticket);
  }
});

Deno.test("Tickets do not run out while one waits on and others give up in turns", () => {
  const line = tickets();
  const oldest = line.take();
  let last = line.take();
  for (let i = 0; i < 10; i++) {
    const next = line.take();
    line.giveBack(last);
    last = next;
  }
  assertEquals(line.waiting(), 2);
  line.give(1, GRANTED);
  assertEquals([line.gift(oldest), line.gift(last)], [GRANTED, 0]);
  line.give(1, GRANTED);
  assertEquals(line.gift(last), GRANTED);
});

Deno.test("Tickets run out when all who have one wait", () => {
  const line = tickets();
  for (let i = 0; i < SIZE; i++) line.take();
  assertThrows(() => line.take(), StateError, `${SIZE} wait already`);
});
