# Copyright 2026 the authors. MIT license.
"""The main process sets and reads keys of a managed dict, by turns: manager_dict."""

import multiprocessing

import lib


def main():
    with multiprocessing.get_context("fork").Manager() as manager:
        shared = manager.dict()

        def batch(size):
            for i in range(size // 2):
                shared[i % 64] = i
                shared[i % 64]

        lib.measure("manager_dict", batch, "calls/s")


if __name__ == "__main__":
    main()
