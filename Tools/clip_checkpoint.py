"""Builds, reads and writes CLIP checkpoints with PyTorch and OpenAI's own model code.

The architecture is imported from the `clip` package (OpenAI's `model.py`), never copied. Two containers are
written, both by PyTorch itself:

* a plain state dict, `torch.save(model.state_dict())`;
* a TorchScript archive laid out as OpenAI's published files are: a traced module whose convolution, linear and
  projection weights are half precision while embeddings, norms and the logit scale stay float32, and whose
  `input_resolution`, `context_length` and `vocab_size` are registered as integer buffers.
"""

import hashlib
import io
import json
import pickle
import platform
import zipfile
from pathlib import Path

import numpy
import safetensors
import torch
from clip.model import CLIP, build_model, convert_weights

# The arguments of clip.model.CLIP for the nine published models: embedding width, image resolution, vision layers,
# vision width, patch size, context length, vocabulary, text width, text heads, text layers.
CONFIGURATIONS = {
    "RN50": (1024, 224, (3, 4, 6, 3), 64, None, 77, 49408, 512, 8, 12),
    "RN101": (512, 224, (3, 4, 23, 3), 64, None, 77, 49408, 512, 8, 12),
    "RN50x4": (640, 288, (4, 6, 10, 6), 80, None, 77, 49408, 640, 10, 12),
    "RN50x16": (768, 384, (6, 8, 18, 8), 96, None, 77, 49408, 768, 12, 12),
    "RN50x64": (1024, 448, (3, 15, 36, 10), 128, None, 77, 49408, 1024, 16, 12),
    "ViT-B/32": (512, 224, 12, 768, 32, 77, 49408, 512, 8, 12),
    "ViT-B/16": (512, 224, 12, 768, 16, 77, 49408, 512, 8, 12),
    "ViT-L/14": (768, 224, 24, 1024, 14, 77, 49408, 768, 12, 12),
    "ViT-L/14@336px": (768, 336, 24, 1024, 14, 77, 49408, 768, 12, 12),
}

ARCHIVE_BUFFERS = ("input_resolution", "context_length", "vocab_size")


class CheckpointFault(Exception):
    """A checkpoint that cannot be read, told in one sentence."""


def model_from_state_dict(state_dict):
    """The float32 model of a state dict, whatever types its tensors are stored in.

    OpenAI's `build_model` derives the sizes from the shapes but rounds every weight to half precision, so the
    values are loaded a second time after its rounding has been undone.
    """
    weights = {name: tensor for name, tensor in state_dict.items() if name not in ARCHIVE_BUFFERS}
    try:
        model = build_model(dict(weights))
        model.float()
        model.load_state_dict(weights)
    except KeyError as missing:
        raise CheckpointFault(f"not a CLIP state dict in OpenAI's naming: no tensor {missing}") from missing
    except RuntimeError as fault:
        raise CheckpointFault(f"not a complete CLIP state dict in OpenAI's naming: {fault}") from fault
    return model.eval()


def read_state_dict(path):
    """The state dict of a checkpoint: a plain one, one under the key `state_dict`, or a TorchScript archive.

    Only the archive form runs code of the file (TorchScript's own interpreter); give it trusted files only.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointFault(f"{path}: no such file")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            scripted = any(name.endswith("/constants.pkl") for name in archive.namelist())
        if scripted:
            return dict(torch.jit.load(str(path), map_location="cpu").state_dict())
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as fault:
        raise CheckpointFault(f"{path}: PyTorch does not load it as weights only") from fault
    if isinstance(loaded, dict) and isinstance(loaded.get("state_dict"), dict):
        loaded = loaded["state_dict"]
    if not isinstance(loaded, dict):
        raise CheckpointFault(f"{path}: holds a {type(loaded).__name__}, not a state dict")
    return loaded


def image_resolution(model):
    """The edge of the square image that the model takes, in pixels."""
    return model.visual.input_resolution


def save_state_dict(model, path, half=False):
    """Writes `torch.save(model.state_dict())`; with `half`, after OpenAI's own rounding of the model in place."""
    if half:
        convert_weights(model)
    torch.save(model.state_dict(), path)


def save_archive(model, path, half=True):
    """Traces the model and writes a TorchScript archive such as OpenAI's. Changes the model: use it no more.

    PyTorch records the path of every traced source line in the archive. To keep the builder's directories out of
    it, the first archive's debug records are dropped and the rest is loaded and saved again by PyTorch.
    """
    resolution = image_resolution(model)
    length, vocabulary = model.context_length, model.vocab_size
    if half:
        convert_weights(model)
    del model.context_length, model.vocab_size
    for name, value in zip(ARCHIVE_BUFFERS, (resolution, length, vocabulary)):
        model.register_buffer(name, torch.tensor(value))
    pixels = torch.zeros(1, 3, resolution, resolution)
    tokens = torch.zeros(1, length, dtype=torch.int64)
    inputs = {"forward": (pixels, tokens), "encode_image": (pixels,), "encode_text": (tokens,)}
    with torch.no_grad():
        traced = torch.jit.trace_module(model, inputs, check_trace=False)
    first, second = io.BytesIO(), io.BytesIO()
    torch.jit.save(traced, first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w") as target:
        for record in source.infolist():
            if not record.filename.endswith(".debug_pkl"):
                target.writestr(record.filename, source.read(record))
    second.seek(0)
    torch.jit.save(torch.jit.load(second), str(path))


def sha256(path):
    """The SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_versions(folder, seed, names, **more):
    """Writes `versions.json`: the tools, the seed and the SHA-256 of each named file of the folder."""
    folder = Path(folder)
    record = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "safetensors": safetensors.__version__,
        "clip-anytorch": "2.6.0",
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "seed": seed,
        **more,
        "sha256": {name: sha256(folder / name) for name in names},
    }
    (folder / "versions.json").write_text(json.dumps(record, indent=2) + "\n")


def new_model(*arguments):
    """OpenAI's model of the given sizes (the arguments of `clip.model.CLIP`), in evaluation mode."""
    return CLIP(*arguments).eval()
