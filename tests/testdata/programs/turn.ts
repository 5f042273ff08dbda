// Copyright 2026 the authors. MIT license.

// Lets the event loop turn as a pool's worker does, and prints which timers of
// the platform were asked for: the first to be asked for loads them all.

const asked: string[] = [];
const names = ["setTimeout", "setInterval", "setImmediate"] as const;
for (const name of names) {
  const { get } = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, {
    get() {
      asked.push(name);
      return get!.call(globalThis);
    },
    configurable: true,
  });
}

const { turn, isTurnDue } = await import("../../../pool/chunk.ts");
let hasBeat = false;
AbortSignal.timeout(0).addEventListener("abort", () => hasBeat = true);
do await turn(); while (!hasBeat);
console.log(`asked for: ${asked.join()}`);
console.log(`due: ${isTurnDue(performance.now())}`);
