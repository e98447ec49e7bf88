#!/usr/bin/env python3
"""Makes this folder: one small file for every variant of PyTorch's containers that a reader meets.

Every file is written by PyTorch. Where PyTorch cannot write a variant on this machine, its output is changed by
Python's own zipfile or its input is byte-swapped, and the manifest's note says so. `manifest.json` lists, for each
file, what PyTorch reads from it: the name (keys joined with '.'), type, shape and SHA-256 of the contiguous
little-endian bytes of each tensor. `torch_reads` is true when PyTorch was asked and read exactly these tensors; else
(it refuses the file, misreads it, or was not asked) they are the tensors that went into the file. `unreadable` names
tensors that have no plain storage. Files with `dangerous` hold a call of a function and are never loaded.

The legacy streams and `bare-pickle-*.pkl` differ in each run, because PyTorch names their storages by memory addresses; the
bytes of all other files follow from the seed and the versions.
"""

import argparse
import hashlib
import io
import json
import os
import pickle
import sys
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from unittest import mock

import numpy
import torch
from torch.utils.serialization import config as serialization_config

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tools"))

from clip_checkpoint import write_versions

from old_formats import OldTensor, OldVariable, legacy_with_views, tar_archive

SEED = 3
# The types that torch saves over an untyped storage.
UNTYPED = ("uint16", "uint32", "uint64", "complex32", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
           "float8_e5m2fnuz", "float8_e8m0fnu")
LIMIT = 100_000  # bytes of one file


def normal(*shape, dtype=torch.float32):
    return torch.randn(*shape).to(dtype)


def simple():
    """A plain state dict of a few tensors."""
    return OrderedDict([
        ("embedding.weight", normal(7, 5)),
        ("conv.weight", normal(4, 3, 3, 3)),
        ("conv.bias", normal(4, dtype=torch.float16)),
        ("norm.running_mean", normal(4)),
        ("norm.num_batches_tracked", torch.tensor(123456789012)),
    ])


def saved(value, **options):
    """The bytes that torch.save writes to a buffer."""
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def rezipped(content, method=zipfile.ZIP_STORED, root="archive", folders=False, keep=lambda name: True, order=None,
             zip64=False):
    """The records of a torch file that was saved to a buffer, written again by Python's zipfile under a given root."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as archive:
        names = [name for name in source.namelist() if keep(name)]
        if order is not None:
            names.sort(key=order)
        renamed = {name: root + name.removeprefix("archive") for name in names}
        if folders:
            parents = {name.rsplit("/", depth)[0] + "/"
                       for name in renamed.values() for depth in range(1, name.count("/") + 1)}
            for parent in sorted(parents):
                archive.writestr(zipfile.ZipInfo(parent), b"")
        for name in names:
            record = zipfile.ZipInfo(renamed[name])
            record.compress_type = method
            with archive.open(record, "w", force_zip64=zip64) as file:
                file.write(source.read(name))
    return target.getvalue()


def is_old_record(name):
    """Whether early releases wrote the record: data.pkl, version and the storages, nothing else."""
    record = name.split("/", 1)[1]
    return record in ("data.pkl", "version") or record.startswith("data/")


def views():
    """Tensors that are windows on storages: strided, permuted, expanded, shared, and the odd shapes."""
    base = torch.arange(48, dtype=torch.float32).reshape(6, 8) + 0.5
    packed = normal(9, 3)
    tied = normal(5, 4)
    return OrderedDict([
        ("offset", base[2:4]),
        ("column", base[:, 3]),
        ("every_other", base[1::2, ::3]),
        ("transposed", normal(3, 4).t()),
        ("permuted", normal(2, 3, 4).permute(2, 0, 1)),
        ("channels_last", normal(4, 3, 2, 2).contiguous(memory_format=torch.channels_last)),
        ("expanded", normal(3, 1).expand(3, 6)),
        ("expanded_scalar", torch.tensor(2.5).expand(2, 3)),
        ("overlapping", torch.arange(6, dtype=torch.float32).as_strided((4, 3), (1, 1))),
        ("packed.q", packed[0:3]),
        ("packed.k", packed[3:6]),
        ("packed.v", packed[6:9]),
        ("tied.input.weight", tied),
        ("tied.output.weight", tied),
        ("parameter", torch.nn.Parameter(normal(2, 2))),
        ("frozen_parameter", torch.nn.Parameter(normal(3), requires_grad=False)),
        ("scalar", torch.tensor(-1.25)),
        ("one", normal(1)),
        ("empty", torch.empty(0)),
        ("empty_rows", torch.empty(0, 5)),
        ("empty_at_offset", base[6:]),
        ("rank_6", normal(1, 2, 1, 2, 1, 2)),
    ])


def all_types():
    """One tensor of every element type that has a storage of its own, extreme values among them."""
    values = torch.tensor([0.0, -0.0, 1.0, -1.5, 0.1, 3.0e-8, 448.0, float("inf"), float("-inf"), float("nan")])
    tensors = OrderedDict()
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16,
                  torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz):
        tensors[str(dtype).removeprefix("torch.")] = values.to(dtype)
    tensors["float8_e8m0fnu"] = torch.tensor([0, 1, 127, 254, 255], dtype=torch.uint8).view(torch.float8_e8m0fnu)
    for dtype in (torch.int8, torch.int16, torch.int32, torch.int64,
                  torch.uint8, torch.uint16, torch.uint32, torch.uint64):
        limits = torch.iinfo(dtype)
        tensors[str(dtype).removeprefix("torch.")] = torch.tensor([limits.min, 0, 1, limits.max], dtype=dtype)
    tensors["bool"] = torch.tensor([[True, False, True]])
    for dtype in (torch.complex64, torch.complex128, torch.complex32):
        tensors[str(dtype).removeprefix("torch.")] = torch.tensor([1 + 2j, -0.5j, 3.25]).to(dtype)
    return tensors


def swapped_storages(tensors):
    """The same tensors over storages whose elements have their bytes reversed; shared storages stay shared."""
    storages, result = {}, OrderedDict()
    for name, tensor in tensors.items():
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in storages:
            copy = storage.clone()
            if copy.nbytes() > 0:
                copy.byteswap(tensor.dtype)
            storages[storage.data_ptr()] = copy
        target = torch.empty(0, dtype=tensor.dtype)
        target.set_(storages[storage.data_ptr()], tensor.storage_offset(), tensor.shape, tensor.stride())
        result[name] = target
    return result


def saved_big_endian(tensors):
    """What torch.save would write on a big-endian machine: storages swapped, the byteorder record `big`."""
    with mock.patch.object(sys, "byteorder", "big"):
        return saved(swapped_storages(tensors))


def training_checkpoint():
    """What a training script saves: weights under `module.`, a real optimizer with its state, and loose values."""
    model = torch.nn.Sequential(OrderedDict([
        ("fc", torch.nn.Linear(4, 3)), ("norm", torch.nn.BatchNorm1d(3)), ("out", torch.nn.Linear(3, 2))]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, betas=(0.9, 0.98), weight_decay=0.2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    for _ in range(2):
        optimizer.zero_grad()
        model(normal(5, 4)).square().mean().backward()
        optimizer.step()
        schedule.step()
    return {
        "epoch": 12,
        "name": "tiny \u2713 run",
        "state_dict": OrderedDict((f"module.{name}", tensor) for name, tensor in model.state_dict().items()),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "best": float("-inf"),
        "large": [2 ** 31, -2 ** 40, 2 ** 80 + 1, -1],
        "values": {"dtype": torch.float16, "device": torch.device("cpu"), "size": torch.Size([2, 3]), "none": None,
                   "flags": (True, False), "set": {1}, "bytes": b"\x00\xff", "nested": ({"deep": [normal(2)]},)},
    }


def cyclic():
    """A dictionary whose list holds the dictionary again: legal in a pickle."""
    value = {"weight": normal(2, 3)}
    value["history"] = [value]
    return value


class Call:
    """Pickles as a call of a function, as an attacker's object does."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Tagged(torch.Tensor):
    """A subclass of Tensor that the reader does not know."""


def with_attributes():
    """Tensors that PyTorch pickles by way of their class or with extra attributes."""
    tensor, parameter = normal(3, 2), torch.nn.Parameter(normal(4))
    tensor.note = "an attribute"
    parameter.note = "an attribute"
    return OrderedDict([("tensor", tensor), ("parameter", parameter), ("subclass", normal(2).as_subclass(Tagged)),
                        ("buffer", torch.nn.Buffer(normal(2, 2)))])


class Inner(torch.nn.Module):
    """Part of the scripted module."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(normal(2, 3).half())
        self.register_buffer("count", torch.tensor(7))

    def forward(self, x):
        return x @ self.weight.float()


class Scripted(torch.nn.Module):
    """A module whose archive holds attributes of many kinds beside its weights."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(normal(4, 2))
        self.blocks = torch.nn.Sequential(Inner(), torch.nn.ReLU())
        self.sizes = [1, 2, 3]
        self.rates = [0.5, 0.25]
        self.flags = [True, False]
        self.tensors = [torch.ones(2), torch.zeros(3)]
        self.names = {"a": 1, "b": 2}
        self.text = "text"
        self.ratio = 0.1
        self.loose = torch.arange(3)
        self.register_buffer("temporary", torch.full((2,), 9.0), persistent=False)

    def forward(self, x):
        for tensor in self.tensors:
            x = x + tensor.sum()
        return self.blocks(x @ self.weight) * self.ratio + self.sizes[0] + self.rates[0] + self.names["a"] \
            + self.loose.sum() + self.temporary.sum() + float(self.flags[0]) + len(self.text)


def described(name, tensor):
    """One line of the manifest."""
    tensor = tensor.detach().resolve_conj().resolve_neg().as_subclass(torch.Tensor).contiguous()
    content = tensor.flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() > 0 else b""
    return {"name": name, "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape),
            "sha256": hashlib.sha256(content).hexdigest()}


def tensors_in(value, path=(), seen=()):
    """Every dense tensor below a value with its name, keys and positions joined with '.'."""
    if isinstance(value, torch.Tensor):
        plain = value.layout == torch.strided and value.device.type == "cpu"
        if plain and not value.is_nested:
            yield ".".join(path), value.dequantize() if value.is_quantized else value
    elif isinstance(value, numpy.ndarray):
        if value.dtype.kind in "biufc":
            native = numpy.array(value, dtype=value.dtype.newbyteorder("="), order="C")
            yield ".".join(path), torch.from_numpy(native)
    elif isinstance(value, torch.UntypedStorage):
        yield ".".join(path), torch.tensor([], dtype=torch.uint8).set_(value)
    elif isinstance(value, torch.storage.TypedStorage):
        yield ".".join(path), torch.tensor([], dtype=value.dtype).set_(value._untyped_storage)
    elif isinstance(value, torch.nn.Module):
        yield from value.state_dict(prefix="".join(f"{part}." for part in path)).items()
    elif id(value) not in seen:
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, (list, tuple)):
            items = enumerate(value)
        else:
            return
        for key, item in items:
            yield from tensors_in(item, (*path, str(key)), (*seen, id(value)))


class Folder:
    """Writes the files and keeps the manifest."""

    def __init__(self):
        self.entries = []

    def add(self, name, content, tensors, note, torch_reads=True, **more):
        """One file. The listed tensors are what PyTorch loads from it, or `tensors` if it cannot or must not."""
        path = HERE / name
        path.write_bytes(content)
        if len(content) > LIMIT:
            raise SystemExit(f"{name}: {len(content)} bytes, above the limit of {LIMIT}")
        expected = [described(*item) for item in tensors_in(tensors)]
        if torch_reads:
            if zipfile.is_zipfile(path) and any(n.endswith("/constants.pkl") for n in zipfile.ZipFile(path).namelist()):
                loaded = dict(torch.jit.load(str(path)).state_dict())
            else:
                loaded = torch.load(path, weights_only=False)
            if [described(*item) for item in tensors_in(loaded)] != expected:
                raise SystemExit(f"{name}: PyTorch loads other tensors than were saved")
        self.entries.append({"file": name, "note": note, "torch_reads": torch_reads, **more, "tensors": expected})

    def write_manifest(self):
        """One tensor a line."""
        lines = []
        for entry in self.entries:
            tensors = [json.dumps(tensor, ensure_ascii=False) for tensor in entry["tensors"]]
            head = json.dumps({**entry, "tensors": []}, ensure_ascii=False).removesuffix("]}")
            lines.append(head + ",".join(f"\n  {tensor}" for tensor in tensors) + "]}")
        (HERE / "manifest.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        write_versions(HERE, SEED, [entry["file"] for entry in self.entries] + ["manifest.json"])


def add_containers(folder):
    """The same plain state dict in every form of the container."""
    plain = simple()
    default = saved(plain)
    folder.add("stored.pt", default, plain,
               "torch.save to a buffer: root `archive`, protocol 2, every record stored with a data descriptor")
    for protocol in (3, 4, 5):
        content = saved(plain, pickle_protocol=protocol)
        folder.add(f"protocol-{protocol}.pt", content, plain, f"pickle_protocol={protocol}")
    dotted = HERE / "model v1.2 final.pt"
    torch.save(plain, dotted)
    folder.add("root-dotted.pt", dotted.read_bytes(), plain,
               f"saved by torch under the name `{dotted.name}`, which gives the root its name")
    dotted.unlink()
    folder.add("root-unicode.pt", rezipped(default, root="mod\u00e8le-\u6a21\u578b"), plain,
               "stored.pt zipped again by Python's zipfile under a root of Unicode letters; PyTorch itself gives such "
               "names the root `archive`")
    many = OrderedDict((f"tensor.{index}", torch.full((2,), index)) for index in range(12))
    folder.add("many.pt", saved(many), many, "twelve storages: records data/0 to data/11 in numeric order")
    folder.add("empty.pt", saved(OrderedDict()), OrderedDict(), "a state dict without tensors: no data record at all")

    folder.add("deflated.pt", rezipped(default, zipfile.ZIP_DEFLATED), plain,
               "stored.pt zipped again by Python's zipfile with deflate")
    deeper = rezipped(default, zipfile.ZIP_DEFLATED, root="download/archive", folders=True)
    folder.add("deflated-folder.pt", deeper, plain,
               "as deflated.pt, one folder deeper and with entries for the folders", torch_reads=False)
    folder.add("zip64.pt", rezipped(default, zip64=True), plain,
               "stored.pt zipped again with zip64 fields in every local header")
    old = rezipped(saved(many), keep=is_old_record, order=lambda name: (name.endswith("version"), name))
    folder.add("old-layout.pt", old, many,
               "the layout of early releases: data.pkl, data/* in the order of the alphabet, version; no byteorder "
               "record. Records of a torch file zipped again by Python's zipfile")
    folder.add("byteorder-last.pt", saved(plain, _disable_byteorder_record=True), plain,
               "torch.save without its byteorder record: PyTorch's zip writer then adds one after the storages")
    with serialization_config.patch("save.storage_alignment", 4096):
        folder.add("aligned-4096.pt", saved(plain), plain, "storage_alignment 4096")
    torch.serialization.set_crc32_options(False)
    folder.add("no-crc.pt", saved(plain), plain, "set_crc32_options(False): every CRC-32 field is zero")
    torch.serialization.set_crc32_options(True)
    return plain


def add_tensors(folder, plain):
    """Every layout and element type, in the three containers and both byte orders."""
    windows = views()
    folder.add("views.pt", saved(windows), windows,
               "views, strides, shared storages, parameters, scalars, empty tensors")
    for protocol in (0, 2, 4):
        folder.add(f"bare-pickle-{protocol}.pkl", pickle.dumps(plain, protocol=protocol), plain,
                   "pickle.dumps of a state dict, no container: each tensor is a nested stream under "
                   "torch.storage._load_from_bytes", torch_reads=False)
    types = all_types()
    folder.add("types.pt", saved(types), types, "every element type")
    detached = OrderedDict((name, tensor.detach()) for name, tensor in (windows | types).items())
    untyped = OrderedDict((name, detached.pop(name)) for name in ("uint16", "uint32", "uint64", "complex32"))
    folder.add("big-endian.pt", saved_big_endian(detached), detached,
               "written on a little-endian machine as a big-endian one would: the bytes of every element reversed "
               "before torch.save, sys.byteorder patched to `big`")
    folder.add("big-endian-untyped.pt", saved_big_endian(untyped), untyped,
               "as big-endian.pt, of the types that torch saves over an untyped storage. PyTorch forgets to swap these "
               "when it loads them", torch_reads=False)


def add_contents(folder):
    """What stands beside the weights in real files, and tensors that are not plain."""
    training = training_checkpoint()
    folder.add("training.pt", saved(training), training,
               "a training checkpoint: weights under state_dict with the prefix `module.`, optimizer, schedule, loose "
               "values, tensors in lists")
    numbers = {
        "state_dict": simple(),
        "optimizer": {"param_groups": [{"lr": numpy.float64(1e-3), "step": numpy.int64(7)}]},
        "array": numpy.arange(6, dtype=numpy.float32).reshape(2, 3),
        "dtype": numpy.dtype("float16"),
        "flag": numpy.bool_(True),
    }
    folder.add("numpy-scalars.pt", saved(numbers), numbers, "numpy scalars, an array and a dtype beside the weights")
    options = {
        "state_dict": simple(),
        "args": argparse.Namespace(lr=0.1, extra=[normal(2)]),
        "path": Path("runs") / "1",
    }
    folder.add("unknown-classes.pt", saved(options), options,
               "objects of classes that a reader does not know; a further tensor is the state of one of them",
               beside=["args.extra.0"])
    circle = cyclic()
    folder.add("cyclic.pt", saved(circle), circle, "a dictionary that contains itself")
    attributes = with_attributes()
    folder.add("attributes.pt", saved(attributes), attributes,
               "a tensor and a parameter with attributes, a subclass, a Buffer")

    dense = normal(3)
    unreadable = {
        "sparse": torch.eye(3).to_sparse(),
        "sparse_rows": torch.eye(3).to_sparse_csr(),
        "meta": torch.empty(2, 2, device="meta"),
        "nested": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
    }
    folder.add("unreadable-tensors.pt", saved({"dense": dense, **unreadable}), {"dense": dense},
               "tensors that have no plain storage, beside one that has", unreadable=list(unreadable))
    lazy = {
        "plain": torch.tensor([1 + 2j, 3 - 4j]),
        "conjugate": torch.tensor([1 + 2j, 3 - 4j]).conj(),
        "negative": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
    }
    folder.add("lazy-bits.pt", saved(lazy), lazy,
               "the conjugate and the negative bit: the bytes as stored are not the values")
    scales, zeros = torch.tensor([0.01, 0.02, 0.03]), torch.tensor([0, 1, -2])
    quantized = {
        "per_tensor": torch.quantize_per_tensor(normal(3, 4), 0.02, 3, torch.qint8),
        "per_channel": torch.quantize_per_channel(normal(3, 4), scales, zeros, 0, torch.qint8),
    }
    scales64 = torch.rand(4, dtype=torch.float64) / 7 + 1e-3
    quantized |= {
        "unsigned": torch.quantize_per_tensor(normal(3, 4), 0.013, 120, torch.quint8),
        "wide": torch.quantize_per_tensor(normal(3, 4), 1e-7, -5, torch.qint32),
        "last_axis": torch.quantize_per_channel(normal(3, 4), scales64, torch.tensor([1, -2, 3, 0]), 1, torch.qint8),
        "convolution": torch.quantize_per_channel(normal(4, 3, 2, 2), scales64, torch.zeros(4), 0, torch.qint8),
    }
    quantized["transposed"] = quantized["per_tensor"].t()
    folder.add("quantized.pt", saved(quantized), quantized,
               "tensors quantized by PyTorch: what dequantize() gives, and in `quantized` their integers",
               quantized=[described(name, tensor.int_repr()) for name, tensor in quantized.items()])
    packed = torch.quantize_per_channel(normal(3, 4), torch.rand(3), torch.rand(3), 0, torch.quint4x2)
    folder.add("quantized-packed.pt", saved({"dense": dense, "packed": packed}), {"dense": dense},
               "four-bit integers, two in a byte, with float zero points", torch_reads=False, unreadable=["packed"])
    raw = torch.arange(5, dtype=torch.float16)
    storages = {"typed": raw.storage(), "untyped": raw.clone().untyped_storage(), "tensor": raw}
    folder.add("storages.pt", saved(storages), storages, "storages that stand alone, typed and untyped")


def numpy_arrays():
    """NumPy arrays of every kind of number, order and layout."""
    values = numpy.array([[0, 1, 2], [3, 100, 127]])
    arrays = {}
    for code in ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16"):
        arrays[code] = values.astype(code)
        if code[1:] != "1":
            arrays[f"big-endian {code}"] = values.astype(">" + code)
    arrays["columns first"] = numpy.asfortranarray(numpy.arange(12, dtype="f4").reshape(3, 4))
    arrays["scalar"] = numpy.array(2.5, dtype="f4")
    arrays["empty"] = numpy.zeros((0, 3), dtype="f4")
    return arrays


def add_arrays(folder):
    """Arrays of NumPy's inside PyTorch's archive, and pickled alone, in the protocols that spell bytes differently."""
    arrays = numpy_arrays()
    others = {"objects": numpy.array([{}, None], dtype=object), "text": numpy.array(["a", "bc"]),
              "structure": numpy.zeros(2, dtype=[("a", "i4"), ("b", "f4")])}
    folder.add("numpy-arrays.pt", saved(arrays | others), arrays, "NumPy arrays; those of objects, text and structures "
               "are no tensors", torch_reads=False, unreadable=list(others))
    for protocol in (0, 2, 3, 4, 5):
        folder.add(f"numpy-arrays-{protocol}.pkl", pickle.dumps(arrays, protocol=protocol), arrays,
                   f"pickle.dump of a dict of NumPy arrays, protocol {protocol}", torch_reads=False)


def add_legacy(folder, plain):
    """The formats before the zip archive, in the spellings that PyTorch reads."""
    windows = views()
    folder.add("legacy.pt", saved(windows, _use_new_zipfile_serialization=False), windows,
               "_use_new_zipfile_serialization=False: the stream of pickles of PyTorch before 1.6, with views")
    for protocol in (1, 4, 5):
        content = saved(plain, _use_new_zipfile_serialization=False, pickle_protocol=protocol)
        folder.add(f"legacy-protocol-{protocol}.pt", content, plain, f"the stream with pickle_protocol={protocol}")
    types = all_types()
    untyped = OrderedDict((name, types.pop(name)) for name in list(types) if name in UNTYPED)
    folder.add("legacy-types.pt", saved(types, _use_new_zipfile_serialization=False), types,
               "the stream with every element type that has a storage class")
    folder.add("legacy-untyped.pt", saved(untyped, _use_new_zipfile_serialization=False), untyped,
               "the stream with the types over untyped storages, which PyTorch writes and cannot read", torch_reads=False)
    base = normal(6, 8)
    parts = OrderedDict([("whole", base), ("rows", base[2:4]), ("row", base[5]), ("other", normal(3))])
    folder.add("legacy-views.pt", legacy_with_views(parts), parts,
               "the stream with view metadata, as early releases wrote it: each tensor is a view (key, offset, size) "
               "of a storage. Written with Python's pickle, read by PyTorch")
    old = OrderedDict([("float", normal(3, 2).t()), ("half", normal(4).half()), ("long", torch.arange(5)),
                       ("parameter", normal(2, 2))])
    spelled = OrderedDict([("float", OldTensor(old["float"], "FloatTensor")), ("half", OldTensor(old["half"], "HalfTensor")),
                           ("long", OldTensor(old["long"], "LongTensor")), ("parameter", OldVariable(old["parameter"]))])
    folder.add("legacy-old-tensors.pt", saved(spelled, _use_new_zipfile_serialization=False), old,
               "tensor classes made empty and given their state, as before PyTorch 0.4")
    model = torch.nn.Sequential(OrderedDict([("fc", torch.nn.Linear(4, 3)), ("norm", torch.nn.BatchNorm1d(3))]))
    named = OrderedDict(model.state_dict())
    folder.add("module.pt", saved(model), named, "a whole module, not its state dict")
    # The stream quotes the source of each class and the path it comes from, unless there is none.
    with mock.patch("torch.serialization.get_source_lines_and_file", side_effect=OSError):
        folder.add("legacy-module.pt", saved(model, _use_new_zipfile_serialization=False), named,
                   "a whole module in the stream, whose classes are persistent identifiers")
    tensors = OrderedDict([("weight", normal(4, 3)), ("transposed", normal(2, 5).t()), ("part", base[1:3])])
    tensors["whole"] = base
    folder.add("tar.pt", tar_archive(tensors, {"part": ("whole", 8)}), tensors,
               "the tar archive of PyTorch before 0.1.10, written with Python's tarfile and pickle, read by PyTorch")


def add_archive(folder):
    """A TorchScript archive. Its debug records would hold this machine's paths: PyTorch loads it without them and
    saves it again."""
    module = torch.jit.script(Scripted().eval())
    first, second = io.BytesIO(), io.BytesIO()
    torch.jit.save(module, first)
    stripped = rezipped(first.getvalue(), keep=lambda name: not name.endswith(".debug_pkl"))
    torch.jit.save(torch.jit.load(io.BytesIO(stripped)), second)
    folder.add("scripted.pt", second.getvalue(), dict(module.state_dict()),
               "a TorchScript archive with typed lists, a dictionary, a plain tensor attribute and a buffer that the "
               "Python module would not save", beside=["loose", "tensors.0", "tensors.1"])


def add_dangerous(folder):
    """Checkpoints that would run a function when unpickled."""
    for name, call in (("dangerous-system.pt", Call(os.system, "echo a checkpoint must never run this")),
                       ("dangerous-eval.pt", Call(eval, "1 + 1"))):
        weights = simple()
        folder.add(name, saved({"state_dict": weights, "hook": call}), {"state_dict": weights},
                   "holds a call of a function that runs commands; never loaded", torch_reads=False, dangerous=True)


def main():
    torch.manual_seed(SEED)
    warnings.filterwarnings("ignore")
    folder = Folder()
    plain = add_containers(folder)
    add_tensors(folder, plain)
    add_contents(folder)
    add_archive(folder)
    add_dangerous(folder)
    add_legacy(folder, plain)
    add_arrays(folder)
    folder.write_manifest()
    print(f"{len(folder.entries)} files")


if __name__ == "__main__":
    main()
