# Copyright 2026 the authors. MIT license.
"""One child puts, the main process gets and says so: joinable_queue."""

import multiprocessing

import lib


def produce(queue, go):
    while size := go.get():
        for i in range(size):
            queue.put(i & 255)


def main():
    context = multiprocessing.get_context("fork")
    queue, go = context.JoinableQueue(), context.Queue()
    child = context.Process(target=produce, args=(queue, go), daemon=True)
    child.start()

    def batch(size):
        go.put(size)
        for _ in range(size):
            queue.get()
            queue.task_done()

    lib.measure("joinable_queue", batch, "items/s")
    go.put(0)
    child.join()


if __name__ == "__main__":
    main()
