#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the safetensors fixtures of this folder with the reference library, and manifest.json with what they hold.

Files named reference-* are exactly what `safetensors.torch.save_file` wrote: our writer must make the same bytes. Files named variant-* carry
the same tensors in headers that other writers make, and the reference library reads them. Run: python3 make.py
"""

import hashlib
import json
import pathlib
import platform
import struct

import safetensors
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20240301
NAMES = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.float8_e5m2: "F8_E5M2", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e8m0fnu: "F8_E8M0", torch.float8_e4m3fnuz: "F8_E4M3FNUZ", torch.float8_e5m2fnuz: "F8_E5M2FNUZ",
    torch.int16: "I16", torch.uint16: "U16", torch.float16: "F16", torch.bfloat16: "BF16", torch.int32: "I32",
    torch.uint32: "U32", torch.float32: "F32", torch.complex64: "C64", torch.float64: "F64", torch.int64: "I64",
    torch.uint64: "U64",
}


def tensor_bytes(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def random_tensor(dtype, *shape):
    count = 1
    for extent in shape:
        count *= extent
    if dtype == torch.bool:
        return torch.randint(0, 2, shape, dtype=torch.uint8).bool()
    return torch.randint(0, 256, (count * dtype.itemsize,), dtype=torch.uint8).view(dtype).reshape(shape)


def cases():
    torch.manual_seed(SEED)
    yield "reference-every-type", {name: random_tensor(dtype, 3, 5) for dtype, name in NAMES.items()}, None
    yield "reference-shapes", {
        "scalar": random_tensor(torch.float32), "empty": random_tensor(torch.float32, 0),
        "also empty": random_tensor(torch.float16, 4, 0, 2), "vector": random_tensor(torch.float32, 7),
        "rank five": random_tensor(torch.bfloat16, 1, 2, 3, 1, 2), "byte": random_tensor(torch.uint8, 3),
        "half": random_tensor(torch.float16, 3),
    }, {"format": "pt"}
    yield "reference-names", {
        name: random_tensor(torch.float32, 2) for name in
        ("a", "B", "a.b", "ab", 'quote"', "back\\slash", "new\nline", "tab\t", "\x01", "\x7f", "/", "é", "文本", "\U0001f600", "")
    }, {"an é, a \" and a \\": "line\nand tab\t"}
    yield "reference-nothing", {}, None
    yield "reference-only-metadata", {}, {"key": "value"}
    yield "reference-golden", {
        "pixel_values": random_tensor(torch.float32, 2, 3, 4, 4), "input_ids": random_tensor(torch.int64, 3, 8),
        "image_embeds": random_tensor(torch.float32, 2, 16), "text_embeds": random_tensor(torch.float32, 3, 16),
        "logits_per_image": random_tensor(torch.float32, 2, 3),
    }, None


def like_pickles():
    """Headers of 128, 384, … bytes: the file begins with 0x80 and a number from 0 to 5, as pickles of these protocols do."""
    torch.manual_seed(SEED + 2)
    for number in range(6):
        length = 0x80 | number << 8
        tensors, metadata = {"weight": random_tensor(torch.float32, 2, 3)}, {"note": ""}
        while int.from_bytes(safetensors.torch.save(tensors, metadata)[:8], "little") < length:
            metadata["note"] += "x"
        yield f"reference-like-pickle-{number}", tensors, metadata


def description(tensors):
    return [
        {
            "name": name, "type": NAMES[tensor.dtype], "shape": list(tensor.shape),
            "sha256": hashlib.sha256(tensor_bytes(tensor)).hexdigest(),
        }
        for name, tensor in tensors.items()
    ]


def variants():
    """Headers laid out by hand: other writers differ in padding, order and alignment."""
    torch.manual_seed(SEED + 1)
    tensors = {"odd": random_tensor(torch.uint8, 3), "wide": random_tensor(torch.float32, 2, 2), "half": random_tensor(torch.float16, 5)}
    entries, data = {}, b""
    for name, tensor in tensors.items():
        end = len(data) + tensor.numel() * tensor.dtype.itemsize
        entries[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), end]}
        data += tensor_bytes(tensor)
    compact = json.dumps(entries, separators=(",", ":"))
    backwards = json.dumps(dict(reversed(entries.items())))
    yield "variant-unaligned", tensors, compact, data
    yield "variant-odd-header", tensors, compact + " " * ((4 - len(compact)) % 8 + 1), data
    yield "variant-leading-space", tensors, "\n\t \r" + " " * 500 + compact, data
    yield "variant-indented", tensors, json.dumps(entries, indent=2) + "\n", data
    yield "variant-header-backwards", tensors, backwards, data
    yield "variant-escaped-names", tensors, compact.replace('"odd"', '"\\u006fd\\u0064"').replace("dtype", "\\u0064type"), data


def tied_model():
    """Two layers of one weight, as save_model writes them: once, and the other name in the metadata."""
    torch.manual_seed(2)
    model = torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False), torch.nn.LayerNorm(5))
    model[1].weight = model[0].weight
    safetensors.torch.save_model(model, str(HERE / "tied-model.safetensors"), metadata={"format": "pt", "note": "0.weight"})


def main():
    manifest = {
        "seed": SEED, "safetensors": safetensors.__version__, "torch": torch.__version__,
        "python": platform.python_version(), "files": {},
    }

    def note(name, tensors, metadata):
        path = HERE / f"{name}.safetensors"
        read = safetensors.torch.load_file(path)
        assert {key: tensor_bytes(value) for key, value in read.items()} == {
            key: tensor_bytes(value) for key, value in tensors.items()}, name
        manifest["files"][path.name] = {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "metadata": metadata or {},
            "tensors": description(tensors),
        }

    for name, tensors, metadata in [*cases(), *like_pickles()]:
        safetensors.torch.save_file(tensors, HERE / f"{name}.safetensors", metadata)
        note(name, tensors, metadata)
    for name, tensors, header, data in variants():
        encoded = header.encode()
        (HERE / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(encoded)) + encoded + data)
        note(name, tensors, None)
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (HERE / "manifest.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
    tied_model()
