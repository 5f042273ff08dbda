# Copyright 2026 the authors. MIT license.
"""A wide record into a queue and out again, in one process: queue_wide_object."""

import multiprocessing
import sys

import lib


def main(scenario):
    queue = multiprocessing.get_context("fork").SimpleQueue()
    value = lib.wide()

    def batch(size):
        for _ in range(size):
            queue.put(value)
            queue.get()

    lib.measure(scenario, batch, "ns")


if __name__ == "__main__":
    main(sys.argv[1])
