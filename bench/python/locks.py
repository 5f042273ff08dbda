# Copyright 2026 the authors. MIT license.
"""Acquire and release with nobody else about: lock_uncontended, rlock, semaphore,
bounded_semaphore."""

import multiprocessing
import sys

import lib


def main(scenario):
    if scenario == "lock_uncontended":
        lock = multiprocessing.Lock()
    elif scenario == "rlock":
        lock = multiprocessing.RLock()
    elif scenario == "bounded_semaphore":
        lock = multiprocessing.BoundedSemaphore(1)
    else:
        lock = multiprocessing.Semaphore(1)

    def batch(size):
        acquire, release = lock.acquire, lock.release
        for _ in range(size):
            acquire()
            release()

    lib.measure(scenario, batch, "ns")


if __name__ == "__main__":
    main(sys.argv[1])
