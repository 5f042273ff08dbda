# Copyright 2026 the authors. MIT license.
"""Run `true` to its end: subprocess_run."""

import subprocess
import sys

import lib


def main(scenario):
    def batch(size):
        for _ in range(size):
            subprocess.run(["true"])

    lib.measure(scenario, batch, "ms", workload="subprocess_run")


if __name__ == "__main__":
    main(sys.argv[1])
