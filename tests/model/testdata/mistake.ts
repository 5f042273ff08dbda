// Copyright 2026 the authors. MIT license.

// Copies of the module's own files with one deliberate error each, made from
// the files as they are, so that a copy never falls behind the real thing.

/** One error: every `[right, wrong]` must stand in the file exactly once. */
export type Mistake = readonly (readonly [right: string, wrong: string])[];

/** A file, named from the root, and the errors that can be made in it. */
export interface Below {
  readonly file: string;
  readonly mistakes: Readonly<Record<string, Mistake>>;
}

/**
 * Imports a file, named from the root, with the mistake that `url` names in its
 * query (`?mistake=…`) if it is one of `mistakes`, or of those in a file that
 * it imports, `below`.
 */
export async function importWith(
  file: string,
  url: string,
  mistakes: Readonly<Record<string, Mistake>>,
  below?: Below,
): Promise<unknown> {
  const name = new URL(url).searchParams.get("mistake") ?? "";
  if (mistakes[name] !== undefined) {
    return import(await copyOf(file, name, mistakes[name]));
  }
  const mistake = below?.mistakes[name];
  if (mistake === undefined) return import(sourceOf(file).href);
  const copy = await copyOf(below!.file, name, mistake);
  const right = `from "${sourceOf(below!.file)}"`;
  return import(await copyOf(file, name, [[right, `from "${copy}"`]]));
}

function sourceOf(file: string): URL {
  return new URL(`../../../${file}`, import.meta.url);
}

/** The address of a copy with a mistake. */
async function copyOf(
  file: string,
  name: string,
  mistake: Mistake,
): Promise<string> {
  const source = sourceOf(file);
  // A copy has another address: what it imports must not depend on that.
  let text = (await Deno.readTextFile(source)).replaceAll(
    /from "(\..*?)"/g,
    (_, specifier) => `from "${new URL(specifier, source)}"`,
  );
  for (const [right, wrong] of mistake) {
    if (text.split(right).length !== 2) {
      throw new TypeError(`Cannot make the mistake ${name}: ${right}`);
    }
    text = text.replace(right, () => wrong);
  }
  return `data:application/typescript,${encodeURIComponent(text)}`;
}
