// Copyright 2026 the authors. MIT license.

// What a child does in the start scenarios: nothing.

export {};
