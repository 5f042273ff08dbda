# Copyright 2026 the authors. MIT license.
"""A value to bytes and back: codec_int, codec_string, codec_object, codec_nested, codec_bytes_1mib."""

import pickle
import sys

import lib

VALUES = {
    "codec_int": 12345,
    "codec_string": "s" * 100,
    "codec_object": lib.objects()[0],
    "codec_nested": lib.nested(),
    "codec_bytes_1mib": bytes(range(256)) * 4096,
}


def main(scenario):
    value = VALUES[scenario]

    def batch(size):
        dumps, loads = pickle.dumps, pickle.loads
        for _ in range(size):
            loads(dumps(value))

    lib.measure(scenario, batch, "ns")


if __name__ == "__main__":
    main(sys.argv[1])
