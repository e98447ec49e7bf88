#!/usr/bin/env python3
"""Makes this folder: arrays and archives of every kind that NumPy writes.

`manifest.json` lists for each file what NumPy reads from it: name, type, shape and SHA-256 of the contiguous
little-endian bytes. `refused` names arrays that are not numbers, `others` members that are no arrays.
"""

import hashlib
import io
import json
import platform
import zipfile
from pathlib import Path

import ml_dtypes
import numpy

HERE = Path(__file__).resolve().parent
SEED = 5
CODES = ("b1", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16")


def described(name, array):
    native = numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).reshape(array.shape)
    return {"name": name, "dtype": array.dtype.newbyteorder("=").name, "shape": list(array.shape),
            "sha256": hashlib.sha256(native.tobytes()).hexdigest()}


def arrays():
    random = numpy.random.default_rng(SEED)
    result = {}
    for code in CODES:
        values = random.integers(0, 2 if code == "b1" else 100, (3, 4)).astype(code)
        result[f"little/{code}"] = values
        if code[1:] != "1":
            result[f"big/{code}"] = values.astype(">" + code)
    result["columns/first"] = numpy.asfortranarray(random.normal(size=(3, 4, 2)).astype("f4"))
    result["columns/first big"] = numpy.asfortranarray(random.normal(size=(3, 4)).astype(">f8"))
    result["scalar"] = numpy.array(-1.25, dtype="f4")
    result["one"] = numpy.array([7], dtype="i8")
    result["empty"] = numpy.zeros((0, 5), dtype="f4")
    result["empty columns"] = numpy.asfortranarray(numpy.zeros((4, 0, 2), dtype="f4"))
    return result


def others():
    return {"objects": numpy.array([{}, None], dtype=object), "text": numpy.array(["a", "bc"]),
            "bytes": numpy.array([b"a", b"bc"]), "time": numpy.array(["2020-01-01"], dtype="M8[D]"),
            "structure": numpy.zeros(2, dtype=[("a", "<i4"), ("b", "<f4", (2,))]),
            "void": numpy.zeros(2, dtype="V3"), "long": numpy.zeros(2, dtype="longdouble")}


def big_vision():
    """The tree of a checkpoint of big_vision's: bfloat16 is written as two bytes without a meaning."""
    random = numpy.random.default_rng(SEED + 1)
    half = ml_dtypes.bfloat16
    return {"params/img/embedding/kernel": random.normal(size=(2, 2, 3, 4)).astype(half),
            "params/img/Transformer/encoderblock_0/LayerNorm_0/scale": random.normal(size=4).astype("f4"),
            "params/txt/Embed_0/embedding": numpy.asfortranarray(random.normal(size=(5, 4)).astype(half)),
            "params/t": numpy.array([2.3], dtype="f4"), "params/b": numpy.array([-10.0], dtype="f4")}


class Folder:
    def __init__(self):
        self.entries = []

    def add(self, name, tensors, note, refused=(), others=()):
        rows = [described(key, array) for key, array in tensors.items()]
        self.entries.append({"file": name, "note": note, "refused": list(refused), "others": list(others),
                             "tensors": rows})

    def npz(self, name, write, tensors, note, more=()):
        more = dict(more)
        write(HERE / name, **tensors, **more)
        loaded = numpy.load(HERE / name)
        for key, array in tensors.items():
            if array.dtype != ml_dtypes.bfloat16 and not numpy.array_equal(loaded[key], array, equal_nan=True):
                raise SystemExit(f"{name}: NumPy reads another {key}")
        self.add(name, tensors, note, refused=more)

    def npy(self, name, array, note, version=None):
        with open(HERE / name, "wb") as file:
            numpy.lib.format.write_array(file, array, version=version)
        self.add(name, {"array": numpy.load(HERE / name)}, note)


def main():
    folder = Folder()
    everything = arrays()
    folder.npz("stored.npz", numpy.savez, everything, "numpy.savez of every kind of number, order and layout")
    folder.npz("deflated.npz", numpy.savez_compressed, everything, "numpy.savez_compressed of the same")
    folder.npz("others.npz", numpy.savez, {"weight": everything["little/f4"]},
               "arrays that are no numbers beside one that is", others())
    folder.npz("big-vision.npz", numpy.savez, big_vision(), "a tree as big_vision writes it, bfloat16 as V2")
    loose = {"weight": big_vision()["params/img/embedding/kernel"]}
    numpy.savez(HERE / "two-bytes.npz", **loose)
    folder.add("two-bytes.npz", {}, "bfloat16 without the names of big_vision", refused=loose)
    with zipfile.ZipFile(HERE / "members.npz", "w") as archive:
        buffer = io.BytesIO()
        numpy.save(buffer, everything["one"])
        archive.writestr("one.npy", buffer.getvalue())
        archive.writestr("README.txt", "not an array")
    folder.add("members.npz", {"one": everything["one"]}, "a member that is no array", others=["README.txt"])
    folder.npy("array.npy", everything["little/f4"], "numpy.save, version 1.0", (1, 0))
    folder.npy("version-2.npy", everything["big/i2"], "version 2.0", (2, 0))
    folder.npy("version-3.npy", everything["columns/first"], "version 3.0", (3, 0))
    lines = []
    for entry in folder.entries:
        head = json.dumps({**entry, "tensors": []}).removesuffix("]}")
        lines.append(head + ",".join(f"\n  {json.dumps(row)}" for row in entry["tensors"]) + "]}")
    (HERE / "manifest.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    names = [entry["file"] for entry in folder.entries] + ["manifest.json"]
    record = {"python": platform.python_version(), "numpy": numpy.__version__, "ml_dtypes": ml_dtypes.__version__,
              "seed": SEED, "sha256": {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in names}}
    (HERE / "versions.json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{len(folder.entries)} files")


if __name__ == "__main__":
    main()
