// Copyright 2026 the authors. MIT license.

// S-54 within one process a global is shared.
//
// Python: global x; x = 2.

let x = 1000;

function task() {
  x = 2;
}

if (import.meta.main) {
  task();
  console.log(x);
}
