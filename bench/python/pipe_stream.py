# Copyright 2026 the authors. MIT license.
"""One child sends, the main process receives: pipe_ints, pipe_objects, pipe_bytes_1mib."""

import multiprocessing
import sys

import lib
from queue_stream import items


def produce(scenario, writer, go):
    values = items(scenario.replace("pipe", "queue"))
    send = writer.send_bytes if scenario.endswith("1mib") else writer.send
    while size := go.get():
        for i in range(size):
            send(values[i % len(values)])


def main(scenario):
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    go = context.Queue()
    child = context.Process(target=produce, args=(scenario, writer, go), daemon=True)
    child.start()
    recv = reader.recv_bytes if scenario.endswith("1mib") else reader.recv

    def batch(size):
        go.put(size)
        for _ in range(size):
            recv()

    unit = "MiB/s" if scenario.endswith("1mib") else "items/s"
    lib.measure(scenario, batch, unit)
    go.put(0)
    child.join()


if __name__ == "__main__":
    main(sys.argv[1])
