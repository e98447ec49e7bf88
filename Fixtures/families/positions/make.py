#!/usr/bin/env python3
"""Makes this folder: positions for another image size, as open_clip and timm compute them.

    make.py

`tables.safetensors` has for each case a table of positions and what open_clip's own `resize_pos_embed` makes of it, in
float32 and of the same numbers in float64; `table.F.T.K`, `float32.F.T.K`, `float64.F.T.K` for a grid of side F that
becomes one of side T, with K rows before it. `plain.7.12.1` is the same interpolation without `antialias`,
`corners.7.12.1` with `align_corners`: they must be told from the right one.

The bundles are those of models of this collection at another image size: `open-clip-N` is `../open-clip/gelu` as
open_clip's `load_checkpoint` resizes it, `eva02-N` and `siglip-N` are `../eva/eva02` and `../siglip/open-clip`, whose
positions timm's `resample_abs_pos_embed` resizes.
"""

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace

import open_clip
import torch
import torch.nn.functional as F
from open_clip.model import resize_pos_embed
from safetensors.torch import load_file, save_file
from timm.layers import resample_abs_pos_embed

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import FAMILIES, OPENAI, HALF, file_sha256, in_float64, made_pixels, say, setup, versions, write_json
from towers import created, run, small_timm

SEED = 61
WIDTH = 6
# From, to, rows before: larger and smaller, by whole factors and others, down to one place and up from one.
CASES = [(7, 12, 1), (7, 5, 1), (4, 6, 1), (4, 8, 1), (6, 3, 1), (14, 5, 1), (3, 1, 1), (1, 3, 1), (2, 9, 1), (16, 7, 1)]
# The sizes of timm's towers are those that `../eva/make.py` and `../siglip/make.py` have.
BUNDLES = [("open-clip", "open-clip/gelu", (36, 18), OPENAI, {}),
           ("eva02", "eva/eva02", (36,), OPENAI, {"patch_size": 6, "depth": 2, "embed_dim": 96, "mlp_ratio": 1.3}),
           ("siglip", "siglip/open-clip", (42,), HALF,
            {"patch_size": 6, "depth": 2, "embed_dim": 48, "mlp_ratio": 2.7})]


def resized(table, side):
    """open_clip's function on a state dict of one table, for a tower of this grid."""
    state = {"visual.positional_embedding": table}
    resize_pos_embed(state, SimpleNamespace(visual=SimpleNamespace(grid_size=(side, side))))
    return state["visual.positional_embedding"]


def tables():
    generator = torch.Generator().manual_seed(SEED)
    result = {}
    for source, target, extra in CASES:
        table = torch.randn(extra + source * source, WIDTH, generator=generator)
        table *= 10 ** torch.linspace(-2, 1, WIDTH)
        key = f"{source}.{target}.{extra}"
        result[f"table.{key}"] = table
        result[f"float32.{key}"] = resized(table, target).contiguous()
        result[f"float64.{key}"] = resized(table.double(), target).contiguous()
    grid = result["table.7.12.1"][1:].reshape(1, 7, 7, -1).permute(0, 3, 1, 2)
    for name, more in (("plain", {"antialias": False}), ("corners", {"antialias": True, "align_corners": True})):
        other = F.interpolate(grid, size=(12, 12), mode="bicubic", **more).permute(0, 2, 3, 1).reshape(144, -1)
        result[f"{name}.7.12.1"] = torch.cat([result["table.7.12.1"][:1], other])
    return result


def model_at(folder, size, preprocess, sizes):
    config = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    config = {**config, "vision_cfg": {**config["vision_cfg"], "image_size": size}}
    with small_timm(**sizes, **({"img_size": size} if sizes else {})):
        model = created(config, preprocess)
    path = folder / "open_clip_model.safetensors"
    if not sizes:
        open_clip.load_checkpoint(model, str(path))
        return model
    state = load_file(path)
    old = state["visual.trunk.pos_embed"]
    grid = model.visual.trunk.patch_embed.grid_size
    state["visual.trunk.pos_embed"] = resample_abs_pos_embed(
        old, list(grid), num_prefix_tokens=model.visual.trunk.num_prefix_tokens)
    model.load_state_dict(state)
    return model


def main():
    setup()
    logging.disable(logging.INFO)
    for path in HERE.glob("*.safetensors"):
        path.unlink()
    save_file(tables(), HERE / "tables.safetensors")
    for name, source, images, preprocess, sizes in BUNDLES:
        folder = FAMILIES / source
        for size in images:
            model = model_at(folder, size, preprocess, sizes).eval().requires_grad_(False)
            rows = load_file(folder / "golden.safetensors")["input_ids"]
            inputs = {"pixel_values": made_pixels(3, size, SEED + size, preprocess), "input_ids": rows}
            result = {**inputs, **run(model, inputs)}
            exact = run(in_float64(model), {"pixel_values": inputs["pixel_values"].double(), "input_ids": rows})
            result |= {f"{key}_f64": value for key, value in exact.items()}
            say(f"{name}-{size}", result)
            save_file({key: value.contiguous() for key, value in result.items()}, HERE / f"{name}-{size}.safetensors",
                      metadata={"producer": f"PyTorch {torch.__version__}"})
    names = sorted(path.name for path in HERE.glob("*.safetensors"))
    write_json(HERE / "versions.json", {
        **versions("torch", "numpy", "safetensors", "open_clip_torch", "timm"),
        "cpu": torch.backends.cpu.get_cpu_capability(), "seed": SEED,
        "sha256": {name: file_sha256(HERE / name) for name in names}})


if __name__ == "__main__":
    main()
