#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch's part of `extracting.py`: the features of all images of Fashion-MNIST, in a process of its own.

    extracting_peers.py loader CHECKPOINT FOLDER BATCH WORKERS THREADS OUTPUT REPORT
    extracting_peers.py memory CHECKPOINT FOLDER BATCH THREADS OUTPUT REPORT

`loader` is the whole job as CLIP's README does it before its linear probe (`get_features`): a dataset of torchvision with the model's own
`transform`, a DataLoader, `encode_image`, everything joined and saved with its labels. FOLDER has FashionMNIST/raw as torchvision keeps it,
unpacked. `memory` is normalising and `encode_image` alone, of images that are in memory as one tensor. OUTPUT gets the features, of unit length,
and REPORT the seconds of the work, and of the imports before it.
"""

import time

begin = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
import pathlib  # noqa: E402
import sys  # noqa: E402

verb, checkpoint, folder, batch, *more, threads, output, report = sys.argv[1:]
os.environ["OMP_NUM_THREADS"] = threads
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Tools"))

import numpy  # noqa: E402
import torch  # noqa: E402
from clip_checkpoint import image_resolution, model_from_state_dict, read_state_dict  # noqa: E402

torch.set_num_threads(int(threads))


def saved(features, path):
    features = torch.cat(features)
    numpy.save(path, (features / features.norm(dim=-1, keepdim=True)).numpy())


def loader(workers):
    model = model_from_state_dict(read_state_dict(checkpoint))
    preprocess = _transform(image_resolution(model))
    features, labels = [], []
    with torch.inference_mode():
        for train in (True, False):
            dataset = FashionMNIST(folder, train=train, transform=preprocess)
            for images, targets in DataLoader(dataset, batch_size=int(batch), num_workers=workers):
                features.append(model.encode_image(images))
                labels.append(targets)
    saved(features, output)
    numpy.save(f"{output}.labels.npy", torch.cat(labels).numpy())


def memory(parts, model):
    features = []
    with torch.inference_mode():
        for images in parts:
            features += [model.encode_image(fashion_mnist.pixel_values(part)) for part in images.split(int(batch))]
    return features


if verb == "loader":
    # What a model loaded by `clip.load` comes with; that function would round the weights to float16.
    from clip.clip import _transform
    from torch.utils.data import DataLoader
    from torchvision.datasets import FashionMNIST

    start = time.perf_counter()
    loader(int(more[0]))
    found = {"seconds": time.perf_counter() - start}
else:
    import fashion_mnist

    opened = model_from_state_dict(read_state_dict(checkpoint))
    everything = [fashion_mnist.read(name, pathlib.Path(folder) / "FashionMNIST/raw")[0] for name in ("train", "t10k")]
    memory([everything[1][:2000]], opened)
    start, before = time.perf_counter(), time.process_time()
    joined = memory(everything, opened)
    found = {"seconds": time.perf_counter() - start, "processorSeconds": time.process_time() - before}
    saved(joined, output)
pathlib.Path(report).write_text(json.dumps({**found, "importSeconds": start - begin, "version": torch.__version__}))
