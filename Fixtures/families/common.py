"""What the scripts of this folder share: uneven weights for any PyTorch model, golden bundles, and the records.

Weights are filled by the kind of each module, with the spreads of Tools/make_checkpoint.py: channels over more than
a decade, outliers, norm gains away from 1 and some negative, biases and running statistics away from their initial
values. So a transposition, an exchange of two tensors or a wrong constant shows in the golden figures.
"""

import copy
import hashlib
import importlib.metadata
import json
import platform
import sys
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FAMILIES = Path(__file__).resolve().parent
sys.path.insert(0, str(FAMILIES.parents[1] / "Tools"))

from controls import epsilon_effect, without_effect  # noqa: E402  (the paths are known only now)
from golden import made_images  # noqa: E402
from make_checkpoint import Maker  # noqa: E402

OPENAI = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
ERROR = 2e-5  # embeddings in float32 may differ from those in float64 by this much at most


class Filler(Maker):
    """Fills every parameter and buffer of a model from one seed."""

    @torch.no_grad()
    def fill(self, model, projections=(), logit_scale=3.1, logit_bias=-6.7, small=()):
        """`projections`: the names of the last matrices of the towers, whose outputs are kept nearly alike.
        `small`: what parameters' names begin with that are made a tenth as large, so that the first norms meet small
        variances and an epsilon of 1e-6 shows."""
        done = set()
        for name, module in model.named_modules():
            prefix = name + "." if name else ""
            own = dict(module.named_parameters(recurse=False))
            kind = type(module).__name__
            if "weight" in own and isinstance(module, (torch.nn.Linear, torch.nn.Conv1d, torch.nn.Conv2d)):
                if prefix + "weight" in projections:
                    self.projection(module.weight, input_axis=1)
                else:
                    self.matrix(module.weight, 1.0, decades=1.2)
                if module.bias is not None:
                    self.vector(module.bias, 0.1)
                done |= {prefix + "weight", prefix + "bias"}
            elif "weight" in own and isinstance(module, torch.nn.Embedding):
                self.table(module.weight, 0.5)
                done.add(prefix + "weight")
            elif "weight" in own and "Norm" in kind and module.weight.dim() == 1:
                self.gains(module.weight, 1.0)
                if getattr(module, "bias", None) is not None:
                    self.vector(module.bias, 0.1)
                done |= {prefix + "weight", prefix + "bias"}
            for short, parameter in own.items():
                if prefix + short not in done:
                    self.loose(prefix + short, parameter, projections, logit_scale, logit_bias)
            for short, buffer in module.named_buffers(recurse=False):
                if short == "num_batches_tracked":
                    buffer.fill_(int(torch.randint(1000, 100000, (1,), generator=self.generator)))
        for name, parameter in model.named_parameters():
            if small and name.startswith(tuple(small)):
                parameter *= 0.1

    def loose(self, name, parameter, projections, logit_scale, logit_bias):
        """A parameter that belongs to no layer of its own."""
        short = name.rsplit(".", 1)[-1]
        if short == "logit_scale":
            parameter.fill_(logit_scale)
        elif short == "logit_bias":
            parameter.fill_(logit_bias)
        elif name in projections:
            self.projection(parameter, input_axis=0)
        elif parameter.dim() == 1 and ("gamma" in short or "ls" in short or short == "lambda"):
            signs = torch.where(self.uniform(0, 1, *parameter.shape) < 1 / 8, -1.0, 1.0)
            parameter.copy_(self.uniform(0.3, 1.6, *parameter.shape) * signs)
        elif short.endswith("gamma"):
            parameter.copy_(self.uniform(0.3, 1.6, *parameter.shape))
        elif parameter.dim() == 2 and "pos" in short:
            self.table(parameter, 0.4)
        elif parameter.dim() == 2:
            self.matrix(parameter, 1.0, decades=0.7)
        elif parameter.dim() >= 3:
            columns = self.scales(parameter.shape[-1], 1.0)
            parameter.copy_(0.4 * self.normal(*parameter.shape) * columns)
        else:
            self.vector(parameter, 0.3)

    @torch.no_grad()
    def calibrate_batch_norms(self, model, run):
        """Running statistics near the true ones of `run(double model)`, but off by up to a factor of two."""
        def hook(module, inputs):
            values = inputs[0].transpose(0, 1).flatten(1)
            deviation = values.std(dim=1)
            count = len(deviation)
            module.running_mean.copy_(values.mean(dim=1) + 0.2 * deviation * self.normal(count))
            module.running_var.copy_(deviation.square() * 10 ** self.uniform(-0.3, 0.3, count) + 1e-3)

        double = in_float64(model)
        norms = [module for module in double.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        hooks = [module.register_forward_pre_hook(hook) for module in norms]
        run(double)
        for target, source in zip((m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)), norms):
            target.running_mean.copy_(source.running_mean)
            target.running_var.copy_(source.running_var)
        for handle in hooks:
            handle.remove()

    def centre(self, bias, features):
        """Moves a bias so that the mean of the rows `features()` is nearly zero: the cosines spread."""
        bias.requires_grad_(True)
        values = features()
        mean = values.mean(dim=0)
        rows = [torch.autograd.grad(value, bias, retain_graph=True)[0] for value in mean]
        slope = torch.stack(rows).double()
        off = self.normal(len(bias))
        with torch.no_grad():
            off *= 0.5 * values.std(dim=0).norm() / (slope.float() @ off).norm()
            bias -= (torch.linalg.pinv(slope, rtol=1e-3) @ mean.double()).float() + off


def normalised_pixels(images, values):
    """8-bit pixels [B,3,H,W] as a model takes them: divided by 255, then the mean and the deviation."""
    mean, std = (torch.tensor(values[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    return (images.float() / 255 - mean) / std


def made_pixels(count, size, seed, values):
    return normalised_pixels(made_images(count, size, torch.Generator().manual_seed(seed)), values)


def made_texts(count, length, seed, *, first, last, end=None, start=None, pad=0):
    """Token rows [N,L]: start, words of first..<last, end, pads; the first row fills the context, the second has
    one word, the others lengths between."""
    generator = torch.Generator().manual_seed(seed)
    room = length - (start is not None) - (end is not None)
    rows = torch.full((count, length), pad, dtype=torch.int64)
    for index in range(count):
        words = room if index == 0 else 1 if index == 1 else int(torch.randint(2, room, (1,), generator=generator))
        row = torch.randint(first, last, (words,), generator=generator).tolist()
        row = ([] if start is None else [start]) + row + ([] if end is None else [end])
        rows[index, :len(row)] = torch.tensor(row)
    return rows


@contextmanager
def recorded(hooks, states):
    """Records the output of each module of `hooks` (name -> module) in `states` while the model runs."""
    def hook(name):
        def record(_module, _inputs, output):
            states[name] = (output[0] if isinstance(output, (tuple, list)) else output).detach().clone()
        return record
    handles = [module.register_forward_hook(hook(name)) for name, module in hooks.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def blocks(name, modules):
    return {f"{name}.hidden.{index}": module for index, module in enumerate(modules)}


def in_float64(model):
    """A float64 copy. OpenAI's LayerNorm, also in Chinese-CLIP and Long-CLIP, casts to float32, so torch's own takes its place."""
    double = copy.deepcopy(model).double()
    for module in double.modules():
        kind = type(module)
        if kind.__name__ == "LayerNorm" and kind.__module__.split(".")[0] in ("clip", "cn_clip", "model_longclip"):
            module.__class__ = torch.nn.LayerNorm
    return double


@torch.no_grad()
def bundle(model, inputs, run, hooks):
    """The golden bundle of a float32 model; `run(model, inputs)` gives the outputs by their names."""
    model.eval()
    states = {}
    with recorded(hooks(model), states):
        outputs = run(model, inputs)
    double = in_float64(model)
    wide = {name: value.double() if value.is_floating_point() else value for name, value in inputs.items()}
    exact = run(double, wide)
    result = {**inputs, **states}
    for name, value in outputs.items():
        result |= {name: value, f"{name}_f64": exact[name]}
        error = (value.double() - exact[name]).abs().max().item()
        if name.endswith("_embeds") and error > ERROR:
            raise SystemExit(f"{name}: float32 is off by {error}")
    idle = without_effect(model, inputs, run, outputs)
    if idle:
        print("  without effect:", ", ".join(idle))
    print("  epsilon x 10 moves the embeddings by", epsilon_effect(model, inputs, run, outputs))
    return {name: value.detach().clone().contiguous() for name, value in result.items()}


def say(name, result):
    errors = {key[:-4]: (result[key[:-4]].double() - result[key]).abs().max().item()
              for key in result if key.endswith("_f64")}
    spread = ""
    if "logits_per_image" in result:
        logits = result["logits_per_image"]
        spread = f"logits {logits.min():.2f} to {logits.max():.2f}, best {logits.argmax(dim=1).tolist()}; "
    print(f"{name}: {spread}float32 error " + ", ".join(f"{key} {value:.1e}" for key, value in errors.items()))


def clip_outputs(image, text, scale, bias=None):
    """The three results of a pair of towers: embeddings of unit length and logits."""
    image, text = F.normalize(image, dim=-1), F.normalize(text, dim=-1)
    logits = scale.exp() * image @ text.t()
    return {"image_embeds": image, "text_embeds": text,
            "logits_per_image": logits if bias is None else logits + bias}


def check_same(name, first, second, limit=1e-5):
    """Two runs must agree, such as a model and what a library loads back from its files."""
    for key, value in first.items():
        error = (value.double() - second[key].double()).abs().max().item()
        if not error <= limit * max(1.0, value.abs().max().item()):
            raise SystemExit(f"{name}: {key} differs by {error} after loading")


def file_sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions(*packages):
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in packages}}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def finish(folder, result, seed, packages, facts, name="golden.safetensors"):
    """Writes the bundle, `versions.json` of the folder and its entry in `expected.json`."""
    say(str(folder.relative_to(FAMILIES)), result)
    save_file(result, str(folder / name), metadata={"producer": f"PyTorch {torch.__version__}"})
    settle(folder, seed, packages, facts)


def settle(folder, seed, packages, facts):
    """Writes `versions.json` of the folder and its entry in `expected.json`."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "versions.json")
    names = {str(path.relative_to(folder)): file_sha256(path) for path in paths}
    write_json(folder / "versions.json", {**versions("torch", "numpy", "safetensors", *packages),
                                          "cpu": torch.backends.cpu.get_cpu_capability(), "seed": seed,
                                          "sha256": names})
    path = FAMILIES / "expected.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    known[str(folder.relative_to(FAMILIES))] = facts
    write_json(path, dict(sorted(known.items())))


def empty(folder):
    """An empty folder of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return folder


def setup():
    """One thread and one seed for what a library initialises itself: the same bytes come out again."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
