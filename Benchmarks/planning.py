#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plans against uniform encodings of the same size: files are written, and what they compute is compared with what the model computes.

    Benchmarks/planning.py --ingot .build/release/ingot [--model NAME=MODEL.ingot=BUNDLE.safetensors …] [--large NAME=MODEL.ingot …] [-o FOLDER]

Without --model: the trained fixture Fixtures/fashion-clip, Fixtures/vit-tiny and Fixtures/resnet-tiny, on their own inputs. Of a bundle with 32 images or more every
other image and text is what is planned with, and the others are what files are compared on; else the planner makes its own probes, and files are compared
on the whole bundle. So no plan has seen what it is judged by. Once with integers rounded to nearest, and once with compensation (--rounding gptq), on both sides. For every encoding a file is written with all weights in it, and one that
`ingot quantize --max-size` plans for the same number of bytes. `ingot logits` runs them; the error is the root of the mean squared difference of a logit
from the model's own. The result goes to planning.md and planning.json in the folder (default: Benchmarks/results). Exit code 1 when a plan is larger than it
may be, misses its predicted size, or is further off than the uniform encoding; a plan may be the uniform encoding itself. --large adds models of full size, for example one that
`Tools/make_checkpoint.py` makes: for some goals what the planner says, how long it took, and against the largest uniform encoding that is not larger than
the plan; into planning-large.md. Needs numpy and safetensors.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
from safetensors.numpy import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENCODINGS = ["float16", "int8"] + [f"int{bits}-group-{size}" for bits in (8, 6, 4) for size in (32, 64, 128)]
FIXTURES = [
    ("fashion-clip", "state_dict.pt", "golden.safetensors"), ("vit-tiny", "state_dict.pt", "golden.safetensors"),
    ("resnet-tiny", "state_dict.pt", "golden.safetensors"),
]


def ingot(options, *arguments):
    run = subprocess.run([options.ingot, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"ingot {' '.join(map(str, arguments))}: {run.stderr}")
    return run.stdout


def logits(options, model, bundle, folder):
    out = folder / "logits.safetensors"
    ingot(options, "logits", model, "--inputs", bundle, "-o", out, "--force")
    return load_file(out)["logits_per_image"].astype("f8")


def halves(bundle, folder):
    """What is planned with, and what is compared on."""
    inputs = load_file(bundle)
    if len(inputs["pixel_values"]) < 32:
        return None, bundle
    paths = []
    for start in (0, 1):
        paths.append(folder / f"half{start}.safetensors")
        save_file({name: numpy.ascontiguousarray(inputs[name][start::2]) for name in ("pixel_values", "input_ids")}, paths[-1])
    return paths


def rows(options, model, bundle, folder, rounding):
    seen, unseen = halves(bundle, folder)
    calibration = [] if seen is None else ["--calibration", seen]
    rounded = ["--rounding", rounding]
    expected = logits(options, model, unseen, folder)

    def error(path):
        return float(numpy.sqrt(numpy.mean((logits(options, path, unseen, folder) - expected) ** 2)))

    for encoding in ENCODINGS[1:] if rounding == "gptq" else ENCODINGS:
        uniform, planned = folder / "uniform.ingot", folder / "planned.ingot"
        given = calibration if rounding == "gptq" else []
        ingot(options, "quantize", model, "--encoding", encoding, *rounded, *given, "-o", uniform, "--force")
        size = uniform.stat().st_size
        document = json.loads(ingot(
            options, "quantize", model, "--max-size", size, *rounded, *calibration, "--cache", folder / "cache", "-o", planned,
            "--force", "--json"))
        plan = document["plan"]
        yield {
            "rounding": rounding, "encoding": encoding, "bytes": size, "plannedBytes": planned.stat().st_size, "predictedBytes": plan["bytes"],
            "error": error(uniform), "plannedError": error(planned), "predictedError": plan["predicted"]["logits"],
            "foundError": plan["measured"]["logits"],
        }


GOALS = [("--min-cosine", "0.9995"), ("--max-size", "130M"), ("--max-kl", "1e-3")]


def large(options, folder):
    """Plans for models of full size, judged on the planner's own unseen probes and on others."""
    lines, failed = [
        "Plans for models of full size: errors are roots of the mean squared difference of a logit; predicted and measured on the probes that were planned with,",
        "then on the planner's others. The uniform encoding is the one with the least error that is not larger than the plan, both compared by `ingot verify` on",
        "its 64 made images and texts (mean difference of a logit). `Benchmarks/planning.py --large`.", "",
        "| model | rounding | goal | seconds | effects measured, derived | bytes | predicted bytes | predicted error | measured | off by | on others | least cosine | KL "
        "| uniform, bytes | its mean error | the plan's |", "|---" * 16 + "|",
    ], False
    for model in options.large:
        name, path = model.split("=")
        cache = folder / f"{name}-cache"
        for rounding, option, value in ((rounding, *goal) for rounding in ("nearest", "gptq") for goal in GOALS):
            planned = folder / "planned.ingot"
            start = time.monotonic()
            plan = json.loads(ingot(
                options, "quantize", path, option, value, "--rounding", rounding, "--cache", cache, "-o", planned, "--force", "--json"))["plan"]
            seconds = time.monotonic() - start
            size, measured, unseen = planned.stat().st_size, plan["measured"], plan["unseen"]
            fitting = [point for point in plan["uniform"] if point["bytes"] <= size]
            row = [name, rounding, f"{option} {value}", f"{seconds:.0f}",
                   f"{plan['probes']['measuredEffects']}, {plan['probes']['derivedEffects']}", f"{size:,}", f"{plan['bytes']:,}",
                   f"{plan['predicted']['logits']:.4g}", f"{measured['logits']:.4g}",
                   f"{100 * (plan['predicted']['logits'] / measured['logits'] - 1):+.1f} %", f"{unseen['logits']:.4g}",
                   f"{min(measured['minCosine'], unseen['minCosine']):.6f}", f"{max(measured['kl'], unseen['kl']):.3g}"]
            failed |= size != plan["bytes"]
            if fitting:
                best = min(fitting, key=lambda point: point["predicted"]["logits"])
                uniform = folder / "uniform.ingot"
                rounded = ["--rounding", rounding] if best["encoding"] != "float16" else []
                ingot(options, "quantize", path, "--encoding", best["encoding"], *rounded, "-o", uniform, "--force")
                errors = [apart(options, model, path) for model in (uniform, planned)]
                failed |= not errors[1] <= errors[0]
                row += [f"{best['encoding']}, {best['bytes']:,}", *(f"{error:.4g}" for error in errors)]
            else:
                row += ["none is as small", "", ""]
            lines.append(f"| {' | '.join(row)} |")
            print(lines[-1], flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "planning-large.md").write_text("\n".join(lines) + "\n")
    return failed


def apart(options, model, source):
    """The mean difference of a logit, as `ingot verify` finds it."""
    run = subprocess.run([options.ingot, "verify", model, "--against", source, "--json"], capture_output=True, text=True)
    return json.loads(run.stdout)["logits"]["meanAbs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / ".build/release/ingot")
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--large", action="append", default=[])
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "Benchmarks/results")
    options = parser.parse_args()
    result, failed = {}, False
    lines = [
        "Plans against uniform encodings of the same size. Error: root of the mean squared difference of a logit from the model's own, on inputs that",
        "no plan has seen; predicted and found on those that it was planned with. gptq: integers of both rounded with compensation. `Benchmarks/planning.py`.",
        "", "| model | rounding | uniform encoding | bytes | error | plan, bytes | error | of the uniform one's | predicted | found | off by |",
        "|" + "---|" * 11,
    ]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        folder = pathlib.Path(folder)
        if options.large:
            failed |= large(options, folder)
        models = [tuple(model.split("=")) for model in options.model]
        if not models and not options.large:
            for name, checkpoint, bundle in FIXTURES:
                path = folder / f"{name}.ingot"
                ingot(options, "convert", ROOT / "Fixtures" / name / checkpoint, "-o", path, "--activation", "quick-gelu")
                models.append((name, path, ROOT / "Fixtures" / name / bundle))
        for number, (name, model, bundle) in enumerate(models):
            own = folder / str(number)
            own.mkdir()
            result[name] = []
            for row in (row for rounding in ("nearest", "gptq") for row in rows(options, model, bundle, own, rounding)):
                result[name].append(row)
                found, uniform, planned = row["foundError"], row["error"], row["plannedError"]
                off = row["predictedError"] / found - 1 if found else 0
                better = planned <= uniform
                exact = row["plannedBytes"] == row["predictedBytes"] <= row["bytes"]
                failed |= not (better and exact)
                lines.append(
                    f"| {name} | {row['rounding']} | {row['encoding']} | {row['bytes']:,} | {uniform:.4g} | {row['plannedBytes']:,} | {planned:.4g} | "
                    f"{100 * planned / uniform:.0f} % | {row['predictedError']:.4g} | {found:.4g} | {100 * off:+.1f} % |")
                print(lines[-1], "" if better and exact else " FAILED", flush=True)
    if not result:
        sys.exit(1 if failed else 0)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "planning.md").write_text("\n".join(lines) + "\n")
    (options.output / "planning.json").write_text(json.dumps(result, indent=1) + "\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
