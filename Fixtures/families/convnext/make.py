#!/usr/bin/env python3
"""Makes this folder: ConvNeXt-CLIP in open_clip's form, the image towers being timm's with small sizes.

`linear` (convnext_base_w: a linear head), `mlp` (convnext_large_d: a head of two layers), `xxlarge` (a linear head,
the norms' epsilon 1e-5 instead of 1e-6).
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import OPENAI, setup
from towers import made, small_timm, timm_config, timm_facts

DEPTHS, WIDTHS, IMAGE = [1, 2, 1, 1], [12, 16, 24, 32], 64


def main():
    setup()
    for name, model, head, epsilon, seed in (("linear", "convnext_base", "linear", 1e-6, 81),
                                             ("mlp", "convnext_large", "mlp", 1e-6, 82),
                                             ("xxlarge", "convnext_xxlarge", "linear", 1e-5, 83)):
        config = timm_config(model, "", head, size=IMAGE, custom=False)
        config["vision_cfg"] |= {"timm_drop": 0.0, "timm_drop_path": 0.1}
        facts = {"kind": "convnext", "activation": "gelu", "layers": DEPTHS, "width": WIDTHS, "epsilon": epsilon,
                 "pooling": "average before the norm", "projection": head, "projectionBias": False}
        with small_timm(depths=DEPTHS, dims=WIDTHS):
            made(HERE / name, config, seed, image_bias="visual.trunk.head.norm.bias", size=IMAGE,
                 facts=timm_facts("open-clip-convnext", config, facts, OPENAI))


if __name__ == "__main__":
    main()
