#!/usr/bin/env python3
"""Checks every bundle, `versions.json` and `expected.json` of this folder.

    check.py

Reads the bundles and checkpoints only; run it after any `make.py`. It reports, for each folder: the largest
difference of its float32 figures from the float64 ones, that `versions.json` names every file and its right digest,
that embeddings have unit length, and that no two rows of the embeddings are alike.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

FAMILIES = Path(__file__).resolve().parent
sys.path.insert(0, str(FAMILIES))
from common import file_sha256


def faults(folder, facts):
    """Every fault of one folder, in words."""
    values = load_file(folder / "golden.safetensors")
    record = json.loads((folder / "versions.json").read_text())["sha256"]
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"versions.json"}
    if files != set(record):
        yield f"versions.json names {sorted(files ^ set(record))} wrongly"
    for name in files & set(record):
        if file_sha256(folder / name) != record[name]:
            yield f"{name} has another digest"
    for name in ("image_embeds", "text_embeds"):
        if name in values:
            rows = values[name]
            if (rows.norm(dim=1) - 1).abs().max() > 1e-5:
                yield f"{name} not of unit length"
            alike = rows @ rows.t() - 2 * torch.eye(len(rows))
            if alike.max() > 0.9999:
                yield f"{name}: two rows are alike ({alike.max():.6f})"
            if (rows.double() - values[f"{name}_f64"]).abs().max() > 6e-6:
                yield f"{name}: float32 is far from float64"
    for tower, key in (("vision", "image_embeds"), ("text", "text_embeds")):
        if (tower in facts) != (key in values):
            yield f"{tower} is in one of expected.json and the bundle only"
        if tower in facts and f"{tower}.hidden.0" not in values:
            yield f"no {tower}.hidden.0"


def main():
    expected = json.loads((FAMILIES / "expected.json").read_text())
    folders = {str(path.parent.relative_to(FAMILIES)) for path in FAMILIES.rglob("golden.safetensors")}
    wrong = [f"{name}: only in expected.json or only a folder" for name in sorted(folders ^ set(expected))]
    for name in sorted(folders & set(expected)):
        wrong += [f"{name}: {fault}" for fault in faults(FAMILIES / name, expected[name])]
    print("\n".join(wrong) or f"{len(folders)} folders are in order")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
