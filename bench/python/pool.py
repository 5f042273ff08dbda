# Copyright 2026 the authors. MIT license.
"""A pool of two: pool_noop_tasks, pool_map_default, pool_roundtrip, pool_objects,
pool_bytes_1mib, pool_first_result, pool_results_1mib, pool_results_1mib_each; a pool of
eight: pool_idle_memory; and one of 32: pool_32. With `fork`, or as the second word says."""

import multiprocessing
import sys

import lib


def same(value):
    return value


def block(_):
    return bytes(1 << 20)


def private_bytes(pid):
    """What the process does not share with the one it was forked from."""
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        return sum(
            int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_")
        )


def first_result(scenario, method):
    def batch(size):
        for _ in range(size):
            with multiprocessing.get_context(method).Pool(2) as pool:
                pool.apply(same, (1,))

    lib.measure(scenario, batch, "ms")


def idle_memory(scenario):
    count = lib.BATCH[scenario]
    with multiprocessing.get_context("fork").Pool(count) as pool:
        pool.map(same, range(count), chunksize=1)
        children = multiprocessing.active_children()
        total = sum(private_bytes(child.pid) for child in children)
    lib.report(scenario, total / count / 2**20, "MiB", "each")


def many(scenario, method):
    count = lib.BATCH[scenario]
    pool = None

    def work():
        nonlocal pool
        pool = multiprocessing.get_context(method).Pool(count)
        for result in [pool.apply_async(same, (i,)) for i in range(count)]:
            result.get()

    lib.measure_first(scenario, work)
    pool.close()
    pool.join()


def main(scenario):
    method = sys.argv[2] if len(sys.argv) > 2 else "fork"
    if scenario == "pool_first_result":
        return first_result(scenario, method)
    if scenario == "pool_32":
        return many(scenario, method)
    if scenario == "pool_idle_memory":
        return idle_memory(scenario)
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
        elif scenario.startswith("pool_results_1mib"):
            size = 1 if scenario.endswith("each") else None
            pool.map(block, range(4), chunksize=1)
            items = range(lib.BATCH[scenario])
            lib.measure_first(scenario, lambda: pool.map(block, items, size))
        else:
            size = lib.BATCH[scenario]
            lib.sample(scenario, lambda: pool.apply(same, (1,)), size, "µs")


if __name__ == "__main__":
    main(sys.argv[1])
