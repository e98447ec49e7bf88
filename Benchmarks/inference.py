#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inference of full-size models against PyTorch, ONNX Runtime (float32 and int8) and OpenVINO, in one interleaved run.

    Benchmarks/inference.py [--ingot .build/release/ingot] [--rounds 3] [--seconds 1] [--python VENV/bin/python] [--only rates,cold,…]

Everybody runs the same made checkpoint, converted or exported once, on two threads. Each measurement is a process of its own that warms
up and then repeats; the engines take turns, and the whole is done `--rounds` times. Shown is each engine's best rate; ratios are the median over
the rounds of the ratio within a round. Whole processes, from start to end, are timed from outside. Without --python the peers are installed
into Benchmarks/.venv. Sections are `rates`, `cold`, `fidelity`, `files`, `threads`, `sizes`; what --only leaves out stays as it is in
Benchmarks/results/inference.json, from which inference.md and .svg are written anew. A quarter of an hour on two quiet cores.
"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import time
import venv

import inference_report
import measuring
from measuring import call, image_multiply_adds, machine, text_multiply_adds

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "Benchmarks/results"
PEERS = ("torch", "onnxruntime", "openvino", "onnxruntime-int8")
FLOAT_PEERS = ("torch", "onnxruntime", "openvino")
# Embedding width, image width, layers, patch; text width, layers.
SIZES = {"ViT-B/32": (512, 768, 12, 32, 512, 12), "ViT-B/16": (512, 768, 12, 16, 512, 12), "ViT-L/14": (768, 1024, 24, 14, 768, 12)}
NATURAL = 12  # tokens of a caption, start and end included
SECTIONS = ("rates", "cold", "fidelity", "files", "threads", "sizes")


def multiply_adds(model):
    """Of one image, and of one text of 77 tokens: what the model defines, and what Ingot computes."""
    embedding, width, layers, patch, text_width, text_layers = SIZES[model]
    image, text = image_multiply_adds(embedding, width, layers, patch), text_multiply_adds(embedding, text_width, text_layers)
    return {"image": image[0], "text": text[0], "image, computed": image[1], "text, computed": text[1]}


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = options.work
        self.folder.mkdir(parents=True, exist_ok=True)
        self.wrap = shlex.split(options.wrap)
        self.python = options.python or self.install()

    def install(self):
        folder = ROOT / "Benchmarks/.venv"
        if not (folder / "ready").exists():
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", ROOT / "Benchmarks/requirements.txt"], check=True)
            (folder / "ready").touch()
        return folder / "bin/python"

    def peer(self, *arguments):
        return [self.python, ROOT / "Benchmarks/inference_peers.py", *arguments]

    # Models: made once, kept in the work folder.

    def place(self, model):
        folder = self.folder / model.lower().replace("/", "-")
        folder.mkdir(exist_ok=True)
        return folder

    def checkpoint(self, model="ViT-B/32"):
        path = self.place(model) / "model.pt"
        if not path.exists():
            call(self.python, ROOT / "Tools/make_checkpoint.py", "--model", model, "--format", "state-dict", "--dtype", "float32",
                 "--seed", "1", "-o", path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
        return path

    def exported(self, model="ViT-B/32", towers="image,text"):
        path = self.place(model) / "peers"
        if not (path / "ready").exists():
            call(*self.peer("export", self.checkpoint(model), path, towers))
            (path / "ready").touch()
        return path

    def file(self, encoding, model="ViT-B/32"):
        """Converted by the Ingot that is measured."""
        path = self.place(model) / f"{encoding}.ingot"
        stamp, made = path.with_suffix(".made"), str(self.options.ingot.stat().st_mtime_ns)
        if not (path.exists() and stamp.exists() and stamp.read_text() == made):
            call(self.options.ingot, "convert", self.checkpoint(model), "-o", path, "--encoding", encoding, "--activation",
                 "quick-gelu", "--force")
            stamp.write_text(made)
        return path

    def bundle(self, count):
        path = self.folder / f"inputs-{count}.safetensors"
        if not path.exists():
            call(*self.peer("bundle", path, count))
        return path

    # Engines.

    def ingot(self, engine, model="ViT-B/32", threads=2):
        """The file and options of an Ingot engine."""
        encoding = "int8" if "int8" in engine else "float16" if "f16" in engine else "source"
        more = ["--threads", str(threads)] + (["--instructions", "avx2"] if engine.endswith("avx2") else [])
        return self.file(encoding, model), more + (["--activations", "int8"] if "int8-int8" in engine else [])

    def measure(self, engine, tower, batches="1,8,32", tokens=None, model="ViT-B/32", threads=2):
        if engine.startswith("ingot"):
            file, more = self.ingot(engine, model, threads)
            extra = ["--tokens", str(tokens)] if tokens else []
            command = [self.options.ingot, "bench", file, "--images" if tower == "image" else "--texts", "--batch", batches, "--seconds",
                       self.options.seconds, "--json", *extra, *more]
            return json.loads(call(*self.wrap, *command))["rows"]
        command = self.peer("measure", engine, self.exported(model), self.checkpoint(model), tower, batches, self.options.seconds)
        environment = {**self.environment(engine), "INGOT_BENCH_THREADS": str(threads)}
        return json.loads(call(*self.wrap, *command, env=environment).strip().splitlines()[-1])

    def environment(self, engine):
        """What a peer's process runs in."""
        return dict(os.environ)

    def whole(self, *command, runs=2):
        """Of whole processes: the least time and the most memory of `runs`."""
        found = [measuring.whole(*command, wrap=self.options.wrap) for _ in range(runs)]
        return {"seconds": min(r["seconds"] for r in found), "peakMiB": max(r["peakMiB"] for r in found)}

    # Sections.

    def rates(self):
        engines = ["ingot", "torch", "onnxruntime", "openvino", "ingot-int8", "ingot-int8-int8", "onnxruntime-int8"]
        once = ["ingot-avx2", "ingot-int8-avx2"] if "avx512f" in machine()["features"] else []
        rounds = {"image": [], "text": [], "caption": []}
        for turn in range(self.options.rounds):
            for tower in ("image", "text"):
                rounds[tower].append({e: self.measure(e, tower) for e in engines + (once if turn == 0 else [])})
            rounds["caption"].append({e: self.measure(e, "text", tokens=NATURAL) for e in ("ingot", "ingot-int8", "ingot-int8-int8")})
            self.say(f"round {turn + 1} of {self.options.rounds}")
        return rounds

    def cold(self):
        found = {}
        for engine in ("ingot", "ingot-f16", "ingot-int8", *PEERS):
            if engine.startswith("ingot"):
                file, more = self.ingot(engine)
                command = [self.options.ingot, "logits", file, "--inputs", self.bundle(1), "-o", self.folder / "out.safetensors", "--force", *more]
            else:
                command = self.peer("cold", engine, self.exported(), self.checkpoint())
            found[engine] = self.whole(*command)
        return found

    def embeddings(self, engine, *more):
        output = self.folder / "embeddings.safetensors"
        if engine.startswith("ingot"):
            file, options = self.ingot(engine)
            call(self.options.ingot, "logits", file, "--inputs", self.bundle(8), "-o", output, "--force", *options, *more)
        else:
            call(*self.peer("embed", engine, self.exported(), self.checkpoint(), self.bundle(8), output), env=self.environment(engine))
        script = ("import json, sys; from safetensors.numpy import load_file; d = load_file(sys.argv[1]); "
                  "print(json.dumps({k: d[k].tolist() for k in ('image_embeds', 'text_embeds')}))")
        return json.loads(call(self.python, "-c", script, output))

    def fidelity(self):
        """1 − cosine against PyTorch's float32, mean and largest, of 8 images and 8 texts."""
        return self.distances({"ingot": [], "ingot-int8, float32 activations": ["--activations", "float32"], "ingot-int8": [], "ingot-int8-int8": [],
                               "onnxruntime-int8": []})

    def distances(self, engines):
        """1 − cosine for each engine; `engines` has the options that are its alone, and a name may say more after a comma."""
        reference, result = self.embeddings("torch"), {}
        for name, more in engines.items():
            embeddings, result[name] = self.embeddings(name.partition(",")[0], *more), {}
            for tower, key in (("image", "image_embeds"), ("text", "text_embeds")):
                distances = [1 - sum(a * b for a, b in zip(x, y)) for x, y in zip(embeddings[key], reference[key])]
                result[name][tower] = {"mean": statistics.mean(distances), "largest": max(distances)}
        return result

    def files(self):
        """Whole processes that read and write files, beside what limits them; inputs are in the page cache."""
        checkpoint, float32, output = self.checkpoint(), self.file("source"), self.folder / "written"
        for path in (checkpoint, float32):
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
        ingot, written = self.options.ingot, ["-o", output, "--force"]
        convert = [ingot, "convert", checkpoint, "--activation", "quick-gelu", *written, "--encoding"]
        digest = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"
        rows = {
            "cp": ["cp", checkpoint, output],
            "SHA-256 of the input (OpenSSL)": [shutil.which("python3"), "-c", digest, checkpoint],
            "convert to float32": [*convert, "source"], "convert to float16": [*convert, "float16"], "convert to int8": [*convert, "int8"],
            "quantize float32 to int8": [ingot, "quantize", float32, *written, "--encoding", "int8"],
            "verify float32": [ingot, "verify", float32], "verify int8": [ingot, "verify", self.file("int8")],
        }
        found = {}
        for name, command in rows.items():
            output.unlink(missing_ok=True)
            found[name] = self.whole(*command, runs=2 if name.startswith("verify") else 5)
        output.unlink(missing_ok=True)
        return {"rows": found, "inputBytes": checkpoint.stat().st_size, "float32Bytes": float32.stat().st_size}

    def threads(self):
        """With one thread beside two."""
        engines = ("ingot", "ingot-int8", "openvino", "onnxruntime-int8")
        return {str(n): {e: self.measure(e, "image", "1,8", threads=n) for e in engines} for n in (1, 2)}

    def sizes(self):
        engines = ("ingot", "ingot-int8", "onnxruntime", "openvino", "onnxruntime-int8")
        return {model: {e: self.measure(e, "image", "1,8", model=model) for e in engines} for model in SIZES if model in self.options.models}

    def versions(self):
        return json.loads(call(*self.peer("versions")).strip().splitlines()[-1])

    def peak(self):
        return measuring.peak(self.folder, self.options.wrap)

    def say(self, text):
        print(f"{time.monotonic() - self.start:6.0f} s  {text}", flush=True)

    start = time.monotonic()


def add_options(parser, rounds):
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / ".build/release/ingot")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--python", type=pathlib.Path, help="a Python that has the peers")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "Benchmarks/.work", help="where models are kept between runs")
    parser.add_argument("--wrap", default="", help="a command that each measured process is run under")


def commit():
    return call("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, rounds=3)
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, comma-separated")
    parser.add_argument("--models", default=",".join(SIZES), help="models of the section `sizes`")
    options = parser.parse_args()
    sections = options.only.split(",")
    if unknown := set(sections) - set(SECTIONS):
        parser.error(f"no section is named {', '.join(sorted(unknown))}")
    bench = Bench(options)
    target = RESULTS / "inference.json"
    result = json.loads(target.read_text()) if target.exists() else {}
    result = {k: v for k, v in result.items() if k in SECTIONS or k in ("sectionDates", "peak", "machine", "versions")}
    for section in (s for s in SECTIONS if s in sections):
        bench.say(section)
        result["peak"] = bench.peak()
        result[section] = getattr(bench, section)()
        result.setdefault("sectionDates", {})[section] = f"{time.strftime('%Y-%m-%d')}, {commit()}"
        result["machine"] = machine()
        result["versions"] = bench.versions()
        result["weightMiB"] = bench.file("source").stat().st_size / 2**20
        result["int8MiB"] = bench.file("int8").stat().st_size / 2**20
        result["multiplyAdds"] = {m: multiply_adds(m) for m in SIZES}
        RESULTS.mkdir(exist_ok=True)
        target.write_text(json.dumps(result, indent=1) + "\n")
        (RESULTS / "inference.md").write_text(inference_report.markdown(result))
        if "rates" in result:
            (RESULTS / "inference.svg").write_text(inference_report.picture(result))
    print((RESULTS / "inference.md").read_text())


if __name__ == "__main__":
    main()
