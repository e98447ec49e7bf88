#!/usr/bin/env python3
"""Makes this folder: Keras' files by Keras 2 (tf_keras), Keras 3, and Hugging Face's transformers on TensorFlow.

Runs in two environments, because Keras 2 needs TensorFlow: `make.py tf` writes the files of tf_keras and transformers,
`make.py keras3` those of Keras 3 with PyTorch below it, and either adds its rows to `manifest.json`: for each file what
h5py reads, by the path of each dataset.
"""

import hashlib
import io
import json
import os
import platform
import sys
import zipfile
from pathlib import Path

import h5py
import numpy

HERE = Path(__file__).resolve().parent
SEED = 12


def rows(path):
    """What h5py reads from a file, or from the weights in a .keras archive."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            source = io.BytesIO(archive.read("model.weights.h5"))
    else:
        source = path
    result = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf":
            array = numpy.asarray(item[()])
            content = numpy.ascontiguousarray(array).tobytes()
            result.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape),
                           "sha256": hashlib.sha256(content).hexdigest()})

    with h5py.File(source) as file:
        file.visititems(visit)
    return result


def record(entries, versions):
    path = HERE / "manifest.json"
    known = {entry["file"]: entry for entry in (json.loads(path.read_text()) if path.is_file() else [])}
    for name, container, note in entries:
        known[name] = {"file": name, "container": container, "note": note, "tensors": rows(HERE / name)}
    lines = []
    for entry in known.values():
        head = json.dumps({**entry, "tensors": []}).removesuffix("]}")
        lines.append(head + ",".join(f"\n  {json.dumps(row)}" for row in entry["tensors"]) + "]}")
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    path = HERE / "versions.json"
    value = json.loads(path.read_text()) if path.is_file() else {}
    value |= {"python": platform.python_version(), "seed": SEED, **versions}
    value["sha256"] = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in [*known, "manifest.json"]}
    path.write_text(json.dumps(value, indent=2) + "\n")


def layers(keras):
    """A model with one layer of each kind whose weights have a layout of their own."""
    keras.utils.set_random_seed(SEED)
    return keras.Sequential([
        keras.layers.Input((8, 8, 3)), keras.layers.Conv2D(4, (3, 2), name="conv"),
        keras.layers.BatchNormalization(name="batch_norm"), keras.layers.Flatten(), keras.layers.Dropout(0.1),
        keras.layers.Dense(5, name="dense"), keras.layers.LayerNormalization(name="norm")])


def keras3():
    os.environ["KERAS_BACKEND"] = "torch"
    import keras
    model = layers(keras)
    model.compile("sgd", "mse")
    model.fit(numpy.zeros((2, 8, 8, 3)), numpy.zeros((2, 5)), verbose=0)
    model.save(HERE / "keras3.keras")
    model.save_weights(HERE / "keras3.weights.h5")
    model.save(HERE / "keras3-legacy.h5")
    half = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, dtype="bfloat16", name="half")])
    half.save_weights(HERE / "keras3-bfloat16.weights.h5")
    record([("keras3.keras", "keras-archive", "Keras 3: model.save of a .keras archive"),
            ("keras3.weights.h5", "keras-weights", "Keras 3: save_weights"),
            ("keras3-bfloat16.weights.h5", "keras-weights", "Keras 3: save_weights of a layer in bfloat16"),
            ("keras3-legacy.h5", "keras-h5", "Keras 3: model.save in the legacy format")],
           {"keras": keras.__version__, "h5py": h5py.__version__})


def tensorflow():
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow
    import tf_keras
    import transformers
    model = layers(tf_keras)
    model.compile("sgd", "mse")
    model.save(HERE / "keras2.h5")
    model.save_weights(HERE / "keras2-weights.h5", save_format="h5")
    config = transformers.CLIPConfig(
        projection_dim=16, text_config=dict(vocab_size=99, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
                                            num_attention_heads=2, max_position_embeddings=12, projection_dim=16,
                                            bos_token_id=97, eos_token_id=98, pad_token_id=98),
        vision_config=dict(hidden_size=48, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
                           image_size=16, patch_size=8, projection_dim=16))
    tf_keras.utils.set_random_seed(SEED)
    clip = transformers.TFCLIPModel(config)
    clip(input_ids=numpy.array([[97, 1, 98]]), pixel_values=numpy.zeros((1, 3, 16, 16), dtype="f4"))
    clip.save_pretrained(HERE / "work")
    (HERE / "work" / "tf_model.h5").rename(HERE / "tf_model.h5")
    clip.save_pretrained(HERE / "work", max_shard_size="60KB")
    shards = sorted((HERE / "work").glob("tf_model-*.h5"))
    folder = HERE / "tf-sharded"
    folder.mkdir(exist_ok=True)
    for path in [*shards, HERE / "work" / "tf_model.h5.index.json", HERE / "work" / "config.json"]:
        path.rename(folder / path.name)
    for path in (HERE / "work").iterdir():
        path.unlink()
    (HERE / "work").rmdir()
    record([("keras2.h5", "keras-h5", "tf_keras: a whole model"),
            ("keras2-weights.h5", "keras-weights", "tf_keras: weights only"),
            ("tf_model.h5", "huggingface-tf", "transformers: TFCLIPModel.save_pretrained")]
           + [(f"tf-sharded/{path.name}", "huggingface-tf", "transformers: one of several shards") for path in shards],
           {"tensorflow": tensorflow.__version__, "tf_keras": tf_keras.__version__,
            "transformers": transformers.__version__})


if __name__ == "__main__":
    {"keras3": keras3, "tf": tensorflow}[sys.argv[1]]()
