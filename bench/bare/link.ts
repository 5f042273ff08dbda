// Copyright 2026 the authors. MIT license.

// Both ends of a bare worker. The module of a contestant is its own worker's
// module too, and asks `insideWorker()` which of the two it is.

const scope = self as unknown as {
  postMessage(message: unknown): void;
  close(): void;
};

/** Starts another instance of the module at `url` and sends it `message`. */
export function startWorker(url: string, message: unknown): Worker {
  const worker = new Worker(url, { type: "module" });
  worker.postMessage(message);
  return worker;
}

/** In a worker: calls `handle` with each message that arrives. */
export function onMessage<T>(handle: (message: T) => void): void {
  addEventListener("message", function receive(event: Event): void {
    handle((event as MessageEvent<T>).data);
  });
}

/** In a worker: sends `message` to the main thread. */
export function reply(message: unknown): void {
  scope.postMessage(message);
}

/** In a worker: ends it. */
export function quit(): void {
  scope.close();
}
