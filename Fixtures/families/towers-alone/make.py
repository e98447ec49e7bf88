#!/usr/bin/env python3
"""Makes the towers without a text tower that are made with PyTorch.

    make.py [SIMCLR]

`torchvision` (ResNet-50's blocks), `bit` (BiT's ResNet v2, in the published `.npz` naming) and, when SIMCLR is the
folder of a checkout of Separius/SimCLRv2-Pytorch at f4c2f41 (its model code is GPL and is not kept here),
`simclr` and `simclr-sk` (SimCLRv2 as that converter names it, without and with selective kernels).
"""

import sys
from pathlib import Path

import numpy
import timm
import torch
import torchvision
from timm.models.resnetv2 import _create_resnetv2_bit, _load_weights

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import HALF, IMAGENET, Filler, blocks, bundle, check_same, empty, finish, made_pixels, setup

IMAGE, COUNT = 48, 3
UNIT = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]}


def outputs(features):
    return {"features": features, "image_embeds": torch.nn.functional.normalize(features, dim=-1)}


class SmallResNet(torchvision.models.ResNet):
    """torchvision's ResNet of other widths: its layers, blocks and forward pass, all channels divided by 16."""

    def __init__(self, layers, classes):
        torch.nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = torch.nn.BatchNorm2d, 8, 1, 1, 64
        self.conv1 = torch.nn.Conv2d(3, 8, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(8)
        self.relu = torch.nn.ReLU(inplace=True)
        self.maxpool = torch.nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for index, (width, count) in enumerate(zip((4, 8, 16, 32), layers)):
            layer = self._make_layer(torchvision.models.resnet.Bottleneck, width, count, stride=1 if index == 0 else 2)
            setattr(self, f"layer{index + 1}", layer)
        self.avgpool = torch.nn.AdaptiveAvgPool2d((1, 1))
        self.fc = torch.nn.Linear(128, classes)


def made_resnet(model, seed, values, run):
    filler = Filler(seed)
    filler.fill(model)
    pixels = made_pixels(8, IMAGE, seed + 100, values)
    filler.calibrate_batch_norms(model, lambda double: run(double, {"pixel_values": pixels.double()}))
    return model.eval().requires_grad_(False)


def tv():
    folder, seed = empty(HERE / "torchvision"), 51

    def run(model, inputs):
        head, model.fc = model.fc, torch.nn.Identity()
        features = model(inputs["pixel_values"])
        model.fc = head
        return outputs(features)

    def hooks(model):
        return blocks("vision", [model.layer1, model.layer2, model.layer3, model.layer4])

    model = made_resnet(SmallResNet([1, 2, 1, 1], 7).eval(), seed, IMAGENET, run)
    torch.save(model.state_dict(), folder / "resnet50.pth")
    result = bundle(model, {"pixel_values": made_pixels(COUNT, IMAGE, seed + 1, IMAGENET)}, run, hooks)
    finish(folder, result, seed, ("torchvision",),
           {"family": "torchvision-resnet", "vision": {
               "kind": "resnet", "activation": "relu", "layers": [1, 2, 1, 1], "width": 8, "epsilon": 1e-5,
               "stride": "second convolution of a block", "pooling": "average"},
            "preprocessing": {"size": 224, **IMAGENET, "interpolation": "bilinear", "resize": "shortest",
                              "resizeTo": 232, "note": "IMAGENET1K_V2; V1 resizes to 256"}})


def bit_model(classes):
    return _create_resnetv2_bit("resnetv2_50x1_bit", layers=[1, 2, 1, 1], channels=(128, 128, 128, 128),
                                num_classes=classes).eval()


def bit():
    folder, seed = empty(HERE / "bit"), 52
    model = bit_model(7)
    Filler(seed).fill(model)
    model.requires_grad_(False)
    with torch.no_grad():
        model.stem.conv.weight.mul_(1e-3)  # so that the epsilon of the standardised weights shows,
        norm = model.stages[1].blocks[0].norm2
        norm.weight.mul_(3e-3)  # and here that of the group norms
        norm.bias.mul_(3e-3)
    arrays = {"root_block/standardized_conv2d/kernel": model.stem.conv.weight, "group_norm/gamma": model.norm.weight,
              "group_norm/beta": model.norm.bias, "head/conv2d/kernel": model.head.fc.weight,
              "head/conv2d/bias": model.head.fc.bias}
    for index, stage in enumerate(model.stages):
        for position, block in enumerate(stage.blocks):
            prefix = f"block{index + 1}/unit{position + 1:02d}"
            for letter, conv, norm in zip("abc", (block.conv1, block.conv2, block.conv3),
                                          (block.norm1, block.norm2, block.norm3)):
                arrays[f"{prefix}/{letter}/standardized_conv2d/kernel"] = conv.weight
                arrays[f"{prefix}/{letter}/group_norm/gamma"] = norm.weight
                arrays[f"{prefix}/{letter}/group_norm/beta"] = norm.bias
            if block.downsample is not None:
                arrays[f"{prefix}/a/proj/standardized_conv2d/kernel"] = block.downsample.conv.weight
    path = folder / "BiT-M-R50x1.npz"
    numpy.savez(path, **{f"resnet/{name}": numpy.ascontiguousarray(
        (value.permute(2, 3, 1, 0) if value.dim() == 4 else value).numpy()) for name, value in arrays.items()})

    def run(model, inputs):
        return outputs(model.forward_head(model.forward_features(inputs["pixel_values"]), pre_logits=True))

    def hooks(model):
        return blocks("vision", model.stages)

    result = bundle(model, {"pixel_values": made_pixels(2, IMAGE, seed + 1, HALF)}, run, hooks)
    again = bit_model(7)
    with torch.no_grad():
        _load_weights(again, str(path))
        check_same("bit", run(again, result), result)
    config = timm.create_model("resnetv2_50x1_bit.goog_in21k", num_classes=7).default_cfg
    size = config["input_size"][-1]
    finish(folder, result, seed, ("timm",),
           {"family": "bit-resnet-v2", "vision": {
               "kind": "resnet-v2", "activation": "relu", "layers": [1, 2, 1, 1], "width": 64, "groups": 32,
               "epsilon": 1e-5, "weightStandardisationEpsilon": 1e-8, "pooling": "average after the norm"},
            "preprocessing": {"size": size, "mean": list(config["mean"]), "std": list(config["std"]),
                              "interpolation": config["interpolation"], "resize": "shortest",
                              "resizeTo": round(size / config["crop_pct"]),
                              "note": "timm's for goog_in21k; goog_in21k_ft_in1k takes 448 without a margin"}})


class Sixteenth:
    """A width multiplier below one: SimCLRv2's widths are `64 * multiplier`, as whole numbers."""

    def __rmul__(self, channels):
        return channels // 16


def simclr(source):
    sys.path.insert(0, str(source))
    import resnet
    for name, seed, ratio in (("simclr", 53, 0), ("simclr-sk", 54, 0.0625)):
        folder = empty(HERE / name)
        model = resnet.ResNet([1, 2, 1, 1], Sixteenth(), ratio).eval()
        model.fc = torch.nn.Linear(model.channels_out, 7)
        head = resnet.ContrastiveHead(model.channels_out, out_dim=12, num_layers=2).eval()

        def run(model, inputs):
            return outputs(model(inputs["pixel_values"]))

        def hooks(model):
            return blocks("vision", list(model.net)[1:])

        made_resnet(model, seed, UNIT, run)
        Filler(seed + 10).fill(head)
        torch.save({"resnet": model.state_dict(), "head": head.state_dict()},
                   folder / f"r50_1x_sk{int(ratio > 0)}.pth")
        result = bundle(model, {"pixel_values": made_pixels(COUNT, IMAGE, seed + 1, UNIT)}, run, hooks)
        finish(folder, result, seed, (),
               {"family": "simclr-v2", "vision": {
                   "kind": "resnet", "activation": "relu", "layers": [1, 2, 1, 1], "width": 4, "epsilon": 1e-5,
                   "selectiveKernels": ratio > 0, "stride": "second convolution of a block", "pooling": "average"},
                "preprocessing": {"size": 224, **UNIT, "interpolation": "bicubic", "resize": "shortest",
                                  "resizeTo": 256, "note": "pixels from 0 to 1, not normalised"}})


if __name__ == "__main__":
    setup()
    tv()
    bit()
    if len(sys.argv) > 1:
        simclr(Path(sys.argv[1]))
