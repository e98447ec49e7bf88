#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes keras.json: what Keras' loading and the preprocessing of its ResNet-50 make of the images in Fixtures/images.

    python3 make_keras.py

Needs keras with a backend, Pillow and NumPy.
"""

import platform
from importlib.metadata import version

from keras.applications.resnet import preprocess_input
from keras.utils import img_to_array, load_img

from common import case, write


def keras_case(size, interpolation):
    def transform(path):
        array = img_to_array(load_img(path, target_size=(size, size), interpolation=interpolation))
        # Means of blue, green, red, as preprocess_input has them.
        return preprocess_input(array).transpose(2, 0, 1)

    return case(
        f"keras ResNet50 {size}" + ("" if interpolation == "nearest" else f" {interpolation}"), transform, "keras",
        "squash", interpolation, size, size, [value / 255 for value in (103.939, 116.779, 123.68)], [1 / 255] * 3,
        load=lambda path: path)


def main():
    cases = [keras_case(60, "nearest"), keras_case(224, "nearest"), keras_case(60, "bilinear")]
    packages = ("keras", "tensorflow", "pillow", "numpy")
    write("keras.json", cases, {"python": platform.python_version()} | {name: version(name) for name in packages})


if __name__ == "__main__":
    main()
