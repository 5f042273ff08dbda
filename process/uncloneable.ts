// Copyright 2026 the authors. MIT license.

// What in the arguments of a process cannot be cloned. The platform's own error
// does not tell where it stands, so it is searched for once cloning has failed.

/**
 * The error to throw in place of `error`, with the way to what cannot be cloned.
 * Each of `roots` is searched, under its key.
 */
export function withPath(
  error: unknown,
  roots: Readonly<Record<string, unknown>>,
): unknown {
  if (!(error instanceof DOMException)) return error;
  for (const [root, value] of Object.entries(roots)) {
    const place = search(value, root, new Set());
    if (place === undefined) continue;
    return new DOMException(
      `Cannot clone ${place.path}: it is ${describe(place.value)}`,
      "DataCloneError",
    );
  }
  return error;
}

interface Place {
  readonly path: string;
  readonly value: unknown;
}

/** The innermost value that fails, the first of them in order. */
function search(
  value: unknown,
  path: string,
  above: Set<unknown>,
): Place | undefined {
  if (above.has(value) || isCloneable(value)) return undefined;
  above.add(value);
  for (const part of partsOf(value, path)) {
    const place = search(part.value, part.path, above);
    if (place !== undefined) return place;
  }
  return { path, value };
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function* partsOf(value: unknown, path: string): Iterable<Place> {
  if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      yield { path: `${path}<key ${i}>`, value: key };
      yield { path: `${path}<value ${i++}>`, value: item };
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) {
      yield { path: `${path}<item ${i++}>`, value: item };
    }
  } else if (Array.isArray(value)) {
    for (const i of value.keys()) {
      yield { path: `${path}[${i}]`, value: value[i] };
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      yield { path: path + step(key), value: item };
    }
  }
}

function step(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}

function describe(value: unknown): string {
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}
