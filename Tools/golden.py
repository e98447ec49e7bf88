#!/usr/bin/env python3
"""Writes a golden bundle: what PyTorch computes for a CLIP checkpoint on made inputs.

    golden.py CHECKPOINT -o BUNDLE.safetensors [--images N] [--texts N] [--seed S] [--hidden]

The checkpoint is a plain state dict or a TorchScript archive in OpenAI's naming. Every weight is read as float32
and the model is run in float32, and once more in float64 so that the error of float32 itself is known.

Tensors of the bundle (B images, N texts, D the embedding width, L the context length):

    pixel_values            F32 [B,3,H,W]   preprocessed images
    input_ids               I64 [N,L]       start, words, end, zeros
    image_embeds            F32 [B,D]       L2-normalised
    text_embeds             F32 [N,D]       L2-normalised
    logits_per_image        F32 [B,N]       exp(logit_scale) * cosine
    image_embeds_f64, text_embeds_f64, logits_per_image_f64    F64, the same from float64
    vision.hidden.K         F32 [B,T,W]     output of residual block K; a ResNet: output of layer K+1, [B,C,h,w]
    text.hidden.K           F32 [N,L,W]     output of residual block K
"""

import argparse
import copy
import math
import sys
from contextlib import contextmanager
from pathlib import Path

import torch
from clip.model import LayerNorm, ModifiedResNet
from safetensors.torch import save_file

from clip_checkpoint import CheckpointFault, image_resolution, model_from_state_dict, read_state_dict

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def normalise(pixels):
    """8-bit pixels [B,3,H,W] as the model takes them: divided by 255, then OpenAI's mean and deviation."""
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return (pixels.float() / 255 - mean) / std


def made_images(count, resolution, generator):
    """8-bit colour images [B,3,H,W] of waves and noise, each of its own brightness, contrast and direction."""
    axis = torch.linspace(-1, 1, resolution, dtype=torch.float64)
    rows, columns = axis.view(-1, 1), axis.view(1, -1)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=generator, dtype=torch.float64)

    images = []
    for _ in range(count):
        image = uniform(60, 200, 3, 1, 1).expand(3, resolution, resolution).clone()
        for _ in range(4):
            vertical, horizontal = uniform(-9, 9, 3, 1, 1), uniform(-9, 9, 3, 1, 1)
            phase, height = uniform(0, 2 * math.pi, 3, 1, 1), uniform(5, 60, 3, 1, 1)
            image += height * torch.sin(vertical * rows + horizontal * columns + phase)
        strength = uniform(0, 40, 1, 1, 1)
        image += strength * torch.randn(3, resolution, resolution, generator=generator, dtype=torch.float64)
        images.append(image.round().clamp(0, 255).to(torch.uint8))
    return torch.stack(images)


def made_tokens(count, length, vocabulary, generator):
    """Token rows [N,L]: start = vocabulary-2, words, end = vocabulary-1, zeros. The first row fills the context,
    the second holds no word, the others have lengths between."""
    start, end = vocabulary - 2, vocabulary - 1
    rows = torch.zeros(count, length, dtype=torch.int64)
    for index in range(count):
        if index == 0:
            words = length - 2
        elif index == 1:
            words = 0
        else:
            words = int(torch.randint(1, length - 2, (1,), generator=generator))
        rows[index, 0] = start
        rows[index, 1:1 + words] = torch.randint(1, start, (words,), generator=generator)
        rows[index, 1 + words] = end
    return rows


def in_float64(model):
    """A float64 copy. OpenAI's LayerNorm casts to float32, so torch's own takes its place."""
    double = copy.deepcopy(model).double()
    for module in double.modules():
        if type(module) is LayerNorm:
            module.__class__ = torch.nn.LayerNorm
    return double


@contextmanager
def recorded_hidden_states(model):
    """Records the output of every residual block while the model runs, batch first, in the returned dictionary."""
    states, hooks = {}, []

    def record(module, name, transposed):
        def hook(_module, _inputs, output):
            states[name] = (output.permute(1, 0, 2) if transposed else output).clone()
        hooks.append(module.register_forward_hook(hook))

    if isinstance(model.visual, ModifiedResNet):
        for index in range(4):
            record(getattr(model.visual, f"layer{index + 1}"), f"vision.hidden.{index}", False)
    else:
        for index, block in enumerate(model.visual.transformer.resblocks):
            record(block, f"vision.hidden.{index}", True)
    for index, block in enumerate(model.transformer.resblocks):
        record(block, f"text.hidden.{index}", True)
    try:
        yield states
    finally:
        for hook in hooks:
            hook.remove()


def _normalised(rows):
    return rows / rows.norm(dim=-1, keepdim=True)


def _in_batches(function, rows, batch):
    return torch.cat([function(part) for part in rows.split(batch)])


@torch.no_grad()
def embeddings(model, pixel_values, input_ids, batch=64):
    """L2-normalised image and text embeddings, and the logits [images, texts], in the model's own precision."""
    image_embeds = _normalised(_in_batches(model.encode_image, pixel_values, batch))
    text_embeds = _normalised(_in_batches(model.encode_text, input_ids, batch))
    return image_embeds, text_embeds, model.logit_scale.exp() * image_embeds @ text_embeds.t()


def golden_bundle(model, pixel_values, input_ids, hidden=True):
    """All tensors of the bundle for a float32 model."""
    bundle = {"pixel_values": pixel_values, "input_ids": input_ids}
    everything = max(len(pixel_values), len(input_ids))
    if hidden:
        with recorded_hidden_states(model) as states:
            results = embeddings(model, pixel_values, input_ids, batch=everything)
        bundle.update(states)
    else:
        results = embeddings(model, pixel_values, input_ids)
    exact = embeddings(in_float64(model), pixel_values.double(), input_ids)
    for name, single, double in zip(("image_embeds", "text_embeds", "logits_per_image"), results, exact):
        bundle[name] = single
        bundle[f"{name}_f64"] = double
    return {name: tensor.contiguous() for name, tensor in bundle.items()}


def save_bundle(bundle, path):
    """Writes a safetensors file. One metadata key only: more would be written in no fixed order."""
    save_file(bundle, str(path), metadata={"producer": f"PyTorch {torch.__version__}"})


def summary(bundle):
    """One line: the spread of the logits and the error of float32 against float64."""
    logits = bundle["logits_per_image"]
    error = (logits.double() - bundle["logits_per_image_f64"]).abs().max()
    return (f"logits {logits.min():.3f} to {logits.max():.3f}, best texts {logits.argmax(dim=1).tolist()}, "
            f"float32 error at most {error:.2e}")


def main():
    parser = argparse.ArgumentParser(description="Write a golden bundle of a CLIP checkpoint with PyTorch.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--texts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1001,
                        help="of the inputs; take another than make_checkpoint.py's, whose weights know its own inputs")
    parser.add_argument("--hidden", action="store_true", help="store the output of every residual block too")
    arguments = parser.parse_args()
    if arguments.images < 1 or arguments.texts < 1:
        parser.error("--images and --texts must be at least 1")
    try:
        model = model_from_state_dict(read_state_dict(arguments.checkpoint))
    except CheckpointFault as fault:
        sys.exit(f"golden.py: {fault}")
    generator = torch.Generator().manual_seed(arguments.seed)
    pixels = normalise(made_images(arguments.images, image_resolution(model), generator))
    tokens = made_tokens(arguments.texts, model.context_length, model.vocab_size, generator)
    bundle = golden_bundle(model, pixels, tokens, hidden=arguments.hidden)
    save_bundle(bundle, arguments.output)
    print(f"{arguments.output}: {summary(bundle)}")


if __name__ == "__main__":
    main()
