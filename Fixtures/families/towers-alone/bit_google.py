#!/usr/bin/env python3
"""Adds `golden-google.safetensors` to `bit`: what Google's own code computes of the same file and pixels.

    bit_google.py BIG_TRANSFER

BIG_TRANSFER is the folder of a checkout of google-research/big_transfer at 140de6e; `bit_pytorch/models.py` has the
blocks, the standardised convolutions (epsilon 1e-10 where timm has 1e-8) and the loading of `.npz` files. Only the
numbers of blocks and channels are other ones. Runs after `make.py`, which empties the folder.
"""

import json
import sys
from collections import OrderedDict
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import blocks, bundle, file_sha256, say, setup, write_json

GOLDEN = "golden-google.safetensors"


def small(models):
    """Google's ResNetV2 with the stages of the fixture: 1, 2, 1, 1 blocks of 128 channels."""
    model = models.ResNetV2([1, 1, 1, 1], 1, head_size=7)
    model.body = torch.nn.Sequential(OrderedDict(
        (f"block{index + 1}", torch.nn.Sequential(OrderedDict(
            (f"unit{unit + 1:02d}", models.PreActBottleneck(
                cin=64 if index == 0 else 128, cout=128, cmid=32, stride=2 if index > 0 and unit == 0 else 1))
            for unit in range(count))))
        for index, count in enumerate((1, 2, 1, 1))))
    # A stage that keeps its width has a projection all the same, as in the file.
    model.head.gn = torch.nn.GroupNorm(32, 128)
    model.head.conv = torch.nn.Conv2d(128, 7, kernel_size=1)
    return model.eval()


def main():
    setup()
    sys.path.insert(0, sys.argv[1])
    from bit_pytorch import models
    folder = HERE / "bit"
    model = small(models)
    model.load_from(numpy.load(folder / "BiT-M-R50x1.npz"))
    model.requires_grad_(False)
    pixels = load_file(folder / "golden.safetensors")["pixel_values"]

    def run(model, inputs):
        features = model.head.avg(model.head.relu(model.head.gn(model.body(model.root(inputs["pixel_values"])))))
        return {"image_embeds": torch.nn.functional.normalize(features[..., 0, 0], dim=-1)}

    result = bundle(model, {"pixel_values": pixels}, run, lambda model: blocks("vision", model.body))
    say("bit, Google's", result)
    save_file(result, str(folder / GOLDEN), metadata={"producer": f"PyTorch {torch.__version__}"})
    record = json.loads((folder / "versions.json").read_text())
    record["big_transfer"] = "140de6e"
    record["sha256"][GOLDEN] = file_sha256(folder / GOLDEN)
    write_json(folder / "versions.json", record)


main()
