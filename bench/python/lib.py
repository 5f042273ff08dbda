# Copyright 2026 the authors. MIT license.
"""What every Python contestant shares: workload sizes, the clock, the report."""

import json
import multiprocessing
import os
import pathlib
import signal
import time

_WORK = json.loads(
    (pathlib.Path(__file__).parent.parent / "workloads.json").read_text()
)
BATCH = _WORK["batch"]

_SCALE = {"ns": 1e9, "µs": 1e6, "ms": 1e3}


def _end(_signal, _frame):
    for child in multiprocessing.active_children():
        child.kill()
    os._exit(143)


# The runner ends a contestant that overruns with SIGTERM, whose default action
# would leave the children behind. They themselves keep the default: an orderly
# exit waits for queues that nobody empties any more.
if multiprocessing.parent_process() is None:
    signal.signal(signal.SIGTERM, _end)
    os.register_at_fork(
        after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL)
    )


def _run_for(seconds, batch, size):
    start = time.perf_counter()
    count = 0
    while True:
        batch(size)
        count += size
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return elapsed / count


def measure(scenario, batch, unit, *, workload=None, metric="mean"):
    """Runs batch(size) to warm up, then against the clock, and reports."""
    size = BATCH[workload or scenario]
    _run_for(_WORK["warmMs"] / 1000, batch, size)
    seconds = _run_for(_WORK["minMs"] / 1000, batch, size)
    value = 1 / seconds if unit.endswith("/s") else seconds * _SCALE[unit]
    report(scenario, value, unit, metric)


def sample(scenario, once, size, unit):
    """Times each call of once() by itself: median and 99th percentile."""
    for _ in range(size):
        once()
    times = []
    stop = time.perf_counter() + _WORK["minMs"] / 1000
    while len(times) < size or time.perf_counter() < stop:
        start = time.perf_counter()
        once()
        times.append(time.perf_counter() - start)
    times.sort()
    scale = _SCALE[unit]
    report(scenario, times[len(times) // 2] * scale, unit, "median")
    report(scenario, times[len(times) * 99 // 100] * scale, unit, "p99")


def measure_first(scenario, work):
    """Reports how long work() takes, the first time in this program."""
    start = time.perf_counter()
    work()
    report(scenario, (time.perf_counter() - start) * 1000, "ms")


def report(scenario, value, unit, metric="mean"):
    line = {"scenario": scenario, "metric": metric, "value": value, "unit": unit}
    print(json.dumps(line, ensure_ascii=False), flush=True)


def objects():
    """256 records whose JSON is 200 bytes long, as in lib.ts."""
    return [
        {
            "id": 10000 + i,
            "name": f"customer {10000 + i}",
            "email": f"customer.{10000 + i}@mail.example",
            "active": i % 2 == 0,
            "score": i + 0.25,
            "tags": ["alpha", "beta", "gamma"],
            "note": "n" * (200 - 142 - len(str(i)) - (0 if i % 2 == 0 else 1)),
        }
        for i in range(256)
    ]


def wide():
    """A record of 600 fields, as in lib.ts."""
    return {f"key{i}": i * 3 for i in range(600)}


def nested():
    """A tree of lists and records, about 3 kB as JSON, as in lib.ts."""
    return {
        "title": "report",
        "rows": [
            {"index": i, "values": [i, i * 2, i / 4], "label": f"row {i}"}
            for i in range(64)
        ],
    }
