# Copyright 2026 the authors. MIT license.
"""Two children send and two receive over one pipe: pipe_2x2.

Python's manual says that a pipe is damaged when two use one end at once, so each
end has a lock, as it has in multiprocessing.SimpleQueue.
"""

import multiprocessing

import lib


def send(end, lock, go, done):
    while size := go.get():
        for i in range(size):
            with lock:
                end.send(i)
        done.put(True)


def receive(end, lock, go, done):
    while size := go.get():
        for _ in range(size):
            with lock:
                end.recv()
        done.put(True)


def main():
    context = multiprocessing.get_context("fork")
    near, far = context.Pipe(duplex=False)
    sending, receiving = context.Lock(), context.Lock()
    done = context.Queue()
    signals, children = [], []
    for target in (send, send, receive, receive):
        go = context.Queue()
        end, lock = (far, sending) if target is send else (near, receiving)
        args = (end, lock, go, done)
        child = context.Process(target=target, args=args, daemon=True)
        child.start()
        signals.append(go)
        children.append(child)

    def batch(size):
        for go in signals:
            go.put(size // 2)
        for _ in signals:
            done.get()

    lib.measure("pipe_2x2", batch, "items/s")
    for go in signals:
        go.put(0)
    for child in children:
        child.join()


if __name__ == "__main__":
    main()
