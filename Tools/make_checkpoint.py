#!/usr/bin/env python3
"""Writes a CLIP checkpoint of OpenAI's architecture with made, uneven weights.

    make_checkpoint.py --model ViT-B/32 --format state-dict --dtype float32 --seed 1 -o FILE

The published weights cannot always be downloaded, and freshly initialised ones hide faults: their channels are all
alike, their biases zero, their norms the identity. Here every tensor is filled so that a mistake shows:

* the channels of a weight spread over two to three decades, and a few are outliers;
* biases, norm gains, running statistics and positional embeddings are all away from their initial values;
* still the activations stay in a sane range: weights are scaled by their fan-in, batch norms are given running
  statistics near those that made images produce, and the last norm of each tower centres its embeddings, so that
  the logits spread instead of agreeing.

Seconds for most models. The half-precision archive of a large ResNet takes minutes, because PyTorch traces it with
half-precision convolutions, for which it has no fast path on the CPU.
"""

import argparse
import math
import sys
from pathlib import Path

import torch
from clip.model import ModifiedResNet

from clip_checkpoint import CONFIGURATIONS, image_resolution, new_model, save_archive, save_state_dict
from golden import in_float64, made_images, made_tokens, normalise

OUTLIERS = 0.02  # the share of channels that are multiplied
OUTLIER_FACTOR = 3.0
CALIBRATION_IMAGES, CALIBRATION_TEXTS = 8, 16


class Maker:
    """Fills the parameters of one model from one seed."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape):
        return torch.randn(*shape, generator=self.generator)

    def uniform(self, low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=self.generator)

    def scales(self, count, decades, outliers=True):
        """Positive channel scales of root mean square 1 over the given decades, outliers among them."""
        scales = 10 ** self.uniform(-decades, 0, count)
        if outliers:
            chosen = torch.randperm(count, generator=self.generator)[:math.ceil(count * OUTLIERS)]
            scales[chosen] = OUTLIER_FACTOR * scales.max()
        return scales / scales.square().mean().sqrt()

    def matrix(self, weight, gain, decades=2.0, input_axis=1, outliers=True):
        """Fan-in scaled weights: output channels spread over `decades`, input channels over half a decade."""
        output_axis = 1 - input_axis
        fan_in = weight.numel() / weight.shape[output_axis]
        values = self.normal(*weight.shape) * (gain / math.sqrt(fan_in))
        for axis, scales in (
            (output_axis, self.scales(weight.shape[output_axis], decades, outliers)),
            (input_axis, self.scales(weight.shape[input_axis], 0.5, outliers=False)),
        ):
            shape = [1] * weight.dim()
            shape[axis] = -1
            values = values * scales.view(shape)
        weight.data.copy_(values)

    def vector(self, parameter, deviation):
        parameter.data.copy_(deviation * self.normal(*parameter.shape))

    def table(self, parameter, deviation):
        """An embedding table, rows of uneven length and uneven columns."""
        rows, columns = parameter.shape
        values = deviation * self.normal(rows, columns) * self.scales(rows, 0.7, outliers=False).view(-1, 1)
        parameter.data.copy_(values * self.scales(columns, 1.0).view(1, -1))

    def gains(self, parameter, decades=2.0):
        """Norm gains over the given decades, one in sixteen of them negative."""
        count = parameter.numel()
        signs = torch.where(self.uniform(0, 1, count) < 1 / 16, -1.0, 1.0)
        parameter.data.copy_(self.scales(count, decades) * signs)

    def norm(self, module, decades=2.0):
        self.gains(module.weight, decades)
        self.vector(module.bias, 0.1)

    def linear(self, module, gain, decades=2.0):
        self.matrix(module.weight, gain, decades)
        self.vector(module.bias, 0.1 * gain)

    def projection(self, weight, input_axis):
        """The last matrix of a tower. Its outputs are nearly alike: one large one would decide every cosine."""
        self.matrix(weight, 1.0, decades=0.7, input_axis=input_axis, outliers=False)

    def transformer(self, transformer):
        """Residual blocks whose branches stay smaller than the stream they are added to."""
        branch = 1.5 / math.sqrt(transformer.layers)
        for block in transformer.resblocks:
            self.norm(block.ln_1)
            self.matrix(block.attn.in_proj_weight, 1.0, decades=1.0)
            self.vector(block.attn.in_proj_bias, 0.1)
            self.linear(block.attn.out_proj, branch)
            self.norm(block.ln_2)
            self.linear(block.mlp.c_fc, 1.0)
            self.linear(block.mlp.c_proj, 2 * branch)

    def vision_transformer(self, visual):
        self.matrix(visual.conv1.weight, 1.0)
        self.vector(visual.class_embedding, 0.2)
        self.table(visual.positional_embedding, 0.5)
        self.norm(visual.ln_pre, decades=1.0)
        self.transformer(visual.transformer)
        self.norm(visual.ln_post)
        self.projection(visual.proj, input_axis=0)

    def residual_network(self, visual):
        for module in visual.modules():
            if isinstance(module, torch.nn.Conv2d):
                self.matrix(module.weight, 1.0)
            elif isinstance(module, torch.nn.BatchNorm2d):
                self.norm(module, decades=1.0)
                module.num_batches_tracked.fill_(int(torch.randint(1000, 100000, (1,), generator=self.generator)))
        pool = visual.attnpool
        self.table(pool.positional_embedding, 0.3)
        for projection in (pool.q_proj, pool.k_proj):
            self.linear(projection, 0.7, decades=1.0)
        self.linear(pool.v_proj, 1.0)
        self.projection(pool.c_proj.weight, input_axis=1)
        self.vector(pool.c_proj.bias, 0.1)

    def calibrate_batch_norms(self, visual, pixels):
        """Running statistics near the true ones of the pixels, but off by up to a factor of two."""
        def hook(module, inputs):
            values = inputs[0].transpose(0, 1).flatten(1)
            count = len(values)
            deviation = values.std(dim=1)
            module.running_mean.copy_(values.mean(dim=1) + 0.2 * deviation * self.normal(count))
            module.running_var.copy_(deviation.square() * 10 ** self.uniform(-0.3, 0.3, count) + 1e-4)

        double = in_float64(visual)
        norms = [module for module in double.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        for module in norms:
            module.register_forward_pre_hook(hook)
        double(pixels.double())
        for target, source in zip((m for m in visual.modules() if isinstance(m, torch.nn.BatchNorm2d)), norms):
            target.running_mean.copy_(source.running_mean)
            target.running_var.copy_(source.running_var)

    def centre_embeddings(self, model, pixels, tokens):
        """Moves the last bias of each tower so that the embeddings of a made batch are nearly centred on zero."""
        double = in_float64(model)
        inputs = []
        for module in (double.ln_final, getattr(double.visual, "ln_post", None)):
            if module is not None:
                module.register_forward_hook(lambda _module, _inputs, output: inputs.append(output))
        double.encode_text(tokens)
        rows = inputs.pop()[torch.arange(len(tokens)), tokens.argmax(dim=-1)]
        model.ln_final.bias.data -= rows.mean(dim=0).float() + 0.03 * self.normal(rows.shape[1])
        embeds = double.encode_image(pixels.double())
        if isinstance(model.visual, ModifiedResNet):
            bias, rows = model.visual.attnpool.c_proj.bias, embeds
        else:
            bias, rows = model.visual.ln_post.bias, inputs.pop()
        bias.data -= rows.mean(dim=0).float() + 0.03 * self.normal(rows.shape[1])

    @torch.no_grad()
    def fill(self, model):
        """Fills every parameter and buffer of the model."""
        pixels = normalise(made_images(CALIBRATION_IMAGES, image_resolution(model), self.generator))
        tokens = made_tokens(CALIBRATION_TEXTS, model.context_length, model.vocab_size, self.generator)
        if isinstance(model.visual, ModifiedResNet):
            self.residual_network(model.visual)
            self.calibrate_batch_norms(model.visual, pixels)
        else:
            self.vision_transformer(model.visual)
        self.table(model.token_embedding.weight, 0.5)
        self.table(model.positional_embedding, 0.3)
        self.transformer(model.transformer)
        self.norm(model.ln_final)
        self.projection(model.text_projection, input_axis=0)
        model.logit_scale.fill_(3.9)
        self.centre_embeddings(model, pixels, tokens)


def made_model(configuration, seed):
    """A float32 model of the given sizes, filled from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = new_model(*configuration)
    Maker(seed).fill(model)
    return model


def main():
    parser = argparse.ArgumentParser(description="Write a CLIP checkpoint with made, uneven weights.")
    parser.add_argument("--model", choices=CONFIGURATIONS, required=True)
    parser.add_argument("--format", choices=("state-dict", "archive"), default="state-dict")
    parser.add_argument("--dtype", choices=("float32", "float16"), default="float32",
                        help="float16: as OpenAI's files, norms and embeddings stay float32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    if not arguments.output.parent.is_dir():
        sys.exit(f"make_checkpoint.py: {arguments.output.parent}: no such directory")
    model = made_model(CONFIGURATIONS[arguments.model], arguments.seed)
    save = save_archive if arguments.format == "archive" else save_state_dict
    save(model, arguments.output, half=arguments.dtype == "float16")
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
