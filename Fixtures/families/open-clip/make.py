#!/usr/bin/env python3
"""Makes this folder: open_clip's native towers, as open_clip's own hub and training code write them.

Each folder is a model configuration of its own; the checkpoint is loaded again with open_clip's `local-dir:` and
must give the same figures.
"""

import sys
from pathlib import Path

import open_clip
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import HALF, IMAGENET, OPENAI, bundle, check_same, clip_outputs, empty, finish, made_texts, setup
from towers import (CONTEXT, END, PACKAGES, START, TEXT, VISION, VOCABULARY, clip_tokens, created, filled, hooks,
                    inputs_of, last_tokens, loaded, made, run, save, vit_facts)


def training_checkpoint(model, folder, config, seed):
    """As open_clip's training writes it: `module.` names from DistributedDataParallel, an optimizer, its step."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"epoch": 3, "name": config["name"], "state_dict": state, "optimizer": optimizer.state_dict()},
               folder / "epoch_3.pt")


def main():
    setup()
    base = {"embed_dim": 20, "vision_cfg": VISION, "text_cfg": TEXT}
    made(HERE / "gelu", base, 21, containers=("safetensors", "bin"), facts=vit_facts(base, OPENAI))
    quick = {**base, "quick_gelu": True}
    made(HERE / "quick-gelu", quick, 22, facts=vit_facts(quick, OPENAI))
    resnet = {**base, "vision_cfg": {"image_size": 64, "layers": [1, 2, 1, 1], "width": 4, "head_width": 32}}
    made(HERE / "resnet", resnet, 23, image_bias="visual.attnpool.c_proj.bias", size=64,
         facts=vit_facts(resnet, OPENAI))
    custom = {**base, "custom_text": True, "init_logit_bias": -10, "text_cfg": {**TEXT, "proj_bias": True}}
    made(HERE / "custom-text", custom, 24, preprocess=HALF, facts=vit_facts(custom, HALF, custom=True))
    squash = {**IMAGENET, "interpolation": "bilinear", "resize_mode": "squash"}
    clipa = {**base, "vision_cfg": {**VISION, "no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True},
             "text_cfg": {**TEXT, "no_causal_mask": True, "pool_type": "last"}}
    made(HERE / "clipa", clipa, 25, preprocess=squash, tokens=last_tokens, facts=vit_facts(clipa, squash))
    scale = {**base, "vision_cfg": {**VISION, "ls_init_value": 0.5}, "text_cfg": {**TEXT, "ls_init_value": 0.5}}
    made(HERE / "layer-scale", scale, 26, facts=vit_facts(scale, OPENAI))
    training(base)
    coca()


def training(base):
    """A training checkpoint has no configuration beside it; its `name` is the run's, which begins with the date."""
    seed, folder = 27, empty(HERE / "training")
    base = {**base, "quick_gelu": True,
            "vision_cfg": {**VISION, "width": 64, "head_width": 64, "mlp_ratio": 1.5, "layers": 1},
            "text_cfg": {**TEXT, "width": 64, "heads": 1, "mlp_ratio": 1.5, "layers": 2}}
    model = filled(created(base, OPENAI), seed, OPENAI, "visual.ln_post.bias", clip_tokens)
    model.requires_grad_(True)
    training_checkpoint(model, folder, {"name": "2022_09_14-00_00_00-model_ViT-B-32-quickgelu-lr_0.001-b_256"}, seed)
    model.requires_grad_(False)
    result = bundle(model, inputs_of(OPENAI, seed, clip_tokens), run, hooks)
    open_clip.load_checkpoint(again := created(base, {}), str(folder / "epoch_3.pt"))
    with torch.no_grad():
        check_same("training", run(again, result), result)
    finish(folder, result, seed, PACKAGES,
           {**vit_facts(base, OPENAI),
            "undetermined": ["preprocessing", "activation, unless taken from the model's name in `name`"]})


def coca():
    seed, folder = 28, empty(HERE / "coca")
    config = {"embed_dim": 20, "custom_text": True,
              "vision_cfg": {**VISION, "attentional_pool": True, "attn_pooler_heads": 4, "attn_pooler_queries": 6,
                             "output_tokens": True},
              "text_cfg": {**TEXT, "context_length": CONTEXT - 1, "embed_cls": True, "output_tokens": True},
              "multimodal_cfg": {"context_length": CONTEXT - 1, "vocab_size": VOCABULARY, "width": 24, "heads": 3,
                                 "layers": 1, "attn_pooler_heads": 4}}

    def tokens(count, seed):
        return made_texts(count, CONTEXT - 1, seed, first=1, last=START, start=START, end=END)

    def coca_run(model, inputs):
        image = model.encode_image(inputs["pixel_values"], normalize=False)
        text = model.encode_text(inputs["input_ids"], normalize=False)
        return clip_outputs(image, text, model.logit_scale)

    model = filled(created(config, OPENAI), seed, OPENAI, "visual.ln_post.bias", tokens)
    save(model, config, folder, ("safetensors",))
    result = bundle(model, inputs_of(OPENAI, seed, tokens), coca_run, hooks)
    with torch.no_grad():
        check_same("coca", coca_run(loaded(folder), result), result)
    facts = vit_facts(config, OPENAI, custom=True)
    facts["family"] = "coca"
    facts["vision"] |= {"pooling": "attention-first-query", "poolHeads": 4, "poolQueries": 6}
    facts["text"] |= {"pooling": "class-token-last", "padMask": "keys moved by one, as published CoCa weights need"}
    finish(folder, result, seed, PACKAGES, facts)


if __name__ == "__main__":
    main()
