// Copyright 2026 the authors. MIT license.

// The ends of a program's pipes that are here.

import { BrokenPipeError, StateError } from "../errors.ts";
import {
  asBytes,
  asData,
  type Data,
  isText,
  type TextOptions,
  withNewlines,
} from "./subprocess_text.ts";

/** Keeps this program alive for as long as somebody waits for the other. */
export class Keeper {
  readonly #process: Deno.ChildProcess;
  #count = 0;

  /** A program that nobody waits for does not keep this one alive. */
  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    process.unref();
  }

  /** Keeps it alive until `wait` is over. */
  async during<T>(wait: Promise<T>): Promise<T> {
    // With the process, Deno references what it writes.
    if (this.#count++ === 0) this.#process.ref();
    try {
      return await wait;
    } finally {
      if (--this.#count === 0) this.#process.unref();
    }
  }
}

/** The input of a program that runs beside this one. */
export class ProgramInput {
  /** The stream itself, for a `pipeTo`. */
  readonly writable: WritableStream<Uint8Array>;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #closing: Promise<void> | undefined;

  /** Made with its program. */
  constructor(writable: WritableStream<Uint8Array>) {
    this.writable = writable;
  }

  /**
   * Sends text, in UTF-8, or bytes.
   *
   * @param data What the program is to read.
   * @returns When the pipe has taken all of it.
   * @throws {StateError} If it was closed.
   * @throws {BrokenPipeError} If the program does not read any more.
   */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = asBytes(data, {});
    if (this.#closing !== undefined) {
      throw new StateError("Cannot write to program: its input was closed");
    }
    try {
      await this.#lock().write(bytes);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      throw new BrokenPipeError(
        "Cannot write to program: it does not read its input any more",
      );
    }
  }

  /** Ends the input: the program reads its end. A second call does nothing. */
  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  /**
   * Sends everything and ends the input, whether or not the program reads it.
   *
   * @internal
   */
  sendAll(bytes: Uint8Array): Promise<void> {
    const sent = this.#lock().write(bytes).catch(() => {});
    return this.#closing ??= sent.then(() => this.#end());
  }

  async #end(): Promise<void> {
    // It is locked if it was given to somebody else, who will close it.
    if (this.writable.locked && this.#writer === undefined) return;
    try {
      await this.#lock().close();
    } catch {
      // The program has closed its side already.
    }
  }

  #lock(): WritableStreamDefaultWriter<Uint8Array> {
    return this.#writer ??= this.writable.getWriter();
  }
}

/**
 * The output of a program that runs beside this one: lines, in a `for await`,
 * or all of it. Text if its program was started with `text` or `encoding`, else
 * bytes.
 */
export class ProgramOutput implements AsyncIterable<Data> {
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #options: TextOptions;
  readonly #keeper: Keeper;
  readonly #chunks: Uint8Array[] = [];
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #lines: AsyncGenerator<Data, void> | undefined;
  #collecting: Promise<void> | undefined;

  /** Made with its program. */
  constructor(
    stream: ReadableStream<Uint8Array>,
    options: TextOptions,
    keeper: Keeper,
  ) {
    this.#stream = stream;
    this.#options = options;
    this.#keeper = keeper;
  }

  /** The stream itself, which then is no longer read here. */
  get readable(): ReadableStream<Uint8Array> {
    return this.#stream;
  }

  /** All that is still to come, until the end. */
  async read(): Promise<Data> {
    await this.collect();
    return this.collected;
  }

  /** The next line, without its end; undefined after the last. */
  async readLine(): Promise<Data | undefined> {
    const { value } = await this[Symbol.asyncIterator]().next();
    return value ?? undefined;
  }

  /** Drops what is still to come. */
  async close(): Promise<void> {
    if (this.#reader !== undefined) await this.#reader.cancel();
    else if (!this.#stream.locked) await this.#stream.cancel();
  }

  /** The lines that are still to come, each without its end. */
  [Symbol.asyncIterator](): AsyncGenerator<Data, void> {
    return this.#lines ??= isText(this.#options)
      ? this.#textLines()
      : this.#byteLines();
  }

  /**
   * Reads on to the end; the same promise each time.
   *
   * @internal
   */
  collect(): Promise<void> {
    return this.#collecting ??= (async () => {
      if (this.#stream.locked && this.#reader === undefined) return;
      for await (const chunk of this.#read()) this.#chunks.push(chunk);
    })();
  }

  /**
   * What was collected so far.
   *
   * @internal
   */
  get collected(): Data {
    return asData(this.#chunks, this.#options);
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    this.#reader ??= this.#stream.getReader();
    while (true) {
      const { done, value } = await this.#keeper.during(this.#reader.read());
      if (done) return;
      yield value;
    }
  }

  async *#textLines(): AsyncGenerator<string, void> {
    const decoder = new TextDecoder(this.#options.encoding);
    let rest = "";
    for await (const chunk of this.#read()) {
      rest += decoder.decode(chunk, { stream: true });
      // The other half of an end may be on its way.
      const isSplit = rest.endsWith("\r");
      const lines = withNewlines(isSplit ? rest.slice(0, -1) : rest)
        .split("\n");
      rest = lines.pop()! + (isSplit ? "\r" : "");
      yield* lines;
    }
    const lines = withNewlines(rest + decoder.decode()).split("\n");
    if (lines.at(-1) === "") lines.pop();
    yield* lines;
  }

  async *#byteLines(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    let parts: Uint8Array[] = [];
    const line = () => {
      const whole = asData(parts, {}) as Uint8Array<ArrayBuffer>;
      parts = [];
      return whole;
    };
    for await (const chunk of this.#read()) {
      let from = 0;
      for (let at; (at = chunk.indexOf(NEWLINE, from)) >= 0; from = at + 1) {
        parts.push(chunk.subarray(from, at));
        yield line();
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
    }
    if (parts.length > 0) yield line();
  }
}

const NEWLINE = 10;
