// Copyright 2026 the authors. MIT license.

// Two functions of one source, which differ in what they close over.

function make(rate: number): (x: number) => number {
  return (x) => x * rate;
}

export const made = { first: make(2), second: make(3) };
