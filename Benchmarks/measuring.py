# SPDX-License-Identifier: Apache-2.0
"""What several benchmarks need: the machine and its limits, the multiply-adds of a model, and the time of a whole process."""

import json
import os
import pathlib
import platform
import shlex
import shutil
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent


def call(*command, **more):
    """What a command printed; ends this program if the command fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def machine():
    found = {"processor": platform.machine(), "features": [], "cores": os.cpu_count(), "system": platform.platform()}
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            found["processor"] = line.split(":", 1)[1].strip()
        if line.startswith("flags"):
            found["features"] = [f for f in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if f in line.split()]
    return found


def peak(folder, wrap="", instructions=""):
    """One core's multiply-adds in registers, in GMAC/s, and copying, in GB/s. `instructions` may be `avx2`: what is left without AVX-512."""
    compiler = "clang" if shutil.which("clang") else "cc"
    program = pathlib.Path(folder) / "peak"
    call(compiler, "-O2", FOLDER / "peak.c", "-o", program)
    runs = [json.loads(call(*shlex.split(wrap), program, *filter(None, [instructions]))) for _ in range(3)]
    return {k: max(r[k] for r in runs) for k in runs[0]}


def _blocks(tokens, width, layers, pairs):
    """What a tower's blocks define, and what Ingot computes of it: in the last block, what no embedding needs is left out."""
    whole = layers * (tokens * 12 * width**2 + 2 * pairs * width)
    last = tokens * 2 * width**2 + 10 * width**2 + 2 * tokens * width
    return whole, whole * (layers - 1) / layers + last


def image_multiply_adds(embedding, width, layers, patch, resolution=224):
    """Of one image through a vision transformer: as defined, and as Ingot computes it."""
    patches = (resolution // patch) ** 2
    around = patches * 3 * patch * patch * width + width * embedding
    return [n + around for n in _blocks(patches + 1, width, layers, (patches + 1) ** 2)]


def text_multiply_adds(embedding, width, layers, length=77):
    """Of one text that fills the context; causal attention counts the pairs that are seen."""
    return [n + width * embedding for n in _blocks(length, width, layers, length * (length + 1) / 2)]


def whole(*command, wrap=""):
    """Seconds on the clock and of the processor, and peak memory, of one whole process and its children; and what of the processors' time
    everything else on the machine took meanwhile. A fresh Python measures: a child's peak memory begins with its parent's."""
    inner = ("import json, os, resource, subprocess, sys, time; "
             "busy = lambda: sum(int(t) for i, t in enumerate(open('/proc/stat').readline().split()[1:9]) if i not in (3, 4)) / os.sysconf('SC_CLK_TCK'); "
             "b = busy(); s = time.perf_counter(); "
             "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
             "e = time.perf_counter() - s; b = busy() - b; u = resource.getrusage(resource.RUSAGE_CHILDREN); p = u.ru_utime + u.ru_stime; "
             "print(json.dumps([e, p, u.ru_maxrss, max(0, b - p) / e / os.cpu_count()]))")
    found = json.loads(call(*shlex.split(wrap), shutil.which("python3"), "-c", inner, *command).strip().splitlines()[-1])
    return {"seconds": found[0], "processorSeconds": found[1], "peakMiB": found[2] / 1024, "takenByOthers": found[3]}
