// Copyright 2026 the authors. MIT license.

// This first: it puts its own timers in the place of the platform's.
import { clock, takeTime } from "../model/testdata/line_clock.ts";
import { Alarm, Beat, Limit } from "../../memory/timers.ts";
import { assertEquals } from "@std/assert";

const DAY = 24 * 60 * 60 * 1000;

/** Runs `test` with a log of what has happened, at the time 0. */
function atZero(test: (log: string[]) => void): void {
  clock.reset();
  using _time = takeTime();
  test([]);
  assertEquals(clock.counts, [0, 0], "timers are left");
  clock.reset();
}

for (const days of [1, 24, 25, 49, 50, 100, 1000]) {
  Deno.test(`Alarm goes off once, in ${days} days`, () => {
    atZero((log) => {
      new Alarm(days * DAY, () => log.push("off"));
      clock.advance(days * DAY - 1);
      assertEquals(log, []);
      clock.advance(1);
      assertEquals(log, ["off"]);
      clock.advance(days * DAY);
      assertEquals(log, ["off"]);
    });
  });
}

Deno.test("Alarm does not go off early if its timer does", () => {
  atZero((log) => {
    clock.early = 1;
    new Alarm(100, () => log.push(`off at ${clock.now}`));
    clock.advance(200);
    assertEquals(log, ["off at 100"]);
  });
});

Deno.test("Alarm of a moment that has passed goes off at once", () => {
  atZero((log) => {
    new Alarm(-1, () => log.push("off"));
    assertEquals(log, []);
    clock.advance(0);
    assertEquals(log, ["off"]);
  });
});

Deno.test("Alarm at Infinity sets no timer", () => {
  atZero(() => {
    const alarm = new Alarm(Infinity, () => {});
    assertEquals(clock.counts, [0, 0]);
    alarm.unref();
    alarm.end();
  });
});

Deno.test("Alarm.end() leaves no timer, before and after a month", () => {
  for (const passed of [0, 30 * DAY]) {
    atZero((log) => {
      const alarm = new Alarm(60 * DAY, () => log.push("off"));
      clock.advance(passed);
      assertEquals(clock.counts, [1, 0]);
      alarm.end();
      clock.advance(60 * DAY);
      assertEquals(log, []);
    });
  }
});

Deno.test("Limit expires after months, once", () => {
  atZero((log) => {
    const limit = new Limit(60 * DAY, undefined, {
      expire: () => log.push("expired"),
      abort: () => log.push("aborted"),
    });
    clock.advance(60 * DAY - 1);
    assertEquals(log, []);
    clock.advance(1);
    assertEquals(log, ["expired"]);
    limit.end();
  });
});

Deno.test("Limit hears its signal a month later, and nothing after its end", () => {
  atZero((log) => {
    const controller = new AbortController();
    const limit = new Limit(60 * DAY, controller.signal, {
      expire: () => log.push("expired"),
      abort: (reason) => log.push(`aborted: ${reason}`),
    });
    clock.advance(30 * DAY);
    controller.abort("enough");
    assertEquals(log, ["aborted: enough"]);
    limit.end();
    clock.advance(60 * DAY);
    assertEquals(log, ["aborted: enough"]);
  });
});

Deno.test("Beat calls every so often until it is stopped", () => {
  atZero((log) => {
    const beat = new Beat(100, () => log.push(`${clock.now}`));
    clock.advance(100);
    assertEquals(log, []);
    beat.start();
    beat.start();
    clock.advance(350);
    assertEquals(log, ["200", "300", "400"]);
    beat.stop();
    assertEquals(clock.counts, [0, 0]);
    clock.advance(1000);
    assertEquals(log, ["200", "300", "400"]);
  });
});

Deno.test("Beat that is started again goes on with the signal that it has", () => {
  atZero((log) => {
    const beat = new Beat(100, () => log.push(`${clock.now}`));
    beat.start();
    for (let i = 0; i < 10; i++) {
      clock.advance(5);
      beat.stop();
      beat.start();
      assertEquals(clock.counts, [0, 1]);
    }
    clock.advance(100);
    assertEquals(log, ["100"]);
    beat.stop();
    clock.advance(100);
    beat.start();
    clock.advance(99);
    assertEquals(log, ["100"]);
    clock.advance(1);
    assertEquals(log, ["100", "350"]);
    beat.stop();
  });
});

Deno.test("Beat stops from its own call", () => {
  atZero((log) => {
    const beat = new Beat(100, () => {
      log.push("called");
      beat.stop();
    });
    beat.start();
    clock.advance(500);
    assertEquals(log, ["called"]);
  });
});
