#!/usr/bin/env python3
"""Makes `apple`: MobileCLIP-S as Apple's own code names and computes it, with small sizes.

    apple.py ML_MOBILECLIP

ML_MOBILECLIP is the folder of a checkout of apple/ml-mobileclip at 4144bb1 (its code is under Apple's licence and is
not kept here). The file is what `torch.save(model.state_dict())` gives, as the published `mobileclip_s1.pt` is.
"""

import sys
from functools import partial
from pathlib import Path

import torch
from timm.models import register_model

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import Filler, blocks, bundle, clip_outputs, empty, finish, made_pixels, setup
from towers import clip_tokens

UNIT = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]}
LAYERS, WIDTHS, IMAGE, SEED = [1, 2, 1, 1], [8, 16, 32, 64], 64, 94


def small(mci):
    @register_model
    def mci_fixture(pretrained=False, **kwargs):
        return mci.FastViT(LAYERS, token_mixers=("repmixer", "repmixer", "repmixer", "attention"), embed_dims=WIDTHS,
                           pos_embs=[None, None, None, partial(mci.RepCPE, spatial_shape=(7, 7))],
                           mlp_ratios=[3, 3, 3, 3], downsamples=[True] * 4,
                           se_downsamples=[False, False, True, True],
                           **{key: value for key, value in kwargs.items() if key == "projection_dim"})


def stages(network):
    """The last module of each stage: the one before a module that halves the sides, and the last of all."""
    ends = [index - 1 for index, module in enumerate(network) if hasattr(module, "proj")]
    return [network[index] for index in [*ends, len(network) - 1]]


def main():
    setup()
    sys.path.insert(0, sys.argv[1])
    from mobileclip.clip import CLIP
    from mobileclip.models import mci
    small(mci)
    folder = empty(HERE / "apple")
    # `layer_norm_fp32`, which the published configurations name, is the same in float32 and does not run in float64.
    model = CLIP({"embed_dim": 20, "image_cfg": {"image_size": IMAGE, "model_name": "mci_fixture"},
                  "text_cfg": {"context_length": 16, "vocab_size": 300, "dim": 24, "ffn_multiplier_per_layer": 4.0,
                               "n_heads_per_layer": 3, "n_transformer_layers": 2, "norm_layer": "layer_norm",
                               "causal_masking": False, "model_name": "base"}}).eval()
    filler = Filler(SEED)
    filler.fill(model, {"image_encoder.model.head.proj", "text_encoder.projection_layer"})
    filler.calibrate_batch_norms(model, lambda double: double.encode_image(made_pixels(12, IMAGE, 194, UNIT).double()))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "layer_scale" in name:
                value.copy_(filler.uniform(0.3, 1.6, *value.shape))
    model.requires_grad_(False)
    torch.save(model.state_dict(), folder / "mobileclip_s1.pt")

    def run(model, inputs):
        return clip_outputs(model.encode_image(inputs["pixel_values"]), model.encode_text(inputs["input_ids"]),
                            model.logit_scale)

    def hooks(model):
        return {**blocks("vision", stages(model.image_encoder.model.network)),
                **blocks("text", list(model.text_encoder.transformer))}

    inputs = {"pixel_values": made_pixels(2, IMAGE, SEED + 1, UNIT), "input_ids": clip_tokens(5, SEED + 2)}
    result = bundle(model, inputs, run, hooks)
    finish(folder, result, SEED, ("timm",),
           {"family": "mobileclip-original", "embedding": 20, "vision": {
               "kind": "fastvit", "activation": "gelu", "layers": LAYERS, "width": WIDTHS, "headWidth": 32,
               "pooling": "average", "projectionBias": False, "batchNormEpsilon": 1e-5, "reparameterised": False},
            "text": {"kind": "clip", "activation": "gelu", "layers": 2, "width": 24, "heads": 3, "epsilon": 1e-5,
                     "causal": False, "pooling": "argmax", "context": 16, "vocabulary": 300},
            "similarity": "softmax"})


main()
