// Copyright 2026 the authors. MIT license.

import { assertRejects } from "@std/assert";

const MACHINE = "../model/testdata/line_machine.ts";

/** Steps of one history. */
const STEPS = 200;
const HISTORIES = 1000;

/** The mistake, and the finding that tells it. */
const MISTAKES: readonly (readonly [name: string, finding: string])[] = [
  ["passesNothingOn", "was not passed on"],
  ["passesTimeOutsOn", "a notify came from nowhere"],
  ["leavesNextAsleep", "did not hear of its own process"],
  ["keepsListener", "listeners, not"],
  ["keepsLimitOfOver", "listeners, not"],
  ["failsAfterItsTurn", "told RangeError"],
  ["looksNoLastTime", "expired without a last look"],
  ["trustsRunningWatch", "sleeps on a word that has changed"],
  ["entersAgain", "runs inside itself"],
  ["servesLastFirst", "looks out of turn"],
  ["tellsNoSteps", "told Symbol(expired)"],
  ["looksOnceIfAlone", "is left alone with its wake"],
  ["joinsNoTicksForNext", "beats instead of"],
  ["ticksForNone", "beats instead of"],
  ["ticksAlone", "beats instead of"],
  ["asksAfterLook", "slept for longer than a slice"],
  ["keepsWaker", "was left behind"],
  ["hearsNoOwnNotify", "did not hear of its own process"],
  ["keepsOldSleep", "was left behind"],
  ["stopsUnderAnother", "is left alone with its wake"],
  ["stopsUnderOlder", "is left alone with its wake"],
  ["reconsidersNothing", "nothing ticks"],
];

Deno.test("Line agrees with the oracle in random histories", async () => {
  const { runHistory } = await import(MACHINE);
  for (let seed = 1; seed <= HISTORIES; seed++) await runHistory(seed, STEPS);
});

for (const [name, finding] of MISTAKES) {
  Deno.test(`Line's oracle finds the mistake ${name}`, async () => {
    const { runHistory } = await import(`${MACHINE}?mistake=${name}`);
    await assertRejects(
      async () => {
        for (let seed = 1; seed <= HISTORIES; seed++) {
          await runHistory(seed, STEPS);
        }
      },
      Error,
      finding,
    );
  });
}
