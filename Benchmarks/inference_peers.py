#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The peers that `inference.py` measures Ingot against, each in a process of its own.

    inference_peers.py export CHECKPOINT FOLDER TOWERS   writes what the peers run, from the same checkpoint
    inference_peers.py measure ENGINE FOLDER CHECKPOINT image|text BATCHES SECONDS
    inference_peers.py cold ENGINE FOLDER CHECKPOINT     one image, one text, then ends: the whole process is timed from outside
    inference_peers.py embed ENGINE FOLDER CHECKPOINT BUNDLE OUTPUT
    inference_peers.py bundle OUTPUT COUNT               inputs of the same kind, as a safetensors file
    inference_peers.py versions

ENGINE is torch, onnxruntime, onnxruntime-int8 or openvino. Each has two threads and its own best general settings.
"""

import json
import os
import sys
import time
from pathlib import Path

THREADS = int(os.environ.get("INGOT_BENCH_THREADS", "2"))
TOWERS = ("image", "text")


def inputs(tower, batch, size=224, length=77):
    """Numbers of no meaning but of the right size and range; texts fill the whole length, as the peers compute it in any case."""
    import numpy as np

    generator = np.random.default_rng(7)
    if tower == "image":
        return generator.standard_normal((batch, 3, size, size), dtype=np.float32)
    tokens = generator.integers(1, 49405, (batch, length), dtype=np.int64)
    tokens[:, 0], tokens[:, -1] = 49406, 49407
    return tokens


def torch_model(checkpoint):
    import torch

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Tools"))
    from clip_checkpoint import model_from_state_dict, read_state_dict

    torch.set_num_threads(THREADS)
    return model_from_state_dict(read_state_dict(checkpoint)).float().eval()


def tower_of(model, tower):
    import torch

    class Tower(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model.encode_image(x) if tower == "image" else self.model.encode_text(x)

    return Tower().eval()


def export(checkpoint, folder, towers):
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    model = torch_model(checkpoint)
    size = model.visual.input_resolution
    for tower in towers:
        path = folder / f"{tower}.onnx"
        torch.onnx.export(
            tower_of(model, tower), (torch.from_numpy(inputs(tower, 2, size)),), path, dynamo=False, opset_version=17,
            input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
        quantize_dynamic(path, folder / f"{tower}-int8.onnx", weight_type=QuantType.QInt8)


def runner(engine, tower, folder, checkpoint):
    """A function from inputs to outputs."""
    if engine == "torch":
        import torch

        module = tower_of(torch_model(checkpoint), tower)

        def run(x):
            with torch.inference_mode():
                return module(torch.from_numpy(x)).numpy()
        return run
    if engine.startswith("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        suffix = "-int8" if engine.endswith("int8") else ""
        session = onnxruntime.InferenceSession(
            folder / f"{tower}{suffix}.onnx", options, providers=["CPUExecutionProvider"])
        return lambda x: session.run(None, {"x": x})[0]
    import openvino

    # float32 as everybody else: some processors would otherwise compute in bfloat16.
    model = openvino.Core().compile_model(folder / f"{tower}.onnx", "CPU", {
        "INFERENCE_NUM_THREADS": THREADS, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
    request = model.create_infer_request()
    return lambda x: request.infer({0: x})[0]


def measure(engine, folder, checkpoint, size, tower, batches, seconds):
    """Rates for each batch size: of the best run and of the median one."""
    run = runner(engine, tower, folder, checkpoint)
    rows = []
    for batch in batches:
        x = inputs(tower, batch, size)
        for _ in range(2 if batch < 32 else 1):
            run(x)
        times, begin = [], time.perf_counter()
        while not times or time.perf_counter() - begin < seconds:
            start = time.perf_counter()
            run(x)
            times.append(time.perf_counter() - start)
        times.sort()
        rows.append({"batch": batch, "bestPerSecond": batch / times[0], "medianPerSecond": batch / times[len(times) // 2]})
    print(json.dumps(rows))


def embed(engine, folder, checkpoint, bundle, output):
    """The embeddings of a bundle's inputs, of unit length."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    given = load_file(bundle)
    found = {}
    for tower, source, name in (("image", "pixel_values", "image_embeds"), ("text", "input_ids", "text_embeds")):
        y = np.asarray(runner(engine, tower, folder, checkpoint)(given[source]), dtype=np.float32)
        found[name] = y / np.linalg.norm(y, axis=-1, keepdims=True)
    save_file(found, output)


def cold(engine, folder, checkpoint, size):
    import numpy as np

    embeddings = [runner(engine, tower, folder, checkpoint)(inputs(tower, 1, size)) for tower in TOWERS]
    embeddings = [e / np.linalg.norm(e, axis=-1, keepdims=True) for e in embeddings]
    print(float(100 * (embeddings[0] @ embeddings[1].T).item()))


def versions():
    import importlib.metadata

    return {name: importlib.metadata.version(name) for name in ("torch", "onnxruntime", "openvino", "numpy")}


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    size = int(os.environ.get("INGOT_BENCH_SIZE", "224"))
    if verb == "export":
        export(Path(rest[0]), Path(rest[1]), rest[2].split(","))
    elif verb == "versions":
        print(json.dumps(versions()))
    elif verb == "bundle":
        from safetensors.numpy import save_file

        count = int(rest[1])
        save_file({"pixel_values": inputs("image", count, size), "input_ids": inputs("text", count)}, rest[0])
    else:
        engine, folder, checkpoint, *rest = rest
        folder, checkpoint = Path(folder), Path(checkpoint)
        if verb == "measure":
            measure(engine, folder, checkpoint, size, rest[0], [int(b) for b in rest[1].split(",")], float(rest[2]))
        elif verb == "embed":
            embed(engine, folder, checkpoint, rest[0], rest[1])
        else:
            cold(engine, folder, checkpoint, size)
