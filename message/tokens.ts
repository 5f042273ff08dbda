// Copyright 2026 the authors. MIT license.

// The tokens of JavaScript or TypeScript, as far as a search for specifiers and
// names needs them: words, strings and single signs. Comments, regular
// expressions and the text of templates are left out; the code in a template's
// `${}` is not.

/** A word, a string or a sign. */
export interface Token {
  readonly kind: "word" | "string" | "sign";
  readonly text: string;
}

const SPACE = /(?:\s+|\/\/.*|\/\*[\s\S]*?\*\/)+/uy;
const STRING = /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/uy;
const WORD = /[\p{ID_Continue}$#\u200c\u200d]+/uy;
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/uy;
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)?/uy;

/** Words after which a slash begins a regular expression. */
const BEFORE_REGEXP = new Set(
  ("await case delete do else in instanceof new of return throw typeof void " +
    "yield").split(" "),
);

/** The tokens of a text. One that is no program gives what it has. */
export function* tokensOf(text: string): Generator<Token> {
  // For each template that is open, the braces that are open in its `${}`.
  const templates: number[] = [];
  let last: Token | undefined;
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [taken = ""] = pattern.exec(text) ?? [];
    at += taken.length;
    return taken;
  };
  while (true) {
    take(SPACE);
    if (at >= text.length) return;
    const token = next();
    if (token === undefined) continue;
    yield last = token;
  }

  function next(): Token | undefined {
    const string = take(STRING);
    if (string !== "") return { kind: "string", text: string };
    const word = take(WORD);
    if (word !== "") return { kind: "word", text: word };
    // What stands where a value may begin is no division.
    if (text[at] === "/" && mayBeginValue(last) && take(REGEXP) !== "") {
      return { kind: "string", text: "" };
    }
    const sign = text[at++]!;
    if (sign === "`") return template();
    if (templates.length > 0) {
      if (sign === "{") templates[templates.length - 1]! += 1;
      if (sign === "}" && templates[templates.length - 1]!-- === 0) {
        templates.pop();
        return template();
      }
    }
    return { kind: "sign", text: sign };
  }

  /** Skips the text of a template, up to its end or its next `${`. */
  function template(): Token {
    if (take(TEMPLATE).endsWith("${")) {
      templates.push(0);
      return { kind: "sign", text: "+" };
    }
    return { kind: "string", text: "" };
  }
}

function mayBeginValue(last: Token | undefined): boolean {
  if (last === undefined) return true;
  if (last.kind === "word") return BEFORE_REGEXP.has(last.text);
  return last.kind === "sign" && !/[)\]]/.test(last.text);
}
