#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flips single random bits of a stamped .ingot file and asks `ingot verify` each time: is it found, are tensor (or section) and 4 KiB block named?

    flip_bits.py INGOT STAMPED [--count 1000] [--seed 1]

Half of the bits are drawn from the whole file, half part by part (index, each section, each tensor, padding), so that small parts are hit, too. Exit 1 if one is missed.
"""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import ingot_reader


def parts(model, size):
    """(name that must be in the message, first byte, byte after the last) of everything in the file; None where any name will do."""
    found = [(None, 0, model.index_end)]
    end = model.index_end
    for kind, (offset, length, _) in model.sections.items():
        found += [(f"section {kind}", end, offset), (f"section {kind}", offset, offset + length)]
        end = offset + length
    found.append(("payload region", end, model.payload_offset))
    end = model.payload_offset
    for tensor in model.tensors:
        found += [(tensor.name, end, tensor.offset), (tensor.name, tensor.offset, tensor.offset + tensor.length)]
        end = tensor.offset + tensor.length
    return [part for part in found if part[1] < part[2]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ingot")
    parser.add_argument("model")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    model = ingot_reader.Ingot.open(options.model)
    if "BLKS" not in model.sections:
        sys.exit(f"{options.model} is not stamped")
    size = len(model.data)
    places = parts(model, size)
    draw = random.Random(options.seed)
    found = named = located = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "flipped.ingot"
        shutil.copyfile(options.model, path)
        with open(path, "r+b") as file:
            for number in range(options.count):
                if number % 2 == 0:
                    place = draw.randrange(size)
                else:
                    _, start, stop = draw.choice(places)
                    place = draw.randrange(start, stop)
                bit = draw.randrange(8)
                name = next(name for name, start, stop in places if start <= place < stop)
                file.seek(place)
                before = file.read(1)[0]
                file.seek(place)
                file.write(bytes([before ^ 1 << bit]))
                file.flush()
                result = subprocess.run([options.ingot, "verify", path], capture_output=True, text=True)
                file.seek(place)
                file.write(bytes([before]))
                block = f"block {place // 4096} "
                right = (result.returncode in (65, 69), name is None or name in result.stderr, block in result.stderr)
                found, named, located = found + right[0], named + right[1], located + right[2]
                if not all(right):
                    print(f"byte {place} bit {bit} ({name}): exit {result.returncode}, {result.stderr.strip()}")
    print(f"{options.count} bits flipped, one at a time: {found} found, {named} with tensor or section named, {located} with the 4 KiB block named")
    sys.exit(0 if found == named == located == options.count else 1)


if __name__ == "__main__":
    main()
