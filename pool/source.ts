// Copyright 2026 the authors. MIT license.

// The source of a map or imap: the user's iterable, asked for one element after
// the other, and told once that no more are wanted.

import { typeName } from "../memory/check.ts";

// from              to        by
// OPEN              ASKED     next() of a source that is not async
// ASKED             OPEN      it has given an element
// ASKED             CLOSING   close(): called by the source's own code
// OPEN              CLOSED    close()
// CLOSING           CLOSED    it has given an element
// all but CLOSED    CLOSED    end(): it has no more elements, or threw
//
// The source's return() runs on the way to CLOSED, unless it ended by itself.
// An async source is not ASKED: it may be told to end while it is waited for.

/** Elements may be asked for. */
const OPEN = 0;
/** The code of the source runs, and must not be entered again. */
const ASKED = 1;
/** As ASKED; it is to be closed afterwards. */
const CLOSING = 2;
/** It ended, or was told to. */
const CLOSED = 3;

/** Where the elements of a map or an imap come from. */
export class Source {
  /** Whether elements must be awaited. */
  readonly isAsync: boolean;
  /** How many elements there are; undefined if only the end will tell. */
  readonly length: number | undefined;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  #state: number = OPEN;

  /** @throws {TypeError} If `items` are not iterable. */
  constructor(items: Iterable<unknown> | AsyncIterable<unknown>) {
    this.length = lengthOf(items);
    this.isAsync = !isIterable(items);
    if (isIterable(items)) {
      this.#iterator = items[Symbol.iterator]();
    } else if (isAsyncIterable(items)) {
      this.#iterator = items[Symbol.asyncIterator]();
    } else {
      throw new TypeError(
        `Cannot map: items must be iterable: got ${typeName(items)}`,
      );
    }
  }

  get isClosed(): boolean {
    return this.#state === CLOSED;
  }

  /** The next element of a source that is not async. */
  next(): IteratorResult<unknown> {
    this.#state = ASKED;
    try {
      const result = (this.#iterator as Iterator<unknown>).next();
      if (result.done) this.#state = CLOSED;
      return result;
    } catch (error) {
      this.#state = CLOSED;
      throw error;
    } finally {
      const isClosing = (this.#state as number) === CLOSING;
      if (this.#state !== CLOSED) this.#state = OPEN;
      if (isClosing) this.drop();
    }
  }

  /** The next element of an async source; {@linkcode end} tells its end. */
  ask(): Promise<IteratorResult<unknown>> {
    return (this.#iterator as AsyncIterator<unknown>).next();
  }

  /** An async source has no more elements, or threw. */
  end(): void {
    this.#state = CLOSED;
  }

  /** Has the source clean up, unless it has ended; throws what that throws. */
  async close(): Promise<void> {
    if (this.#state === ASKED) this.#state = CLOSING;
    if (this.#state !== OPEN) return;
    this.#state = CLOSED;
    await this.#iterator.return?.();
  }

  /**
   * As {@linkcode close}, for a source that is left because of an error, which
   * counts for more than one of the clean-up.
   */
  drop(): void {
    this.close().catch(() => {});
  }
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return value !== null && value !== undefined &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] ===
      "function";
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return value !== null && value !== undefined &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] ===
      "function";
}

function lengthOf(items: unknown): number | undefined {
  if (Array.isArray(items)) return items.length;
  if (items instanceof Set || items instanceof Map) return items.size;
  if (!ArrayBuffer.isView(items) || items instanceof DataView) return undefined;
  return (items as unknown as ArrayLike<unknown>).length;
}
