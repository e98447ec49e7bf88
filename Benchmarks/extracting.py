#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Features of all 70,000 images of Fashion-MNIST: Ingot beside PyTorch, in the same run, on the same cores.

    extracting.py INGOT [--threads 2] [--rounds 3] [--images 70000] [--batches 64 250 1000] [--output Benchmarks/results/extracting.json]

PyTorch's time is that of normalising and `encode_image` in the best of its batch sizes, the images already in memory, weights in float32.
Ingot's is that of the whole process: opening the model, reading the gzipped files, preparing each picture, computing, writing the cache and
its digests. Beside the time on the clock stands the processor's, which other programs of a busy machine change less. `int8+int8` is
int8 weights that meet activations of 8 bits, where `int8` meets those of 16.
"""

import argparse
import gzip
import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import time

import result_files

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("ingot")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--encodings", nargs="+", default=["float32", "int8", "int8+int8"])
parser.add_argument("--batches", type=int, nargs="+", default=[64, 250, 1000], help="PyTorch's")
parser.add_argument("--images", type=int, default=70_000, help="fewer for a trial: so many of each part at most")
result_files.add_option(parser, "extracting")
arguments = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import numpy  # noqa: E402
import torch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tools"))
import fashion_mnist  # noqa: E402
from clip_checkpoint import model_from_state_dict, read_state_dict  # noqa: E402


def children():
    """Seconds of the processor that finished child processes took."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def pytorch(model, parts, batch):
    """Seconds on the clock and of the processor, and the features."""
    start, before = time.perf_counter(), time.process_time()
    rows = []
    with torch.inference_mode():
        for images in parts:
            for part in images.split(batch):
                features = model.encode_image(fashion_mnist.pixel_values(part))
                rows.append(features / features.norm(dim=-1, keepdim=True))
    return time.perf_counter() - start, time.process_time() - before, torch.cat(rows).numpy()


def cut(name, count, folder):
    """The first images and labels of a part."""
    for kind, header, length in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
        content = gzip.open(fashion_mnist.DEBIAN / f"{name}-{kind}-ubyte.gz").read()
        kept = min(count, (len(content) - header) // length)
        (folder / f"{name}-{kind}-ubyte").write_bytes(
            content[:4] + struct.pack(">I", kept) + content[8:header + kept * length])


def main():
    torch.set_num_threads(arguments.threads)
    checkpoint = ROOT / "Fixtures" / "fashion-clip" / "state_dict.pt"
    model = model_from_state_dict(read_state_dict(checkpoint))
    data = fashion_mnist.DEBIAN
    trial = tempfile.TemporaryDirectory()
    if arguments.images < 60_000:
        data = pathlib.Path(trial.name)
        for name in ("train", "t10k"):
            cut(name, arguments.images, data)
    parts = [fashion_mnist.read(name, data)[0] for name in ("train", "t10k")]
    count = sum(len(part) for part in parts)
    theirs = {}
    for batch in arguments.batches:
        pytorch(model, [parts[1][:2000]], batch)
        runs = [pytorch(model, parts, batch) for _ in range(arguments.rounds)]
        theirs[batch] = tuple(min(run[place] for run in runs) for place in (0, 1))
        reference = runs[0][2]
    best = min(theirs, key=lambda batch: theirs[batch][0])
    seconds, processor = theirs[best][0], min(found for _, found in theirs.values())
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.encodings:
            encoding, _, activations = name.partition("+")
            path = f"{folder}/{encoding}.ingot"
            subprocess.run([arguments.ingot, "convert", str(checkpoint), "-o", path, "--activation", "quick-gelu", "--encoding",
                            encoding, "--force"], check=True, capture_output=True)
            times, used = [], []
            for turn in range(arguments.rounds):
                cache = f"{folder}/cache-{name}-{turn}"
                start, before = time.perf_counter(), children()
                subprocess.run(
                    [arguments.ingot, "evaluate", path, "--dataset", "fashion-mnist", "--data", str(data), "--task",
                     "linear-probe", "--layer", "projected", "--normalize", "--cache", cache, "--shard", "1/1", "--threads",
                     str(arguments.threads), *(["--activations", activations] if activations else [])],
                    check=True, capture_output=True)
                times.append(time.perf_counter() - start)
                used.append(children() - before)
            found = numpy.concatenate(
                [numpy.load(next(pathlib.Path(cache).glob(f"*-{split}--*of-1.npy"))) for split in ("train", "test")])
            results[name] = {
                "seconds": min(times), "rate": count / min(times), "timesPyTorch": seconds / min(times),
                "processorSeconds": min(used), "processorTimesPyTorch": processor / min(used),
                "largestDifference": float(numpy.abs(found - reference).max()),
            }
    figures = {"images": count, "threads": arguments.threads, "pytorch": {
        "version": torch.__version__, "seconds": seconds, "batch": best, "rate": count / seconds, "processorSeconds": processor},
        "ingot": results}
    rows = [[f"PyTorch {torch.__version__}, batches of {best}", f"{seconds:.2f} s", f"{count / seconds:,.0f}", "1",
             f"{processor:.2f} s", "1", ""]]
    rows += [[f"Ingot, {name}", f"{found['seconds']:.2f} s", f"{found['rate']:,.0f}", f"{found['timesPyTorch']:.2f}",
              f"{found['processorSeconds']:.2f} s", f"{found['processorTimesPyTorch']:.2f}", f"{found['largestDifference']:.1e}"]
             for name, found in results.items()]
    result_files.write(arguments.output, f"Features of {count:,} images of Fashion-MNIST", figures,
                       ["", "time", "images a second", "times as fast", "processor's time", "PyTorch's over it", "largest difference"],
                       rows)


if __name__ == "__main__":
    main()
