#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reading every container, against Python in the same run: whole-process wall time and peak memory.

    Benchmarks/containers.py --ingot .build/release/ingot --checkpoint vit-b-32.pt [--runs 5]

Needs torch, safetensors, h5py and numpy. The checkpoint is a state dict of about 600 MB (Tools/make_checkpoint.py); the same tensors are
written as safetensors and contiguous HDF5 by their own libraries. Commands run in turn, A B A B …, each into a new file, inputs in the page
cache; figures are medians, ratios are taken pair by pair. The result goes to Benchmarks/results/containers.md and .json.
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
# What people do today: map the checkpoint, write safetensors.
PEER = ("import sys, torch, safetensors.torch as s\n"
        "d = torch.load(sys.argv[1], mmap=True, weights_only=True)\n"
        "s.save_file({k: v.contiguous() for k, v in d.items()}, sys.argv[2])")
OTHERS = ("import sys, torch, h5py, safetensors.torch as s\n"
          "d = torch.load(sys.argv[1], mmap=True, weights_only=True)\n"
          "s.save_file({k: v.contiguous() for k, v in d.items()}, sys.argv[2])\n"
          "with h5py.File(sys.argv[3], 'w') as f:\n"
          "    for k, v in d.items(): f.create_dataset(k, data=v.numpy())")
# A million dicts, as an optimizer's state has one for each parameter.
OBJECTS = ("import sys, torch\n"
           "torch.save({'state': {i: {'step': i, 'lr': i / 7} for i in range(1_000_000)}, 'weight': torch.zeros(2)}, sys.argv[1])")


def run(command, output=None):
    """Wall seconds and peak resident memory in bytes of one process."""
    if output is not None:
        output.unlink(missing_ok=True)
    # Nobody waits for what the one before has left to be written.
    os.sync()
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024


def against(first, second, runs):
    """Medians of two commands that run in turn, and of the ratio second : first."""
    pairs = [(run(*first), run(*second)) for _ in range(runs)]
    return {"seconds": statistics.median(pair[1][0] for pair in pairs), "MiB": max(pair[1][1] for pair in pairs) / 2**20,
            "peer seconds": statistics.median(pair[0][0] for pair in pairs),
            "peer MiB": max(pair[0][1] for pair in pairs) / 2**20,
            "times as fast": statistics.median(pair[0][0] / pair[1][0] for pair in pairs)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / ".build/release/ingot")
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--python", default=sys.executable, help="one that has torch, safetensors and h5py")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        folder = pathlib.Path(folder)
        source, plain, tree = options.checkpoint, folder / "model.safetensors", folder / "model.h5"
        subprocess.run([options.python, "-c", OTHERS, source, plain, tree], check=True)
        objects = folder / "objects.pt"
        subprocess.run([options.python, "-c", OBJECTS, objects], check=True)
        for path in (source, plain, tree):
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
        out, other = folder / "out.ingot", folder / "out.safetensors"

        def convert(path):
            return [options.ingot, "convert", path, "--activation", "quick-gelu", "-o", out], out

        python = [options.python, "-c", PEER, source, other], other
        listing = [options.python, "-c", "import sys, torch; print(len(torch.load(sys.argv[1], mmap=True, weights_only=True)))", source]
        loading = [options.python, "-c", "import sys, torch; torch.load(sys.argv[1], weights_only=True)", objects]
        rows = {
            "inspect, PyTorch archive": against((listing,), ([options.ingot, "inspect", source],), options.runs),
            "inspect, 10^6 objects": against((loading,), ([options.ingot, "inspect", objects],), options.runs),
            "convert, against torch.load and save_file": against(python, convert(source), options.runs),
            "convert safetensors, against convert of the archive": against(convert(source), convert(plain), options.runs),
            "convert HDF5, against convert of the archive": against(convert(source), convert(tree), options.runs),
        }
        result = {"machine": f"{platform.machine()}, {os.cpu_count()} processors", "bytes": source.stat().st_size,
                  "runs": options.runs, "rows": rows}
    lines = [f"{result['bytes']:,} bytes; medians of {options.runs} runs in turn; {result['machine']}.", "",
             "| what | Ingot | MiB | peer | MiB | times as fast |", "|---|---|---|---|---|---|"]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['seconds']:.3f} s | {row['MiB']:.0f} | {row['peer seconds']:.3f} s | {row['peer MiB']:.0f} "
                     f"| {row['times as fast']:.2f} |")
    folder = ROOT / "Benchmarks/results"
    (folder / "containers.json").write_text(json.dumps(result, indent=2) + "\n")
    (folder / "containers.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
