#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Features of all 70,000 images of Fashion-MNIST: Ingot beside PyTorch, in the same run, on the same cores.

    extracting.py INGOT [--threads 2] [--rounds 3] [--images 70000] [--batches 64 250 1000] [--workers 0 1 2] [--python VENV/bin/python]
                  [--wrap COMMAND] [--output Benchmarks/results/extracting.json]

PyTorch is measured twice. *Whole process* is the job that Ingot does, done as CLIP's README does it before its linear probe: a dataset of
torchvision with the model's `transform`, a DataLoader, `encode_image`, the features saved; timed from the start of the process to its end, and also
told without Python's start and the imports. The files are unpacked for it beforehand. *In memory* is normalising and `encode_image` alone, the images
already in memory, after a warm-up. Weights are float32, and each row is the best of the batch sizes (and numbers of workers).

Ingot's time is always that of the whole process: opening the model, reading the gzipped files, preparing each picture, computing, writing the
cache and its digests. `int8+int8` is int8 weights that meet activations of 8 bits, where `int8` meets those of 16. Everything takes turns, and
shown is the least time of the rounds. Beside the time on the clock stands the processor's, which other programs of a busy machine change less.

The share of the peak counts the multiply-adds of the model's products alone (what Ingot leaves out of its last block is not counted for it), over
what the machine was measured to do in registers in float32 (peak.c). A program in float32 can be faster than another by no more than one over
the other's share, times what it leaves out.
"""

import argparse
import gzip
import json
import pathlib
import struct
import sys
import tempfile

import measuring
import result_files

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tools"))
CHECKPOINT = ROOT / "Fixtures/fashion-clip/state_dict.pt"
PARTS = ("train", "t10k")
KINDS = (("images-idx3", 16, 784), ("labels-idx1", 8, 1))


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ingot", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encodings", nargs="+", default=["float32", "int8", "int8+int8"])
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 250, 1000], help="PyTorch's")
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2], help="of PyTorch's DataLoader")
    parser.add_argument("--images", type=int, default=70_000, help="fewer for a trial: so many of each part at most")
    parser.add_argument("--python", type=pathlib.Path, default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--wrap", default="", help="a command that each measured process is run under")
    result_files.add_option(parser, "extracting")
    return parser.parse_args()


def unpack(source, target, count):
    """Writes the first images and labels of each part, unpacked; how many images there are."""
    total = 0
    for part in PARTS:
        for kind, header, length in KINDS:
            content = gzip.open(source / f"{part}-{kind}-ubyte.gz").read()
            kept = min(count, (len(content) - header) // length)
            (target / f"{part}-{kind}-ubyte").write_bytes(content[:4] + struct.pack(">I", kept) + content[8:header + kept * length])
        total += kept
    return total


class Extraction:
    def __init__(self, arguments, folder):
        import fashion_mnist

        self.arguments, self.folder = arguments, pathlib.Path(folder)
        raw = self.folder / "FashionMNIST/raw"
        raw.mkdir(parents=True)
        self.count = unpack(fashion_mnist.DEBIAN, raw, arguments.images)
        self.data = fashion_mnist.DEBIAN if self.count == 70_000 else raw
        for encoding in {name.partition("+")[0] for name in arguments.encodings}:
            measuring.call(arguments.ingot, "convert", CHECKPOINT, "-o", self.file(encoding), "--activation", "quick-gelu", "--encoding", encoding)

    def file(self, encoding):
        return self.folder / f"{encoding}.ingot"

    def ingot(self, name, turn):
        encoding, _, activations = name.partition("+")
        cache = self.folder / f"cache-{name}-{turn}"
        found = measuring.whole(
            self.arguments.ingot, "evaluate", self.file(encoding), "--dataset", "fashion-mnist", "--data", self.data, "--task", "linear-probe", "--layer",
            "projected", "--normalize", "--cache", cache, "--shard", "1/1", "--threads", self.arguments.threads,
            *(["--activations", activations] if activations else []), wrap=self.arguments.wrap)
        return {**found, "features": [next(cache.glob(f"*-{split}--*of-1.npy")) for split in ("train", "test")]}

    def pytorch(self, verb, batch, workers=None):
        """What the process told of itself, and `process`: what was measured of it from outside."""
        output, report = self.folder / f"{verb}.npy", self.folder / "report.json"
        more = [] if workers is None else [workers]
        process = measuring.whole(self.arguments.python, ROOT / "Benchmarks/extracting_peers.py", verb, CHECKPOINT, self.folder, batch, *more,
                                  self.arguments.threads, output, report, wrap=self.arguments.wrap)
        return {**json.loads(report.read_text()), "process": process, "features": [output], "batch": batch, "workers": workers}

    def run(self):
        """Of each engine all its runs, those of all batch sizes and workers together."""
        a, found = self.arguments, {}
        for turn in range(a.rounds):
            for batch in a.batches:
                found.setdefault("memory", []).append(self.pytorch("memory", batch))
                for workers in a.workers:
                    found.setdefault("loader", []).append(self.pytorch("loader", batch, workers))
            for name in a.encodings:
                found.setdefault(name, []).append(self.ingot(name, turn))
            print(f"round {turn + 1} of {a.rounds}", file=sys.stderr, flush=True)
        return found


def multiply_adds():
    """Of one image through the fixture's model, as defined and as Ingot computes it; from the shapes of its tensors."""
    from clip_checkpoint import read_state_dict

    shapes = {name: tensor.shape for name, tensor in read_state_dict(CHECKPOINT).items() if name.startswith("visual.")}
    width, _, patch, _ = shapes["visual.conv1.weight"]
    layers = sum(name.endswith("attn.in_proj_weight") for name in shapes)
    edge = round((shapes["visual.positional_embedding"][0] - 1) ** 0.5)
    return measuring.image_multiply_adds(shapes["visual.proj"][1], width, layers, patch, edge * patch)


def spread(runs):
    """How much the rounds differ: for each engine, the worst setting's slowest run over its fastest."""
    found = {}
    for run in runs:
        found.setdefault(run["engine"], {}).setdefault((run["batch"], run["workers"]), []).append(run["processSeconds"])
    ratios = {engine: max(max(times) / min(times) for times in settings.values()) for engine, settings in found.items()}
    return ("How quiet the machine was: a setting's slowest run took, over its fastest, at most " + ", ".join(f"{ratio:.2f} × ({engine})" for engine, ratio in ratios.items())
            + f"; other programs took at most {100 * max(run['takenByOthers'] for run in runs):.0f} % of the processors during a run.")


def main():
    import numpy

    arguments = options()
    with tempfile.TemporaryDirectory() as folder:
        job = Extraction(arguments, folder)
        found, count = job.run(), job.count
        peak = measuring.peak(folder, arguments.wrap)["float32"]
        features = {name: numpy.concatenate([numpy.load(path) for path in runs[-1]["features"]]) for name, runs in found.items()}
    defined, computed = multiply_adds()
    memory, loader = (min(found[name], key=seconds) for name, seconds in (
        ("memory", lambda run: run["seconds"]), ("loader", lambda run: run["process"]["seconds"])))
    imported = min(found["loader"], key=lambda run: run["seconds"])
    version = memory["version"]

    def setting(run):
        return f"batches of {run['batch']}" + ("" if run["workers"] is None else f", {run['workers']} workers")

    # A name, seconds on the clock and of the processor, multiply-adds of an image, whose features.
    rows = [
        (f"PyTorch {version}, whole process, {setting(loader)}", loader["process"]["seconds"],
         min(run["process"]["processorSeconds"] for run in found["loader"]), defined, "loader"),
        (f"such a process without start and imports, {setting(imported)}", imported["seconds"], None, defined, "loader"),
        (f"PyTorch {version}, in memory, {setting(memory)}", memory["seconds"], min(run["processorSeconds"] for run in found["memory"]), defined, "memory")]
    rows += [(f"Ingot, {name}, whole process", min(run["seconds"] for run in found[name]), min(run["processorSeconds"] for run in found[name]), computed, name)
             for name in arguments.encodings]
    figures = {"images": count, "threads": arguments.threads, "rounds": arguments.rounds, "machine": measuring.machine(), "pytorch": version,
               "peakFloat32": peak, "multiplyAdds": {"defined": defined, "computed": computed}, "rows": []}
    for name, seconds, processor, work, engine in rows:
        figures["rows"].append({
            "name": name, "seconds": seconds, "rate": count / seconds, "processorSeconds": processor,
            "timesPyTorch": {base: row[1] / seconds for base, row in zip(("process", "withoutImports", "memory"), rows)},
            "shareOfPeak": count * work / seconds / (arguments.threads * peak * 1e9),
            "largestDifference": float(numpy.abs(features[engine] - features["memory"]).max())})
    figures["runs"] = [
        {"engine": engine, "batch": run.get("batch"), "workers": run.get("workers"), "seconds": run["seconds"], "importSeconds": run.get("importSeconds"),
         "processSeconds": run.get("process", run)["seconds"], "processorSeconds": run.get("processorSeconds", run.get("process", {}).get("processorSeconds")),
         "takenByOthers": run.get("process", run)["takenByOthers"]}
        for engine, runs in found.items() for run in runs]
    table = [[row["name"], f"{row['seconds']:.2f} s", f"{row['rate']:,.0f}", *(f"{value:.2f}" for value in row["timesPyTorch"].values()),
              "" if row["processorSeconds"] is None else f"{row['processorSeconds']:.2f} s", f"{100 * row['shareOfPeak']:.0f} %", f"{row['largestDifference']:.1e}"]
             for row in figures["rows"]]
    share = figures["rows"][2]["shareOfPeak"]
    bound = defined / computed / share
    notes = [
        f"An image is {defined / 1e6:.2f} million multiply-adds as the model defines it, {computed / 1e6:.2f} as Ingot computes it; the peak in float32 is "
        f"{peak} GMAC/s on one core. PyTorch in memory runs at {100 * share:.0f} % of the peak of {arguments.threads} cores: no program in float32 that multiplies as "
        f"much can be more than {1 / share:.2f} times as fast, and none that leaves out what Ingot does more than {bound:.2f} times.",
        "Differences are to the features of PyTorch in memory, of unit length.", spread(figures["runs"])]
    result_files.write(arguments.output, f"Features of {count:,} images of Fashion-MNIST", figures,
                       ["", "time", "images a second", "times PyTorch's whole process", "times that without imports", "times PyTorch in memory", "processor's time",
                        "share of the float32 peak", "largest difference"], table, notes)


if __name__ == "__main__":
    main()
