#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conversion of a full-size checkpoint against `cp`, in one run: whole-process wall time and peak memory, and the time to open the result.

    Benchmarks/convert.py --ingot .build/release/ingot [--checkpoint FILE] [--runs 5]

Without --checkpoint a ViT-B/32 with made weights is written first, by Tools/make_checkpoint.py (needs Tools/requirements.txt).
The two commands run in turn, A B A B …, each into a new file; the input is in the page cache. Figures are medians; ratios are taken
pair by pair. The result goes to Benchmarks/results/convert.md and .json.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(command):
    """Wall seconds and peak resident memory in bytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / ".build/release/ingot")
    parser.add_argument("--checkpoint", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        folder = pathlib.Path(folder)
        checkpoint = options.checkpoint
        if checkpoint is None:
            checkpoint = folder / "vit-b-32.pt"
            subprocess.run([sys.executable, ROOT / "Tools/make_checkpoint.py", "--model", "ViT-B/32", "--format", "state-dict",
                            "--dtype", "float32", "-o", checkpoint], check=True)
        # Into the page cache, not into this process: a child's peak memory begins with its parent's.
        subprocess.run(["cat", checkpoint], stdout=subprocess.DEVNULL, check=True)
        size = checkpoint.stat().st_size
        digest = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
        hashing = statistics.median(run([sys.executable, "-c", digest, checkpoint])[0] for _ in range(options.runs))
        rows = {}
        for encoding in ("float16", "source", "int8"):
            pairs = []
            for turn in range(options.runs):
                copy, output = folder / "copy", folder / "out.ingot"
                copied = run(["cp", checkpoint, copy])
                copy.unlink()
                converted = run([options.ingot, "convert", checkpoint, "--activation", "quick-gelu", "-o", output, "--encoding", encoding])
                written = output.stat().st_size
                if encoding != "int8" or turn < options.runs - 1:
                    output.unlink()
                pairs.append((copied, converted))
            rows[encoding] = {
                "cp seconds": statistics.median(p[0][0] for p in pairs),
                "convert seconds": statistics.median(p[1][0] for p in pairs),
                "ratio": statistics.median(p[1][0] / p[0][0] for p in pairs),
                "peak MiB": max(p[1][1] for p in pairs) / 2**20,
                "output bytes": written,
            }
        opening = statistics.median(run([options.ingot, "inspect", folder / "out.ingot", "--json"])[0] for _ in range(options.runs))
        bare = statistics.median(run([options.ingot, "--version"])[0] for _ in range(options.runs))
    result = {"processor": processor(), "cores": os.cpu_count(), "input bytes": size, "runs": options.runs, "convert": rows,
              "SHA-256 of the input alone (OpenSSL), seconds": hashing,
              "inspect of the result, whole process, seconds": opening, "the same without a file (--version), seconds": bare}
    folder = ROOT / "Benchmarks/results"
    folder.mkdir(exist_ok=True)
    (folder / "convert.json").write_text(json.dumps(result, indent=2) + "\n")
    lines = [f"Conversion of a {size:,}-byte checkpoint against `cp`; {result['processor']}, {result['cores']} cores, medians of {options.runs} pairs.",
             "", "| encoding | cp, s | convert, s | ratio | peak memory, MiB | output, bytes |", "|---|---|---|---|---|---|"]
    for encoding, row in rows.items():
        lines.append(f"| {encoding} | {row['cp seconds']:.2f} | {row['convert seconds']:.2f} | {row['ratio']:.2f} | {row['peak MiB']:.0f} | {row['output bytes']:,} |")
    lines += ["", f"SHA-256 of the input alone (OpenSSL, whole process): {hashing:.2f} s.", "", f"`inspect` of the int8 file, whole process: {1000 * opening:.1f} ms; `--version` alone: {1000 * bare:.1f} ms."]
    (folder / "convert.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
