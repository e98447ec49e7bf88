#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains three small image towers on Fashion-MNIST's 60,000 training images: what the paper compares CLIP's features with.

    train.py --big-transfer FOLDER --simclr FOLDER [resnet50 bit simclr]

`resnet50` is torchvision's ResNet, trained with the labels; `bit` is Google's ResNet v2 (big_transfer at 140de6e), trained with the labels;
`simclr` is SimCLRv2's ResNet without selective kernels (Separius/SimCLRv2-Pytorch at f4c2f41), trained without labels by the contrastive
loss. The architectures, their keys and their files are those of the published models; widths and depths are small, so that each is trained
in a few minutes on one core. The seed fixes a run on one machine; another processor may round otherwise.
"""

import argparse
import importlib.util
import sys
import time
from collections import OrderedDict
from pathlib import Path

import numpy
import torch
import torch.nn.functional as functional
import torchvision

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "families"))
from common import HALF, IMAGENET, blocks, bundle, check_same, file_sha256, normalised_pixels, say, versions, write_json  # noqa: E402

sys.path.insert(0, str(HERE.parents[1] / "Tools"))
import fashion_mnist  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

UNIT = {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0]}
CLASSES = 10
# Side of the pictures that a model is made for, and how many golden ones it has. BiT's are larger: at 28 pixels a group of its last norms is
# one channel of one pixel, whose variance is nothing, and float32 says little.
SIDES, GOLDEN = {"bit": 56}, {"resnet50": 8, "bit": 2, "simclr": 8}
BIT_WIDTHS = (128, 128, 256, 256)


class ResNet(torchvision.models.ResNet):
    """torchvision's ResNet of other widths: its layers, blocks and forward pass, all channels divided by 8."""

    def __init__(self, layers, classes):
        torch.nn.Module.__init__(self)
        self._norm_layer, self.inplanes, self.dilation, self.groups, self.base_width = torch.nn.BatchNorm2d, 16, 1, 1, 64
        self.conv1 = torch.nn.Conv2d(3, 16, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        self.relu = torch.nn.ReLU(inplace=True)
        self.maxpool = torch.nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        for index, (width, count) in enumerate(zip((8, 16, 32, 64), layers)):
            layer = self._make_layer(torchvision.models.resnet.Bottleneck, width, count, stride=1 if index == 0 else 2)
            setattr(self, f"layer{index + 1}", layer)
        self.avgpool = torch.nn.AdaptiveAvgPool2d((1, 1))
        self.fc = torch.nn.Linear(256, classes)
        for module in self.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def small_bit(models):
    """Google's ResNetV2 with one block a stage; so wide that no group of a norm has fewer than eight numbers."""
    model = models.ResNetV2([1, 1, 1, 1], 1, head_size=CLASSES)
    model.body = torch.nn.Sequential(OrderedDict(
        (f"block{index + 1}", torch.nn.Sequential(OrderedDict([
            ("unit01", models.PreActBottleneck(cin=before, cout=width, cmid=width // 4, stride=2 if index else 1))])))
        for index, (before, width) in enumerate(zip((64, *BIT_WIDTHS), BIT_WIDTHS))))
    model.head.gn = torch.nn.GroupNorm(32, BIT_WIDTHS[-1])
    model.head.conv = torch.nn.Conv2d(BIT_WIDTHS[-1], CLASSES, kernel_size=1)
    return model


class Eighth:
    """A width multiplier below one: SimCLRv2's widths are `64 * multiplier`, as whole numbers."""

    def __rmul__(self, channels):
        return channels // 8


def colour(images, side=28):
    """Bytes [N,28,28] as three equal channels of another size, numbers from 0 to 255: bilinear, and rounded as Pillow does it."""
    images = images.unsqueeze(1)
    if side != images.shape[-1]:
        images = functional.interpolate(images.float(), size=(side, side), mode="bilinear").round()
    return images.expand(-1, 3, -1, -1)


def moved(images, generator):
    """Mirrored at random, and moved by up to two pixels."""
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(mirrored.view(-1, 1, 1), images.flip(2), images)
    padded = functional.pad(images, (2, 2, 2, 2))
    down, right = (int(torch.randint(0, 5, (1,), generator=generator)) for _ in range(2))
    return padded[:, down:down + 28, right:right + 28]


def view(images, generator):
    """SimCLR's: a random part of a quarter to all of the area, mirrored at random, brighter or darker, of more or less contrast."""
    count = len(images)

    def draw(low, high):
        return torch.rand(count, generator=generator) * (high - low) + low

    side = draw(0.25, 1).sqrt()
    stretch = draw(-0.25, 0.25).exp()
    width, height = (side * stretch).clamp(max=1), (side / stretch).clamp(max=1)
    sign = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    zero = torch.zeros(count)
    across, down = (1 - width) * draw(-1, 1), (1 - height) * draw(-1, 1)
    places = torch.stack([torch.stack([width * sign, zero, across], 1), torch.stack([zero, height, down], 1)], 1)
    grid = functional.affine_grid(places, (count, 1, 28, 28), align_corners=False)
    cut = functional.grid_sample(images.float().unsqueeze(1) / 255, grid, align_corners=False)
    mean = cut.mean(dim=(1, 2, 3), keepdim=True)
    cut = (cut - mean) * draw(0.4, 1.6).view(-1, 1, 1, 1) + mean * draw(0.4, 1.6).view(-1, 1, 1, 1)
    return cut.clamp(0, 1).expand(-1, 3, -1, -1)


def contrastive_loss(first, second, temperature=0.2):
    """NT-Xent: each view's partner among all other views of the batch."""
    rows = functional.normalize(torch.cat([first, second]), dim=-1)
    scores = rows @ rows.t() / temperature
    scores.fill_diagonal_(-torch.inf)
    count = len(first)
    return functional.cross_entropy(scores, torch.cat([torch.arange(count, 2 * count), torch.arange(count)]))


def train(name, parameters, step, images, labels, *, epochs, batch, rate, generator, warm=200):
    """Adam with decoupled decay, a warm-up and a cosine; `step(images, labels)` gives the loss."""
    total = epochs * (len(images) // batch)
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.02)
    warm = min(warm, total // 8)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1, (n + 1) / warm) * 0.5 * (1 + numpy.cos(numpy.pi * n / total)))
    start, done = time.time(), 0
    for epoch in range(epochs):
        order, sum_of_losses, steps = torch.randperm(len(images), generator=generator), 0.0, 0
        for rows in order[:len(images) // batch * batch].split(batch):
            optimiser.zero_grad(set_to_none=True)
            loss = step(images[rows], labels[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
            sum_of_losses, steps, done = sum_of_losses + loss.item(), steps + 1, done + 1
        print(f"{name}: epoch {epoch + 1} of {epochs}, loss {sum_of_losses / steps:.4f}, {time.time() - start:.0f} s", flush=True)


@torch.no_grad()
def accuracy(run, images, labels):
    return sum(int((run(part).argmax(1) == own).sum()) for part, own in zip(images.split(500), labels.split(500))) / len(labels)


def outputs(features):
    return {"features": features, "image_embeds": functional.normalize(features, dim=-1)}


def supervised(name, model, values, seed, images, labels, test, epochs, rate):
    generator = torch.Generator().manual_seed(seed)
    model.train()

    def scores(rows):
        return model(normalised_pixels(colour(rows, SIDES.get(name, 28)), values))

    def step(rows, own):
        return functional.cross_entropy(scores(moved(rows, generator)), own, label_smoothing=0.1)

    train(name, model.parameters(), step, images, labels, epochs=epochs, batch=125, rate=rate, generator=generator)
    model.eval().requires_grad_(False)
    print(f"{name}: its own classifier on the test images: "
          f"{accuracy(scores, *test):.2%}", flush=True)


def resnet50(folder, sources, images, labels, test):
    torch.manual_seed(61)
    model = ResNet([1, 1, 1, 1], CLASSES)
    supervised("resnet50", model, IMAGENET, 61, images, labels, test, epochs=4, rate=4e-3)
    torch.save(model.state_dict(), folder / "resnet50.pth")

    def run(model, inputs):
        head, model.fc = model.fc, torch.nn.Identity()
        features = model(inputs["pixel_values"])
        model.fc = head
        return outputs(features)

    def hooks(model):
        return blocks("vision", [model.layer1, model.layer2, model.layer3, model.layer4])

    again = ResNet([1, 1, 1, 1], CLASSES).eval()
    again.load_state_dict(torch.load(folder / "resnet50.pth", weights_only=True))
    return model, again, run, hooks, IMAGENET, 61, {"torchvision": versions("torchvision")["torchvision"]}


def bit(folder, sources, images, labels, test):
    sys.path.insert(0, str(sources.big_transfer))
    from bit_pytorch import models
    torch.manual_seed(62)
    model = small_bit(models)
    supervised("bit", model, HALF, 62, images, labels, test, epochs=1, rate=3e-3)
    arrays = {"root_block/standardized_conv2d/kernel": model.root.conv.weight, "group_norm/gamma": model.head.gn.weight,
              "group_norm/beta": model.head.gn.bias, "head/conv2d/kernel": model.head.conv.weight,
              "head/conv2d/bias": model.head.conv.bias}
    for name, block in model.body.named_children():
        for place, unit in block.named_children():
            for letter, convolution, norm in zip("abc", (unit.conv1, unit.conv2, unit.conv3), (unit.gn1, unit.gn2, unit.gn3)):
                arrays[f"{name}/{place}/{letter}/standardized_conv2d/kernel"] = convolution.weight
                arrays[f"{name}/{place}/{letter}/group_norm/gamma"] = norm.weight
                arrays[f"{name}/{place}/{letter}/group_norm/beta"] = norm.bias
            if hasattr(unit, "downsample"):
                arrays[f"{name}/{place}/a/proj/standardized_conv2d/kernel"] = unit.downsample.weight
    path = folder / "BiT-M-R50x1.npz"
    numpy.savez(path, **{f"resnet/{name}": numpy.ascontiguousarray(
        (value.permute(2, 3, 1, 0) if value.dim() == 4 else value).numpy()) for name, value in arrays.items()})

    def run(model, inputs):
        features = model.head.avg(model.head.relu(model.head.gn(model.body(model.root(inputs["pixel_values"])))))
        return outputs(features[..., 0, 0])

    again = small_bit(models).eval()
    again.load_from(numpy.load(path))
    check_timm(path, again, run, normalised_pixels(colour(test[0][:GOLDEN["bit"]], SIDES["bit"]), HALF))
    return (model, again, run, lambda model: blocks("vision", model.body), HALF, 62,
            {"big_transfer": "140de6e", "timm": versions("timm")["timm"]})


@torch.no_grad()
def check_timm(path, model, run, pixels):
    """timm must read the file, too, and compute the same of it. It adds 1e-8 to the variance of weights where Google adds 1e-10."""
    import timm.models.resnetv2 as resnetv2
    other = resnetv2._create_resnetv2_bit(
        "resnetv2_50x1_bit", layers=[1, 1, 1, 1], channels=BIT_WIDTHS, num_classes=CLASSES).eval()
    resnetv2._load_weights(other, str(path))
    found = outputs(other.forward_head(other.forward_features(pixels), pre_logits=True))
    check_same("bit, in timm", found, run(model, {"pixel_values": pixels}))


def simclr(folder, sources, images, labels, test):
    specification = importlib.util.spec_from_file_location("simclr_resnet", sources.simclr / "resnet.py")
    resnet = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(resnet)
    torch.manual_seed(63)
    generator = torch.Generator().manual_seed(63)

    def new():
        model = resnet.ResNet([1, 1, 1, 1], Eighth(), 0)
        model.fc = torch.nn.Linear(model.channels_out, CLASSES)
        return model

    model = new().train()
    head = resnet.ContrastiveHead(model.channels_out, out_dim=64, num_layers=2).train()

    def step(rows, _):
        return contrastive_loss(head(model(view(rows, generator))), head(model(view(rows, generator))))

    train("simclr", [*model.net.parameters(), *head.parameters()], step, images, labels, epochs=1, batch=250, rate=2e-3,
          generator=generator, warm=20)
    model.eval().requires_grad_(False)
    # The head is of use to further training only: half precision keeps the file small.
    torch.save({"resnet": model.state_dict(), "head": head.half().state_dict()}, folder / "r50_1x_sk0.pth")
    again = new().eval()
    again.load_state_dict(torch.load(folder / "r50_1x_sk0.pth", weights_only=True)["resnet"])
    return (model, again, lambda model, inputs: outputs(model(inputs["pixel_values"])),
            lambda model: blocks("vision", list(model.net)[1:]), UNIT, 63, {"SimCLRv2-Pytorch": "f4c2f41"})


MODELS = {"resnet50": resnet50, "bit": bit, "simclr": simclr}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help=", ".join(MODELS))
    parser.add_argument("--big-transfer", type=Path, help="a checkout of google-research/big_transfer at 140de6e")
    parser.add_argument("--simclr", type=Path, help="a checkout of Separius/SimCLRv2-Pytorch at f4c2f41")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images, labels = fashion_mnist.read("train")
    labels = labels.long()
    test = fashion_mnist.read("t10k")
    for name in arguments.models or MODELS:
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        model, again, run, hooks, values, seed, tools = MODELS[name](folder, arguments, images, labels, (test[0], test[1].long()))
        pixels = {"pixel_values": normalised_pixels(colour(test[0][:GOLDEN[name]], SIDES.get(name, 28)), values).contiguous()}
        result = bundle(model, pixels, run, hooks)
        with torch.no_grad():
            check_same(name, run(again, pixels), result)
        say(name, result)
        save_file(result, str(folder / "golden.safetensors"), metadata={"producer": f"PyTorch {torch.__version__}"})
        paths = sorted(path for path in folder.iterdir() if path.name != "versions.json")
        write_json(folder / "versions.json", {
            **versions("torch", "numpy", "safetensors"), **tools, "cpu": torch.backends.cpu.get_cpu_capability(), "seed": seed,
            "sha256": {path.name: file_sha256(path) for path in paths}})


if __name__ == "__main__":
    main()
