# Copyright 2026 the authors. MIT license.
"""Two children on one lock, and on one counter under its lock: lock_contended, value_add, value_atomic_add."""

import multiprocessing
import sys

import lib


def pairs(lock, go, done):
    acquire, release = lock.acquire, lock.release
    while size := go.get():
        for _ in range(size):
            acquire()
            release()
        done.put(True)


def adds(counter, go, done):
    while size := go.get():
        for _ in range(size):
            with counter.get_lock():
                counter.value += 1
        done.put(True)


def main(scenario):
    context = multiprocessing.get_context("fork")
    if scenario == "lock_contended":
        target, shared, unit = pairs, context.Lock(), "ns"
    else:
        target, shared, unit = adds, context.Value("i", 0), "adds/s"
    done = context.Queue()
    signals, children = [], []
    for _ in range(2):
        go = context.Queue()
        child = context.Process(target=target, args=(shared, go, done), daemon=True)
        child.start()
        signals.append(go)
        children.append(child)

    def batch(size):
        for go in signals:
            go.put(size // 2)
        for _ in signals:
            done.get()

    lib.measure(scenario, batch, unit)
    for go in signals:
        go.put(0)
    for child in children:
        child.join()


if __name__ == "__main__":
    main(sys.argv[1])
