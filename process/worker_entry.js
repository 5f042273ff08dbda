// Copyright 2026 the authors. MIT license.
// @ts-nocheck: programs may have the option checkJs, and rules of their own.

// What a worker runs first. Deno checks the types of whatever a worker's entry
// reaches, in each worker that starts, if it checks those of the program: under
// `deno test`, with no cache yet, that takes seconds a worker. It checks no
// JavaScript, and follows no specifier that it cannot read in the text.

const main = import(new URL("./worker_main.ts", import.meta.url).href);

// The message of the start comes once only, and may come before that module.
self.onmessage = ({ data: start }) => {
  self.onmessage = null;
  main.then(({ beginWorker }) => beginWorker(start));
};
