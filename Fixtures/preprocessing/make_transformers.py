#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes transformers.json: what the image processors of transformers 4 that work with Pillow make of the images in Fixtures/images.

    python3 make_transformers.py

Needs transformers 4.57, Pillow and NumPy; no torch. In transformers 5 the processors of these names compute with torch tensors.
"""

import json
import platform
from importlib.metadata import version

from transformers import ChineseCLIPImageProcessor, CLIPImageProcessor, SiglipImageProcessor

from common import case, write

FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}


def square(side):
    return {"height": side, "width": side}


def processor_case(name, kind, size, crop=None, resample=3, **options):
    if crop is not None:
        options |= {"crop_size": square(crop)}
    processor = kind(size=size, resample=resample, do_convert_rgb=True, **options)
    crops = getattr(processor, "do_center_crop", False)
    resize_side = size.get("shortest_edge") or size["height"]

    def transform(image):
        # Without being told, transformers takes an image of 1 or 3 rows for one whose channels come first.
        return processor(image, return_tensors="np", input_data_format="channels_last")["pixel_values"][0]

    made = case(
        f"transformers-4 {name}", transform, "huggingFace",
        "shortestSide" if "shortest_edge" in size else "squash", FILTERS[resample],
        processor.crop_size["height"] if crops else resize_side, resize_side, processor.image_mean, processor.image_std)
    # The file that transformers writes beside a model.
    return made | {"preprocessor_config": json.loads(processor.to_json_string())}


def main():
    shortest = lambda side: {"shortest_edge": side}
    cases = [
        processor_case("CLIP 224", CLIPImageProcessor, shortest(224)),
        processor_case("CLIP 40 33", CLIPImageProcessor, shortest(40), 33),
        processor_case("CLIP 33 40", CLIPImageProcessor, shortest(33), 40),
        processor_case("CLIP 45 bilinear", CLIPImageProcessor, shortest(45), 45, 2),
        processor_case("CLIP 45 nearest", CLIPImageProcessor, shortest(45), 45, 0),
        processor_case("CLIP 45 lanczos", CLIPImageProcessor, shortest(45), 45, 1),
        processor_case("CLIP squash 50 33", CLIPImageProcessor, square(50), 33),
        processor_case("CLIP squash 50 without crop", CLIPImageProcessor, square(50), do_center_crop=False),
        processor_case("SigLIP 224", SiglipImageProcessor, square(224)),
        processor_case("SigLIP 45 bilinear", SiglipImageProcessor, square(45), resample=2),
        # It knows no shortest edge, though that is its default.
        processor_case("Chinese-CLIP 224", ChineseCLIPImageProcessor, square(224)),
        processor_case("Chinese-CLIP squash 56", ChineseCLIPImageProcessor, square(56), do_center_crop=False),
    ]
    packages = ("pillow", "numpy", "transformers")
    write("transformers.json", cases, {"python": platform.python_version()} | {name: version(name) for name in packages})


if __name__ == "__main__":
    main()
