// Copyright 2026 the authors. MIT license.

// Bytes of a command as text: decoding, and Python's universal newlines.

import { checkBoolean } from "../memory/check.ts";
import { RUN } from "./words.ts";

/** Whether a command speaks bytes or text, and which. */
export interface TextOptions {
  /**
   * Whether output is text: decoded, with `"\n"` for every `"\r\n"` and `"\r"`.
   *
   * @default {false}
   */
  text?: boolean | undefined;
  /** Another name of `text`. */
  universalNewlines?: boolean | undefined;
  /**
   * The output's encoding, a label of the Encoding Standard; makes it text.
   * Text that is written is UTF-8 always.
   *
   * @default {"utf-8"}
   */
  encoding?: string | undefined;
  /**
   * The treatment of bytes that are no text: `"strict"` throws a TypeError,
   * `"replace"` puts U+FFFD there. Makes the output text.
   *
   * @default {"strict"}
   */
  errors?: TextErrors | undefined;
}

/** The treatment of bytes that are no text. */
export type TextErrors = "strict" | "replace";

/** Output as bytes, or as text. */
export type Output = Uint8Array | string;

/** The type of the output of a command with the options `O`. */
export type OutputOf<O> = [OptionOf<O, "text">] extends [true] ? string
  : [OptionOf<O, "universalNewlines">] extends [true] ? string
  : [OptionOf<O, "encoding">] extends [string] ? string
  : [OptionOf<O, "errors">] extends [string] ? string
  : [OptionOf<O, keyof TextOptions>] extends [false | undefined] ? Uint8Array
  : Output;

/** The option `K` in the options `O`; undefined if they do not have it. */
export type OptionOf<O, K extends keyof TextOptions> = K extends keyof O ? O[K]
  : undefined;

/** How output becomes text. */
export interface TextMode {
  readonly encoding: string;
  readonly errors: TextErrors;
}

/** The text mode that `options` ask for; undefined: bytes. */
export function textModeOf(options: TextOptions): TextMode | undefined {
  const { text, universalNewlines, encoding, errors } = options;
  if (text !== undefined) checkBoolean(RUN, "text", text);
  if (universalNewlines !== undefined) {
    checkBoolean(RUN, "universalNewlines", universalNewlines);
  }
  const isSplit = text !== undefined && universalNewlines !== undefined &&
    text !== universalNewlines;
  if (isSplit) {
    throw new TypeError(
      "Cannot run command: text and universalNewlines differ",
    );
  }
  if (errors !== undefined && errors !== "strict" && errors !== "replace") {
    throw new TypeError(
      `Cannot run command: errors must be "strict" or "replace": got ${errors}`,
    );
  }
  if (encoding !== undefined) checkEncoding(encoding);
  const asked = text || universalNewlines;
  if (!asked && encoding === undefined && errors === undefined) {
    return undefined;
  }
  return { encoding: encoding ?? "utf-8", errors: errors ?? "strict" };
}

/** Turns bytes into text, piece by piece. */
export class Decoder {
  #decoder: TextDecoder;
  #encoding: string;
  // A "\r" at the end of a piece: half of a "\r\n", or a newline by itself.
  #held = "";

  constructor({ encoding, errors }: TextMode) {
    this.#encoding = encoding;
    // Python keeps a byte order mark as a character.
    const options = { fatal: errors === "strict", ignoreBOM: true };
    this.#decoder = new TextDecoder(encoding, options);
  }

  /**
   * The text of `bytes`, as far as it is complete; undefined: the last of it.
   */
  decode(bytes: Uint8Array | undefined): string {
    const text = this.#held + this.#text(bytes);
    const isHalf = bytes !== undefined && text.endsWith("\r");
    this.#held = isHalf ? "\r" : "";
    return (isHalf ? text.slice(0, -1) : text).replaceAll(/\r\n?/g, "\n");
  }

  #text(bytes: Uint8Array | undefined): string {
    try {
      return this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new TypeError(
        `Cannot decode output: it is not valid ${this.#encoding}`,
        { cause },
      );
    }
  }
}

function checkEncoding(encoding: string): void {
  try {
    new TextDecoder(encoding);
  } catch (cause) {
    throw new TypeError(
      `Cannot run command: there is no encoding ${encoding}`,
      { cause },
    );
  }
}
