#!/usr/bin/env python3
"""Makes this folder: MobileCLIP in open_clip's form, the image towers being timm's with small sizes.

`s` (MobileCLIP-S1 as open_clip trains and publishes it, with the branches of every block), `s-reparameterised` (the
same model after `timm.utils.reparameterize_model`: one convolution a block; the figures are computed after it),
`s3` (MobileCLIP2-S3: five stages, layer norms) and `b` (MobileCLIP-B: a convolutional stem before a transformer).
"""

import copy
import sys
from contextlib import contextmanager
from pathlib import Path

import timm.models.vision_transformer_hybrid as hybrid
import torch
from safetensors.torch import load_file
from timm.utils import reparameterize_model

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import OPENAI, bundle, check_same, empty, finish, setup
from towers import (PACKAGES, clip_tokens, created, hooks, inputs_of, made, run, save, small_timm, timm_config,
                    timm_facts)

UNIT = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "interpolation": "bilinear", "resize_mode": "shortest"}
OPENAI_BILINEAR = {**OPENAI, "interpolation": "bilinear", "resize_mode": "shortest"}


@contextmanager
def small_stem():
    """timm fixes the widths of MobileCLIP-B's stem; within it they are 12, 12 and 48."""
    original = hybrid.ConvStem
    hybrid.ConvStem = lambda **settings: original(**{**settings, "channels": (12, 12, 48)})
    try:
        yield
    finally:
        hybrid.ConvStem = original


def fastvit(name, model, seed, preprocess, sizes, **more):
    config = timm_config(model, "avg", None, size=64, text={"no_causal_mask": True})
    facts = {"kind": "fastvit", "activation": "gelu", "layers": list(sizes["layers"]),
             "width": list(sizes["embed_dims"]), "headWidth": 32, "pooling": "average", "projectionBias": True,
             "batchNormEpsilon": 1e-5, "reparameterised": False, **more}
    with small_timm(**sizes):
        model = made(HERE / name, config, seed, preprocess=preprocess, size=64,
                     image_bias="visual.trunk.head.fc.bias",
                     facts=timm_facts("open-clip-mobileclip", config, facts, preprocess))
    return model, config, facts


def reparameterised(model, config, facts, seed, preprocess, sizes):
    """The same weights with each block's branches folded into one convolution."""
    folder = empty(HERE / "s-reparameterised")
    folded = copy.deepcopy(model)
    folded.visual.trunk = reparameterize_model(folded.visual.trunk)
    folded.requires_grad_(False)
    save(folded, config, folder, ("safetensors",))
    inputs = inputs_of(preprocess, seed, clip_tokens, 64)
    result = bundle(folded, inputs, run, hooks)
    with torch.no_grad():
        check_same("folding", run(model, inputs), result, limit=1e-4)
    with small_timm(**sizes):
        again = created(config, preprocess)
        again.visual.trunk = reparameterize_model(again.visual.trunk)
        again.load_state_dict(load_file(folder / "open_clip_model.safetensors"))
    with torch.no_grad():
        check_same("s-reparameterised", run(again, inputs), result)
    finish(folder, result, seed, PACKAGES,
           timm_facts("open-clip-mobileclip", config, {**facts, "reparameterised": True}, preprocess))


def main():
    setup()
    sizes = {"layers": (1, 2, 1, 1), "embed_dims": (8, 16, 32, 64)}
    model, config, facts = fastvit("s", "fastvit_mci1", 91, UNIT, sizes)
    reparameterised(model, config, facts, 91, UNIT, sizes)
    fastvit("s3", "fastvit_mci3", 92, OPENAI_BILINEAR,
            {"layers": (1, 1, 1, 1, 1), "embed_dims": (8, 16, 32, 64, 64), "mlp_ratios": (2, 2, 2, 2, 2)},
            epsilon=1e-5)
    config = timm_config("vit_base_mci_224", "token", None, size=48)
    config["vision_cfg"] |= {"timm_drop": 0.0, "timm_drop_path": 0.0}
    facts = {"kind": "vit", "activation": "gelu", "layers": 2, "width": 48, "heads": 12, "epsilon": 1e-6, "patch": 16,
             "stem": "convolutions", "positionsOfPatchesOnly": True, "preNorm": False, "pooling": "class",
             "projectionBias": True}
    with small_stem(), small_timm(img_size=48, embed_dim=48, depth=2, mlp_ratio=2.7):
        made(HERE / "b", config, 93, preprocess=UNIT, size=48, image_bias="visual.trunk.head.bias",
             facts=timm_facts("open-clip-mobileclip", config, facts, UNIT))


if __name__ == "__main__":
    main()
