#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scikit-learn and PyTorch find, for the tests of IngotEvaluation.

    make.py            writes everything beside this file; needs Debian's dataset-fashion-mnist for the zero-shot guesses

- probes/: features and labels (.npy), and in golden.json scikit-learn's LogisticRegression on them: objective, iterations, guesses.
- metrics.json: scores and labels with scikit-learn's metrics, and VOC 2007's 11-point average precision as its devkit computes it.
- mcnemar.json: SciPy's exact binomial test.
- zero-shot-guesses.npy, zero-shot-margins.npy: PyTorch's guesses for the 10,000 test images of Fashion-MNIST with the trained model in
  ../fashion-clip, and how far the best logit is above the second.
- class-names.txt, templates.txt: the prompts of that model in the form `ingot evaluate` reads.
"""

import hashlib
import json
import pathlib
import platform
import sys

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, top_k_accuracy_score

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEED = 7


def clusters(random, rows, width, classes, spread, scale=1.0):
    """Features that overlap: a centre for each class, noise round it."""
    centres = random.normal(size=(classes, width))
    labels = random.integers(0, classes, rows)
    labels[:classes] = numpy.arange(classes)
    features = (centres[labels] + spread * random.normal(size=(rows, width))) * scale
    return features.astype(numpy.float32), labels.astype(numpy.int32), centres


def objective(model, features, labels, c):
    """scikit-learn's objective in float64: C times the losses, plus half the squares of the weights."""
    scores = model.decision_function(features.astype(numpy.float64))
    if scores.ndim == 1:
        losses = numpy.logaddexp(0, numpy.where(labels == 1, -scores, scores))
    else:
        losses = numpy.log(numpy.exp(scores - scores.max(1, keepdims=True)).sum(1)) + scores.max(1) \
            - scores[numpy.arange(len(labels)), labels]
    return float(c * losses.sum() + 0.5 * (model.coef_.astype(numpy.float64) ** 2).sum())


def probes(random):
    folder = HERE / "probes"
    folder.mkdir(exist_ok=True)
    golden = {}
    cases = {"ten": (700, 37, 10, 2.0, 1.0), "two": (400, 16, 2, 2.5, 1.0), "wide": (120, 200, 5, 3.0, 0.1)}
    for name, (rows, width, classes, spread, scale) in cases.items():
        features, labels, _ = clusters(random, rows + 200, width, classes, spread, scale)
        train, test = slice(0, rows), slice(rows, None)
        for part, chosen in (("train", train), ("test", test)):
            numpy.save(folder / f"{name}-{part}.npy", features[chosen])
            numpy.save(folder / f"{name}-{part}-labels.npy", labels[chosen])
        golden[name] = []
        for c in (1e-4, 1e-2, 1.0, 100.0):
            fits = {}
            for kind in (numpy.float32, numpy.float64):
                model = LogisticRegression(C=c, max_iter=1000).fit(features[train].astype(kind), labels[train])
                fits[kind.__name__] = {
                    "objective": objective(model, features[train], labels[train], c),
                    "iterations": int(model.n_iter_[0]),
                    "guesses": model.predict(features[test].astype(kind)).tolist(),
                }
            exact = LogisticRegression(C=c, max_iter=100_000, tol=1e-12).fit(
                features[train].astype(numpy.float64), labels[train])
            golden[name].append({
                "c": c, "classes": classes, "fits": fits,
                "minimum": objective(exact, features[train], labels[train], c),
            })
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")


def several_classes():
    """Three labels a row, each probed alone as VOC 2007 is: the mean of scikit-learn's average precisions on the rows it was fitted to."""
    features = numpy.load(HERE / "probes" / "ten-train.npy").astype(numpy.float64)
    labels = numpy.load(HERE / "probes" / "ten-train-labels.npy")
    columns = [labels < 5, labels % 2 == 0, labels == 4]
    counted = [labels >= 0, labels >= 0, labels != 3]
    precisions = []
    for present, rows in zip(columns, counted):
        model = LogisticRegression(C=1.0, max_iter=100_000, tol=1e-10).fit(features[rows], present[rows])
        precisions.append(average_precision_11(model.decision_function(features[rows]), present[rows]))
    (HERE / "probes" / "several.json").write_text(json.dumps({"c": 1.0, "map-11": float(numpy.mean(precisions))}) + "\n")


def average_precision_11(scores, present):
    """PASCAL VOC 2007's measure (VOCevaldet.m, and py-faster-rcnn's voc_ap with use_07_metric)."""
    order = numpy.argsort(-scores, kind="stable")
    hits = present[order]
    recall = numpy.cumsum(hits) / hits.sum()
    precision = numpy.cumsum(hits) / numpy.arange(1, len(hits) + 1)
    # Recalls are compared as fractions, so that 3 of 10 reach the point 0.3.
    found = numpy.cumsum(hits)
    return float(sum(
        precision[10 * found >= point * hits.sum()].max(initial=0.0) if (recall >= 0).any() else 0 for point in range(11)
    ) / 11)


def metrics(random):
    rows, classes = 300, 8
    scores = random.normal(size=(rows, classes)).astype(numpy.float32).round(1)
    labels = random.integers(0, classes, rows)
    scores[numpy.arange(rows), labels] += numpy.float32(1)
    distinct = (scores + numpy.arange(classes) * -1e-4).astype(numpy.float32)
    # Eighths: their differences are exact, so that equal ones are equal for everybody.
    binary = (random.normal(size=(rows, 2)) * 8).round().astype(numpy.float32) / 8
    truth = random.integers(0, 2, rows)
    binary[numpy.arange(rows), truth] += numpy.float32(0.5)
    many = random.random((rows, 5)) < 0.3
    ignored = random.random((rows, 5)) < 0.1
    several = random.normal(size=(rows, 5)).astype(numpy.float32) + many.astype(numpy.float32)
    soft = numpy.exp(several.astype(numpy.float64))
    soft /= soft.sum(1, keepdims=True)
    precisions = [average_precision_11(soft[~ignored[:, k], k], many[~ignored[:, k], k]) for k in range(5)]
    guesses = distinct.argmax(1)
    top5 = top_k_accuracy_score(labels, distinct, k=5, labels=range(classes))
    document = {
        "scores": distinct.tolist(), "labels": labels.tolist(),
        "accuracy": float((guesses == labels).mean()),
        "mean-per-class": float(balanced_accuracy_score(labels, guesses)),
        "mean-top1-top5": float(((guesses == labels).mean() + top5) / 2),
        "binaryScores": binary.tolist(), "binaryLabels": truth.tolist(),
        "roc-auc": float(roc_auc_score(truth, binary[:, 1].astype(numpy.float64) - binary[:, 0])),
        "severalScores": several.tolist(),
        "severalLabels": numpy.where(ignored, -1, many.astype(int)).tolist(),
        "map-11": float(numpy.mean(precisions)),
    }
    (HERE / "metrics.json").write_text(json.dumps(document) + "\n")


def mcnemar():
    cases = [(0, 0), (1, 0), (5, 5), (3, 9), (0, 12), (40, 61), (700, 801), (6000, 6201)]
    document = [
        {"first": a, "second": b, "p": float(scipy.stats.binomtest(a, a + b, 0.5).pvalue) if a + b else 1.0}
        for a, b in cases
    ]
    (HERE / "mcnemar.json").write_text(json.dumps(document) + "\n")


def zero_shot():
    import torch
    sys.path.insert(0, str(ROOT / "Tools"))
    sys.path.insert(0, str(ROOT / "Fixtures" / "fashion-clip"))
    import fashion_mnist
    import zero_shot as tool
    from clip_checkpoint import model_from_state_dict, read_state_dict
    fixture = ROOT / "Fixtures" / "fashion-clip"
    described = json.loads((fixture / "prompts.json").read_text())
    (HERE / "class-names.txt").write_text("".join(f"{name}\n" for name in described["phrases"]))
    (HERE / "templates.txt").write_text("".join(f"{template}\n" for template in described["templates"]))
    torch.set_num_threads(2)
    model = model_from_state_dict(read_state_dict(fixture / "state_dict.pt"))
    images, labels = fashion_mnist.read("t10k")
    tokens, classes = tool.prompt_tokens(fixture)
    with torch.no_grad():
        texts = model.encode_text(tokens)
        texts = texts / texts.norm(dim=-1, keepdim=True)
        weights = texts.unflatten(0, (classes, -1)).mean(dim=1)
        weights = weights / weights.norm(dim=-1, keepdim=True)
        pixels = fashion_mnist.pixel_values(images)
        features = torch.cat([model.encode_image(part) for part in pixels.split(500)])
        features = features / features.norm(dim=-1, keepdim=True)
        logits = model.logit_scale.exp() * features @ weights.t()
    best = logits.topk(2, dim=1)
    numpy.save(HERE / "zero-shot-guesses.npy", best.indices[:, 0].numpy().astype(numpy.int32))
    numpy.save(HERE / "zero-shot-margins.npy", (best.values[:, 0] - best.values[:, 1]).numpy().astype(numpy.float32)[:, None])
    return {"correct": int((best.indices[:, 0] == labels).sum()), "torch": torch.__version__}


def main():
    random = numpy.random.default_rng(SEED)
    probes(random)
    several_classes()
    metrics(random)
    mcnemar()
    found = zero_shot()
    versions = {
        "python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__, "seed": SEED, **found, "sha256": {},
    }
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and path.suffix in (".npy", ".json", ".txt") and path.name != "versions.json":
            versions["sha256"][str(path.relative_to(HERE))] = hashlib.sha256(path.read_bytes()).hexdigest()
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
