#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inference of a full-size model against PyTorch, ONNX Runtime (float32 and int8) and OpenVINO, in one interleaved run.

    Benchmarks/inference.py [--ingot .build/release/ingot] [--model ViT-B/32] [--rounds 3] [--seconds 2] [--python VENV/bin/python]

Everybody runs the same made checkpoint, converted or exported once, on two threads. Each measurement is a process of its own that warms
up and then repeats; the engines take turns, and the whole is done `--rounds` times. Shown is each engine's best rate; ratios are the median over
the rounds of the ratio within a round. Whole processes, from start to first logits of one image and one text, are timed from outside.
Without --python the peers are installed into Benchmarks/.venv. Results: Benchmarks/results/inference.{md,json,svg}.
"""

import argparse
import json
import os
import pathlib
import platform
import shlex
import statistics
import subprocess
import sys
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ("torch", "onnxruntime", "openvino", "onnxruntime-int8")
NAMES = {"ingot": "Ingot", "ingot-f16": "Ingot, float16 file", "ingot-int8": "Ingot int8", "ingot-int8-avx2": "Ingot int8, AVX2",
         "ingot-avx2": "Ingot, AVX2", "torch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO",
         "onnxruntime-int8": "ONNX Runtime int8"}
FLOAT_PEERS = ("torch", "onnxruntime", "openvino")
# Embedding width, image width, layers, patch; text width, layers.
SIZES = {"ViT-B/32": (512, 768, 12, 32, 512, 12), "ViT-B/16": (512, 768, 12, 16, 512, 12), "ViT-L/14": (768, 1024, 24, 14, 768, 12)}
NATURAL = 12  # tokens of a caption, start and end included


def multiply_adds(model):
    """Of one image, and of one text of 77 tokens; causal attention counts the pairs that are seen."""
    embedding, width, layers, patch, text_width, text_layers = SIZES[model]
    patches = (224 // patch) ** 2
    tokens = patches + 1
    image = patches * 3 * patch * patch * width + layers * (tokens * 12 * width**2 + 2 * tokens**2 * width) + width * embedding
    text = text_layers * (77 * 12 * text_width**2 + 77 * 78 * text_width) + text_width * embedding
    return {"image": image, "text": text}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def flags():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return [f for f in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if f in line.split()]
    return []


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = options.work
        self.folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = self.folder / "model.pt"
        self.peers = self.folder / "peers"
        self.wrap = shlex.split(options.wrap)
        self.python = options.python or self.install()

    def install(self):
        folder = ROOT / "Benchmarks/.venv"
        if not (folder / "bin/python").exists():
            venv.create(folder, with_pip=True)
            subprocess.run([folder / "bin/pip", "install", "-r", ROOT / "Benchmarks/requirements.txt"], check=True)
        return folder / "bin/python"

    def call(self, *command, **more):
        return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True, **more).stdout

    def peer(self, *arguments):
        return [self.python, ROOT / "Benchmarks/inference_peers.py", *arguments]

    def prepare(self):
        if not self.checkpoint.exists():
            self.call(self.python, ROOT / "Tools/make_checkpoint.py", "--model", self.options.model, "--format", "state-dict", "--dtype",
                      "float32", "--seed", "1", "-o", self.checkpoint)
        if not self.peers.exists():
            self.call(*self.peer("export", self.checkpoint, self.peers))
        for encoding in ("source", "float16", "int8"):
            if not self.file(encoding).exists():
                self.call(self.options.ingot, "convert", self.checkpoint, "-o", self.file(encoding), "--encoding", encoding,
                          "--activation", "quick-gelu")
        for count in (1, 8):
            if not self.bundle(count).exists():
                self.call(*self.peer("bundle", self.bundle(count), count))
        compiler = "clang" if subprocess.run(["which", "clang"], capture_output=True).returncode == 0 else "cc"
        self.call(compiler, "-O2", ROOT / "Benchmarks/peak.c", "-o", self.folder / "peak")

    def file(self, encoding):
        return self.folder / f"{encoding}.ingot"

    def bundle(self, count):
        return self.folder / f"inputs-{count}.safetensors"

    def ingot(self, engine):
        """The file and options of an Ingot engine."""
        encoding = "int8" if "int8" in engine else "float16" if "f16" in engine else "source"
        return self.file(encoding), ["--threads", "2"] + (["--instructions", "avx2"] if engine.endswith("avx2") else [])

    def measure(self, engine, tower, tokens=None):
        batches = "1,8,32"
        if engine.startswith("ingot"):
            file, more = self.ingot(engine)
            extra = ["--tokens", str(tokens)] if tokens else []
            command = [self.options.ingot, "bench", file, "--images" if tower == "image" else "--texts", "--batch", batches, "--seconds",
                       self.options.seconds, "--json", *extra, *more]
            return json.loads(self.call(*command))["rows"]
        command = self.peer("measure", engine, self.peers, self.checkpoint, tower, batches, self.options.seconds)
        return json.loads(self.call(*command).strip().splitlines()[-1])

    def turn(self, what):
        """One turn of all engines, in a process that the wrapper watches over."""
        command = [sys.executable, __file__, "--turn", what, "--ingot", self.options.ingot, "--model", self.options.model, "--seconds",
                   self.options.seconds, "--python", self.python, "--work", self.folder]
        found = json.loads(self.call(*self.wrap, *command).strip().splitlines()[-1])
        print(f"{what}: " + json.dumps(found), file=sys.stderr, flush=True)
        return found

    def take_turn(self, what):
        if what == "peak":
            return json.loads(self.call(self.folder / "peak"))
        if what == "cold":
            return {e: self.cold(e) for e in ("ingot", "ingot-f16", "ingot-int8", *PEERS)}
        if what == "caption":
            return {e: self.measure(e, "text", NATURAL) for e in ("ingot", "ingot-int8")}
        engines = ["ingot", "torch", "onnxruntime", "openvino", "ingot-int8", "onnxruntime-int8"]
        if "avx512f" in flags():
            engines += ["ingot-avx2", "ingot-int8-avx2"]
        return {e: self.measure(e, what) for e in engines}

    def cold(self, engine):
        """Seconds and peak memory of one whole process; the least of two."""
        if engine.startswith("ingot"):
            file, more = self.ingot(engine)
            command = [self.options.ingot, "logits", file, "--inputs", self.bundle(1), "-o", self.folder / "out.safetensors", "--force", *more]
        else:
            command = self.peer("cold", engine, self.peers, self.checkpoint)
        # A fresh Python measures: a child's peak memory begins with its parent's.
        inner = ("import json, os, resource, subprocess, sys, time; s = time.perf_counter(); "
                 "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
                 "print(json.dumps([time.perf_counter() - s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))")
        runs = [json.loads(self.call(sys.executable, "-c", inner, *command).strip().splitlines()[-1]) for _ in range(2)]
        return {"seconds": min(r[0] for r in runs), "peakMiB": max(r[1] for r in runs) / 1024}

    def embeddings(self, engine, *more):
        output = self.folder / "embeddings.safetensors"
        if engine.startswith("ingot"):
            self.call(self.options.ingot, "logits", self.ingot(engine)[0], "--inputs", self.bundle(8), "-o", output, "--force", *more)
        else:
            self.call(*self.peer("embed", engine, self.peers, self.checkpoint, self.bundle(8), output))
        script = ("import json, sys; from safetensors.numpy import load_file; d = load_file(sys.argv[1]); "
                  "print(json.dumps({k: d[k].tolist() for k in ('image_embeds', 'text_embeds')}))")
        return json.loads(self.call(self.python, "-c", script, output))

    def fidelity(self):
        """1 − cosine against PyTorch's float32, mean and largest, of 8 images and 8 texts."""
        reference = self.embeddings("torch")
        found = {"ingot": self.embeddings("ingot"), "ingot-int8": self.embeddings("ingot-int8"),
                 "ingot-int8, float32 activations": self.embeddings("ingot-int8", "--activations", "float32"),
                 "onnxruntime-int8": self.embeddings("onnxruntime-int8")}
        result = {}
        for name, embeddings in found.items():
            result[name] = {}
            for tower, key in (("image", "image_embeds"), ("text", "text_embeds")):
                distances = [1 - sum(a * b for a, b in zip(x, y)) for x, y in zip(embeddings[key], reference[key])]
                result[name][tower] = {"mean": statistics.mean(distances), "largest": max(distances)}
        return result


def best(rounds, engine, batch):
    return max(row["bestPerSecond"] for r in rounds for row in r[engine] if row["batch"] == batch)


def ratio(rounds, engine, others, batch):
    def rate(r, name):
        return next(row["bestPerSecond"] for row in r[name] if row["batch"] == batch)
    return statistics.median(rate(r, engine) / max(rate(r, o) for o in others) for r in rounds)


def table(result, tower, engines):
    lines = ["| | batch 1 | 8 | 32 | share of the peak at 32 |", "|---|---|---|---|---|"]
    work, peak = result["multiply-adds"][tower], result["peak"]
    for engine in engines:
        rates = [best(result["rounds"][tower], engine, b) for b in (1, 8, 32)]
        limit = 2e9 * (peak["int16"] if engine.startswith("ingot-int8") else peak["int8"] if "int8" in engine else peak["float32"])
        lines.append(f"| {NAMES[engine]} | {rates[0]:.1f} | {rates[1]:.1f} | {rates[2]:.1f} | {100 * rates[2] * work / limit:.0f} % |")
    return lines


def markdown(result):
    r = result["rounds"]
    peak = result["peak"]
    lines = [
        f"Inference of {result['model']}, {result['processor']} ({', '.join(result['features'])}), {result['cores']} cores, two threads each; best of {len(r['image'])} rounds.",
        f"Versions: {', '.join(f'{k} {v}' for k, v in result['versions'].items())}; Ingot {result['commit']}.",
        f"Peak of one core in registers: float32 {peak['float32']} GMAC/s, int16 {peak['int16']}, int8 {peak['int8']}; memcpy {peak['memcpy']} GB/s.",
        "", "## Images a second", "", *table(result, "image", [e for e in NAMES if e in r["image"][0]]),
        "", "## Texts of 77 tokens a second", "", *table(result, "text", [e for e in NAMES if e in r["text"][0]]),
        "", f"## Captions of {NATURAL} tokens a second", "", "The peers compute all 77 positions.", "",
        "| | batch 1 | 8 | 32 |", "|---|---|---|---|"]
    for engine in ("ingot", "ingot-int8"):
        lines.append(f"| {NAMES[engine]} | " + " | ".join(f"{best(r['caption'], engine, b):.1f}" for b in (1, 8, 32)) + " |")
    lines += ["", "## Ratios", "", "Median over the rounds; above 1 Ingot is faster.", "", "| | batch 1 | 8 | 32 | wanted |", "|---|---|---|---|---|"]
    for name, values, wanted in result["ratios"]:
        lines.append(f"| {name} | " + " | ".join(f"{v:.2f}" for v in values) + f" | {wanted} |")
    lines += ["", "## Process start to first logits", "", "| | seconds | peak memory, MiB |", "|---|---|---|"]
    for engine, row in result["cold"].items():
        lines.append(f"| {NAMES[engine]} | {row['seconds']:.2f} | {row['peakMiB']:.0f} |")
    lines += ["", f"The weights are {result['weightMiB']:.0f} MiB in float32; the int8 file is {result['int8MiB']:.0f} MiB.",
              "", "## Fidelity", "", "1 − cosine of embeddings against PyTorch's float32, 8 images and 8 texts.", "",
              "| | images, mean | largest | texts, mean | largest |", "|---|---|---|---|---|"]
    for name, row in result["fidelity"].items():
        lines.append(f"| {NAMES.get(name, name)} | " + " | ".join(f"{row[t][k]:.1e}" for t in ("image", "text") for k in ("mean", "largest")) + " |")
    return "\n".join(lines) + "\n"


def picture(result):
    """Bars of images and texts a second, one group for each batch size."""
    colours = {"ingot": "#c2410c", "ingot-avx2": "#fb923c", "ingot-int8": "#7c2d12", "ingot-int8-avx2": "#b45309", "torch": "#64748b",
               "onnxruntime": "#0369a1", "openvino": "#7c3aed", "onnxruntime-int8": "#0c4a6e"}
    parts, x0, y0, height = [], 60, 250, 190
    for panel, tower in enumerate(("image", "text")):
        rounds = result["rounds"][tower]
        engines = [e for e in colours if e in rounds[0]]
        top = max(best(rounds, e, b) for e in engines for b in (1, 8, 32))
        left = x0 + panel * 430
        parts.append(f'<text x="{left}" y="30" font-size="14">{tower}s a second</text>')
        for g, batch in enumerate((1, 8, 32)):
            for i, engine in enumerate(engines):
                value = best(rounds, engine, batch)
                h = height * value / top
                x = left + g * 130 + i * 14
                parts.append(f'<rect x="{x}" y="{y0 - h:.1f}" width="12" height="{h:.1f}" fill="{colours[engine]}"><title>{NAMES[engine]}, batch {batch}: {value:.1f}</title></rect>')
                parts.append(f'<text x="{x + 9}" y="{y0 - h - 4:.1f}" font-size="8" transform="rotate(-60 {x + 9} {y0 - h - 4:.1f})">{value:.0f}</text>')
            parts.append(f'<text x="{left + g * 130}" y="{y0 + 16}" font-size="11">batch {batch}</text>')
        for i, engine in enumerate(engines):
            if panel == 0:
                parts.append(f'<rect x="{x0 + i % 4 * 210}" y="{280 + i // 4 * 18}" width="10" height="10" fill="{colours[engine]}"/>')
                parts.append(f'<text x="{x0 + 14 + i % 4 * 210}" y="{289 + i // 4 * 18}" font-size="11">{NAMES[engine]}</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="920" height="330" font-family="sans-serif">'
            '<rect width="920" height="330" fill="white"/>' + "".join(parts) + "</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / ".build/release/ingot")
    parser.add_argument("--model", choices=SIZES, default="ViT-B/32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--python", type=pathlib.Path, help="a Python that has the peers")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "Benchmarks/.work", help="where models are kept between runs")
    parser.add_argument("--wrap", default="", help="a command that each turn of all engines is run under")
    parser.add_argument("--turn", help=argparse.SUPPRESS)
    options = parser.parse_args()
    bench = Bench(options)
    if options.turn:
        print(json.dumps(bench.take_turn(options.turn)))
        return
    bench.prepare()
    peak = bench.turn("peak")
    rounds = {"image": [], "text": [], "caption": []}
    for _ in range(options.rounds):
        for what in rounds:
            rounds[what].append(bench.turn(what))
    ratios = []
    for tower in ("image", "text"):
        for engine, others, wanted in (("ingot", FLOAT_PEERS, "1.1"), ("ingot-int8", ("onnxruntime-int8",), "1.0")):
            ratios.append((f"{NAMES[engine]} over {'the best float32 peer' if len(others) > 1 else NAMES[others[0]]}, {tower}s",
                           [ratio(rounds[tower], engine, others, b) for b in (1, 8, 32)], wanted))
    merged = [dict(caption=c, **t) for c, t in zip([r["ingot"] for r in rounds["caption"]], rounds["text"])]
    ratios.append(("Ingot, captions, over the best float32 peer, texts", [ratio(merged, "caption", FLOAT_PEERS, b) for b in (1, 8, 32)], "3"))
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    result = {
        "model": options.model, "processor": processor(), "features": flags(), "cores": os.cpu_count(), "commit": commit,
        "date": time.strftime("%Y-%m-%d"), "versions": json.loads(bench.call(*bench.peer("versions")).strip().splitlines()[-1]), "peak": peak,
        "multiply-adds": multiply_adds(options.model), "rounds": rounds, "ratios": ratios,
        "cold": bench.turn("cold"), "fidelity": bench.fidelity(),
        "weightMiB": bench.file("source").stat().st_size / 2**20, "int8MiB": bench.file("int8").stat().st_size / 2**20,
    }
    folder = ROOT / "Benchmarks/results"
    folder.mkdir(exist_ok=True)
    name = "inference" if options.model == "ViT-B/32" else "inference-" + options.model.lower().replace("/", "-")
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / f"{name}.md").write_text(markdown(result))
    (folder / f"{name}.svg").write_text(picture(result))
    print(markdown(result))


main()
