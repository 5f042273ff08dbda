# Copyright 2026 the authors. MIT license.
"""Set an event, be answered by another: two wakes: event_wake."""

import multiprocessing

import lib


def answer(there, back):
    while True:
        there.wait()
        there.clear()
        back.set()


def main():
    context = multiprocessing.get_context("fork")
    there, back = context.Event(), context.Event()
    child = context.Process(target=answer, args=(there, back), daemon=True)
    child.start()

    def once():
        there.set()
        back.wait()
        back.clear()

    lib.sample("event_wake", once, lib.BATCH["event_wake"], "µs")
    child.terminate()
    child.join()


if __name__ == "__main__":
    main()
