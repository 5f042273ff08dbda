# Copyright 2026 the authors. MIT license.
"""The same arithmetic twice in one process, then once in each of two: cpu_bound_speedup."""

import multiprocessing
import time

import lib


def work(rounds):
    state = 1
    for _ in range(rounds):
        state = (state * 1103 + 12345) & 0xFFFFF
    return state


def child(go, done):
    while rounds := go.get():
        done.put(work(rounds))


def main():
    rounds = lib.BATCH["cpu_bound_speedup"]
    context = multiprocessing.get_context("fork")
    done = context.Queue()
    signals, children = [], []
    for _ in range(2):
        go = context.Queue()
        process = context.Process(target=child, args=(go, done), daemon=True)
        process.start()
        signals.append(go)
        children.append(process)

    def run(count):
        start = time.perf_counter()
        for go in signals[:count]:
            go.put(rounds)
        for _ in range(count):
            done.get()
        return time.perf_counter() - start

    run(2)
    ratios = sorted(2 * run(1) / run(2) for _ in range(3))
    lib.report("cpu_bound_speedup", ratios[1], "×", "median of 3")
    for go in signals:
        go.put(0)
    for process in children:
        process.join()


if __name__ == "__main__":
    main()
