#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every task of the paper on data that a clean Debian machine has: the table, the three pictures and the page of `Benchmarks/results/evaluation`.

    evaluation.py INGOT [--work evaluation] [--results Benchmarks/results/evaluation] [--threads N] [--draws 10]
        [--datasets fashion-mnist shoes tops digits]

Models: the CLIP that was trained on Fashion-MNIST, as float32, float16 and int8, and the three image towers of `Fixtures/extractors`.
Datasets: Fashion-MNIST (Debian: dataset-fashion-mnist), two parts of it as folders of pictures (three kinds of shoes, five kinds of tops,
whose kinds look most alike), and scikit-learn's handwritten digits (Debian: python3-sklearn), which no model has seen, as a folder. Features are
kept in the work folder, so that a second run, or one that was interrupted, goes on.
"""

import argparse
import gzip
import json
import pathlib
import platform
import shlex
import shutil
import struct
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")
NAMES = (ROOT / "Fixtures" / "evaluation" / "class-names.txt").read_text().splitlines()
SHOES, TOPS = (5, 7, 9), (0, 2, 3, 4, 6)
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Files of towers, and the side of the pictures that each was trained on.
EXTRACTORS = {"resnet50/resnet50.pth": 28, "bit/BiT-M-R50x1.npz": 56, "simclr/r50_1x_sk0.pth": 28}
TASKS = ("zero-shot", "linear-probe", "few-shot", "data-efficiency")


def png(width, height, grey):
    """A PNG of bytes, one a pixel."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + bytes(grey[y * width:(y + 1) * width]) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_folder(folder, parts):
    """`parts`: split, class and pictures (width, height, bytes), as the `folder` dataset has them."""
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for split, name, pictures in parts:
        place = folder / split / name
        place.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(pictures):
            (place / f"{number:05}.png").write_bytes(png(*picture))
    (folder / "complete").write_text("")


def fashion_parts(classes, most):
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images = gzip.open(FASHION / f"{prefix}-images-idx3-ubyte.gz").read()[16:]
        labels = gzip.open(FASHION / f"{prefix}-labels-idx1-ubyte.gz").read()[8:]
        for label in classes:
            own = [index for index, found in enumerate(labels) if found == label][:most]
            yield split, str(label), [(28, 28, images[784 * index:784 * (index + 1)]) for index in own]


def digit_parts():
    from sklearn.datasets import load_digits

    digits = load_digits()
    grey = (digits.images * 255 / 16).round().astype("uint8")
    for split, rows in (("train", range(1000)), ("test", range(1000, len(grey)))):
        for label in range(10):
            yield split, str(label), [(8, 8, grey[row].tobytes()) for row in rows if digits.target[row] == label]


def write_names(path, classes, names):
    path.write_text("".join(f"{label}\t{name}\n" for label, name in zip(classes, names)))


def reduced(result):
    """What a reader of the table may want, without matrices, lists of wrong guesses and single trials."""
    kept = {key: result[key] for key in ("dataset", "model", "encoding", "task", "metric", "score", "interval", "rows") if key in result}
    kept["features"] = result["features"]
    if "probe" in result:
        kept["probe"] = {key: result["probe"][key] for key in ("lambda", "iterations", "hasConverged", "validation", "rows")}
    if "fewShot" in result and result["task"] == "few-shot":
        kept["fewShot"] = result["fewShot"]
    if "dataEfficiency" in result:
        kept["dataEfficiency"] = result["dataEfficiency"]
    if "zeroShot" in result:
        kept["zeroShot"] = {key: result["zeroShot"][key] for key in ("texts", "ties", "closeGuesses")}
    return kept


DATASETS = {
    "fashion-mnist": None,
    "shoes": (SHOES, [NAMES[label] for label in SHOES], lambda: fashion_parts(SHOES, 2000)),
    "tops": (TOPS, [NAMES[label] for label in TOPS], lambda: fashion_parts(TOPS, 2000)),
    "digits": (range(10), DIGITS, digit_parts),
}


class Runner:
    def __init__(self, arguments):
        self.ingot = str(pathlib.Path(arguments.ingot).resolve())
        self.work = pathlib.Path(arguments.work).resolve()
        self.threads = ["--threads", str(arguments.threads)] if arguments.threads else []
        self.commands = []

    def note(self, *words):
        """Keeps a command for the report, as a person would write it."""
        words = [str(word) for word in words]
        shown = [str(pathlib.Path("Fixtures") / pathlib.Path(word).relative_to(ROOT / "Fixtures"))
                 if word.startswith(str(ROOT / "Fixtures")) else word for word in words]
        self.commands.append("ingot " + " ".join(shlex.quote(word) for word in shown))

    def run(self, *words):
        """Runs ingot in the work folder; gives what it printed."""
        self.note(*words)
        print("$ " + self.commands[-1], file=sys.stderr, flush=True)
        words = [str(word) for word in words]
        process = subprocess.run([self.ingot, *words, *self.threads], cwd=self.work, stdout=subprocess.PIPE)
        if process.returncode != 0:
            sys.exit(process.returncode)
        return process.stdout

    def convert(self, source, name, *words):
        if (self.work / name).exists():
            self.note("convert", source, "-o", name, *words)
        else:
            self.run("convert", source, "-o", name, *words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ingot")
    parser.add_argument("--work", default="evaluation")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "Benchmarks" / "results" / "evaluation")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=list(DATASETS), help="the digits alone take a minute")
    arguments = parser.parse_args()
    runner = Runner(arguments)
    work, fixtures = runner.work, ROOT / "Fixtures"
    work.mkdir(parents=True, exist_ok=True)

    places = {}
    for name in arguments.datasets:
        if name == "fashion-mnist":
            shutil.copy(fixtures / "evaluation" / "class-names.txt", work / "fashion.txt")
            places[name] = (str(FASHION), "fashion.txt")
            continue
        classes, names, parts = DATASETS[name]
        write_folder(work / name, parts())
        write_names(work / f"{name}.txt", classes, names)
        places[f"{name}=folder"] = (name, f"{name}.txt")
    shutil.copy(fixtures / "evaluation" / "templates.txt", work / "templates.txt")

    clip = fixtures / "fashion-clip"
    words = ("--activation", "quick-gelu", "--tokenizer", clip / "bpe_vocab.txt.gz")
    for encoding in ("float32", "float16", "int8"):
        runner.convert(clip / "state_dict.pt", f"clip-{encoding}.ingot", "--encoding", encoding, *words)
    for source, side in EXTRACTORS.items():
        runner.convert(fixtures / "extractors" / source, f"{source.split('/')[0]}.ingot", "--image-size", side)

    data = ["--dataset", *places, "--data", *(place for place, _ in places.values()), "--class-names",
            *(names for _, names in places.values()), "--templates", "templates.txt"]
    encodings = json.loads(runner.run("evaluate", *(f"clip-{encoding}.ingot" for encoding in ("float32", "float16", "int8")), *data,
                                      "--task", "zero-shot", "--cache", "features", "--json"))
    out = work / "results"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    models = ["clip-float32.ingot", *(f"{source.split('/')[0]}.ingot" for source in EXTRACTORS)]
    main_run = json.loads(runner.run(
        "evaluate", *models, *data, "--task", *TASKS, "--draws", arguments.draws, "--cache", "features",
        "--pictures", "results", "--report", "results/page.html", "--csv", "results/scores.csv", "--markdown", "results/scores.md",
        "--json"))
    write_results(arguments.results, out, encodings["results"], main_run["results"], runner)


def percent(result):
    interval = result.get("interval")
    return f"{100 * result['score']:.2f} %" + (f" ({100 * interval['lower']:.2f} to {100 * interval['upper']:.2f})" if interval else "")


def efficiency(result):
    found = result["dataEfficiency"]
    if found["kind"] == "fewer-than-first":
        return f"fewer than {found['curve'][0]['shots']:g}"
    if found["kind"] == "more-than-last":
        return f"more than {found['curve'][-1]['shots']:g}"
    return f"{found['shots']:.3g}" + (" (extrapolated)" if found["kind"] == "extrapolated" else "")


def write_results(folder, out, encodings, results, runner):
    folder.mkdir(parents=True, exist_ok=True)
    datasets = list(dict.fromkeys(result["dataset"] for result in results))
    found = {(result["dataset"], result["model"], result["task"]): result for result in results}
    clip = "clip-float32.ingot"
    lines = ["# The paper's tasks on data that can be had", "",
             f"Written by `Benchmarks/evaluation.py`; {platform.machine()}. 95 % intervals. Models and what they have seen: "
             "`Fixtures/extractors/README.md`.", "", "| task | model | " + " | ".join(datasets) + " |", "|---|---|" + "---:|" * len(datasets)]

    def row(task, model, text):
        lines.append(f"| {task} | {model} | " + " | ".join(text) + " |")

    for result in dict.fromkeys(entry["model"] for entry in encodings):
        own = {entry["dataset"]: entry for entry in encodings if entry["model"] == result}
        row("zero-shot", result.removesuffix(".ingot"), [percent(own[name]) for name in datasets])
    models = list(dict.fromkeys(result["model"] for result in results))
    for model in models:
        row("linear probe", model.removesuffix(".ingot"), [percent(found[name, model, "linear-probe"]) for name in datasets])
    row("zero-shot minus the ResNet's probe", "", [
        f"{100 * (found[name, clip, 'zero-shot']['score'] - found[name, 'resnet50.ingot', 'linear-probe']['score']):+.2f} points"
        for name in datasets])
    for model in models:
        row("few-shot, " + ", ".join(str(entry["shots"]) for entry in found[datasets[0], model, "few-shot"]["fewShot"]) + " of each class",
            model.removesuffix(".ingot"),
            [", ".join(f"{100 * entry['mean']:.1f}" for entry in found[name, model, "few-shot"]["fewShot"]) for name in datasets])
    row("shots to match zero-shot", clip.removesuffix(".ingot"), [efficiency(found[name, clip, "data-efficiency"]) for name in datasets])
    lines += ["", "![zero-shot against a probe](zero-shot-against-probe.svg)", "", "![few-shot](few-shot.svg)", "",
              "![shots to match zero-shot](shots-to-match.svg)", "", "The commands, run in one folder (`Fixtures` is the repository's):", "",
              "```", *runner.commands, "```"]
    (folder / "README.md").write_text("\n".join(lines) + "\n")
    (folder / "scores.json").write_text(json.dumps(
        {"encodings": [reduced(result) for result in encodings], "results": [reduced(result) for result in results]}, indent=1) + "\n")
    shutil.copy(out / "scores.csv", folder)
    against = f"zero-shot-against-probe-{models.index('resnet50.ingot') + 1}.svg"
    shutil.copy(out / (against if (out / against).exists() else "zero-shot-against-probe.svg"), folder / "zero-shot-against-probe.svg")
    for name in ("few-shot.svg", "shots-to-match.svg"):
        shutil.copy(out / name, folder)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
