#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the sharding drivers for real: workers on this machine, one of them killed in the middle, the result held to that of one run.

    check_shards.py INGOT [--engines ray processes slurm] [--images 20000]

Needs Debian's dataset-fashion-mnist, and Ray for its engine. `slurm` runs the array script as Slurm would start it, task by task.
"""

import argparse
import gzip
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARDS = 3


def children(pid):
    """All processes below one."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(path.parent.name), *children(int(path.parent.name))]
    return found


def words_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return []


def parent_of(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def kill_one(driver, cache, shard, of_worker):
    """Waits until a shard has begun to write, then kills its process, or the worker that it runs in."""
    until = time.monotonic() + 900
    while time.monotonic() < until and driver.poll() is None:
        begun = list(pathlib.Path(cache).glob(f"*--{shard}-of-*.json.partial"))
        for pid in children(driver.pid) if begun else []:
            words = words_of(pid)
            if f"{shard}/{SHARDS}" in words and words[0].endswith("ingot"):
                victim = parent_of(pid) if of_worker else pid
                print(f"  killing {'worker' if of_worker else 'process'} {victim}: {' '.join(words_of(victim))[:60]}", flush=True)
                os.kill(victim, signal.SIGKILL)
                return True
        time.sleep(0.01)
    return False


def miniature(folder, images):
    """The first training images of Fashion-MNIST in the place of the test images: enough for a shard to take a while."""
    source = pathlib.Path("/usr/share/datasets/fashion-mnist")
    folder.mkdir()
    for name, header, length in (("images-idx3-ubyte", 16, 784), ("labels-idx1-ubyte", 8, 1)):
        content = gzip.open(source / f"train-{name}.gz").read()
        cut = content[:4] + struct.pack(">I", images) + content[8:header + images * length]
        (folder / f"t10k-{name}").write_bytes(cut)
        shutil.copy(source / f"train-{name}.gz", folder)


def difference(found, expected):
    """The first line that differs, with what was expected."""
    lines = zip(found.decode().splitlines(), expected.decode().splitlines())
    return next((f"{a.strip()!r}, expected {b.strip()!r}" for a, b in lines if a != b), f"{len(found)} bytes, expected {len(expected)}")


def start(engine, ingot, cache, words):
    if engine == "slurm":
        script = ROOT / "Tools" / "evaluate_shards.slurm"
        tasks = " ".join(
            f"(export SLURM_ARRAY_TASK_ID={index} SLURM_ARRAY_TASK_COUNT={SHARDS}; \"$0\" \"$@\" || \"$0\" \"$@\") >&2 & "
            for index in range(1, SHARDS + 1))
        line = f"{tasks} wait; SHARDS={SHARDS} exec \"$0\" \"$@\""
        environment = {**os.environ, "CACHE": str(cache), "INGOT": ingot}
        return subprocess.Popen(["sh", "-c", line, str(script), *words, "--json"], stdout=subprocess.PIPE, env=environment)
    return subprocess.Popen(
        [sys.executable, ROOT / "Tools" / "evaluate_shards.py", "--engine", engine, "--shards", str(SHARDS), "--cache", str(cache),
         "--workers", "2", "--ingot", ingot, "--", *words, "--json"], stdout=subprocess.PIPE)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ingot")
    parser.add_argument("--engines", nargs="+", default=["ray", "processes", "slurm"])
    parser.add_argument("--images", type=int, default=20_000)
    arguments = parser.parse_args()
    ingot = str(pathlib.Path(arguments.ingot).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model, data = folder / "model.ingot", folder / "data"
        miniature(data, arguments.images)
        fixture = ROOT / "Fixtures" / "fashion-clip"
        subprocess.run([ingot, "convert", fixture / "state_dict.pt", "-o", model, "--activation", "quick-gelu", "--tokenizer",
                        fixture / "bpe_vocab.txt.gz"], check=True, capture_output=True)
        words = [str(model), "--dataset", "fashion-mnist", "--data", str(data), "--task", "zero-shot"]
        whole = subprocess.run([ingot, "evaluate", *words, "--cache", folder / "whole", "--json"], check=True, capture_output=True)
        features = next(path.name for path in (folder / "whole").glob("*.npy") if not path.name.endswith(".labels.npy"))
        for engine in arguments.engines:
            print(engine, flush=True)
            cache = folder / engine
            driver = start(engine, ingot, cache, words)
            if not kill_one(driver, cache, shard=2, of_worker=engine == "ray"):
                driver.terminate()
                sys.exit(f"{engine}: no process of shard 2 was caught at work")
            output, _ = driver.communicate(timeout=1800)
            if driver.returncode != 0:
                sys.exit(f"{engine}: ended with {driver.returncode}")
            if output != whole.stdout:
                sys.exit(f"{engine}: the result is not that of one run: {difference(output, whole.stdout)}")
            for name in (features, features.replace(".npy", ".labels.npy")):
                if (cache / name).read_bytes() != (folder / "whole" / name).read_bytes():
                    sys.exit(f"{engine}: {name} is not that of one run")
            print("  the same bytes as one run", flush=True)


if __name__ == "__main__":
    main()
