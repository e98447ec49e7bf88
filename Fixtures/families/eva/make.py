#!/usr/bin/env python3
"""Makes this folder: EVA-CLIP in open_clip's form, the image towers being timm's with small sizes.

`eva02` (EVA02-B-16: SwiGLU with a norm, rotary positions, split projections, the key's without bias), `eva01`
(EVA01-g-14: one projection, biases of query and value only), `eva02-enormous` (EVA02-E-14: norms after the branches).
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import OPENAI, setup
from towers import IMAGE, made, small_timm, timm_config, timm_facts


def vit(**more):
    return {"kind": "eva", "layers": 2, "epsilon": 1e-6, "patch": 6, "preNorm": False, "pooling": "class",
            "projectionBias": True, **more}


def main():
    setup()
    for name, model, sizes, facts, seed in (
            ("eva02", "eva02_base_patch16_clip_224", {"embed_dim": 96, "mlp_ratio": 1.3},
             vit(width=96, heads=12, activation="swiglu", rotary={"reference": 16}, subNorms=True), 71),
            ("eva01", "eva_giant_patch14_224", {"embed_dim": 64, "mlp_ratio": 2.3},
             vit(width=64, heads=16, activation="gelu", rotary=None, subNorms=False), 72),
            ("eva02-enormous", "eva02_enormous_patch14_clip_224", {"embed_dim": 64, "mlp_ratio": 2.3},
             vit(width=64, heads=16, activation="gelu", rotary=None, subNorms=False, postNorm=True), 73)):
        config = timm_config(model, "token", None)
        with small_timm(img_size=IMAGE, patch_size=6, depth=2, **sizes):
            made(HERE / name, config, seed, image_bias="visual.trunk.head.bias",
                 facts=timm_facts("open-clip-eva", config, facts, OPENAI))


if __name__ == "__main__":
    main()
