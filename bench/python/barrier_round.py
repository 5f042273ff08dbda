# Copyright 2026 the authors. MIT license.
"""Two processes meet at a barrier again and again: barrier_round."""

import multiprocessing

import lib


def meet(barrier, rounds):
    for _ in range(rounds):
        barrier.wait()


def partner(barrier, go):
    while size := go.get():
        meet(barrier, size)


def main():
    context = multiprocessing.get_context("fork")
    barrier, go = context.Barrier(2), context.Queue()
    child = context.Process(target=partner, args=(barrier, go), daemon=True)
    child.start()

    def batch(size):
        go.put(size)
        meet(barrier, size)

    lib.measure("barrier_round", batch, "µs")
    go.put(0)
    child.join()


if __name__ == "__main__":
    main()
