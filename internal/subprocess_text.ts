// Copyright 2026 the authors. MIT license.

// Text for and from other programs: encodings, and the ends of lines.

/** Whether a program's input and output are text. */
export interface TextOptions {
  /**
   * True: text in UTF-8, in which every end of a line is `"\\n"`.
   *
   * @default {false, unless there is an `encoding`}
   */
  text?: boolean | undefined;
  /** The encoding of the text, as `TextDecoder` names it. */
  encoding?: string | undefined;
}

/** What a program writes: text, or bytes. */
export type Data = string | Uint8Array<ArrayBuffer>;

/** Whether these options ask for text. */
export function isText({ text, encoding }: TextOptions): boolean {
  return text ?? encoding !== undefined;
}

/** Throws unless the options make sense. */
export function checkText({ text, encoding }: TextOptions): void {
  if (text !== undefined && typeof text !== "boolean") {
    throw new TypeError("Cannot run program: text must be a boolean");
  }
  // Throws a RangeError that names it.
  if (encoding !== undefined) new TextDecoder(encoding);
}

/** What was written, as the options ask for it. */
export function asData(
  chunks: readonly Uint8Array[],
  options: TextOptions,
): Data {
  const bytes = concat(chunks);
  if (!isText(options)) return bytes;
  return withNewlines(new TextDecoder(options.encoding).decode(bytes));
}

/** Every end of a line as `"\n"`. */
export function withNewlines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Bytes for a program. */
export function asBytes(
  input: string | Uint8Array,
  { encoding }: TextOptions,
): Uint8Array<ArrayBuffer> {
  if (input instanceof Uint8Array) return input as Uint8Array<ArrayBuffer>;
  if (typeof input !== "string") {
    throw new TypeError(
      `Cannot run program: input must be a string or a Uint8Array: got ${typeof input}`,
    );
  }
  if (
    encoding !== undefined && new TextDecoder(encoding).encoding !== "utf-8"
  ) {
    throw new TypeError(
      `Cannot run program: text can be sent in UTF-8 only, not in ${encoding}: send bytes`,
    );
  }
  return new TextEncoder().encode(input);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    chunks.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
