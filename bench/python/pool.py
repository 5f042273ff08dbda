# Copyright 2026 the authors. MIT license.
"""A pool of two: pool_noop_tasks, pool_map_default, pool_roundtrip, pool_objects,
pool_bytes_1mib."""

import multiprocessing
import sys

import lib


def same(value):
    return value


def main(scenario):
    values = lib.objects()
    mebibyte = bytes(range(256)) * 4096

    with multiprocessing.get_context("fork").Pool(2) as pool:

        def noop_tasks(size):
            for _ in pool.imap_unordered(same, range(size), chunksize=1):
                pass

        def map_default(size):
            pool.map(same, range(size))

        def objects(size):
            chosen = (values[i % len(values)] for i in range(size))
            for _ in pool.imap_unordered(same, chosen, chunksize=1):
                pass

        def copies(size):
            pool.map(len, [mebibyte] * size, chunksize=1)

        if scenario == "pool_noop_tasks":
            lib.measure(scenario, noop_tasks, "tasks/s")
        elif scenario == "pool_map_default":
            lib.measure(scenario, map_default, "items/s")
        elif scenario == "pool_objects":
            lib.measure(scenario, objects, "tasks/s")
        elif scenario == "pool_bytes_1mib":
            lib.measure(scenario, copies, "MiB/s")
        else:
            size = lib.BATCH[scenario]
            lib.sample(scenario, lambda: pool.apply(same, (1,)), size, "µs")


if __name__ == "__main__":
    main(sys.argv[1])
