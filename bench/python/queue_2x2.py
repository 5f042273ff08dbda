# Copyright 2026 the authors. MIT license.
"""Two children put and two children get on one queue: queue_2x2."""

import multiprocessing

import lib


def produce(queue, go, done):
    while size := go.get():
        for i in range(size):
            queue.put(i)
        done.put(True)


def consume(queue, go, done):
    while size := go.get():
        for _ in range(size):
            queue.get()
        done.put(True)


def main():
    context = multiprocessing.get_context("fork")
    queue, done = context.Queue(), context.Queue()
    signals, children = [], []
    for target in (produce, produce, consume, consume):
        go = context.Queue()
        child = context.Process(target=target, args=(queue, go, done), daemon=True)
        child.start()
        signals.append(go)
        children.append(child)

    def batch(size):
        for go in signals:
            go.put(size // 2)
        for _ in signals:
            done.get()

    lib.measure("queue_2x2", batch, "items/s")
    for go in signals:
        go.put(0)
    for child in children:
        child.join()


if __name__ == "__main__":
    main()
