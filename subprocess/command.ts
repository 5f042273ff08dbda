// Copyright 2026 the authors. MIT license.

// Running a command: to its end or beside this program, with errors that say
// which command they are about.

import type { CommandLine } from "./words.ts";
import {
  merged,
  platformCommand,
  stoodIn,
  type Streams,
} from "./platform_command.ts";
import { type Ended, returnCodeOf, runInTime } from "./timed.ts";

export { type Ended, returnCodeOf } from "./timed.ts";

/** Starts a command. */
export function startCommand(
  line: CommandLine,
  streams: Streams,
): Deno.ChildProcess {
  return runNamed(line, () => {
    const { leads } = line;
    // The platform can do this, and at once: the group is there when `spawn`
    // returns.
    const byPlatform = leads === "session" ? leads : undefined;
    const rest = byPlatform === undefined ? leads : undefined;
    const whole = merged(stoodIn({ ...line, leads: rest }), streams);
    return platformCommand({ ...whole, leads: byPlatform }, streams).spawn();
  });
}

/** Runs a command to its end, blocking this thread. */
export function runCommand(
  line: CommandLine,
  streams: Streams,
  timeout: number | undefined,
): Ended {
  return runNamed(line, () => {
    const whole = merged(stoodIn(line), streams);
    // A timer of years is none.
    if (timeout !== undefined && timeout < 2 ** 31) {
      const ended = runInTime(whole, streams, timeout);
      if (ended !== undefined) return ended;
      // It could not be started, and the platform says why.
    }
    const output = platformCommand(whole, streams).outputSync();
    return {
      code: returnCodeOf(output),
      stdout: streams.stdout === "piped" ? output.stdout : undefined,
      stderr: streams.stderr === "piped" ? output.stderr : undefined,
      isExpired: false,
    };
  });
}

/** Does `run`, whose errors then say which command they are about. */
function runNamed<T>({ file, cwd }: CommandLine, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(
        cwd === undefined
          ? `Cannot run ${file}: there is no such command`
          : `Cannot run ${file}: there is no such command, or no folder ${cwd}`,
        { cause },
      );
    }
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw new Deno.errors.PermissionDenied(
        `Cannot run ${file}: it is not a program that this user may run`,
        { cause },
      );
    }
    throw cause;
  }
}
