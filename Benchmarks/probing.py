#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logistic regression on 60,000 rows of 512 features: Ingot beside scikit-learn, on the same cores, to the same objective.

    probing.py INGOT [--threads 2] [--rounds 3] [--lambdas 1 100] [--types float32 float64] [--rows 60000] [--append]
        [--output Benchmarks/results/probing.json]

Features: 512 random projections of Fashion-MNIST's training images, rectified. scikit-learn's time is that of `fit` alone, on float32 and
on float64, whichever is quicker; Ingot's is that of the whole process, reading the files and scoring the test rows included.
A run takes minutes: with --append the strengths of the output are kept, so that each can be measured by a call of its own.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import result_files

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("ingot")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--lambdas", type=float, nargs="+", default=[1.0, 100.0])
parser.add_argument("--types", nargs="+", default=["float32", "float64"], help="scikit-learn's")
parser.add_argument("--rows", type=int, default=60_000)
parser.add_argument("--append", action="store_true", help="keep the other strengths that are in the output")
result_files.add_option(parser, "probing")
arguments = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(arguments.threads)
# OpenBLAS is to choose its kernels by itself.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy  # noqa: E402
import sklearn  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Tools"))
import fashion_mnist  # noqa: E402


def features(images, projection):
    pixels = images.numpy().reshape(len(images), -1).astype(numpy.float32) / 255
    return numpy.maximum(pixels @ projection, 0).astype(numpy.float32)


def objective(model, x, labels, c):
    scores = model.decision_function(x.astype(numpy.float64))
    top = scores.max(1, keepdims=True)
    losses = numpy.log(numpy.exp(scores - top).sum(1)) + top[:, 0] - scores[numpy.arange(len(labels)), labels]
    return float(c * losses.sum() + 0.5 * (model.coef_.astype(numpy.float64) ** 2).sum())


def main():
    random = numpy.random.default_rng(1)
    projection = (random.normal(size=(784, 512)) / 28).astype(numpy.float32)
    images, labels = fashion_mnist.read("train")
    test_images, test_labels = fashion_mnist.read("t10k")
    x, test = features(images[:arguments.rows], projection), features(test_images, projection)
    labels = labels[:arguments.rows].numpy().astype(numpy.int32)
    test_labels = test_labels.numpy().astype(numpy.int32)
    results = []
    if arguments.append and arguments.output.exists():
        results = [result for result in json.loads(arguments.output.read_text())["results"]
                   if result["lambda"] not in arguments.lambdas]
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: f"{folder}/{name}.npy" for name in ("train", "train-labels", "test", "test-labels")}
        for name, array in (("train", x), ("train-labels", labels), ("test", test), ("test-labels", test_labels)):
            numpy.save(paths[name], array)
        for strength in arguments.lambdas:
            c = 1 / strength
            theirs = []
            for kind in arguments.types:
                typed = x.astype(kind)
                for _ in range(arguments.rounds):
                    start = time.perf_counter()
                    model = LogisticRegression(C=c, max_iter=1000).fit(typed, labels)
                    theirs.append((time.perf_counter() - start, kind))
                exact = {"objective": objective(model, x, labels, c), "accuracy": float(model.score(test, test_labels)),
                         "iterations": int(model.n_iter_[0])}
            ours = []
            for _ in range(arguments.rounds):
                start = time.perf_counter()
                output = subprocess.run(
                    [arguments.ingot, "evaluate", "--train-features", paths["train"], "--train-labels", paths["train-labels"],
                     "--test-features", paths["test"], "--test-labels", paths["test-labels"], "--task", "linear-probe",
                     "--lambda", str(strength), "--threads", str(arguments.threads), "--json"],
                    check=True, capture_output=True).stdout
                ours.append(time.perf_counter() - start)
            found = json.loads(output)["results"][0]
            results.append({
                "lambda": strength,
                "sklearn": {"seconds": min(theirs)[0], "type": min(theirs)[1], **exact},
                "ingot": {"seconds": min(ours), "objective": found["probe"]["objective"], "accuracy": found["score"],
                          "iterations": found["probe"]["iterations"]},
                "objectiveDifference": found["probe"]["objective"] / exact["objective"] - 1,
                "times": min(theirs)[0] / min(ours),
            })
    results.sort(key=lambda result: result["lambda"])
    result_files.write(
        arguments.output, f"Logistic regression on {len(x):,} rows of 512 features",
        {"rows": len(x), "width": 512, "threads": arguments.threads, "sklearn": sklearn.__version__, "results": results},
        ["λ", f"scikit-learn {sklearn.__version__}, fit alone", "Ingot, whole process", "times as fast", "objective", "iterations",
         "accuracy"],
        [[f"{result['lambda']:g}", f"{result['sklearn']['seconds']:.2f} s ({result['sklearn']['type']})", f"{result['ingot']['seconds']:.2f} s",
          f"{result['times']:.2f}", f"{result['objectiveDifference']:+.1e}",
          f"{result['sklearn']['iterations']}, {result['ingot']['iterations']}",
          f"{result['sklearn']['accuracy']:.2%}, {result['ingot']['accuracy']:.2%}"] for result in results])


if __name__ == "__main__":
    main()
