#!/usr/bin/env python3
"""Makes this folder: one very small CLIP in every container, each written by the software that people use.

`manifest.json` lists the tensors that the original software reads back from each file, under the names of OpenAI's
state dict: type, shape and SHA-256 of the contiguous little-endian bytes. All files but those of `numpy` hold the same
weights, in half precision as OpenAI rounds them; weights are multiples of 1/64 so that the repository stays small.
`legacy.pt`, `pickle.pkl` and the training checkpoints differ in each run: PyTorch names storages by memory addresses.
"""

import argparse
import hashlib
import io
import json
import pickle
import sys
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from unittest import mock

import h5py
import huggingface_hub
import numpy
import omegaconf
import pytorch_lightning
import safetensors.torch
import torch
from clip.model import convert_weights

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))
sys.path.insert(0, str(HERE.parent / "torch-containers"))

from clip_checkpoint import new_model, save_archive, write_versions
from old_formats import tar_archive

SEED = 31
# Embedding, image, vision layers, vision width, patch, context, vocabulary, text width, text heads, text layers.
CONFIGURATION = (32, 16, 1, 64, 8, 8, 128, 64, 1, 1)


def small_model():
    """OpenAI's model with few different numbers in it."""
    torch.manual_seed(SEED)
    model = new_model(*CONFIGURATION)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter * 64).round() / 64)
        model.logit_scale.fill_(2.65625)
    return model


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def described(state_dict):
    """Lines of the manifest."""
    rows = []
    for name, tensor in state_dict.items():
        tensor = tensor.detach().contiguous()
        content = tensor.flatten().view(torch.uint8).numpy().tobytes()
        rows.append({"name": name, "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape),
                     "sha256": hashlib.sha256(content).hexdigest()})
    return sorted(rows, key=lambda row: row["name"])


class Folder:
    """Writes files, and reads each back with its own software."""

    def __init__(self, weights):
        self.weights, self.entries = weights, []

    def add(self, name, content, read, note, left=(), **more):
        path = HERE / name
        if content is not None:
            path.write_bytes(content)
        expected = described(self.weights)
        found = described(read(path))
        if [row["name"] for row in found] != [row["name"] for row in expected]:
            raise SystemExit(f"{name}: other tensors than were saved")
        if found != expected and not more.get("other_types"):
            raise SystemExit(f"{name}: other values than were saved")
        self.entries.append({"file": name, "note": note, "left": list(left), **more, "tensors": found})

    def write_manifest(self):
        lines = []
        for entry in self.entries:
            tensors = [json.dumps(tensor) for tensor in entry["tensors"]]
            head = json.dumps({**entry, "tensors": []}).removesuffix("]}")
            lines.append(head + ",".join(f"\n  {tensor}" for tensor in tensors) + "]}")
        (HERE / "manifest.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        write_versions(HERE, SEED, [entry["file"] for entry in self.entries] + ["manifest.json"],
                       configuration=CONFIGURATION, h5py=h5py.__version__,
                       huggingface_hub=huggingface_hub.__version__, omegaconf=omegaconf.__version__,
                       pytorch_lightning=pytorch_lightning.__version__)


def load(*path, prefix=""):
    """Reads a state dict with PyTorch: the keys that lead to it, and what stands before its names."""
    def read(file):
        value = torch.load(file, weights_only=False)
        for key in path:
            value = value[key]
        return OrderedDict((name.removeprefix(prefix), tensor) for name, tensor in value.items())
    return read


def as_arrays(read):
    return lambda file: {name: torch.from_numpy(array) for name, array in read(file).items()}


def prefixed(prefix, weights):
    return OrderedDict((prefix + name, tensor) for name, tensor in weights.items())


def optimizer_state(model):
    """A real optimizer's state after one step; of the small parameters, to keep the file small."""
    small = [parameter for name, parameter in model.named_parameters() if parameter.numel() <= 512]
    optimizer = torch.optim.AdamW(small, lr=5e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2)
    for parameter in small:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    for group in optimizer.param_groups:
        # open_clip's cosine schedule writes NumPy's numbers here.
        group["lr"] = numpy.float64(4.9e-4)
    return optimizer.state_dict()


def add_torch(folder, weights):
    plain = saved(weights)
    folder.add("zip.pt", plain, load(), "torch.save of a state dict")
    legacy = saved(weights, _use_new_zipfile_serialization=False)
    folder.add("legacy.pt", legacy, load(), "the stream of pickles of PyTorch before 1.6")
    folder.add("tar.pt", tar_archive(weights, {}), load(),
               "the tar archive of PyTorch before 0.1.10, written with Python's tarfile and pickle, read by PyTorch")
    folder.add("pickle.pkl", pickle.dumps(weights, protocol=4), lambda file: pickle.loads(file.read_bytes()),
               "pickle.dump of a state dict")
    arrays = {name: tensor.numpy() for name, tensor in weights.items()}
    folder.add("arrays.pkl", pickle.dumps(arrays, protocol=2), as_arrays(lambda file: pickle.loads(file.read_bytes())),
               "pickle.dump of a dict of NumPy arrays, protocol 2")
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name))
    folder.add("deflated.pt", target.getvalue(), load(), "zip.pt zipped again by Python's zipfile with deflate")
    swapped = OrderedDict()
    for name, tensor in weights.items():
        storage = tensor.clone().untyped_storage()
        storage.byteswap(tensor.dtype)
        swapped[name] = torch.empty(0, dtype=tensor.dtype).set_(storage, 0, tensor.shape, tensor.stride())
    with mock.patch.object(sys, "byteorder", "big"):
        content = saved(swapped)
    folder.add("big-endian.pt", content, load(), "as torch.save writes it on a big-endian machine")
    permuted = OrderedDict(
        (name, tensor.contiguous(memory_format=torch.channels_last) if tensor.dim() == 4
         else tensor.t().contiguous().t() if tensor.dim() == 2 else tensor) for name, tensor in weights.items())
    folder.add("permuted.pt", saved(permuted), load(), "matrices saved transposed, convolutions with channels last")


def add_training(folder, model, weights):
    optimizer = optimizer_state(small_model())
    checkpoint = {"epoch": 3, "name": "2024_01_01-model_ViT-lr_0.0005", "state_dict": prefixed("module.", weights),
                  "optimizer": optimizer, "scaler": torch.amp.GradScaler("cpu").state_dict(), "global_step": 1200,
                  "samples_seen": 307200, "args": argparse.Namespace(lr=5e-4, model="ViT", workers=4)}
    folder.add("open-clip.pt", saved(checkpoint), load("state_dict", prefix="module."),
               "open_clip's training checkpoint: module. before all names, optimizer with NumPy numbers, scaler, "
               "argparse.Namespace", left=["optimizer"], path="state_dict", prefix="module.")
    average = OrderedDict((name, tensor + 1 if tensor.dtype == torch.float16 and tensor.dim() == 1 else tensor)
                          for name, tensor in weights.items())
    both = {"state_dict": weights, "state_dict_ema": average}
    folder.add("average.pt", saved(both), load("state_dict"), "weights and their moving average",
               left=["state_dict_ema"], path="state_dict", prefix="")
    compiled = torch.compile(model)
    folder.add("compiled.pt", saved({"model": compiled.state_dict()}), load("model", prefix="_orig_mod."),
               "the state dict of a model from torch.compile", path="", prefix="model._orig_mod.")
    folder.add("module.pt", saved(model), lambda file: torch.load(file, weights_only=False).state_dict(),
               "torch.save of the whole model: classes, not only weights",
               left=["transformer.resblocks.0.attn_mask"])

    class Wrapped(pytorch_lightning.LightningModule):
        def __init__(self, config):
            super().__init__()
            self.save_hyperparameters()
            self.model = model

        def configure_optimizers(self):
            return torch.optim.SGD([self.model.logit_scale], lr=0.1, momentum=0.9)

    Wrapped.__module__, Wrapped.__qualname__ = "training", "Wrapped"
    config = omegaconf.OmegaConf.create({"lr": 5e-4, "layers": [1, 1], "name": "small"})
    trainer = pytorch_lightning.Trainer(accelerator="cpu", logger=False, enable_checkpointing=True, max_epochs=0,
                                        enable_progress_bar=False, enable_model_summary=False,
                                        default_root_dir="/tmp", callbacks=[])
    trainer.strategy.connect(Wrapped(config))
    path = HERE / "lightning.ckpt"
    trainer.save_checkpoint(path)
    folder.add("lightning.ckpt", None, load("state_dict", prefix="model."),
               "PyTorch Lightning's checkpoint: model. before all names, hyperparameters of OmegaConf",
               path="state_dict", prefix="model.")


def add_shards(folder, path, weights, pattern, note):
    path.mkdir(exist_ok=True)
    split = huggingface_hub.split_torch_state_dict_into_shards(weights, filename_pattern=pattern, max_shard_size="120KB")
    index = {"metadata": split.metadata, "weight_map": split.tensor_to_filename}
    for name, tensors in split.filename_to_tensors.items():
        part = {tensor: weights[tensor] for tensor in tensors}
        if pattern.endswith(".bin"):
            torch.save(part, path / name)
        else:
            safetensors.torch.save_file(part, path / name, metadata={"format": "pt"})
    name = pattern.format(suffix="") + ".index.json"
    (path / name).write_text(json.dumps(index, indent=2) + "\n")

    def read(index_path):
        loaded = {}
        for shard in sorted(set(json.loads(index_path.read_text())["weight_map"].values())):
            loaded |= (torch.load if shard.endswith(".bin") else safetensors.torch.load_file)(index_path.parent / shard)
        return loaded

    folder.add(f"{path.name}/{name}", None, read, note)


def add_others(folder, weights):
    safetensors.torch.save_file(weights, HERE / "model.safetensors", metadata={"format": "pt"})
    for name, pattern, note in (("sharded", "model{suffix}.safetensors", "safetensors in shards, by huggingface_hub"),
                                ("sharded-torch", "pytorch_model{suffix}.bin", "PyTorch archives in shards, split by huggingface_hub")):
        add_shards(folder, HERE / name, weights, pattern, note)
    folder.add("model.safetensors", None, safetensors.torch.load_file, "safetensors")
    arrays = {name: tensor.numpy() for name, tensor in weights.items()}
    for name, write in (("stored.npz", numpy.savez), ("deflated.npz", numpy.savez_compressed)):
        write(HERE / name, **arrays)
        folder.add(name, None, as_arrays(lambda file: dict(numpy.load(file))), f"numpy.{write.__name__}")
    with h5py.File(HERE / "plain.h5", "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)
    with h5py.File(HERE / "chunked.h5", "w") as file:
        for name, array in arrays.items():
            options = {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True} if array.ndim else {}
            file.create_dataset(name, data=array, **options)
    for name, note in (("plain.h5", "h5py, one dataset for each tensor"),
                       ("chunked.h5", "h5py, in chunks with shuffle, deflate and Fletcher's checksum")):
        folder.add(name, None, as_arrays(lambda file: {name: data[()] if data.ndim else numpy.array(data[()])
                                                      for name, data in h5py.File(file).items()}), note)


def main():
    warnings.filterwarnings("ignore")
    model = small_model()
    convert_weights(model)
    weights = OrderedDict((name, tensor.detach().clone()) for name, tensor in model.state_dict().items())
    folder = Folder(weights)
    add_torch(folder, weights)
    add_training(folder, model, weights)
    add_others(folder, weights)
    save_archive(small_model(), HERE / "archive.pt")
    archive = dict(torch.jit.load(str(HERE / "archive.pt")).state_dict())
    for buffer in ("input_resolution", "context_length", "vocab_size"):
        archive.pop(buffer)
    folder.add("archive.pt", None, lambda file: archive, "a TorchScript archive as OpenAI publishes it", other_types=True)
    folder.write_manifest()
    print(f"{len(folder.entries)} files")


if __name__ == "__main__":
    main()
