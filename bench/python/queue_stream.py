# Copyright 2026 the authors. MIT license.
"""One child puts, the main process gets: queue_ints, queue_objects, queue_bytes_1mib."""

import multiprocessing
import sys

import lib


def items(scenario):
    if scenario == "queue_objects":
        return lib.objects()
    if scenario == "queue_bytes_1mib":
        return [bytes(range(256)) * 4096]
    return list(range(256))


def produce(scenario, queue, go):
    values = items(scenario)
    while size := go.get():
        for i in range(size):
            queue.put(values[i % len(values)])


def main(scenario):
    context = multiprocessing.get_context("fork")
    queue, go = context.Queue(), context.Queue()
    child = context.Process(target=produce, args=(scenario, queue, go), daemon=True)
    child.start()

    def batch(size):
        go.put(size)
        for _ in range(size):
            queue.get()

    unit = "MiB/s" if scenario.endswith("1mib") else "items/s"
    lib.measure(scenario, batch, unit)
    go.put(0)
    child.join()


if __name__ == "__main__":
    main(sys.argv[1])
