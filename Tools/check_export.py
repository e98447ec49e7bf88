#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads what `ingot export --naming` writes with the libraries themselves and compares what they compute.

    Tools/check_export.py INGOT [WORD]   INGOT: the program, for example .build/release/ingot;
                                         WORD: only rows whose source or library has it

Every row exports a fixture, through an .ingot file, loads the result with transformers, open_clip or OpenAI's clip, runs
it on the inputs of a golden bundle that the original library wrote, and compares: embeddings within 1e-5, logits within
1e-5 of the logit scale. Then two rows of one tensor of each export are exchanged, which must show.
"""

import logging
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import clip.model
import open_clip
import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file, save_file

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Fixtures"
FAMILIES = FIXTURES / "families"
# Source, options of `convert`, library, golden bundle.
ROWS = [
    ("families/huggingface/quick-gelu", [], "huggingface", "families/huggingface/quick-gelu/golden"),
    ("families/huggingface/gelu-eos", [], "huggingface", "families/huggingface/gelu-eos/golden"),
    ("families/huggingface/gelu-eos", [], "openclip", "families/huggingface/gelu-eos/golden"),
    ("families/huggingface/quick-gelu", [], "openclip", "families/huggingface/quick-gelu/golden"),
    ("families/huggingface/float16", [], "huggingface", "families/huggingface/float16/golden"),
    ("families/huggingface/vision", [], "huggingface", "families/huggingface/vision/golden"),
    ("families/huggingface/text", [], "huggingface", "families/huggingface/text/golden"),
    ("families/huggingface/tf", [], "huggingface", "families/huggingface/tf/golden"),
    ("families/siglip/huggingface", [], "huggingface", "families/siglip/huggingface/golden"),
    ("families/siglip/huggingface-2", [], "huggingface", "families/siglip/huggingface-2/golden"),
    ("families/siglip/open-clip", [], "huggingface", "families/siglip/open-clip/golden"),
    ("families/siglip/big-vision/siglip.npz", [], "huggingface", "families/siglip/big-vision/golden"),
    ("families/siglip/big-vision-scanned/siglip.npz", [], "huggingface", "families/siglip/big-vision-scanned/golden"),
    ("families/chinese-clip/huggingface", [], "huggingface", "families/chinese-clip/huggingface/golden"),
    ("families/chinese-clip/original/clip_cn_vit-b-16.pt", ["--vision-heads", "2", "--text-heads", "3"], "huggingface",
     "families/chinese-clip/original/golden"),
    ("families/open-clip/gelu", [], "openclip", "families/open-clip/gelu/golden"),
    ("families/open-clip/quick-gelu", [], "openclip", "families/open-clip/quick-gelu/golden"),
    ("families/open-clip/resnet", [], "openclip", "families/open-clip/resnet/golden"),
    ("families/open-clip/layer-scale", [], "openclip", "families/open-clip/layer-scale/golden"),
    ("families/open-clip/clipa", [], "openclip", "families/open-clip/clipa/golden"),
    ("families/open-clip/custom-text", [], "openclip", "families/open-clip/custom-text/golden"),
    ("families/open-clip/gelu", [], "huggingface", "families/open-clip/gelu/golden"),
    ("families/open-clip/quick-gelu", [], "huggingface", "families/open-clip/quick-gelu/golden"),
    ("families/long-clip/vit/longclip-B.pt", [], "openclip", "families/long-clip/vit/golden"),
    ("families/long-clip/vit/longclip-B.pt", [], "huggingface", "families/long-clip/vit/golden"),
    ("families/tinyclip/vit/TinyCLIP-vit.pt", [], "openclip", "families/tinyclip/vit/golden"),
    ("families/open-clip/gelu", ["--image-size", "36"], "openclip", "families/positions/open-clip-36"),
    ("families/open-clip/gelu", ["--image-size", "36"], "huggingface", "families/positions/open-clip-36"),
    ("vit-tiny/archive.pt", [], "openai", "vit-tiny/golden-archive"),
    ("vit-tiny/archive.pt", [], "openclip", "vit-tiny/golden-archive"),
    ("vit-tiny/archive.pt", [], "huggingface", "vit-tiny/golden-archive"),
    ("fashion-clip/archive.pt", [], "openai", "fashion-clip/golden-archive"),
    ("fashion-clip/archive.pt", [], "huggingface", "fashion-clip/golden-archive"),
    ("resnet-tiny/archive.pt", [], "openai", "resnet-tiny/golden-archive"),
    ("resnet-tiny/archive.pt", [], "openclip", "resnet-tiny/golden-archive"),
]
# Tensors of which two rows are exchanged, in the order in which they are looked for.
VICTIMS = ("text_projection", "text.text_projection", "text.text_projection.weight", "text_projection.weight",
           "text_model.head.weight", "visual_projection.weight")


def run(*arguments):
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")


def pooled(output):
    """transformers 5 gives features inside an output, transformers 4 as they are."""
    return output if torch.is_tensor(output) else output.pooler_output


def hugging_face(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    model = getattr(transformers, config.architectures[0]).from_pretrained(folder).eval().float()
    # The image processor must be one that the library knows.
    if (folder / "preprocessor_config.json").exists():
        transformers.AutoImageProcessor.from_pretrained(folder)

    def compute(inputs):
        result, mask = {}, {}
        both = hasattr(model, "logit_scale")
        # Chinese-CLIP's text tower does not see padding.
        if config.model_type == "chinese_clip":
            mask = {"attention_mask": (inputs["input_ids"] != config.text_config.pad_token_id).long()}
        if "pixel_values" in inputs:
            image = model.get_image_features(inputs["pixel_values"]) if both else model(inputs["pixel_values"]).image_embeds
            result["image_embeds"] = F.normalize(pooled(image), dim=-1)
        if "input_ids" in inputs:
            text = model.get_text_features(inputs["input_ids"], **mask) if both else model(inputs["input_ids"]).text_embeds
            result["text_embeds"] = F.normalize(pooled(text), dim=-1)
        return logits(result, getattr(model, "logit_scale", None), getattr(model, "logit_bias", None))

    return compute


def of_open_clip(folder):
    model = open_clip.create_model(f"local-dir:{folder}", precision="fp32").eval()
    return lambda inputs: logits(
        {"image_embeds": model.encode_image(inputs["pixel_values"], normalize=True),
         "text_embeds": model.encode_text(inputs["input_ids"], normalize=True)}, model.logit_scale,
        getattr(model, "logit_bias", None))


def openai(folder):
    # `build_model` rounds products to half precision before it takes the weights; this shows the weights themselves.
    clip.model.convert_weights = lambda model: None
    model = clip.model.build_model(load_file(folder / "model.safetensors")).float()
    return lambda inputs: logits(
        {"image_embeds": F.normalize(model.encode_image(inputs["pixel_values"]), dim=-1),
         "text_embeds": F.normalize(model.encode_text(inputs["input_ids"]), dim=-1)}, model.logit_scale)


def logits(result, scale=None, bias=None):
    if len(result) == 2 and scale is not None:
        result["logits_per_image"] = scale.exp() * result["image_embeds"] @ result["text_embeds"].t()
        if bias is not None:
            result["logits_per_image"] = result["logits_per_image"] + bias
        result["scale"] = scale.exp()
    return result


LOADERS = {"huggingface": hugging_face, "openclip": of_open_clip, "openai": openai}


def worst(compute, bundle):
    """The largest difference over what is allowed, of embeddings and of logits."""
    found = compute(bundle)
    scale = float(found.pop("scale", 1))
    embeds = max((found[key] - bundle[key]).abs().max().item() for key in found if key.endswith("_embeds"))
    rest = (found["logits_per_image"] - bundle["logits_per_image"]).abs().max().item() if "logits_per_image" in found else 0
    return embeds, rest, scale


def spoil(folder):
    """Exchanges two rows of one tensor; returns its name."""
    path = next(folder.glob("*.safetensors"))
    tensors = load_file(path)
    name = next(name for name in VICTIMS if name in tensors)
    tensors[name] = tensors[name].clone()
    tensors[name][[0, 1]] = tensors[name][[1, 0]]
    save_file(tensors, path, metadata={"format": "pt"})
    return name


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    rows = [row for row in ROWS if len(sys.argv) == 2 or any(sys.argv[2] in part for part in (row[0], row[2]))]
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_grad_enabled(False)
    failed = 0
    for source, options, library, golden in rows:
        bundle = load_file(FIXTURES / f"{golden}.safetensors")
        with tempfile.TemporaryDirectory() as place:
            model, folder = Path(place) / "model.ingot", Path(place) / "out"
            run(sys.argv[1], "convert", FIXTURES / source, *options, "-o", model)
            run(sys.argv[1], "export", model, "--naming", library, "-o", folder)
            embeds, rest, scale = worst(LOADERS[library](folder), bundle)
            name = spoil(folder)
            bad_embeds, bad_rest, _ = worst(LOADERS[library](folder), bundle)
        good = embeds <= 1e-5 and rest <= 1e-5 * scale
        seen = bad_embeds > 1e-3
        failed += not (good and seen)
        print(f"{'ok  ' if good and seen else 'FAIL'} {source} {' '.join(options)} -> {library}: embeddings {embeds:.1e}, "
              f"logits {rest / scale:.1e} of the scale {scale:.1f}; rows of {name} exchanged: {bad_embeds:.1e}")
    print(f"{len(rows)} exports, {failed} failed; transformers {transformers.__version__}, open_clip {open_clip.__version__}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
