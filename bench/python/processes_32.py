# Copyright 2026 the authors. MIT license.
"""32 processes at once that do nothing: processes_32."""

import multiprocessing
import sys

import lib


def nothing():
    pass


def main(scenario):
    method = sys.argv[2] if len(sys.argv) > 2 else "spawn"
    context = multiprocessing.get_context(method)
    children = [context.Process(target=nothing) for _ in range(lib.BATCH[scenario])]

    def work():
        for child in children:
            child.start()
        for child in children:
            child.join()

    lib.measure_first(scenario, work)


if __name__ == "__main__":
    main(sys.argv[1])
