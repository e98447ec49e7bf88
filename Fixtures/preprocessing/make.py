#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes torchvision.json: what the preprocessing of OpenCLIP, Chinese-CLIP, torchvision and timm makes of the images in Fixtures/images.

    python3 make.py

Needs Pillow, torch, torchvision, open_clip_torch, timm, cn_clip and transformers 5 (for the last case only). Each transform is the package's
own object; only sizes are changed. `make_transformers.py` does the same for transformers 4.
"""

import platform
from importlib.metadata import version

import open_clip
import timm
import torchvision
from cn_clip.clip import image_transform as cn_clip_transform
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from timm.data import create_transform, resolve_data_config
from torchvision import transforms
from torchvision.datasets.folder import pil_loader
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from common import case, write

OPENAI = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD


def open_clip_case(name, cfg):
    resize = {"shortest": "shortestSide", "longest": "longestSide", "squash": "squash"}[cfg.resize_mode]
    return case(
        name, image_transform_v2(cfg, is_train=False), "openCLIP", resize, cfg.interpolation, cfg.size, cfg.size,
        cfg.mean, cfg.std)


def published(model, tag):
    """The preprocessing of a published model, from OpenCLIP's own table."""
    cfg = open_clip.get_pretrained_cfg(model, tag)
    size = open_clip.get_model_config(model)["vision_cfg"].get("image_size", 224)
    keys = ("mean", "std", "interpolation", "resize_mode")
    return open_clip_case(f"open_clip {model} {tag}", PreprocessCfg(size=size, **{k: cfg[k] for k in keys if k in cfg}))


def timm_case(name):
    config = resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    transform = create_transform(**config)
    resize_side = transform.transforms[0].size
    # As timm's ImageDataset loads.
    return case(
        f"timm {name}", transform, "torchvisionRGB", "shortestSide", config["interpolation"], config["input_size"][1],
        resize_side, config["mean"], config["std"], load=lambda path: Image.open(path).convert("RGB"))


def torchvision_case(weights):
    transform = weights.transforms()
    return case(
        f"torchvision {weights}", transform, "torchvisionRGB", "shortestSide", transform.interpolation.value,
        transform.crop_size[0], transform.resize_size[0], transform.mean, transform.std, load=pil_loader)


def main():
    cases = []
    for mode in ("shortest", "longest", "squash"):
        for interpolation in ("bicubic", "bilinear"):
            for size in (61, 64):
                cfg = PreprocessCfg(size=size, resize_mode=mode, interpolation=interpolation)
                cases.append(open_clip_case(f"open_clip {mode} {interpolation} {size}", cfg))
    cases.append(published("MobileCLIP-S1", "datacompdr"))
    cases.append(published("ViT-B-16-SigLIP", "webli"))
    cases.append(published("ViT-L-14-CLIPA", "datacomp1b"))
    cases.append(published("ViT-H-14-quickgelu", "dfn5b"))
    cases.append(case(
        "cn_clip 45", cn_clip_transform(45), "torchvision", "squash", "bicubic", 45, 45, *OPENAI))
    for name in ("IMAGENET1K_V1", "IMAGENET1K_V2"):
        cases.append(torchvision_case(torchvision.models.ResNet50_Weights[name]))
    for name in ("goog_in21k", "goog_distilled_in1k"):
        cases.append(timm_case(f"resnetv2_50x1_bit.{name}"))
    # As `val_tx` of BiT's bit_pytorch/train.py, and as `verify.py` of SimCLRv2's converter.
    bit = transforms.Compose([
        transforms.Resize((480, 480)), transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    cases.append(case(
        "torchvision BiT 480", bit, "torchvisionRGB", "squash", "bilinear", 480, 480, [0.5] * 3, [0.5] * 3, pil_loader))
    simclr = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor()])
    cases.append(case(
        "torchvision SimCLRv2 256 224", simclr, "torchvisionRGB", "shortestSide", "bilinear", 224, 256, [0] * 3, [1] * 3,
        pil_loader))
    # Not what Ingot does: transformers 5 blends transparency with white. Everything else must be the same.
    processor = CLIPImageProcessorPil(size={"shortest_edge": 40}, crop_size={"height": 33, "width": 33})
    cases.append(case(
        "transformers-5 CLIP 40 33", lambda image: processor(image, return_tensors="np")["pixel_values"][0],
        "huggingFace", "shortestSide", "bicubic", 33, 40, *OPENAI))
    packages = ("pillow", "numpy", "torch", "torchvision", "open_clip_torch", "timm", "cn_clip", "transformers")
    write("torchvision.json", cases, {"python": platform.python_version()} | {name: version(name) for name in packages})


if __name__ == "__main__":
    main()
