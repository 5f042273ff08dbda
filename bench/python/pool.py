# Copyright 2026 the authors. MIT license.
"""A pool of two: pool_noop_tasks, pool_map_default, pool_roundtrip."""

import multiprocessing
import sys

import lib


def same(value):
    return value


def main(scenario):
    with multiprocessing.get_context("fork").Pool(2) as pool:

        def noop_tasks(size):
            for _ in pool.imap_unordered(same, range(size), chunksize=1):
                pass

        def map_default(size):
            pool.map(same, range(size))

        def roundtrip(size):
            for i in range(size):
                pool.apply(same, (i,))

        if scenario == "pool_noop_tasks":
            lib.measure(scenario, noop_tasks, "tasks/s")
        elif scenario == "pool_map_default":
            lib.measure(scenario, map_default, "items/s")
        else:
            lib.measure(scenario, roundtrip, "µs")


if __name__ == "__main__":
    main(sys.argv[1])
