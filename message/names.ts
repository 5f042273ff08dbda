// Copyright 2026 the authors. MIT license.

// The names of variables in JavaScript or TypeScript, without a parser: near
// enough to tell whether a function uses anything from outside of it. Where a
// form is not known, a name counts as used, which costs a search and no more.

import { type Token, tokensOf } from "./tokens.ts";

/** The names of variables in a text. */
export interface Names {
  /** Those that it declares or imports anywhere, parameters among them. */
  readonly own: ReadonlySet<string>;
  /** Those that it uses and does not declare. */
  readonly free: ReadonlySet<string>;
}

const KEYWORDS = words(
  "arguments as async await break case catch class const constructor " +
    "continue debugger default delete do else enum export extends false " +
    "finally for from function get if implements import in instanceof " +
    "interface let namespace new null of return satisfies set static super " +
    "switch target this throw true try type typeof undefined var void while " +
    "with yield",
);
const DECLARING = words("const let var");
const NAMING = words("function class enum namespace");
const HEADS = words("if while for switch with");

/** The names of variables in a text. */
export function namesOf(text: string): Names {
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== "string");
  const own = new Set([
    ...named(tokens),
    ...declared(tokens),
    ...parameters(tokens),
    ...imported(tokens),
  ]);
  return { own, free: new Set(used(tokens)).difference(own) };
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

type Tokens = readonly Token[];

/** The names of functions and classes. */
function* named(tokens: Tokens): Generator<string> {
  for (const [i, { text }] of tokens.entries()) {
    if (!NAMING.has(text) || isMember(tokens, i)) continue;
    const name = tokens[tokens[i + 1]?.text === "*" ? i + 2 : i + 1];
    if (isName(name)) yield name.text;
  }
}

/** What `const`, `let` and `var` declare. */
function* declared(tokens: Tokens): Generator<string> {
  for (const [i, { text }] of tokens.entries()) {
    if (!DECLARING.has(text) || isMember(tokens, i)) continue;
    let depth = 0;
    let isPattern = true;
    for (let at = i + 1; at < tokens.length; at++) {
      const token = tokens[at]!;
      const before = tokens[at - 1]!.text;
      if (depth === 0 && isPattern && /^(?:of|in)$/.test(token.text)) break;
      if (/^[({[]$/.test(token.text)) depth++;
      else if (/^[)}\]]$/.test(token.text)) depth--;
      if (depth < 0 || token.text === ";") break;
      // The next statement, where no semicolon stands.
      if (depth === 0 && at > i + 1 && DECLARING.has(token.text)) break;
      if (depth === 0 && token.text === ",") isPattern = true;
      if (depth === 0 && token.text === "=") isPattern = false;
      if (!isPattern || !isName(token)) continue;
      const isBound = depth === 0
        ? at === i + 1 || before === ","
        : /^[{[,.:]$/.test(before);
      if (isBound && tokens[at + 1]?.text !== ".") yield token.text;
    }
  }
}

/** The parameters of functions, and the names of methods. */
function* parameters(tokens: Tokens): Generator<string> {
  for (const [i, token] of tokens.entries()) {
    const isArrow = tokens[i + 1]?.text === "=" && tokens[i + 2]?.text === ">";
    if (isArrow && isName(token)) yield token.text;
    if (token.text !== "(") continue;
    const end = closing(tokens, i);
    if (!isFunction(tokens, i, end)) continue;
    const before = tokens[i - 1];
    if (isName(before) && tokens[end + 1]?.text === "{") yield before.text;
    let depth = 0;
    let braces = 0;
    for (let at = i + 1; at < end; at++) {
      const { text } = tokens[at]!;
      if (text === "(") depth++;
      else if (text === ")") depth--;
      else if (text === "{") braces++;
      else if (text === "}") braces--;
      // After a colon stands a type, but in braces the name for a member.
      const isBound = depth === 0 && isName(tokens[at]) &&
        (braces > 0 ? /^[({[,.:]$/ : /^[({[,.]$/)
          .test(tokens[at - 1]!.text) &&
        /^[,):?=}\]]$/.test(tokens[at + 1]!.text);
      if (isBound) yield text;
    }
  }
}

/** Whether the parentheses from `start` to `end` hold parameters. */
function isFunction(tokens: Tokens, start: number, end: number): boolean {
  const before = tokens[start - 1]?.text ?? "";
  const after = tokens[end + 1]?.text;
  if (HEADS.has(before)) return false;
  if (after === "=") return tokens[end + 2]?.text === ">";
  return after === "{" || after === ":" && before !== "?";
}

/** What the clauses of imports bind. */
function* imported(tokens: Tokens): Generator<string> {
  for (const [i, { text }] of tokens.entries()) {
    if (text !== "import" || isMember(tokens, i)) continue;
    for (let at = i + 1; at < tokens.length; at++) {
      const token = tokens[at]!;
      if (token.text === "from" || /[^\w{}*,$]/.test(token.text)) break;
      if (isName(token) && tokens[at + 1]?.text !== "as") yield token.text;
    }
  }
}

/** What is used as a variable. */
function* used(tokens: Tokens): Generator<string> {
  for (const [i, token] of tokens.entries()) {
    if (!isName(token) || isMember(tokens, i)) continue;
    const isKey = tokens[i + 1]?.text === ":" &&
      /^[{,]$/.test(tokens[i - 1]?.text ?? "");
    if (!isKey) yield token.text;
  }
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === "word" && /^[^\d#]/.test(token.text) &&
    !KEYWORDS.has(token.text);
}

/** Whether a word stands after a dot, which three dots are not. */
function isMember(tokens: Tokens, at: number): boolean {
  return tokens[at - 1]?.text === "." && tokens[at - 2]?.text !== ".";
}

/** Where the parenthesis that opens at `start` closes. */
function closing(tokens: Tokens, start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const { text } = tokens[at]!;
    if (text === "(") depth++;
    else if (text === ")" && --depth === 0) return at;
  }
  return tokens.length;
}
