# Copyright 2026 the authors. MIT license.
"""Two processes take turns under one condition: condition_pingpong."""

import multiprocessing

import lib


def play(condition, turn, mine, rounds):
    for _ in range(rounds):
        with condition:
            while turn.value != mine:
                condition.wait()
            turn.value = 1 - mine
            condition.notify()


def opponent(condition, turn, go):
    while size := go.get():
        play(condition, turn, 1, size)


def main():
    context = multiprocessing.get_context("fork")
    condition, turn = context.Condition(), context.RawValue("i", 0)
    go = context.Queue()
    child = context.Process(target=opponent, args=(condition, turn, go), daemon=True)
    child.start()

    def batch(size):
        go.put(size)
        play(condition, turn, 0, size)

    lib.measure("condition_pingpong", batch, "µs")
    go.put(0)
    child.join()


if __name__ == "__main__":
    main()
