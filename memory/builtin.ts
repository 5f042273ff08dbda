// Copyright 2026 the authors. MIT license.

// The platform's modules of Node's, and the one file that names
// `getBuiltinModule`. An import would load them with every program, and the
// first of them takes tens of milliseconds.

/** A module of Node's that the platform has, loaded by this call. */
export function builtinModule<T>(name: `node:${string}`): T {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): T };
  };
  return process.getBuiltinModule(name);
}
