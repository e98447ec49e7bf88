#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How far the embeddings of quantized models are from those of the model that they were made from.

    quantization_error.py --ingot PATH/ingot --reference MODEL --inputs BUNDLE.safetensors QUANTIZED.ingot …

For each file: its size and 1 - cosine of image and text embeddings, the largest and the mean, with the weights alone quantized (activations in
float32) and with activations rounded to int16 where the file has int8 per channel. Needs numpy and safetensors.
"""

import argparse
import pathlib
import subprocess
import tempfile

import numpy
from safetensors.numpy import load_file


def run(options, model, activations, out):
    subprocess.run(
        [options.ingot, "logits", model, "--inputs", options.inputs, "-o", out, "--activations", activations, "--force"],
        check=True, stdout=subprocess.DEVNULL)
    return load_file(out)


def distances(found, expected):
    found, expected = found.astype("f8"), expected.astype("f8")
    norms = numpy.linalg.norm(found, axis=1) * numpy.linalg.norm(expected, axis=1)
    return 1 - (found * expected).sum(axis=1) / norms


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ingot", required=True)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--inputs", required=True)
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = str(pathlib.Path(folder) / "out.safetensors")
        expected = run(options, options.reference, "float32", out)
        for model in options.models:
            print(f"{model}: {pathlib.Path(model).stat().st_size} bytes")
            for activations in ("float32", "int16"):
                found = run(options, model, activations, out)
                for name in ("image_embeds", "text_embeds"):
                    if name in found:
                        apart = distances(found[name], expected[name])
                        print(f"  activations {activations}, {name}: 1 - cosine at most {apart.max():.3g}, mean {apart.mean():.3g}")


if __name__ == "__main__":
    main()
