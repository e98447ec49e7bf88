#!/usr/bin/env python3
"""Makes this folder: Chinese-CLIP as transformers and as the original cn_clip write it.

`huggingface`, `original` (a vision transformer; `clip_cn_vit-b-16.pt` with `module.` names, the unused pooler of BERT
and the epoch, as the training writes and as it is published, and `bare.pt` without prefix) and `original-resnet`.
"""

import sys
from pathlib import Path

import torch
import transformers
from cn_clip.clip.model import CLIP

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import (OPENAI, Filler, blocks, bundle, check_same, clip_outputs, empty, finish, made_pixels, made_texts,
                    setup)

VOCABULARY, CONTEXT, IMAGE, POSITIONS = 300, 16, 24, 20
CLS, SEP, PAD = 101, 102, 0
PROJECTIONS = ("visual.proj", "visual.attnpool.c_proj.weight", "text_projection", "visual_projection.weight",
               "text_projection.weight")


def tokens(count, seed):
    return made_texts(count, CONTEXT, seed, first=103, last=VOCABULARY, start=CLS, end=SEP, pad=PAD)


def facts(family, vision, undetermined=()):
    return {"family": family, "embedding": 20, "similarity": "softmax", "vision": vision,
            "text": {"kind": "bert", "activation": "gelu", "layers": 2, "width": 24, "heads": 3, "epsilon": 1e-12,
                     "causal": False, "padMask": True, "pad": PAD, "pooling": "first", "context": CONTEXT,
                     "positions": POSITIONS, "vocabulary": VOCABULARY},
            "preprocessing": {"size": IMAGE if vision["kind"] == "vit" else 64, **OPENAI, "interpolation": "bicubic",
                              "resize": "squash" if family == "chinese-clip" else "shortest"},
            "undetermined": list(undetermined)}


VIT = {"kind": "vit", "activation": "quick-gelu", "layers": 2, "width": 40, "heads": 2, "epsilon": 1e-5, "patch": 6,
       "preNorm": True, "pooling": "class"}


def hugging_face():
    folder, seed = empty(HERE / "huggingface"), 61
    config = transformers.ChineseCLIPConfig(
        projection_dim=20,
        text_config={"vocab_size": VOCABULARY, "hidden_size": 24, "intermediate_size": 56, "num_hidden_layers": 2,
                     "num_attention_heads": 3, "max_position_embeddings": POSITIONS, "type_vocab_size": 2},
        vision_config={"hidden_size": 40, "intermediate_size": 104, "num_hidden_layers": 2, "num_attention_heads": 2,
                       "image_size": IMAGE, "patch_size": 6, "projection_dim": 20})
    model = transformers.ChineseCLIPModel(config).eval()
    filler = Filler(seed)
    filler.fill(model, PROJECTIONS)

    def inputs(images, texts, seed):
        ids = tokens(texts, seed + 1)
        return {"pixel_values": made_pixels(images, IMAGE, seed, OPENAI), "input_ids": ids,
                "attention_mask": (ids != PAD).long()}

    def run(model, inputs):
        output = model(**inputs)
        return {name: output[name] for name in ("image_embeds", "text_embeds", "logits_per_image")}

    def hooks(model):
        return {**blocks("vision", model.vision_model.encoder.layers), **blocks("text", model.text_model.encoder.layer)}

    given = inputs(12, 16, seed + 100)
    filler.centre(model.vision_model.post_layernorm.bias,
                  lambda: model.get_image_features(given["pixel_values"]).pooler_output)
    filler.centre(model.text_model.encoder.layer[-1].output.LayerNorm.bias,
                  lambda: model.get_text_features(given["input_ids"], given["attention_mask"]).pooler_output)
    model.requires_grad_(False)
    model.save_pretrained(folder)
    size = {"height": IMAGE, "width": IMAGE}
    transformers.ChineseCLIPImageProcessor(size={"shortest_edge": IMAGE}, crop_size=size).save_pretrained(folder)
    given = inputs(4, 5, seed + 1)
    result = bundle(model, given, run, hooks)
    with torch.no_grad():
        check_same("huggingface", run(transformers.ChineseCLIPModel.from_pretrained(folder).eval(), given), result)
    finish(folder, result, seed, ("transformers",), facts("huggingface-chinese-clip", VIT))


def original(name, seed, size, vision, description, bias):
    folder = empty(HERE / name)
    settings = {"embed_dim": 20, "image_resolution": size, **vision, "vocab_size": VOCABULARY,
                "text_attention_probs_dropout_prob": 0.1, "text_hidden_act": "gelu", "text_hidden_dropout_prob": 0.1,
                "text_hidden_size": 24, "text_initializer_range": 0.02, "text_intermediate_size": 56,
                "text_max_position_embeddings": POSITIONS, "text_num_attention_heads": 3,
                "text_num_hidden_layers": 2, "text_type_vocab_size": 2}
    model = CLIP(**settings).eval()
    filler = Filler(seed)
    filler.fill(model, PROJECTIONS)
    pixels, texts = made_pixels(12, size, seed + 100, OPENAI), tokens(16, seed + 101)
    if any(isinstance(module, torch.nn.BatchNorm2d) for module in model.modules()):
        filler.calibrate_batch_norms(model, lambda double: double.encode_image(pixels.double()))
    filler.centre(model.get_parameter(bias), lambda: model.encode_image(pixels))
    filler.centre(model.bert.encoder.layer[-1].output.LayerNorm.bias, lambda: model.encode_text(texts))
    model.requires_grad_(False)
    state = model.state_dict()
    wrapped = {f"module.{key}": value for key, value in state.items()}
    wrapped["module.bert.pooler.dense.weight"] = filler.normal(24, 24)
    wrapped["module.bert.pooler.dense.bias"] = filler.normal(24)
    published = "clip_cn_vit-b-16.pt" if "visual.proj" in state else "clip_cn_rn50.pt"
    torch.save({"epoch": 2, "step": 50, "name": "finetune", "state_dict": wrapped}, folder / published)
    if name == "original":
        torch.save({"state_dict": state}, folder / "bare.pt")

    def run(model, inputs):
        return clip_outputs(model.encode_image(inputs["pixel_values"]), model.encode_text(inputs["input_ids"]),
                            model.logit_scale)

    def hooks(model):
        visual = model.visual
        stages = ([visual.layer1, visual.layer2, visual.layer3, visual.layer4] if hasattr(visual, "layer1")
                  else visual.transformer.resblocks)
        return {**blocks("vision", stages), **blocks("text", model.bert.encoder.layer)}

    given = {"pixel_values": made_pixels(4 if size < 64 else 2, size, seed + 1, OPENAI),
             "input_ids": tokens(5, seed + 2)}
    result = bundle(model, given, run, hooks)
    if "visual.proj" in state:
        for key in [key for key in result if key.startswith("vision.hidden")]:
            result[key] = result[key].permute(1, 0, 2).contiguous()
    again = CLIP(**settings).eval()
    loaded = torch.load(folder / published, weights_only=True)["state_dict"]
    again.load_state_dict({key[len("module."):]: value for key, value in loaded.items() if "bert.pooler" not in key})
    with torch.no_grad():
        check_same(name, run(again, given), result)
    finish(folder, result, seed, ("cn_clip",), facts("chinese-clip", description, ("vision heads", "text heads")))


def main():
    setup()
    hugging_face()
    original("original", 62, IMAGE, {"vision_layers": 2, "vision_width": 40, "vision_patch_size": 6,
                                     "vision_head_width": 20}, VIT, "visual.ln_post.bias")
    original("original-resnet", 63, 64,
             {"vision_layers": (1, 2, 1, 1), "vision_width": 4, "vision_patch_size": None, "vision_head_width": 32},
             {"kind": "modified-resnet", "activation": "relu", "layers": [1, 2, 1, 1], "width": 4, "heads": 4,
              "epsilon": 1e-5, "pooling": "attention"}, "visual.attnpool.c_proj.bias")


if __name__ == "__main__":
    main()
