#!/usr/bin/env python3
"""Makes this folder: Long-CLIP by its own code, from a checkout of beichenzbc/Long-CLIP at 3966af9.

    make.py CHECKOUT

`longclip-B.pt` is a bare state dict, as published, with both tables of positions, each of 248 rows: the text tower
takes rows 0..19 of `positional_embedding` and rows 20..247 of `positional_embedding_res`.
"""

import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import (OPENAI, Filler, blocks, bundle, check_same, clip_outputs, empty, finish, made_pixels, made_texts,
                    setup)

START, END, VOCABULARY, IMAGE, CONTEXT, SEED = 298, 299, 300, 24, 248, 121


def tokens(count, seed):
    rows = made_texts(count, CONTEXT, seed, first=1, last=START, start=START, end=END)
    rows[1:] = torch.nn.functional.pad(made_texts(count - 1, 40, seed + 1, first=1, last=START, start=START, end=END),
                                       (0, CONTEXT - 40))
    return rows


def run(model, inputs):
    return clip_outputs(model.encode_image(inputs["pixel_values"]), model.encode_text(inputs["input_ids"]),
                        model.logit_scale)


def hooks(model):
    return {**blocks("vision", model.visual.transformer.resblocks), **blocks("text", model.transformer.resblocks)}


def main(source):
    sys.path.insert(0, str(source / "model"))
    import model_longclip
    setup()
    folder = empty(HERE / "vit")

    def built():
        return model_longclip.CLIP(20, IMAGE, 1, 64, 6, CONTEXT, VOCABULARY, 64, 1, 1, load_from_clip=False).eval()

    model, filler = built(), Filler(SEED)
    filler.fill(model, ("visual.proj", "text_projection"))
    pixels, texts = made_pixels(12, IMAGE, SEED + 100, OPENAI), tokens(16, SEED + 101)
    filler.centre(model.visual.ln_post.bias, lambda: model.encode_image(pixels))
    filler.centre(model.ln_final.bias, lambda: model.encode_text(texts))
    model.requires_grad_(False)
    torch.save(model.state_dict(), folder / "longclip-B.pt")
    given = {"pixel_values": made_pixels(3, IMAGE, SEED + 1, OPENAI), "input_ids": tokens(3, SEED + 2)}
    result = bundle(model, given, run, hooks)
    for key in [key for key in result if ".hidden." in key]:
        result[key] = result[key].permute(1, 0, 2).contiguous()
    again = model_longclip.build_model(torch.load(folder / "longclip-B.pt", weights_only=True), load_from_clip=False)
    again.float().load_state_dict(model.state_dict())  # its loader rounds to half precision
    with torch.no_grad():
        check_same("long-clip", run(again, given), result)
    finish(folder, result, SEED, (), {
        "family": "long-clip", "embedding": 20, "similarity": "softmax",
        "vision": {"kind": "vit", "activation": "quick-gelu", "layers": 1, "width": 64, "heads": 1, "epsilon": 1e-5,
                   "patch": 6, "preNorm": True, "pooling": "class"},
        "text": {"kind": "clip", "activation": "quick-gelu", "layers": 1, "width": 64, "heads": 1, "epsilon": 1e-5,
                 "causal": True, "pooling": "argmax", "context": CONTEXT, "vocabulary": VOCABULARY,
                 "positionsKept": 20},
        "preprocessing": {"size": IMAGE, **OPENAI, "interpolation": "bicubic", "resize": "shortest"}})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
