# Copyright 2026 the authors. MIT license.
"""Start a child that does nothing and join it: process_start_join."""

import multiprocessing
import sys

import lib


def nothing():
    pass


def main(scenario):
    method = sys.argv[2] if len(sys.argv) > 2 else "spawn"
    context = multiprocessing.get_context(method)

    def batch(size):
        for _ in range(size):
            child = context.Process(target=nothing)
            child.start()
            child.join()

    lib.measure(scenario, batch, "ms", workload="process_start_join")


if __name__ == "__main__":
    main(sys.argv[1])
