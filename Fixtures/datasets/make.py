#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a miniature of each dataset's layout with the libraries that people use, and what torchvision reads from it.

Each folder is what somebody has after unpacking, with a handful of tiny pictures. golden.json has for each dataset and split what
torchvision's class reads where it has one (`reader` names it), else what this script put there: for each sample its file or place, the
key of its class in the dataset's own files, and where pixels are stored and not picture files, the SHA-256 of the pixels as rows of
RGB or grey bytes.
"""

import csv
import gzip
import hashlib
import io
import json
import pickle
import platform
import shutil
import struct
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import scipy.io
import torchvision
from PIL import Image
from torchvision import datasets as tv

HERE = Path(__file__).resolve().parent
SEED = 7
rng = np.random.default_rng(SEED)
golden = {}


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array, dtype=np.uint8).tobytes()).hexdigest()


def pixels(*shape):
    """A ramp and some noise: every pixel differs from its transposed one."""
    ramp = np.arange(int(np.prod(shape))).reshape(shape) * 7 + int(rng.integers(0, 200))
    return (ramp % 251).astype(np.uint8)


def smooth(*shape):
    value = rng.integers(0, 255, shape[-1])
    rows = np.arange(shape[0])[:, None, None] + 2 * np.arange(shape[1])[None, :, None] + value
    return np.broadcast_to(rows % 256, shape).astype(np.uint8)


def picture(path, mode="RGB", size=(8, 6)):
    path.parent.mkdir(parents=True, exist_ok=True)
    array = pixels(size[1], size[0], 3) if mode == "RGB" else pixels(size[1], size[0])
    image = Image.fromarray(array, mode)
    if path.suffix.lower() in (".jpg", ".jpeg"):
        image.save(path, "JPEG", quality=10, optimize=True)
    else:
        image.save(path)


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def folder(name):
    path = HERE / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


def keep(name, reader, split, samples):
    entry = golden.setdefault(name, {"reader": reader, "splits": {}})
    entry["splits"][split] = samples


def listed(name, reader, root, split, dataset, key, paths):
    """What a torchvision dataset of picture files reads: its own list of paths, and labels."""
    keep(name, reader, split, [
        {"name": str(Path(path).relative_to(root)), "key": key(label)} for path, label in zip(paths, (dataset[i][1] for i in range(len(dataset))))])


def stored(name, reader, split, dataset, key=str):
    """What a torchvision dataset of stored pixels reads."""
    keep(name, reader, split, [
        {"name": str(index), "key": key(dataset[index][1]), "pixels": digest(np.array(dataset[index][0]))}
        for index in range(len(dataset))])


# The files are ours, so their published digests cannot agree.
import torchvision.datasets.cifar as cifar_module
import torchvision.datasets.fer2013 as fer_module
import torchvision.datasets.flowers102 as flowers_module
import torchvision.datasets.imagenet as imagenet_module
import torchvision.datasets.stl10 as stl_module

for module in (cifar_module, fer_module, flowers_module, imagenet_module, stl_module):
    module.check_integrity = lambda path, md5=None: Path(path).is_file()


tv.STL10._check_integrity = lambda self: True


class Python2Pickler(pickle._Pickler):
    """Writes texts and bytes as Python 2 wrote them, which is how CIFAR is distributed: strings of bytes without a kind."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes_as_string(self, value):
        content = value.encode("latin1") if isinstance(value, str) else value
        if len(content) < 256:
            self.write(pickle.SHORT_BINSTRING + bytes([len(content)]) + content)
        else:
            self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(value)

    dispatch[str] = save_bytes_as_string
    dispatch[bytes] = save_bytes_as_string

    def save_global(self, obj, name=None):
        module = "numpy.core.multiarray" if obj.__module__.startswith("numpy._core.multiarray") else obj.__module__
        self.write(pickle.GLOBAL + module.encode() + b"\n" + (name or obj.__qualname__).encode() + b"\n")
        self.memoize(obj)

    dispatch[type(struct.pack)] = save_global
    dispatch[type(lambda: 0)] = save_global
    dispatch[type] = save_global


def python2_pickle(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        Python2Pickler(file, 2).dump(value)


def cifar10():
    root = folder("cifar10")
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    for number, batch in enumerate([f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]):
        labels = [int(x) for x in rng.integers(0, 10, 1)]
        data = pixels(1, 3072)
        python2_pickle(root / "cifar-10-batches-py" / batch, {
            "batch_label": f"batch {number}", "labels": labels, "data": data, "filenames": [f"picture_{number}.png"]})
        (root / "cifar-10-batches-bin").mkdir(exist_ok=True)
        (root / "cifar-10-batches-bin" / f"{batch}.bin").write_bytes(
            b"".join(bytes([label]) + row.tobytes() for label, row in zip(labels, data)))
    python2_pickle(root / "cifar-10-batches-py" / "batches.meta", {"num_cases_per_batch": 1, "label_names": names, "num_vis": 3072})
    text(root / "cifar-10-batches-bin" / "batches.meta.txt", "\n".join(names) + "\n\n")
    for split, train in (("train", True), ("test", False)):
        stored("cifar10", "CIFAR10", split, tv.CIFAR10(root, train=train), lambda label: names[label])


def cifar100():
    root = folder("cifar100")
    table = [line.split("\t")[0] for line in (HERE.parents[1] / "Formats/datasets/cifar100.txt").read_text().splitlines() if "\t" in line]
    coarse = [f"group_{i}" for i in range(20)]
    for part in ("train", "test"):
        fine, groups = [int(x) for x in rng.integers(0, 100, 2)], [int(x) for x in rng.integers(0, 20, 2)]
        data = pixels(2, 3072)
        python2_pickle(root / "cifar-100-python" / part, {
            "filenames": ["a.png", "b.png"], "batch_label": part, "fine_labels": fine, "coarse_labels": groups, "data": data})
        (root / "cifar-100-binary").mkdir(exist_ok=True)
        (root / "cifar-100-binary" / f"{part}.bin").write_bytes(
            b"".join(bytes([g, f]) + row.tobytes() for g, f, row in zip(groups, fine, data)))
    python2_pickle(root / "cifar-100-python" / "meta", {"fine_label_names": table, "coarse_label_names": coarse})
    for split, train in (("train", True), ("test", False)):
        stored("cifar100", "CIFAR100", split, tv.CIFAR100(root, train=train), lambda label: table[label])


def mnist():
    root = folder("mnist")
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for stem, count in (("train", 4), ("t10k", 3)):
        images, labels = pixels(count, 28, 28), rng.integers(0, 10, count).astype(np.uint8)
        for name, rank, array in ((f"{stem}-images-idx3-ubyte", 3, images), (f"{stem}-labels-idx1-ubyte", 1, labels)):
            content = struct.pack(f">HBB{rank}I", 0, 8, rank, *array.shape) + array.tobytes()
            # torchvision looks for the plain files, and people may have the compressed ones.
            (raw / name).write_bytes(content)
            (root / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    for split, train in (("train", True), ("test", False)):
        stored("mnist", "MNIST", split, tv.MNIST(root, train=train))


def stl10():
    root = folder("stl10")
    base = root / "stl10_binary"
    base.mkdir()
    for part, count in (("train", 2), ("test", 1)):
        pixels(count, 3, 96, 96).tofile(base / f"{part}_X.bin")
        rng.integers(1, 11, count).astype(np.uint8).tofile(base / f"{part}_y.bin")
    names = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
    text(base / "class_names.txt", "\n".join(names) + "\n")
    text(base / "fold_indices.txt", "".join(f"{line} \n" for line in ["1", "0", "1 0", "0 1", "0", "1", "0", "1", "0", "1"]))
    # torchvision counts labels from 0.
    for fold in (0, 2):
        stored("stl10", "STL10", f"train {fold + 1}", tv.STL10(root, split="train", folds=fold), lambda label: str(int(label) + 1))
    stored("stl10", "STL10", "test", tv.STL10(root, split="test"), lambda label: str(int(label) + 1))


def fer2013():
    for name, head, usage in (("fer2013", ["emotion", "pixels", "Usage"], 2), ("fer2013-icml", ["emotion", " Usage", " pixels"], 1)):
        root = folder(name)
        file = root / "fer2013" / ("fer2013.csv" if usage == 2 else "icml_face_data.csv")
        file.parent.mkdir()
        with open(file, "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(head)
            for index, use in enumerate(["Training", "PrivateTest", "Training", "PublicTest"]):
                values = " ".join(str((index * 3 + i // 48 + (i % 48) * 2) % 10) for i in range(2303)) + f" {250 + index}"
                row = [str(index + 1), values, use] if usage == 2 else [str(index + 1), use, values]
                writer.writerow(row)
        stored(name, "FER2013", "train", tv.FER2013(root, split="train"))
        stored(name, "FER2013", "validation+test in the file's order", tv.FER2013(root, split="test"))


def pcam():
    root = folder("pcam")
    base = root / "pcam"
    base.mkdir()
    for part, count in (("train", 5), ("valid", 2), ("test", 1)):
        x = np.stack([smooth(96, 96, 3) for _ in range(count)])
        y = rng.integers(0, 2, (count, 1, 1, 1)).astype(np.uint8)
        with h5py.File(base / f"camelyonpatch_level_2_split_{part}_x.h5", "w") as file:
            # One compressed in chunks of two pictures, one in chunks of one, one as it is.
            options = {"train": {"chunks": (2, 96, 96, 3), "compression": "gzip"}, "valid": {"chunks": (1, 96, 96, 3), "compression": "gzip"}}
            file.create_dataset("x", data=x, **options.get(part, {}))
        with h5py.File(base / f"camelyonpatch_level_2_split_{part}_y.h5", "w") as file:
            file.create_dataset("y", data=y)
    for split, name in (("train", "train"), ("validation", "val"), ("test", "test")):
        stored("pcam", "PCAM", split, tv.PCAM(root, split=name))


def food101():
    root = folder("food101")
    base = root / "food-101"
    lists = {"train": {"waffles": [11, 5], "apple_pie": [3]}, "test": {"apple_pie": [8], "waffles": [2], "pho": [1]}}
    for part, classes in lists.items():
        text(base / "meta" / f"{part}.json", json.dumps({c: [f"{c}/{i}" for i in ids] for c, ids in classes.items()}))
        for name, ids in classes.items():
            for i in ids:
                picture(base / "images" / name / f"{i}.jpg")
    text(base / "meta" / "classes.txt", "apple_pie\npho\nwaffles\n")
    for part in lists:
        data = tv.Food101(root, split=part)
        listed("food101", "Food101", base, part, data, lambda label: data.classes[label], data._image_files)


def sun397():
    root = folder("sun397")
    base = root / "SUN397"
    names = {"/a/abbey": 2, "/a/apartment_building/outdoor": 2, "/j/jail_cell": 2, "/j/jail/indoor": 2}
    lists = {"Training": [], "Testing": []}
    for name, count in names.items():
        for i in range(count):
            picture(base / name[1:] / f"sun_a{i}{name.count('/')}.jpg")
            lists["Training" if i == 0 else "Testing"].append(f"{name}/sun_a{i}{name.count('/')}.jpg")
    text(base / "ClassName.txt", "\n".join(names) + "\n")
    for partition, order in (("01", lists), ("02", {"Training": lists["Testing"], "Testing": lists["Training"]})):
        for stem, lines in order.items():
            text(root / "Partitions" / f"{stem}_{partition}.txt", "\n".join(lines) + "\n")
    # torchvision has no splits: its labels of all pictures, in the order of the partition's list.
    data = tv.SUN397(root)
    labels = {str(path.relative_to(base)): data[i][1] for i, path in enumerate(data._image_files)}
    known = list(names)
    for part, stem in (("train", "Training"), ("test", "Testing")):
        keep("sun397", "SUN397", part, [{"name": line[1:], "key": known[labels[line[1:]]][1:]} for line in lists[stem]])


def cars():
    root = folder("stanford-cars")
    base = root / "stanford_cars"
    names = [line.split("\t")[1] for line in (HERE.parents[1] / "Formats/datasets/stanford-cars.txt").read_text().splitlines() if "\t" in line]
    devkit = base / "devkit"
    devkit.mkdir(parents=True)
    # The dataset's own names, with the year last.
    own = [f"{' '.join(name.split()[1:])} {name.split()[0]}" if name.split()[0].isdigit() else name for name in names]
    scipy.io.savemat(devkit / "cars_meta.mat", {"class_names": np.array(own, dtype=object).reshape(1, -1)}, do_compression=True)

    def annotations(path, folder_name, rows, compressed):
        kind = [(f, object) for f in ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname")]
        array = np.zeros((1, len(rows)), dtype=kind)
        for i, (number, name) in enumerate(rows):
            array[0, i] = (np.uint16(1), np.uint16(2), np.uint16(300), np.uint16(200), np.uint8(number), name)
            picture(base / folder_name / name)
        scipy.io.savemat(path, {"annotations": array}, do_compression=compressed)

    annotations(devkit / "cars_train_annos.mat", "cars_train", [(14, "00001.jpg"), (3, "00002.jpg"), (196, "00003.jpg")], False)
    annotations(base / "cars_test_annos_withlabels.mat", "cars_test", [(1, "00001.jpg"), (181, "00002.jpg")], True)
    for part in ("train", "test"):
        data = tv.StanfordCars(root, split=part)
        listed("stanford-cars", "StanfordCars", base, part, data, lambda label: str(label + 1), [path for path, _ in data._samples])


def aircraft():
    root = folder("fgvc-aircraft")
    base = root / "fgvc-aircraft-2013b" / "data"
    variants = [line.split("\t")[0] for line in (HERE.parents[1] / "Formats/datasets/fgvc-aircraft.txt").read_text().splitlines() if "\t" in line]
    text(base / "variants.txt", "\n".join(variants) + "\n")
    lists = {"train": [("1025794", "707-320"), ("0056978", "F-16A/B")], "val": [("1514522", "Boeing 717")], "test": [("1514523", "707-320"), ("0034309", "Yak-42")]}
    for part, rows in lists.items():
        text(base / f"images_variant_{part}.txt", "".join(f"{i} {v}\n" for i, v in rows))
        for i, _ in rows:
            picture(base / "images" / f"{i}.jpg")
    for split, part in (("train", "train"), ("validation", "val"), ("test", "test")):
        data = tv.FGVCAircraft(root, split=part)
        listed("fgvc-aircraft", "FGVCAircraft", base, split, data, lambda label: data.classes[label], data._image_files)


def voc2007():
    root = folder("voc2007")
    base = root / "VOCdevkit" / "VOC2007"
    classes = [line.split("\t")[0] for line in (HERE.parents[1] / "Formats/datasets/voc2007.txt").read_text().splitlines() if "\t" in line]
    marks = {"train": {"000012": {"car": 1}, "000017": {"person": 1, "horse": 1, "dog": 0}}, "val": {"000005": {"chair": 1, "diningtable": 0}},
             "test": {"000001": {"dog": 1, "person": 1}, "000002": {"train": 1}}}
    for part, pictures in marks.items():
        for name in pictures:
            picture(base / "JPEGImages" / f"{name}.jpg")
        for key in classes:
            text(base / "ImageSets" / "Main" / f"{key}_{part}.txt", "".join(f"{n} {m.get(key, -1):2d}\n" for n, m in pictures.items()))
    for split, part in (("train", "train"), ("validation", "val"), ("test", "test")):
        keep("voc2007", None, split, [{
            "name": f"JPEGImages/{name}.jpg", "present": [k for k in classes if m.get(k) == 1], "ignored": [k for k in classes if m.get(k) == 0]}
            for name, m in marks[part].items()])


def dtd():
    root = folder("dtd")
    base = root / "dtd" / "dtd"
    names = ["banded/banded_0002.jpg", "polka-dotted/polka-dotted_0001.jpg", "zigzagged/zigzagged_0004.jpg", "banded/banded_0005.jpg"]
    for name in names:
        picture(base / "images" / name)
    for number, order in ((1, names), (2, names[::-1])):
        for part, rows in (("train", order[:2]), ("val", order[2:3]), ("test", order[3:])):
            text(base / "labels" / f"{part}{number}.txt", "\n".join(rows) + "\n")
    for split, part in (("train", "train"), ("validation", "val"), ("test", "test")):
        data = tv.DTD(root, split=part)
        listed("dtd", "DTD", base, split, data, lambda label: data.classes[label], data._image_files)


def pets():
    root = folder("oxford-pets")
    base = root / "oxford-iiit-pet"
    breeds = [line.split("\t")[0] for line in (HERE.parents[1] / "Formats/datasets/oxford-pets.txt").read_text().splitlines() if "\t" in line]
    order = sorted(breeds, key=str.lower)
    lists = {"trainval": ["Abyssinian_100", "american_bulldog_12", "Bengal_3"], "test": ["yorkshire_terrier_9", "Sphynx_1", "beagle_7"]}
    for part, names in lists.items():
        rows = []
        for name in names:
            breed = name.rsplit("_", 1)[0]
            rows.append(f"{name} {order.index(breed) + 1} {1 if breed[0].isupper() else 2} 1")
            picture(base / "images" / f"{name}.jpg")
        text(base / "annotations" / f"{part}.txt", "\n".join(rows) + "\n")
    # torchvision names the classes that it meets, from the files' names, with capitals; its labels are the files' numbers less one.
    for split, part in (("train", "trainval"), ("test", "test")):
        data = tv.OxfordIIITPet(root, split=part)
        listed("oxford-pets", "OxfordIIITPet", base, split, data, lambda label: order[label], data._images)


def flowers():
    root = folder("flowers102")
    base = root / "flowers-102"
    labels = np.array([77, 77, 73, 1, 102, 50], dtype=np.uint8).reshape(1, -1)
    base.mkdir()
    scipy.io.savemat(base / "imagelabels.mat", {"labels": labels}, do_compression=True)
    scipy.io.savemat(base / "setid.mat", {
        "trnid": np.array([[4, 1]], dtype=np.uint16), "valid": np.array([[3, 6]], dtype=np.uint16), "tstid": np.array([[2, 5]], dtype=np.uint16)})
    for i in range(1, 7):
        picture(base / "jpg" / f"image_{i:05d}.jpg")
    for split, part in (("train", "train"), ("validation", "val"), ("test", "test")):
        data = tv.Flowers102(root, split=part)
        # Newer versions count labels from 0.
        shift = 1 if min(min(tv.Flowers102(root, split=p)._labels) for p in ("train", "val", "test")) == 0 else 0
        listed("flowers102", "Flowers102", base, split, data, lambda label: str(label + shift), data._image_files)


def eurosat_and_others():
    for name, base, keys, suffix in (
        ("eurosat", "eurosat/2750", ["AnnualCrop", "Forest", "SeaLake"], "jpg"),
        ("resisc45", "NWPU-RESISC45", ["airplane", "wetland", "sea_ice"], "jpg"),
        ("caltech101", "caltech101/101_ObjectCategories", ["BACKGROUND_Google", "Faces", "airplanes", "yin_yang"], "jpg"),
    ):
        root = folder(name)
        count = {"eurosat": 3, "resisc45": 10, "caltech101": 2}[name]
        samples = []
        for key in keys:
            for i in range(1, count + 1):
                file = {"eurosat": f"{key}_{i}", "resisc45": f"{key}_{i:03d}", "caltech101": f"image_{i:04d}"}[name]
                picture(root / base / key / f"{file}.{suffix}", size=(2, 2))
                samples.append({"name": f"{key}/{file}.{suffix}", "key": key})
        reader = None
        if name == "eurosat":
            reader, data = "EuroSAT", tv.EuroSAT(root)
            samples = [{"name": str(Path(path).relative_to(root / base)), "key": data.classes[label]} for path, label in data.samples]
        keep(name, reader, "all", samples)


def gtsrb():
    root = folder("gtsrb")
    base = root / "gtsrb"
    for number, name, size in ((0, "00000_00000", (5, 7)), (42, "00001_00003", (6, 4)), (14, "00000_00001", (7, 7))):
        picture(base / "GTSRB" / "Training" / f"{number:05d}" / f"{name}.ppm", size=size)
    rows = [("00000.ppm", 16, (6, 5)), ("00001.ppm", 1, (4, 8))]
    with open(base / "GT-final_test.csv", "w", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(["Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId"])
        for name, number, size in rows:
            writer.writerow([name, size[0], size[1], 1, 1, size[0] - 1, size[1] - 1, number])
            picture(base / "GTSRB" / "Final_Test" / "Images" / name, size=size)
    for part in ("train", "test"):
        data = tv.GTSRB(root, split=part)
        keep("gtsrb", "GTSRB", part, [
            {"name": str(Path(path).relative_to(base)), "key": str(label), "pixels": digest(np.array(data[i][0]))}
            for i, (path, label) in enumerate(data._samples)])


def kitti():
    root = folder("kitti")
    base = root / "Kitti" / "raw"
    line = "{} 0.00 0 -1.57 1 2 3 4 1.5 1.6 3.7 1.84 1.47 {} -1.62"
    scenes = [[("Car", 7.99)], [("Car", 8.0), ("Pedestrian", 2.0)], [("Van", 19.9), ("Car", 30)], [("Truck", 20.0)],
              [("Pedestrian", 3.0), ("DontCare", -1000)], [], [("Tram", 5), ("Truck", 7.5)], [("Cyclist", 1), ("Van", 60.5)]]
    labels = []
    for i, objects in enumerate(scenes):
        picture(base / "training" / "image_2" / f"{i:06d}.png", size=(9, 3))
        text(base / "training" / "label_2" / f"{i:06d}.txt", "".join(line.format(kind, z) + "\n" for kind, z in objects))
        depths = [z for kind, z in objects if kind in ("Car", "Van", "Truck")]
        labels.append(3 if not depths else int(min(depths) >= 8.0) + int(min(depths) >= 20.0))
    films = [f"2011_09_26_drive_{i:04d}_sync" for i in (1, 2, 5, 9, 11, 13, 14, 15, 17, 18, 27, 28, 29, 32, 35, 36, 39, 46, 48, 51, 52)]
    mapping = [f"2011_09_26 {film} {n:010d}" for film in films for n in range(2)]
    order = [int(x) for x in rng.permutation(len(mapping))[: len(scenes)]]
    text(base / "mapping" / "train_mapping.txt", "\n".join(mapping) + "\n")
    text(base / "mapping" / "train_rand.txt", ",".join(str(x + 1) for x in order) + "\n")
    # As TensorFlow Datasets draws it: by film, with NumPy's generator. Only the films of labelled pictures take part.
    film_of = [mapping[x].split(" ")[1] for x in order]
    np.random.seed(seed=123)
    known = sorted(set(film_of))
    share = max(1, 10 * len(known) // 100)
    test = set(np.random.choice(known, share, replace=False))
    validation = set(np.random.choice(sorted(set(known) - test), share, replace=False))
    parts = {"train": [], "validation": [], "test": []}
    for i, film in enumerate(film_of):
        split = "test" if film in test else "validation" if film in validation else "train"
        parts[split].append({"name": f"training/image_2/{i:06d}.png", "key": str(labels[i])})
    for split, samples in parts.items():
        keep("kitti", "the rule of TensorFlow Datasets and NumPy's generator", split, samples)
    # The generator alone, for larger draws.
    draws = []
    for seed, count, wanted in ((123, 61, 6), (123, 1000, 5), (0, 7, 7), (4_294_967_295, 300, 4)):
        np.random.seed(seed=seed)
        draws.append({"seed": seed, "count": count, "choice": [int(x) for x in np.random.choice(count, wanted, replace=False)],
                      "next": [int(x) for x in np.random.choice(count - 1, 2, replace=False)]})
    golden["numpy-choice"] = draws


def trees():
    for name, base, keys, reader, suffix in (
        ("country211", "country211", ["AD", "CH", "ZW"], tv.Country211, "jpg"),
        ("rendered-sst2", "rendered-sst2", ["positive", "negative"], tv.RenderedSST2, "png"),
    ):
        root = folder(name)
        for part, count in (("train", 2), ("valid", 1), ("test", 1)):
            for key in keys:
                for i in range(count):
                    picture(root / base / part / key / f"{i}.{suffix}")
        for split, part in (("train", "train"), ("validation", "valid" if name == "country211" else "val"), ("test", "test")):
            data = reader(root, split=part)
            samples = data.samples if name == "country211" else data._samples
            classes = data.classes
            keep(name, reader.__name__, split, [
                {"name": str(Path(path).relative_to(root / base)), "key": classes[label]} for path, label in samples])


def ucf101():
    root = folder("ucf101")
    lists = {"trainlist": ["ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01", "HandstandPushups/v_HandStandPushups_g01_c01"], "testlist": ["YoYo/v_YoYo_g01_c02"]}
    for number, order in ((1, lists), (2, {"trainlist": lists["testlist"], "testlist": lists["trainlist"]}), (3, lists)):
        for stem, names in order.items():
            numbered = "".join(f"{n}.avi {i + 1}\n" if stem == "trainlist" else f"{n}.avi\n" for i, n in enumerate(names))
            text(root / "ucfTrainTestlist" / f"{stem}0{number}.txt", numbered.replace("\n", "\r\n"))
    for names in lists.values():
        for name in names:
            picture(root / "UCF-101" / f"{name}.jpg")
    for split, stem in (("train", "trainlist"), ("test", "testlist")):
        keep("ucf101", None, split, [{"name": f"UCF-101/{n}.jpg", "key": n.split("/")[0]} for n in lists[stem]])


def kinetics():
    root = folder("kinetics700")
    rows = {"train": [("abseiling", "0347ZoDXyP0", 95, 105), ("zumba", "_abc-DEF123", 0, 10), ("abseiling", "gone0000000", 5, 15)],
            "val": [("passing American football (in game)", "--07WQ2iBlw", 1, 11), ("zumba", "zzzzzzzzzzz", 20, 30)]}
    for part, entries in rows.items():
        (root / "annotations").mkdir(exist_ok=True)
        with open(root / "annotations" / f"{part}.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["label", "youtube_id", "time_start", "time_end", "split"])
            for label, name, start, end in entries:
                writer.writerow([label, name, start, end, part])
                if not name.startswith("gone"):
                    picture(root / part / label.replace(" ", "_") / f"{name}_{start:06d}_{end:06d}.jpg")
        keep("kinetics700", None, "train" if part == "train" else "test", [
            {"name": f"{part}/{l.replace(' ', '_')}/{n}_{s:06d}_{e:06d}.jpg", "key": l} for l, n, s, e in entries if not n.startswith("gone")])


def clevr():
    root = folder("clevr-counts")
    base = root / "clevr" / "CLEVR_v1.0"
    for part, counts in (("train", [3, 10, 7]), ("val", [4, 3])):
        scenes = []
        for i, count in enumerate(counts):
            name = f"CLEVR_{part}_{i:06d}.png"
            picture(base / "images" / part / name, size=(6, 4))
            objects = [{"color": "blue", "size": "large", "3d_coords": [1.5, -2e-1, 0.35], "pixel_coords": [1, 2, 3.0]} for _ in range(count)]
            scenes.append({"image_index": i, "objects": objects, "relationships": {"right": [[1], []]}, "image_filename": name, "split": part,
                           "directions": {"left": [-0.1, 0.2, -0.0]}})
        text(base / "scenes" / f"CLEVR_{part}_scenes.json", json.dumps({"info": {"date": "2/14/2017", "license": "\u00e9 \"x\""}, "scenes": scenes}))
        data = tv.CLEVRClassification(root, split=part)
        listed("clevr-counts", "CLEVRClassification", base, "train" if part == "train" else "test", data, str, data._image_files)


def memes():
    root = folder("hateful-memes")
    rows = {"train": [(42953, 0), (1236, 1)], "dev": [(8291, 1), (46971, 0)]}
    for part, entries in rows.items():
        lines = [json.dumps({"id": i, "img": f"img/{i:05d}.png", "label": label, "text": f"it's \u2603 \"{i}\""}) for i, label in entries]
        text(root / f"{part}.jsonl", "\n".join(lines) + ("\n" if part == "train" else ""))
        for i, _ in entries:
            picture(root / "img" / f"{i:05d}.png")
        keep("hateful-memes", None, "train" if part == "train" else "test", [{"name": f"img/{i:05d}.png", "key": str(l)} for i, l in entries])
    text(root / "test.jsonl", json.dumps({"id": 1, "img": "img/00001.png", "text": "no label"}) + "\n")


def birdsnap():
    root = folder("birdsnap")
    base = root / "birdsnap"
    species = [(1, "Acadian Flycatcher"), (2, "Anna's Hummingbird"), (7, "Yellow-rumped Warbler")]
    names = {line.split("\t")[0] for line in (HERE.parents[1] / "Formats/datasets/birdsnap.txt").read_text().splitlines() if "\t" in line}
    by_letters = {"".join(c for c in n.lower() if c.isalpha()): n for n in names}
    text(base / "species.txt", "id\tcommon\tscientific\tdir\n" + "".join(f"{i}\t{n}\tGenus species\t{n.replace(' ', '_')}\n" for i, n in species))
    rows = [(2, "annas/20.jpg", True), (1, "acadian/10.jpg", True), (7, "yellow/31.jpg", True), (1, "acadian/11.jpg", False)]
    head = "url\tmd5\tpath\tspecies_id\tbb_x1\tbb_y1\tbb_x2\tbb_y2\n"
    text(base / "images.txt", head + "".join(f"http://example.org/{p}\t0\t{p}\t{i}\t0\t0\t9\t9\n" for i, p, _ in rows))
    text(base / "test_images.txt", "path\nyellow/31.jpg\n")
    for _, path, exists in rows:
        if exists:
            picture(base / "download" / "images" / path)
    key = {i: by_letters["".join(c for c in n.lower() if c.isalpha())] for i, n in species}
    for split in ("train", "test"):
        keep("birdsnap", None, split, [
            {"name": f"download/images/{p}", "key": key[i]} for i, p, e in rows if e and (split == "test") == p.startswith("yellow")])


def imagenet():
    root = folder("imagenet")
    words = {1: "n02119789", 2: "n01440764", 3: "n15075141", 4: "n04409515"}
    kind = [(f, object) for f in ("ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children", "wordnet_height", "num_train_images")]
    synsets = np.zeros((5, 1), dtype=kind)
    for i, (number, word) in enumerate(list(words.items()) + [(1001, "n00001740")]):
        leaf = number < 1000
        synsets[i, 0] = (np.int16(number), word, f"name {i}", "what it is", np.uint8(0 if leaf else 2),
                         np.zeros((1, 0)) if leaf else np.array([[1, 2]], dtype=np.uint16), np.uint8(0), np.uint16(1300))
    truth = [3, 1, 2, 3]
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, {"synsets": synsets}, do_compression=True)

    def add(archive, name, content):
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))

    def jpeg():
        out = io.BytesIO()
        Image.fromarray(pixels(6, 8, 3)).save(out, "JPEG", quality=10, optimize=True)
        return out.getvalue()

    kit = io.BytesIO()
    with tarfile.open(fileobj=kit, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("ILSVRC2012_devkit_t12/data")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
        add(archive, "ILSVRC2012_devkit_t12/data/meta.mat", buffer.getvalue())
        add(archive, "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "".join(f"{x}\n" for x in truth).encode())
    (root / "ILSVRC2012_devkit_t12.tar.gz").write_bytes(gzip.compress(kit.getvalue(), mtime=0))
    with tarfile.open(root / "ILSVRC2012_img_val.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        for i in (2, 0, 3, 1):
            add(archive, f"ILSVRC2012_val_{i + 1:08d}.JPEG", jpeg())
    with tarfile.open(root / "ILSVRC2012_img_train.tar", "w", format=tarfile.GNU_FORMAT) as archive:
        for word in ("n01440764", "n15075141"):
            inner = io.BytesIO()
            with tarfile.open(fileobj=inner, mode="w", format=tarfile.GNU_FORMAT) as part:
                add(part, f"{word}_10026.JPEG", jpeg())
            add(archive, f"{word}.tar", inner.getvalue())
    # torchvision's own reading of the kit.
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(root / "ILSVRC2012_devkit_t12.tar.gz", place)
        imagenet_module.parse_devkit_archive(place)
        read = imagenet_module.load_meta_file(place)[1]
    keep("imagenet", "ImageNet", "test", [{"name": f"ILSVRC2012_val_{i + 1:08d}.JPEG", "key": word} for i, word in enumerate(read)])
    keep("imagenet", "ImageNet", "train", [{"name": f"{w}_10026.JPEG", "key": w} for w in ("n01440764", "n15075141")])


def own():
    root = folder("own")
    for part, names in (("train", ["red_fox", "cat"]), ("test", ["cat", "red_fox", "dog"])):
        for name in names:
            picture(root / "folders" / part / name / "1.png", size=(4, 3))
    for name in ("b", "a", "B"):
        picture(root / "flat" / name / f"{name}1.jpg", size=(4, 3))
    picture(root / "table" / "x, y.png", size=(4, 3))
    picture(root / "table" / "deep" / "2.png", size=(4, 3))
    with open(root / "table" / "pictures.csv", "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["path", "label", "split"])
        writer.writerows([["x, y.png", "10", "train"], ["deep/2.png", "9", "test"], ["x, y.png", "say \"hi\"", "test"]])
    text(root / "names.txt", "red_fox\tred fox\tfox\ncat\tcat\ndog\tdog\n")
    text(root / "templates.txt", "a {} here.\n\nthis is {}\n")


def mat():
    """MATLAB files of every kind of array."""
    root = folder("mat")
    import scipy.sparse
    values = {
        "d": np.array([[1.5, -2.0], [3.25, 1e300]]), "f": np.float32([[0.1]]), "b": np.array([[True, False]]), "e": np.zeros((0, 3)),
        "text": "h\u00e9llo \u2603", "rows": np.array(["ab", "cd"]), "cell": np.array([1, "x", np.array([[2, 3]])], dtype=object),
        "nested": {"a": {"b": {"c": 7}}}, "sparse": scipy.sparse.csc_matrix(np.eye(3)), "complex": np.array([[1 + 2j]]),
        "cube": np.arange(24).reshape(2, 3, 4).astype(np.int32),
        **{f"{kind}{bits}": np.array([[np.iinfo(f"{kind}{bits}").max, 0]], dtype=f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64)}}
    for name, compressed in (("plain", False), ("compressed", True)):
        scipy.io.savemat(root / f"{name}.mat", values, do_compression=compressed)
    scipy.io.savemat(root / "v4.mat", {"x": np.array([[1.0]])}, format="4")
    golden["mat"] = {"d": values["d"].flatten("F").tolist(), "cube": values["cube"].flatten("F").tolist(), "text": values["text"]}


def main():
    for make in (cifar10, cifar100, mnist, stl10, fer2013, pcam, food101, sun397, cars, aircraft, voc2007, dtd, pets, flowers, eurosat_and_others,
                 gtsrb, kitti, trees, ucf101, kinetics, clevr, memes, birdsnap, imagenet, own, mat):
        make()
    # scipy writes the date into the header's text, which nothing reads.
    for path in HERE.rglob("*.mat"):
        content = path.read_bytes()
        if content[:6] == b"MATLAB":
            path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(116) + content[116:])
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
    files = {str(path.relative_to(HERE)): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in sorted(HERE.rglob("*")) if path.is_file() and path.name not in ("make.py", "versions.json")}
    versions = {name: version(name) for name in ("h5py", "numpy", "pillow", "scipy", "torchvision")}
    (HERE / "versions.json").write_text(json.dumps(
        {"python": platform.python_version(), "versions": versions, "seed": SEED, "sha256": files}, indent=1, sort_keys=True) + "\n")
    print(f"{len(files)} files, {sum((HERE / name).stat().st_size for name in files):,} bytes")


main()
