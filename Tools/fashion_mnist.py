"""Reads Fashion-MNIST from its idx files, plain or gzipped (Debian: package dataset-fashion-mnist)."""

import gzip
import struct
import sys
from pathlib import Path

import numpy
import torch

from golden import normalise

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def _read_idx(folder, name):
    for path, opener in ((folder / f"{name}.gz", gzip.open), (folder / name, open)):
        if path.is_file():
            with opener(path, "rb") as file:
                content = file.read()
            break
    else:
        sys.exit(f"{folder}: holds neither {name} nor {name}.gz")
    zero, kind, rank = struct.unpack(">HBB", content[:4])
    shape = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    if zero != 0 or kind != 8 or len(content) != 4 + 4 * rank + numpy.prod(shape):
        sys.exit(f"{folder / name}: not an idx file of bytes, or cut short")
    return torch.from_numpy(numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * rank).reshape(shape).copy())


def read(part, folder=DEBIAN):
    """Images [N,28,28] and labels [N] of the part `train` or `t10k`, as bytes."""
    folder = Path(folder)
    return _read_idx(folder, f"{part}-images-idx3-ubyte"), _read_idx(folder, f"{part}-labels-idx1-ubyte")


def pixel_values(images):
    """What the model takes: three equal channels, divided by 255, OpenAI's mean and deviation."""
    return normalise(images.unsqueeze(1).expand(-1, 3, -1, -1))
