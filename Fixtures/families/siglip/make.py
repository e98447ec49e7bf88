#!/usr/bin/env python3
"""Makes this folder: SigLIP as Hugging Face, open_clip with timm, and big_vision publish it.

`huggingface` (model type `siglip`), `huggingface-2` (SigLIP 2 of fixed resolution: the same model type, pads of id 0),
`naflex` (model type `siglip2`: patches as rows, positions resized to each image), `open-clip` (GELU in both towers),
`open-clip-2` (the text tower's GELU by tanh), `big-vision` and `big-vision-scanned` (`.npz`).
"""

import sys
from pathlib import Path

import numpy
import torch
import transformers
from open_clip.convert import load_big_vision_weights

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import big_vision
from common import HALF, Filler, blocks, bundle, check_same, empty, finish, made_pixels, made_texts, setup
from towers import (CONTEXT, IMAGE, PACKAGES, TEXT, created, filled, hooks, inputs_of, loaded, preprocessing, run, save,
                    small_timm, text_facts)

HF_PACKAGES = ("transformers", "huggingface_hub")
VOCABULARY, PATCH, NAFLEX_PATCHES = 300, 6, 20
TRUNK = {"img_size": IMAGE, "patch_size": PATCH, "embed_dim": 48, "depth": 2, "mlp_ratio": 2.7}  # 12 heads remain
SQUASH = {**HALF, "interpolation": "bicubic", "resize_mode": "squash"}


def tokens(count, seed):
    """As SigLIP's tokenizer: words, the end (1), and pads (1) to the full length."""
    return made_texts(count, CONTEXT, seed, first=2, last=VOCABULARY, end=1, pad=1)


def tokens_2(count, seed):
    """As Gemma's tokenizer in SigLIP 2: words, the end (1), pads (0)."""
    return made_texts(count, CONTEXT, seed, first=3, last=VOCABULARY, end=1, pad=0)


def hf_run(model, inputs):
    output = model(**inputs)
    return {name: output[name] for name in ("image_embeds", "text_embeds", "logits_per_image")}


def hf_hooks(model):
    return {**blocks("vision", model.vision_model.encoder.layers), **blocks("text", model.text_model.encoder.layers)}


def hf_facts(family, config, preprocess):
    text, vision = config.text_config, config.vision_config
    return {"family": family, "embedding": vision.hidden_size, "similarity": "sigmoid",
            "vision": {"kind": "vit", "activation": "gelu-tanh", "layers": 2, "width": vision.hidden_size,
                       "heads": vision.num_attention_heads, "epsilon": vision.layer_norm_eps, "patch": PATCH,
                       "preNorm": False, "pooling": "map"},
            "text": {"kind": "siglip", "activation": "gelu-tanh", "layers": 2, "width": 24,
                     "heads": text.num_attention_heads, "epsilon": text.layer_norm_eps, "causal": False,
                     "pooling": "last", "projectionBias": True, "context": CONTEXT, "vocabulary": VOCABULARY},
            "preprocessing": preprocess}


def hugging_face(name, kind, width, heads, seed, rows, processor, inputs, preprocess, **vision):
    """One folder by save_pretrained; `inputs(count, seed)` makes the images as the model takes them."""
    folder = empty(HERE / name)
    config = getattr(transformers, f"{kind}Config")(
        text_config={"vocab_size": VOCABULARY, "hidden_size": 24, "intermediate_size": 56, "num_hidden_layers": 2,
                     "num_attention_heads": 4, "max_position_embeddings": CONTEXT, "projection_size": width},
        vision_config={"hidden_size": width, "intermediate_size": 104, "num_hidden_layers": 2,
                       "num_attention_heads": heads, "patch_size": PATCH, **vision})
    model = getattr(transformers, f"{kind}Model")(config).eval()
    filler = Filler(seed)
    filler.fill(model, ("text_model.head.weight",), small=("text_model.embeddings", "vision_model.embeddings"))
    images, texts = inputs(8, seed + 100), rows(16, seed + 101)
    given = {"input_ids": texts[:8], **images}
    filler.centre(model.vision_model.head.mlp.fc2.bias, lambda: model.get_image_features(**images).pooler_output)
    filler.centre(model.text_model.head.bias, lambda: model.get_text_features(given["input_ids"]).pooler_output)
    model.requires_grad_(False)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    given = {**inputs(4, seed + 1), "input_ids": rows(5, seed + 2)}
    result = bundle(model, given, hf_run, hf_hooks)
    again = getattr(transformers, f"{kind}Model").from_pretrained(folder).eval()
    with torch.no_grad():
        check_same(name, hf_run(again, given), result)
    facts = hf_facts("huggingface-siglip2" if kind == "Siglip2" else "huggingface-siglip", config, preprocess)
    finish(folder, result, seed, HF_PACKAGES, facts)


def square(count, seed):
    return {"pixel_values": made_pixels(count, IMAGE, seed, HALF)}


def wider(count, seed):
    return {"pixel_values": made_pixels(count, IMAGE + 3, seed, HALF)}


def naflex(count, seed):
    """Images of several shapes as rows of patches (row, column, channel), padded with zero rows."""
    sizes = [(4, 4), (3, 5), (2, 6), (5, 4)] * (count // 4)
    images = made_pixels(count, 36, seed, HALF)
    pixels = torch.zeros(count, NAFLEX_PATCHES, 3 * PATCH * PATCH)
    mask = torch.zeros(count, NAFLEX_PATCHES, dtype=torch.int32)
    for index, (height, width) in enumerate(sizes):
        image = images[index, :, :height * PATCH, :width * PATCH]
        patches = image.reshape(3, height, PATCH, width, PATCH).permute(1, 3, 2, 4, 0).reshape(height * width, -1)
        pixels[index, :len(patches)] = patches
        mask[index, :len(patches)] = 1
    return {"pixel_values": pixels, "pixel_attention_mask": mask, "spatial_shapes": torch.tensor(sizes)}


def open_clip_config(text_act):
    """ViT-B-16-SigLIP or -SigLIP2 of open_clip, its sizes made small."""
    text = {**TEXT, "no_causal_mask": True, "proj_bias": True, "pool_type": "last", "norm_kwargs": {"eps": 1e-6},
            "hf_tokenizer_name": "timm/ViT-B-16-SigLIP", "tokenizer_kwargs": {"clean": "canonicalize"}}
    if text_act:
        text |= {"act_kwargs": {"approximate": text_act}, "hf_tokenizer_name": "timm/ViT-B-16-SigLIP2"}
    return {"embed_dim": 48, "init_logit_bias": -10, "custom_text": True,
            "vision_cfg": {"image_size": IMAGE, "timm_model_name": "vit_base_patch16_siglip_224",
                           "timm_model_pretrained": False, "timm_pool": "map", "timm_proj": "none"},
            "text_cfg": text}


def open_clip_facts(family, config, act):
    return {"family": family, "embedding": 48, "similarity": "sigmoid",
            "vision": {"kind": "vit", "activation": act, "layers": 2, "width": 48, "heads": 12, "epsilon": 1e-6,
                       "patch": PATCH, "preNorm": False, "pooling": "map"},
            "text": text_facts(config["text_cfg"]), "preprocessing": preprocessing(SQUASH)}


def open_clip(name, config, seed, rows):
    folder = empty(HERE / name)
    with small_timm(**TRUNK):
        model = filled(created(config, SQUASH), seed, HALF, "visual.trunk.attn_pool.mlp.fc2.bias", rows)
        save(model, config, folder, ("safetensors",))
        result = bundle(model, inputs_of(HALF, seed, rows), run, hooks)
        with torch.no_grad():
            check_same(name, run(loaded(folder), result), result)
    finish(folder, result, seed, PACKAGES, open_clip_facts("open-clip-siglip", config, "gelu"))


def npz(name, seed, scanned):
    """big_vision's own GELU is the one by tanh, so the model that computes the figures has it in both towers."""
    folder, config = empty(HERE / name), open_clip_config("tanh")
    with small_timm(**TRUNK, act_layer="gelu_tanh"):
        model = filled(created(config, SQUASH), seed, HALF, "visual.trunk.attn_pool.mlp.fc2.bias", tokens)
        path = folder / "siglip.npz"
        numpy.savez(path, **big_vision.arrays(model, scanned))
        again = created(config, SQUASH)
        load_big_vision_weights(again, str(path))
    result = bundle(model, inputs_of(HALF, seed, tokens), run, hooks)
    with torch.no_grad():
        check_same(name, run(again, result), result)
    finish(folder, result, seed, PACKAGES, open_clip_facts("big-vision-siglip", config, "gelu-tanh"))


def main():
    setup()
    fixed = {"height": IMAGE, "width": IMAGE}
    for name, width, heads, seed, rows, resample in (("huggingface", 48, 3, 41, tokens, 3),
                                                     ("huggingface-2", 40, 2, 42, tokens_2, 2)):
        kernel = {2: "bilinear", 3: "bicubic"}[resample]
        processor = transformers.SiglipImageProcessor(size=fixed, resample=resample)
        hugging_face(name, "Siglip", width, heads, seed, rows, processor, square,
                     {"size": IMAGE, **HALF, "interpolation": kernel, "resize": "squash"}, image_size=IMAGE)
    # As SO400M of 384 pixels: four patches of six do not cover the last three rows and columns.
    fixed = {"height": IMAGE + 3, "width": IMAGE + 3}
    hugging_face("margin", "Siglip", 40, 2, 48, tokens, transformers.SiglipImageProcessor(size=fixed, resample=3), wider,
                 {"size": IMAGE + 3, **HALF, "interpolation": "bicubic", "resize": "squash"}, image_size=IMAGE + 3)
    processor = transformers.Siglip2ImageProcessor(patch_size=PATCH, max_num_patches=NAFLEX_PATCHES)
    hugging_face("naflex", "Siglip2", 40, 2, 43, tokens_2, processor, naflex,
                 {**HALF, "interpolation": "bilinear", "resize": "naflex", "patches": NAFLEX_PATCHES}, num_patches=16)
    open_clip("open-clip", open_clip_config(None), 44, tokens)
    open_clip("open-clip-2", open_clip_config("tanh"), 45, tokens_2)
    npz("big-vision", 46, scanned=False)
    npz("big-vision-scanned", 47, scanned=True)


if __name__ == "__main__":
    main()
