#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A linear probe on features that are larger than the memory it may take: 1,000,000 rows of 512 numbers, 2 GB.

    probing_large.py INGOT [--rows 1000000] [--iterations 1000] [--limit 1024] [--output Benchmarks/results/probing_large.json]

Prints the largest resident memory of the process, in MiB, and fails beyond the limit. The features are ten clouds that overlap, and are
written piece by piece: a process inherits its parent's largest resident memory in what the kernel reports.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy

import result_files

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("ingot")
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--iterations", type=int, default=1000)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--limit", type=int, default=1024, help="MiB")
result_files.add_option(parser, "probing_large")
arguments = parser.parse_args()


def main():
    random = numpy.random.default_rng(3)
    centres = random.normal(size=(10, arguments.width)).astype(numpy.float32)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        labels = random.integers(0, 10, arguments.rows).astype(numpy.int32)
        def rows(part):
            return centres[part] + 16 * random.standard_normal((len(part), arguments.width), dtype=numpy.float32)

        with open(f"{folder}/train.npy", "wb") as file:
            numpy.lib.format.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (arguments.rows, arguments.width)})
            for start in range(0, arguments.rows, 10_000):
                rows(labels[start:start + 10_000]).tofile(file)
        test = random.integers(0, 10, 10_000).astype(numpy.int32)
        numpy.save(f"{folder}/train-labels.npy", labels)
        numpy.save(f"{folder}/test.npy", rows(test))
        numpy.save(f"{folder}/test-labels.npy", test)
        start = time.perf_counter()
        process = subprocess.Popen(
            [arguments.ingot, "evaluate", "--train-features", f"{folder}/train.npy", "--train-labels", f"{folder}/train-labels.npy",
             "--test-features", f"{folder}/test.npy", "--test-labels", f"{folder}/test-labels.npy", "--task", "linear-probe",
             "--lambda", "1", "--iterations", str(arguments.iterations), "--threads", str(arguments.threads), "--json"],
            stdout=subprocess.PIPE)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        size = os.path.getsize(f"{folder}/train.npy")
    if status != 0:
        sys.exit(f"ingot ended with {status}")
    found = json.loads(output)["results"][0]
    mebibytes = usage.ru_maxrss / 1024
    iterations = found["probe"]["iterations"]
    result_files.write(
        arguments.output, f"A linear probe on {arguments.rows:,} rows of {arguments.width} features",
        {"bytes": size, "rows": arguments.rows, "width": arguments.width, "threads": arguments.threads, "seconds": seconds,
         "maxResidentMiB": mebibytes, "iterations": iterations, "objective": found["probe"]["objective"], "accuracy": found["score"]},
        ["file", "largest resident memory", "time", "iterations", "converged", "accuracy"],
        [[f"{size / 2**20:,.0f} MiB", f"{mebibytes:,.0f} MiB", f"{seconds:.1f} s", f"{iterations}",
          "yes" if found["probe"]["hasConverged"] else "no", f"{found['score']:.2%}"]])
    if mebibytes > arguments.limit:
        sys.exit(f"{mebibytes:.0f} MiB, allowed are {arguments.limit}")


if __name__ == "__main__":
    main()
