# Copyright 2026 the authors. MIT license.
"""One item there and back between two processes: queue_pingpong, pipe_pingpong."""

import multiprocessing
import sys

import lib


def queue_echo(there, back):
    while (item := there.get()) >= 0:
        back.put(item)


def pipe_echo(end):
    while (item := end.recv()) >= 0:
        end.send(item)


def main(scenario):
    context = multiprocessing.get_context("fork")
    if scenario == "queue_pingpong":
        there, back = context.Queue(), context.Queue()
        child = context.Process(target=queue_echo, args=(there, back), daemon=True)
        send, recv = there.put, back.get
    else:
        near, far = context.Pipe()
        child = context.Process(target=pipe_echo, args=(far,), daemon=True)
        send, recv = near.send, near.recv
    child.start()

    def batch(size):
        for i in range(size):
            send(i)
            recv()

    lib.measure(scenario, batch, "µs")
    send(-1)
    child.join()


if __name__ == "__main__":
    main(sys.argv[1])
