// Copyright 2026 the authors. MIT license.

// The reading end of a command's pipe: as a stream for users, and collected.
//
// The platform's stream is read by one reader for all of its life, so that it
// can be closed also while a user reads the stream that users see.

import type { KeepAlive } from "./keep_alive.ts";
import { Decoder, type Output, type TextMode } from "./text_mode.ts";

/** The reading end of a command's pipe. */
export class ChildOutput<T extends Output> {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #mode: TextMode | undefined;
  #keepAlive: KeepAlive;
  #view: ReadableStream<T> | undefined;

  constructor(
    raw: ReadableStream<Uint8Array>,
    mode: TextMode | undefined,
    keeper: KeepAlive,
  ) {
    this.#reader = raw.getReader();
    this.#mode = mode;
    this.#keepAlive = keeper;
  }

  /** The stream for users: nothing is taken from the pipe before they read. */
  get stream(): ReadableStream<T> {
    return this.#view ??= this.#makeView();
  }

  /** Whether a reader has the stream now. */
  get isLocked(): boolean {
    return this.#view?.locked ?? false;
  }

  /** Starts to read all that is left. */
  collect(): Collector<T> {
    // If users have begun, a piece may wait in their stream.
    const reader = this.#view?.getReader() ?? this.#reader;
    return new Collector(reader as Reader, this.#mode, this.#keepAlive);
  }

  /** Closes the pipe: a command that writes to it from now on is told so. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  #makeView(): ReadableStream<T> {
    const decoder = this.#mode === undefined
      ? undefined
      : new Decoder(this.#mode);
    return new ReadableStream<T>({
      pull: async (controller) => {
        for (;;) {
          const { done, value } = await this.#keepAlive.during(
            this.#reader.read(),
          );
          const piece = decoder === undefined ? value : decoder.decode(value);
          const isEmpty = piece === undefined || piece.length === 0;
          if (!isEmpty) controller.enqueue(piece as T);
          if (done) controller.close();
          if (done || !isEmpty) return;
        }
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }
}

type Reader = ReadableStreamDefaultReader<Output>;

/** The output that has come out of a pipe so far. */
export class Collector<T extends Output> {
  /** Fulfils when the pipe has ended. */
  readonly done: Promise<void>;
  #pieces: Output[] = [];
  #mode: TextMode | undefined;

  constructor(reader: Reader, mode: TextMode | undefined, keeper: KeepAlive) {
    this.#mode = mode;
    this.done = keeper.during(this.#read(reader));
    this.done.catch(() => {});
  }

  /**
   * All of it.
   *
   * @throws {TypeError} If it should be text and is not.
   */
  all(): T {
    return joined(this.#pieces, this.#mode, "whole") as T;
  }

  /** The output so far, for an error: text ends before a torn character. */
  soFar(): T {
    return joined(this.#pieces, this.#mode, "part") as T;
  }

  async #read(reader: Reader): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#pieces.push(value);
    }
  }
}

/** Whether output is all that there will be. */
export type Extent = "whole" | "part";

/**
 * Output as it is in `mode`; a part may end within a character, and never
 * fails.
 */
export function outputOf(
  bytes: Uint8Array,
  mode: TextMode | undefined,
  extent: Extent,
): Output {
  if (mode === undefined) return bytes;
  if (extent === "part") {
    return new Decoder({ ...mode, errors: "replace" }).decode(bytes);
  }
  const decoder = new Decoder(mode);
  return decoder.decode(bytes) + decoder.decode(undefined);
}

function joined(
  pieces: readonly Output[],
  mode: TextMode | undefined,
  extent: Extent,
): Output {
  // A user's stream of text has decoded its pieces already.
  if (typeof pieces[0] === "string") return pieces.join("");
  const bytes = pieces as readonly Uint8Array[];
  const size = bytes.reduce((sum, { length }) => sum + length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of bytes) {
    whole.set(piece, at);
    at += piece.length;
  }
  return outputOf(whole, mode, extent);
}

/** The lines of a text stream, without their ends. */
export async function* linesOf(
  stream: ReadableStream<Output>,
  mode: TextMode,
): AsyncGenerator<string, void, void> {
  const decoder = new Decoder(mode);
  let tail = "";
  for await (const piece of stream) {
    // A text stream has no "\r" any more, so it may pass through again.
    const lines = (tail + textOf(piece, decoder)).split("\n");
    tail = lines.pop()!;
    yield* lines;
  }
  tail += decoder.decode(undefined);
  const lines = tail.split("\n");
  if (lines.at(-1) === "") lines.pop();
  yield* lines;
}

function textOf(piece: Output, decoder: Decoder): string {
  return typeof piece === "string" ? piece : decoder.decode(piece);
}
