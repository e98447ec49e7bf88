# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime made to believe that its processor has neither AVX-512 nor VNNI.

Its kernels (MLAS) ask the processor by the instruction cpuid and take no option. So the installed package is copied and each cpuid of its
libraries, found by objdump, becomes a trap, which `without_vnni.c` answers. The copy computes with the kernels that it would use on a
processor with AVX2 alone; those are not changed.
"""

import collections
import os
import pathlib
import re
import shutil
import struct
import subprocess

CPUID, TRAP = b"\x0f\xa2", b"\xcc\x90"  # cpuid; int3, nop
LINE = re.compile(rb"^ +([0-9a-f]+):\s+cpuid\b", re.MULTILINE)
MAPPED = re.compile(r"\[(0x[0-9a-f]+)\((0x[0-9a-f]+)\) @ (0x[0-9a-f]+|0) .*?\]: \S+ (\S+)")
SAMPLE = re.compile(r"\s*([0-9a-f]+) \((.*)\)")
NEAR = 32  # bytes of code around a sample


class NotHidden(Exception):
    """A library in which the instructions could not be replaced, told in one sentence."""


def _segments(content):
    """Address, offset in the file and size of each loaded segment of an ELF library of 64 bits."""
    if content[:6] != b"\x7fELF\x02\x01":
        raise NotHidden("not an ELF library of 64 bits")
    start, = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    for place in range(start, start + size * count, size):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", content, place)
        if kind == 1:
            yield address, offset, length


def patch(path):
    """Replaces each cpuid of a library; how many there were."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], check=True, capture_output=True).stdout
    content = bytearray(path.read_bytes())
    segments = list(_segments(content))
    found = [int(text, 16) for text in LINE.findall(listing)]
    for address in found:
        offset = next((o + address - a for a, o, n in segments if a <= address < a + n), None)
        if offset is None or content[offset:offset + 2] != CPUID:
            raise NotHidden(f"{path}: no cpuid at {address:#x}, where objdump has one")
        content[offset:offset + 2] = TRAP
    path.write_bytes(content)
    return len(found)


def environment(package, folder, compiler="cc"):
    """What to add to a process's environment so that its `import onnxruntime` finds the copy. `package` is the installed one's folder."""
    package, folder = pathlib.Path(package), pathlib.Path(folder)
    copy, library = folder / "onnxruntime", folder / "without_vnni.so"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", pathlib.Path(__file__).parent / "without_vnni.c", "-o", library], check=True)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__", "libonnxruntime.so*"))
    counts = {path.name: patch(path) for path in sorted(copy.rglob("*.so"))}
    if sum(counts.values()) == 0:
        raise NotHidden(f"{package}: no library has a cpuid instruction")
    return {"LD_PRELOAD": str(library), "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}


def instructions(command, environment, library, folder, wrap=()):
    """Runs a command under perf and tells, of the samples in a library, the share that has each of some instructions near it. In the loops
    of a matrix product that is the product's own; the rest is waiting and everything else."""
    data = pathlib.Path(folder) / "perf.data"
    subprocess.run([*wrap, "perf", "record", "-q", "-F", "499", "-o", data, *map(str, command)], check=True, capture_output=True, env=environment)
    listing = subprocess.run(["perf", "script", "-i", data, "-F", "ip,dso", "--show-mmap-events"], check=True, capture_output=True, text=True).stdout
    segments, mapped, samples = list(_segments(library.read_bytes())), [], collections.Counter()
    for line in listing.splitlines():
        if (found := MAPPED.search(line)) and found[4].endswith(library.name):
            mapped.append([int(text, 16) for text in found.groups()[:3]])
        elif (found := SAMPLE.fullmatch(line)) and found[2].endswith(library.name):
            address = int(found[1], 16)
            offset = next(address - start + begin for start, length, begin in mapped if start <= address < start + length)
            samples[next(a + offset - o for a, o, n in segments if o <= offset < o + n)] += 1
    shares = collections.Counter()
    for address, count in samples.most_common(400):
        code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--start-address={address - NEAR:#x}", f"--stop-address={address + NEAR:#x}", library],
                              check=True, capture_output=True, text=True).stdout
        shares.update({name: count for name in ("zmm", "vpdpbusd", "vpmaddubsw", "vfmadd") if name in code})
    return {name: shares[name] / sum(samples.values()) for name in ("zmm", "vpdpbusd", "vpmaddubsw", "vfmadd")}
