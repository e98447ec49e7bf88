#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""JPEG files to a model's input on two threads, against torchvision and Pillow with two workers, in one run.

    Benchmarks/preprocess.py --ingot .build/release/ingot [--images 1000] [--runs 5] [--folder FOLDER]

Needs torch, torchvision, clip (OpenAI's package), Pillow, NumPy and scikit-learn, whose two photographs are cropped and resized at random to
about 500 x 375 pixels and saved by Pillow with qualities of 75 to 95. Both sides read the same files and write the same .npy array of
[images, 3, 224, 224] float32 to FOLDER, a temporary one in /dev/shm unless given; the arrays must be equal, byte for byte. Ingot's time is
that of the whole process; Python's begins after its imports, with the DataLoader's workers not yet started. Processor seconds are those of all
threads and workers; they depend less on what else the machine does. A third figure is Python's without
writing anything. Commands run in turn, A B C A B C …; figures are medians, ratios are taken round by round. The result goes to
Benchmarks/results/preprocess.md and .json.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIDE = 224
BATCH = 32


def python_side(paths_file, output=None):
    """Runs in a process of its own: prints seconds. Without `output` nothing is written."""
    import numpy as np
    import torch
    from clip.clip import _transform
    from PIL import Image

    class Files(torch.utils.data.Dataset):
        def __init__(self, paths):
            self.paths, self.transform = paths, _transform(SIDE)

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            return self.transform(Image.open(self.paths[index]))

    paths = json.loads(pathlib.Path(paths_file).read_text())
    begun = os.times()
    start = time.perf_counter()
    loader = torch.utils.data.DataLoader(Files(paths), batch_size=BATCH, num_workers=2)
    if output:
        with open(output, "wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (len(paths), 3, SIDE, SIDE)})
            for batch in loader:
                file.write(memoryview(batch.numpy()).cast("B"))
    else:
        for batch in loader:
            pass
    seconds = time.perf_counter() - start
    del loader
    spent = os.times()
    print(json.dumps([seconds, sum(spent[:4]) - sum(begun[:4])]))


def prepare(folder, count):
    """Runs in a process of its own, so that this one stays small: a child's peak memory begins with its parent's."""
    import PIL
    import torch
    import torchvision
    from PIL import features

    folder = pathlib.Path(folder)
    paths = make_images(folder, int(count))
    (folder / "paths.json").write_text(json.dumps(paths))
    make_model(folder / "model.pt")
    print(json.dumps({
        "torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__,
        "libjpeg-turbo in Pillow": features.version("libjpeg_turbo")}))


def make_images(folder, count):
    import sklearn.datasets
    from PIL import Image

    source = random.Random(5)
    photographs = [Image.fromarray(sklearn.datasets.load_sample_image(name)) for name in ("china.jpg", "flower.jpg")]
    paths = []
    for number in range(count):
        image = source.choice(photographs)
        share = source.uniform(0.6, 1)
        width, height = int(image.width * share), int(image.height * share)
        left, top = source.randint(0, image.width - width), source.randint(0, image.height - height)
        size = source.choice([(500, 375), (500, 375), (500, 333), (375, 500), (480, 360), (640, 480)])
        image = image.resize(size, Image.BICUBIC, (left, top, left + width, top + height))
        path = folder / f"{number:05}.jpg"
        image.save(path, quality=source.randint(75, 95))
        paths.append(str(path))
    return paths


def make_model(path):
    """A small model that sees images of OpenAI's size, in OpenAI's naming and with its marks."""
    import torch
    from clip.model import CLIP

    torch.manual_seed(1)
    model = CLIP(64, SIDE, 1, 64, 32, 77, 49408, 64, 1, 1)
    state = model.state_dict()
    state |= {"input_resolution": torch.tensor(SIDE), "context_length": torch.tensor(77), "vocab_size": torch.tensor(49408)}
    torch.save(state, path)


def ingot_side(arguments, model, paths, output):
    output.unlink(missing_ok=True)
    command = [arguments.ingot, "preprocess", str(model), "--threads", "2", "-o", str(output), "--images", *paths]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"ingot ended with {status}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def part(name, *values):
    """What a part of this script prints, run in a process of its own."""
    command = [sys.executable, "-W", "ignore", __file__, name, *map(str, values)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main():
    if sys.argv[1:2] == ["--python-side"]:
        return python_side(*sys.argv[2:])
    if sys.argv[1:2] == ["--prepare"]:
        return prepare(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", required=True)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=arguments.folder or "/dev/shm") as folder:
        folder = pathlib.Path(folder)
        versions = part("--prepare", folder, arguments.images)
        paths_file, model = folder / "paths.json", folder / "model.pt"
        paths = json.loads(paths_file.read_text())
        size = sum(os.path.getsize(path) for path in paths)
        ours, theirs = folder / "ours.npy", folder / "theirs.npy"
        # A first round warms the page cache and shows that the results are the same.
        ingot_side(arguments, model, paths, ours)
        part("--python-side", paths_file, theirs)
        same = subprocess.run(["cmp", "-i", "128", ours, theirs]).returncode == 0
        if not same:
            sys.exit("the arrays differ")
        rounds = [(ingot_side(arguments, model, paths, ours), part("--python-side", paths_file, theirs),
                   part("--python-side", paths_file)) for _ in range(arguments.runs)]
    result = {
        "images": arguments.images, "MB": size / 1e6, "identical": same,
        "ingot seconds": statistics.median(one[0][0] for one in rounds),
        "ingot processor seconds": statistics.median(one[0][1] for one in rounds),
        "ingot MiB": max(one[0][2] for one in rounds),
        "python seconds": statistics.median(one[1][0] for one in rounds),
        "python processor seconds": statistics.median(one[1][1] for one in rounds),
        "python seconds without writing": statistics.median(one[2][0] for one in rounds),
        "python processor seconds without writing": statistics.median(one[2][1] for one in rounds),
        "times as fast": statistics.median(one[1][0] / one[0][0] for one in rounds),
        "times as fast as without writing": statistics.median(one[2][0] / one[0][0] for one in rounds),
        "processor": next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if "model name" in line), ""),
        "processors": os.cpu_count(), "python": platform.python_version(), **versions,
    }
    folder = ROOT / "Benchmarks" / "results"
    (folder / "preprocess.json").write_text(json.dumps(result, indent=1) + "\n")
    text = f"""# {result['images']} JPEG photographs to [images, 3, {SIDE}, {SIDE}] float32

`Benchmarks/preprocess.py`: {result['MB']:.1f} MB of JPEG, {arguments.runs} rounds, medians; both arrays are the same bytes. {result['processor']},
{result['processors']} processors; torchvision {result['torchvision']}, Pillow {result['pillow']} with libjpeg-turbo {result['libjpeg-turbo in Pillow']}.

| | seconds | processor seconds | images a second | Ingot is faster by |
|---|---|---|---|---|
| `ingot preprocess --threads 2`, whole process, array written | {result['ingot seconds']:.2f} | {result['ingot processor seconds']:.2f} | {result['images'] / result['ingot seconds']:.0f} | |
| torchvision + Pillow, DataLoader with 2 workers, array written | {result['python seconds']:.2f} | {result['python processor seconds']:.2f} | {result['images'] / result['python seconds']:.0f} | {result['times as fast']:.2f} × |
| the same, nothing written | {result['python seconds without writing']:.2f} | {result['python processor seconds without writing']:.2f} | {result['images'] / result['python seconds without writing']:.0f} | {result['times as fast as without writing']:.2f} × |

Peak memory of Ingot: {result['ingot MiB']:.0f} MiB.
"""
    (folder / "preprocess.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
