#!/usr/bin/env python3
"""Makes this folder: TinyCLIP by its own code, from a checkout of wkcn/TinyCLIP at ad981bf.

    make.py CHECKOUT

`vit` and `resnet`: training checkpoints as published, with `_image_encoder.module.` names.
"""

import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import (OPENAI, Filler, blocks, bundle, check_same, clip_outputs, empty, finish, made_pixels, made_texts,
                    setup)

CONTEXT, START, END, VOCABULARY = 16, 298, 299, 300
TEXT = {"context_length": CONTEXT, "vocab_size": VOCABULARY, "width": 64, "heads": 1, "layers": 1}


def tokens(count, seed):
    return made_texts(count, CONTEXT, seed, first=1, last=START, start=START, end=END)


def run(model, inputs):
    image, text, _ = model(inputs["pixel_values"], inputs["input_ids"], normalized=False)
    return clip_outputs(image, text, model._logit_scale.logit_scale)


def hooks(model):
    visual = model._image_encoder.visual
    vision = ([visual.layer1, visual.layer2, visual.layer3, visual.layer4] if hasattr(visual, "layer1")
              else visual.transformer.resblocks)
    return {**blocks("vision", vision), **blocks("text", model._text_encoder.transformer.resblocks)}


def made(kind, name, seed, size, vision, facts, bias):
    folder = empty(HERE / name)

    def built():
        return kind(20, dict(vision), dict(TEXT)).eval()

    model, filler = built(), Filler(seed)
    filler.fill(model, ("_image_encoder.visual.proj", "_image_encoder.visual.attnpool.c_proj.weight",
                        "_text_encoder.text_projection"))
    pixels, texts = made_pixels(12, size, seed + 100, OPENAI), tokens(16, seed + 101)
    if "layer1" in dict(model._image_encoder.visual.named_children()):
        filler.calibrate_batch_norms(model, lambda double: double._image_encoder(pixels.double()))
    filler.centre(model.get_parameter(bias), lambda: model._image_encoder(pixels))
    filler.centre(model._text_encoder.ln_final.bias, lambda: model._text_encoder(texts))
    model.requires_grad_(False)
    state = {}
    for key, value in model.state_dict().items():
        first, rest = key.split(".", 1)
        state[f"{first}.module.{rest}"] = value
    torch.save({"epoch": 25, "name": "TinyCLIP", "state_dict": state}, folder / f"TinyCLIP-{name}.pt")
    given = {"pixel_values": made_pixels(4 if size < 64 else 2, size, seed + 1, OPENAI),
             "input_ids": tokens(5, seed + 2)}
    result = bundle(model, given, run, hooks)
    for key in [key for key in result if ".hidden." in key]:
        if result[key].dim() == 3:  # the blocks run with the positions first
            result[key] = result[key].permute(1, 0, 2).contiguous()
    again = built()
    again.load_state_dict(torch.load(folder / f"TinyCLIP-{name}.pt", weights_only=True)["state_dict"])
    with torch.no_grad():
        check_same(name, run(again, given), result)
    finish(folder, result, seed, ("timm",), {
        "family": "tinyclip", "embedding": 20, "vision": facts, "similarity": "softmax",
        "text": {"kind": "clip", "activation": "gelu", "layers": 1, "width": 64, "heads": 1, "epsilon": 1e-5,
                 "causal": True, "pooling": "argmax", "context": CONTEXT, "vocabulary": VOCABULARY},
        "preprocessing": {"size": size, **OPENAI, "interpolation": "bicubic", "resize": "shortest"}})


def main(source):
    sys.path.insert(0, str(source / "src"))
    for name in [name for name in sys.modules if name.split(".")[0] == "open_clip"]:
        del sys.modules[name]
    from open_clip.model import CLIP
    setup()
    made(CLIP, "vit", 111, 24, {"image_size": 24, "layers": 2, "width": 64, "patch_size": 6, "mlp_ratio": 1.5},
         {"kind": "vit", "activation": "gelu", "layers": 2, "width": 64, "heads": 1, "epsilon": 1e-5, "patch": 6,
          "preNorm": True, "pooling": "class"}, "_image_encoder.visual.ln_post.bias")
    made(CLIP, "resnet", 112, 64, {"image_size": 64, "layers": [1, 2, 1, 1], "width": 4, "patch_size": None},
         {"kind": "modified-resnet", "activation": "relu", "layers": [1, 2, 1, 1], "width": 4, "heads": 2,
          "epsilon": 1e-5, "pooling": "attention"}, "_image_encoder.visual.attnpool.c_proj.bias")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
