// Copyright 2026 the authors. MIT license.

// Copies of the module's own files with one deliberate error each, made from
// the files as they are, so that a copy never falls behind the real thing.

/** One error: every `[right, wrong]` must stand in the file exactly once. */
export type Mistake = readonly (readonly [right: string, wrong: string])[];

/**
 * Imports a file, named from the root, with the mistake that `url` names in its query
 * (`?mistake=…`) if it is one of `mistakes`.
 */
export async function importWith(
  file: string,
  url: string,
  mistakes: Readonly<Record<string, Mistake>>,
): Promise<unknown> {
  const source = new URL(`../../../${file}`, import.meta.url);
  const name = new URL(url).searchParams.get("mistake") ?? "";
  const mistake = mistakes[name];
  if (mistake === undefined) return import(source.href);
  let text = await Deno.readTextFile(source);
  for (const [right, wrong] of mistake) {
    if (text.split(right).length !== 2) {
      throw new TypeError(`Cannot make the mistake ${name}: ${right}`);
    }
    text = text.replace(right, () => wrong);
  }
  // A copy has another address: what it imports must not depend on that.
  text = text.replaceAll(
    /from "(\..*?)"/g,
    (_, specifier) => `from "${new URL(specifier, source)}"`,
  );
  return import(`data:application/typescript,${encodeURIComponent(text)}`);
}
