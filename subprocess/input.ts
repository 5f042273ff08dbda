// Copyright 2026 the authors. MIT license.

// The writing end of a command's pipe.

import { BrokenPipeError } from "../errors.ts";
import { typeName } from "../memory/check.ts";

/** The writing end of a command's pipe. */
export class ChildInput {
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #view: WritableStream<Uint8Array | string> | undefined;
  #isClosed = false;

  constructor(raw: WritableStream<Uint8Array>) {
    this.#writer = raw.getWriter();
    // The writer is told; nothing waits for this promise.
    this.#writer.closed.catch(() => {});
  }

  /** The stream that users write to. */
  get stream(): WritableStream<Uint8Array | string> {
    return this.#view ??= new WritableStream({
      write: (chunk) => this.write(chunk),
      close: () => this.#finish(),
      abort: () => this.close(),
    });
  }

  /**
   * Writes all of `input`.
   *
   * @throws {BrokenPipeError} If the command has closed its side.
   */
  async write(input: Uint8Array | string): Promise<void> {
    try {
      await this.#writer.write(bytesOf(input));
    } catch (error) {
      throw brokenOr(error);
    }
  }

  /**
   * Writes `input` and closes. A command that does not want all of it is free
   * to, as in Python: no error is thrown.
   */
  async feed(input: Uint8Array | string | undefined): Promise<void> {
    try {
      if (input !== undefined && input.length > 0) await this.write(input);
    } catch (error) {
      if (!(error instanceof BrokenPipeError)) throw error;
    } finally {
      await this.close();
    }
  }

  /**
   * Writes all of `source`, until the command closes its side or `signal` says
   * that it has ended; then lets go of the source.
   */
  async pump(
    source: ReadableStream<Uint8Array | string>,
    signal: AbortSignal,
  ): Promise<void> {
    const sink = new WritableStream<Uint8Array | string>({
      write: (chunk) => this.write(chunk),
    });
    try {
      await source.pipeTo(sink, { signal });
    } catch (error) {
      if (error instanceof BrokenPipeError || signal.aborted) return;
      throw error;
    } finally {
      await this.close();
    }
  }

  /** Closes the pipe, also under a writer; the command then reads its end. */
  async close(): Promise<void> {
    await this.#finish().catch(() => {});
  }

  async #finish(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#writer.close();
    } catch (error) {
      throw brokenOr(error);
    }
  }
}

const ENCODER = new TextEncoder();

function bytesOf(input: Uint8Array | string): Uint8Array {
  if (typeof input === "string") return ENCODER.encode(input);
  if (input instanceof Uint8Array) return input;
  throw new TypeError(
    `Cannot write to stdin: it takes bytes and strings: got ${typeName(input)}`,
  );
}

function brokenOr(error: unknown): unknown {
  if (!(error instanceof Deno.errors.BrokenPipe)) return error;
  return new BrokenPipeError(
    "Cannot write to stdin: the command has closed it or ended",
    { cause: error },
  );
}
