#!/usr/bin/env python3
"""Makes `keras`: Keras' ResNet-50 blocks with small widths, as Keras 3 and as Keras 2 write their weights.

`keras_resnet.py keras3` (Keras 3 on PyTorch) fills the model, writes `resnet50.weights.h5` and the golden bundle;
`keras_resnet.py keras2` (tf_keras, in an environment of its own) takes the weights over, must compute the same
figures, and writes `resnet50_weights_tf_dim_ordering_tf_kernels.h5`, the form in which Keras publishes them.
"""

import json
import os
import sys
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent
IMAGE, COUNT, SEED = 48, 3, 55
STAGES = (("conv2", 8, 1, 1), ("conv3", 6, 2, 2), ("conv4", 10, 1, 2), ("conv5", 12, 1, 2))
NAME = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
MEAN = [103.939, 116.779, 123.68]  # of blue, green, red from 0 to 255; no deviation


def made_model(resnet, stack):
    def stacks(x):
        for name, filters, count, stride in STAGES:
            x = stack(x, filters, count, stride1=stride, name=name)
        return x
    return resnet.ResNet(stacks, False, True, include_top=False, weights=None,
                         input_shape=(IMAGE, IMAGE, 3), pooling="avg")


def outputs_of(keras, model):
    names = [f"{name}_block{count}_out" for name, _, count, _ in STAGES]
    return keras.Model(model.input, [model.output] + [model.get_layer(name).output for name in names])


def keras3():
    os.environ["KERAS_BACKEND"] = "torch"
    sys.path.insert(0, str(HERE.parent))
    from common import Filler, empty, finish, made_images, setup
    import torch
    import keras
    setup()
    folder, filler = empty(HERE / "keras"), Filler(SEED)

    def built():
        return made_model(keras.applications.resnet if hasattr(keras.applications.resnet, "ResNet") else
                          keras.src.applications.resnet, keras.src.applications.resnet.stack_residual_blocks_v1)

    model = built()
    images = made_images(8, IMAGE, torch.Generator().manual_seed(SEED + 100))

    def preprocessed(images):
        return (images.flip(1).float() - torch.tensor(MEAN).view(1, 3, 1, 1)).permute(0, 2, 3, 1).contiguous()

    with torch.no_grad():
        for layer in model.layers:
            if isinstance(layer, keras.layers.Conv2D):
                kernel = torch.empty(tuple(layer.kernel.shape)).permute(3, 2, 0, 1).contiguous()
                filler.matrix(kernel, 1.0, decades=1.2)
                layer.kernel.assign(kernel.permute(2, 3, 1, 0).contiguous())
                layer.bias.assign(0.1 * filler.normal(*layer.bias.shape))
            elif isinstance(layer, keras.layers.BatchNormalization):
                gains = torch.empty(tuple(layer.gamma.shape))
                filler.gains(gains, 1.0)
                layer.gamma.assign(gains)
                layer.beta.assign(0.1 * filler.normal(*layer.beta.shape))
                layer.momentum = 0.0
        model(preprocessed(images), training=True)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = 0.99
                mean, variance = (torch.as_tensor(value.numpy()) for value in (layer.moving_mean,
                                                                               layer.moving_variance))
                layer.moving_mean.assign(mean + 0.2 * variance.sqrt() * filler.normal(*mean.shape))
                layer.moving_variance.assign(variance * 10 ** filler.uniform(-0.3, 0.3, *mean.shape) + 1e-3)
        model.save_weights(folder / "resnet50.weights.h5")
        numpy.savez(HERE / "keras-source.npz", **{f"{layer.name}/{weight.name}": weight.numpy()
                                                  for layer in model.layers for weight in layer.weights})
        inputs = preprocessed(made_images(COUNT, IMAGE, torch.Generator().manual_seed(SEED + 1)))
        single = [value.cpu() for value in outputs_of(keras, model)(inputs)]
        keras.config.set_dtype_policy("float64")
        double = built()
        double.set_weights(model.get_weights())
        exact = outputs_of(keras, double)(inputs.double())[0].cpu()
    normal = torch.nn.functional.normalize
    result = {"pixel_values": inputs.permute(0, 3, 1, 2), "features": single[0], "features_f64": exact,
              "image_embeds": normal(single[0], dim=-1), "image_embeds_f64": normal(exact, dim=-1)}
    result |= {f"vision.hidden.{index}": value.permute(0, 3, 1, 2) for index, value in enumerate(single[1:])}
    result = {name: value.contiguous() for name, value in result.items()}
    finish(folder, result, SEED, ("keras", "h5py"),
           {"family": "keras-resnet", "vision": {
               "kind": "resnet", "activation": "relu", "layers": [count for _, _, count, _ in STAGES], "width": 64,
               "epsilon": 1.001e-5, "convolutionBias": True, "stride": "first convolution of a block",
               "pooling": "average"},
            "preprocessing": {"size": 224, "mean": MEAN, "std": [1, 1, 1], "channels": "BGR", "scale": 255,
                              "interpolation": "nearest", "resize": "squash",
                              "note": "the mean and the order are preprocess_input's; Keras' load_img resizes so"}})


def keras2():
    import hashlib
    import importlib.metadata
    from safetensors.numpy import load_file
    folder = HERE / "keras"
    from tf_keras.src.applications import resnet
    model = made_model(resnet, resnet.stack1)
    arrays = dict(numpy.load(HERE / "keras-source.npz"))
    for layer in model.layers:
        for weight in layer.weights:
            weight.assign(arrays.pop(weight.name.removesuffix(":0")))
    assert not arrays, list(arrays)
    golden = load_file(folder / "golden.safetensors")
    features = model(golden["pixel_values"].transpose(0, 2, 3, 1)).numpy()
    error = numpy.abs(features - golden["features"]).max()
    print("tf_keras against Keras 3:", error)
    assert error < 1e-5 * max(1, numpy.abs(features).max())
    model.save_weights(folder / NAME, save_format="h5")
    (HERE / "keras-source.npz").unlink()
    path = folder / "versions.json"
    record = json.loads(path.read_text())
    record |= {name: importlib.metadata.version(name) for name in ("tf-keras", "tensorflow-cpu")}
    record["sha256"][NAME] = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    path.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    {"keras3": keras3, "keras2": keras2}[sys.argv[1]]()
