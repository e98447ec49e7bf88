#!/usr/bin/env python3
"""Makes this folder: HDF5 files by h5py, of every type, layout and filter that a checkpoint may have, and hostile ones.

`manifest.json` lists for each file what h5py reads from it: path, type, shape and SHA-256 of the contiguous little-endian
bytes of each dataset. `refused` names datasets of other types or filters, `skipped` those that hold no numbers.
`error` is the kind of refusal that a hostile file gets, and `subject` the path that it names.
"""

import hashlib
import json
import platform
from pathlib import Path

import h5py
import ml_dtypes
import numpy

HERE = Path(__file__).resolve().parent
SEED = 8
CODES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16")


def digest(array):
    native = numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).reshape(array.shape)
    return hashlib.sha256(native.tobytes()).hexdigest()


class Folder:
    def __init__(self):
        self.entries = []

    def add(self, name, note, write, expected=(), refused=(), skipped=(), error=None, subject=None, **options):
        """One file, with what h5py reads of the datasets that are expected."""
        with h5py.File(HERE / name, "w", **options) as file:
            write(file)
        rows = []
        if error is None:
            with h5py.File(HERE / name) as file:
                for path, kind in dict(expected).items():
                    array = numpy.asarray(file[path][()])
                    if kind == "bfloat16":
                        array = array.view("u2") if array.dtype.kind == "V" else array
                    rows.append({"name": path, "dtype": kind, "shape": list(array.shape), "sha256": digest(array)})
        self.entries.append({"file": name, "note": note, "refused": list(refused), "skipped": list(skipped),
                             "error": error, "subject": subject, "tensors": rows})


def types(file):
    random = numpy.random.default_rng(SEED)
    for code in CODES:
        values = random.integers(0, 100, (3, 4)).astype(code)
        file[f"little/{code}"] = values
        if code[1:] != "1":
            file[f"big/{code}"] = values.astype(">" + code)
    file["bool"] = numpy.array([[True, False], [False, True]])
    half = random.normal(size=(2, 3)).astype(ml_dtypes.bfloat16)
    named = file.create_dataset("bfloat16", data=half.view("V2"))
    named.attrs["dtype"] = "bfloat16"
    file["scalar"] = numpy.float32(-1.25)
    file["empty"] = numpy.zeros((0, 3), dtype="f4")
    file["two bytes"] = half.view("V2")
    file["text"] = "a text"
    file["texts"] = numpy.array([b"a", b"bc"])
    file["structure"] = numpy.zeros(2, dtype=[("a", "<i4"), ("b", "<f4")])
    file["null"] = h5py.Empty("f4")
    file["reference"] = numpy.array([file["scalar"].ref], dtype=h5py.ref_dtype)
    file["enumeration"] = numpy.zeros(2, dtype=h5py.enum_dtype({"A": 0, "B": 5}, basetype="i1"))
    file["ragged"] = numpy.array([numpy.arange(2), numpy.arange(3)], dtype=h5py.vlen_dtype("i4"))
    file["type"] = numpy.dtype("f4")


def type_rows():
    names = {"b1": "bool"}
    rows = {}
    for code in CODES:
        name = numpy.dtype(code).name
        rows[f"little/{code}"] = name
        if code[1:] != "1":
            rows[f"big/{code}"] = name
    return rows | {"bool": "bool", "bfloat16": "bfloat16", "scalar": "float32", "empty": "float32"}


def layouts(file):
    values = numpy.random.default_rng(SEED).normal(size=(20, 30)).astype("f4")
    file.create_dataset("contiguous", data=values)
    file.create_dataset("chunked", data=values, chunks=(7, 11))
    file.create_dataset("deflate", data=values, chunks=(7, 11), compression="gzip", compression_opts=9)
    file.create_dataset("shuffle", data=values.astype(">f4"), chunks=(20, 5), compression="gzip", shuffle=True)
    file.create_dataset("fletcher", data=values, chunks=(7, 11), fletcher32=True)
    file.create_dataset("complex", data=values.astype(">c8"), chunks=(7, 11))
    file.create_dataset("growing", data=values, chunks=(4, 30), maxshape=(None, 30))
    file.create_dataset("never written", shape=(3, 3), dtype="f4", chunks=(2, 2), fillvalue=7)
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    small = values[:2, :3].copy()
    h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 3)), properties).write(
        h5py.h5s.ALL, h5py.h5s.ALL, small)
    file["again"] = file["contiguous"]
    file.create_dataset("lzf", data=values, compression="lzf")
    file.create_dataset("scale", data=(values * 100).astype("i4"), scaleoffset=0)


LAYOUTS = {name: "float32" for name in ("contiguous", "chunked", "deflate", "shuffle", "fletcher", "growing",
                                        "never written", "compact", "again")} | {"complex": "complex64"}


def keras_weights(file, split=False, missing=False, outside=False, twice=False, gap=False):
    """The legacy layout of Keras' weights: lists of names in attributes, maybe in parts."""
    layers = {"dense": ["dense/kernel:0", "dense/bias:0"], "dropout": [], "norm": ["norm/gamma:0"]}
    names = [name.encode() for name in layers]
    if missing:
        names.append(b"lost")
    if outside:
        names.append(b"../dense")
    if twice:
        names.append(b"dense")
    if split:
        file.attrs["layer_names0"] = names[:2]
        file.attrs["layer_names2" if gap else "layer_names1"] = names[2:]
    else:
        file.attrs["layer_names"] = names
    file.attrs["backend"] = "tensorflow"
    file.attrs["keras_version"] = "2.9.0"
    for layer, weights in layers.items():
        group = file.create_group(layer)
        group.attrs["weight_names"] = numpy.asarray([name.encode() for name in weights])
        for number, weight in enumerate(weights):
            group[weight] = numpy.arange(6, dtype="f4").reshape(2, 3) + number


KERAS = {"dense/dense/kernel:0": "float32", "dense/dense/bias:0": "float32", "norm/norm/gamma:0": "float32"}


def add_hostile(folder):
    def external_link(file):
        file["a"] = numpy.zeros(3, dtype="f4")
        file["b"] = h5py.ExternalLink("/etc/passwd", "/x")

    def soft_link(file):
        file["a"] = numpy.zeros(3, dtype="f4")
        file["group/b"] = h5py.SoftLink("/a")

    def external_storage(file):
        file.create_dataset("a", shape=(16,), dtype="u1", external=[("/etc/passwd", 0, 16)])

    def virtual(file):
        layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
        layout[:] = h5py.VirtualSource("/tmp/other.h5", "a", shape=(4,))
        file.create_virtual_dataset("a", layout)

    def bomb(file):
        file.create_dataset("a", shape=(1 << 20, 1 << 14), dtype="f4", chunks=(1024, 1024), compression="gzip", fillvalue=1)
        file["a"][0, 0] = 3

    def unwritten(file):
        file.create_dataset("a", shape=(1 << 18, 1 << 12), dtype="f4", chunks=(1024, 1024))

    def circle(file):
        file.create_group("a/b")
        file["a/b/c"] = file["a"]

    for name, note, write, error, subject in (
            ("external-link.h5", "a link into another file", external_link, "dangerous", "b"),
            ("soft-link.h5", "a link to a name", soft_link, "dangerous", "group/b"),
            ("external-storage.h5", "data in another file", external_storage, "dangerous", "a"),
            ("virtual.h5", "a dataset made of those of other files", virtual, "dangerous", "a"),
            ("bomb.h5", "64 GiB of fill values", bomb, "limit", "a"),
            ("unwritten.h5", "4 GiB that were never written", unwritten, "limit", "a"),
            ("circle.h5", "a group that contains itself", circle, "unsupported", "a/b/c")):
        folder.add(name, note, write, error=error, subject=subject)
    for name, options, error, subject in (
            ("keras-missing.h5", {"missing": True}, "missing", "lost"),
            ("keras-outside.h5", {"outside": True}, "malformed", "file"),
            ("keras-twice.h5", {"twice": True}, "malformed", "file"),
            ("keras-gap.h5", {"split": True, "gap": True}, "malformed", "file")):
        folder.add(name, "Keras' lists of names, wrong", lambda file: keras_weights(file, **options), error=error,
                   subject=subject)


def main():
    folder = Folder()
    refused = ["two bytes", "structure", "enumeration", "ragged"]
    skipped = ["text", "texts", "null", "reference", "type"]
    folder.add("types.h5", "every type", types, type_rows(), refused, skipped)
    folder.add("layouts.h5", "every layout and filter", layouts, LAYOUTS, ["lzf", "scale"])
    # HDF5 2.0 has a type of its own for complex numbers and a new form of filters, which earlier releases cannot open.
    later = ("complex", "deflate", "shuffle", "fletcher")
    plain = {path: kind for path, kind in LAYOUTS.items() if path not in later}
    folder.add("latest.h5", "the same with libver='latest', of HDF5 2.0", layouts, plain, [*later, "lzf", "scale"],
               libver="latest")
    folder.add("v110.h5", "the same with libver='v110'", layouts, LAYOUTS, ["lzf", "scale"], libver=("v110", "v110"))
    folder.add("user-block.h5", "behind a user block of 1024 bytes", layouts, LAYOUTS, ["lzf", "scale"],
               userblock_size=1024)
    folder.add("keras-legacy.h5", "Keras' legacy weights", keras_weights, KERAS)
    folder.add("keras-split.h5", "with its list in parts", lambda file: keras_weights(file, split=True), KERAS)
    add_hostile(folder)
    lines = []
    for entry in folder.entries:
        head = json.dumps({**entry, "tensors": []}).removesuffix("]}")
        lines.append(head + ",".join(f"\n  {json.dumps(row)}" for row in entry["tensors"]) + "]}")
    (HERE / "manifest.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    names = [entry["file"] for entry in folder.entries] + ["manifest.json"]
    record = {"python": platform.python_version(), "numpy": numpy.__version__, "h5py": h5py.__version__,
              "hdf5": h5py.version.hdf5_version, "ml_dtypes": ml_dtypes.__version__, "seed": SEED,
              "sha256": {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in names}}
    (HERE / "versions.json").write_text(json.dumps(record, indent=2) + "\n")
    print(f"{len(folder.entries)} files")


if __name__ == "__main__":
    main()
