#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ingot beside ONNX Runtime as on a processor without AVX-512 and VNNI, measured on one that has them; one interleaved run.

    Benchmarks/without_vnni.py [--ingot .build/release/ingot] [--rounds 5] [--seconds 1] [--python VENV/bin/python] [--work FOLDER]

VNNI multiplies bytes at twice the rate of anything that there is for 16-bit integers; processors with AVX2 alone (AMD's before Zen 4,
most of Intel's before Ice Lake) have no such instruction. Ingot is run with `--instructions avx2`; ONNX Runtime is made to believe that there is
nothing more (hidden_features.py, without_vnni.c) and takes its own kernels for such a processor. What the run proves of that is in the result: how
many cpuid instructions were answered, which vector instructions perf met (where perf is installed), and that the embeddings are right. The processor
is still this one, and so are its units: on another the ratios can be others. Models, peers and options are those of inference.py.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import hidden_features
import inference
import inference_report
import measuring
from measuring import call

INGOT = ("ingot-avx2", "ingot-int8-avx2", "ingot-int8-int8-avx2")
PEERS = ("onnxruntime-avx2", "onnxruntime-int8-avx2")
OPEN = ("onnxruntime", "onnxruntime-int8")  # the same with nothing hidden, for comparison


class Hidden(inference.Bench):
    """As `inference.Bench`; ONNX Runtime's engines ending in -avx2 see no AVX-512."""

    def __init__(self, options):
        super().__init__(options)
        script = "import importlib.util; print(importlib.util.find_spec('onnxruntime').submodule_search_locations[0])"
        self.package = pathlib.Path(call(self.python, "-c", script).strip())
        self.hidden = hidden_features.environment(self.package, self.folder / "hidden")

    def environment(self, engine):
        return {**os.environ, **(self.hidden if engine in PEERS else {})}

    def peer(self, *arguments):
        return super().peer(*(str(a).removesuffix("-avx2") if a in PEERS else a for a in arguments))

    def rates(self):
        rounds, last = {"image": [], "text": []}, self.options.rounds - 1
        for turn in range(self.options.rounds):
            for tower, found in rounds.items():
                found.append({e: self.measure(e, tower) for e in (*INGOT, *PEERS, *(OPEN if turn in (0, last) else ()))})
            self.say(f"round {turn + 1} of {self.options.rounds}")
        return rounds

    def fidelity(self):
        return self.distances({e: [] for e in (*INGOT, *PEERS, OPEN[1])})

    def proof(self):
        found = {}
        for engine in (*PEERS, *OPEN):
            command = [*self.peer("measure", engine, self.exported(), self.checkpoint(), "image", "8", "2")]
            environment = {**self.environment(engine), "INGOT_COUNT_TRAPS": "1"}
            said = subprocess.run([*self.wrap, *map(str, command)], check=True, capture_output=True, text=True, env=environment).stderr
            answered = sum(map(int, re.findall(r"(\d+) cpuid instructions answered", said)))
            if (answered > 0) != (engine in PEERS):
                raise SystemExit(f"{engine}: {answered} cpuid instructions were answered")
            found[engine] = {"answered": answered}
            if shutil.which("perf"):
                folder = (self.folder / "hidden/onnxruntime" if engine in PEERS else self.package) / "capi"
                library = next(folder.glob("onnxruntime_pybind11_state*.so"))
                found[engine]["shares"] = hidden_features.instructions(command, environment, library, self.folder, self.wrap)
        return found


def markdown(result):
    m, r = result["machine"], result["rates"]
    lines = [f"ViT-B/32 with made weights as on a processor without AVX-512 and VNNI; measured on {m['processor']} ({', '.join(m['features'])}), {m['cores']} cores, two "
             f"threads each; {m['system']}. Ingot runs with `--instructions avx2`; from ONNX Runtime AVX-512, VNNI and AVX-VNNI are hidden. "
             f"Written by `make benchmark-without-vnni`; measured {result['date']}.",
             f"Versions: {', '.join(f'{k} {v}' for k, v in result['versions'].items() if k in ('onnxruntime', 'numpy'))}.", inference_report.limits(result["peak"])]
    narrow = {**result, "rates": {t: [{e: rows for e, rows in found.items() if e not in OPEN} for found in rounds] for t, rounds in r.items()}}
    lines += inference_report.rates(narrow, "image", "Images a second") + inference_report.rates(narrow, "text", "Texts of 77 tokens a second")
    rows = []
    for tower in ("image", "text"):
        rows.append((f"Ingot over ONNX Runtime, {tower}s", r[tower], "ingot-avx2", ("onnxruntime-avx2",), 1.0))
        rows.append((f"Ingot int8 over ONNX Runtime int8, {tower}s", r[tower], "ingot-int8-avx2", ("onnxruntime-int8-avx2",), 1.0))
        rows.append((f"Ingot int8 with int8 activations over ONNX Runtime int8, {tower}s", r[tower], "ingot-int8-int8-avx2", ("onnxruntime-int8-avx2",), 1.0))
    lines += inference_report.ratios(rows) + inference_report.fidelity(result)
    lines += ["", "## What hiding changes", "", "ONNX Runtime, at batch 8. The shares are of the samples that perf took in its library and that have such an instruction near them; "
              "the library is stripped, so that its kernels have no names.", "",
              *inference_report.header("", "images a second", "texts a second", "cpuid answered", *(f"near {name}" for name in ("zmm", "vpdpbusd", "vpmaddubsw", "vfmadd")))]
    for engine, proof in result["proof"].items():
        shares = [f"{100 * share:.0f} %" for share in proof["shares"].values()] if "shares" in proof else [""] * 4
        lines.append(f"| {inference_report.NAMES[engine]} | " + " | ".join(
            [*(f"{inference_report.best(r[t], engine, 8):.1f}" for t in ("image", "text")), str(proof["answered"]), *shares]) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    inference.add_options(parser, rounds=5)
    options = parser.parse_args()
    bench = Hidden(options)
    result = {"date": f"{time.strftime('%Y-%m-%d')}, {inference.commit()}", "machine": measuring.machine(), "versions": bench.versions(),
              "peak": measuring.peak(bench.folder, options.wrap, "avx2"), "multiplyAdds": {"ViT-B/32": inference.multiply_adds("ViT-B/32")}}
    for section in ("proof", "fidelity", "rates"):
        bench.say(section)
        result[section] = getattr(bench, section)()
    target = inference.RESULTS / "without_vnni.json"
    target.write_text(json.dumps(result, indent=1) + "\n")
    target.with_suffix(".md").write_text(markdown(result))
    print(target.with_suffix(".md").read_text())


if __name__ == "__main__":
    main()
