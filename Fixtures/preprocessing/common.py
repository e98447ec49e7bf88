# SPDX-License-Identifier: Apache-2.0
"""What the two scripts of this folder share."""

import hashlib
import json
import pathlib
import warnings

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parent
IMAGES = FOLDER.parent / "images"
NAMES = sorted(json.loads((IMAGES / "manifest.json").read_text()))
warnings.filterwarnings("ignore", message="Palette images with Transparency")


def digest(tensor):
    """The first 64 bits of the SHA-256 of little-endian float32 numbers."""
    return hashlib.sha256(np.ascontiguousarray(tensor).astype("<f4").tobytes()).hexdigest()[:16]


def case(name, transform, pipeline, resize, interpolation, size, resize_side, mean, std, load=Image.open):
    """What `transform` makes of every image of `Fixtures/images`; null where it raises."""
    tensors = {}
    for image in NAMES:
        try:
            tensor = np.asarray(transform(load(IMAGES / image)))
        except Exception as error:
            print(name, image, type(error).__name__, error)
            tensors[image] = None
            continue
        assert tensor.shape == (3, size, size) and tensor.dtype == np.float32, (name, image, tensor.shape, tensor.dtype)
        tensors[image] = digest(tensor)
    return {
        "name": name, "pipeline": pipeline, "resize": resize, "interpolation": interpolation, "size": size,
        "resizeSide": resize_side, "mean": list(mean), "standardDeviation": list(std), "tensors": tensors,
    }


def write(file, cases, versions):
    text = json.dumps({"versions": versions, "cases": cases}, indent=1, sort_keys=True)
    (FOLDER / file).write_text(text + "\n")
    print(file, len(cases), "cases,", len(NAMES), "images")
