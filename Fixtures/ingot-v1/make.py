#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the .ingot fixtures of this folder from Formats/ingot.md alone, and manifest.json with what they hold.

Independent of the Swift writer and of Tools/ingot_reader.py: nothing is imported from either. Run: python3 make.py
"""

import hashlib
import json
import pathlib
import platform
import struct

import numpy

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20240229

TYPES = {
    "BOOL": (1, 1), "U8": (2, 1), "I8": (3, 1), "U16": (4, 2), "I16": (5, 2), "U32": (6, 4), "I32": (7, 4),
    "U64": (8, 8), "I64": (9, 8), "F16": (10, 2), "BF16": (11, 2), "F32": (12, 4), "F64": (13, 8),
    "F8_E4M3": (14, 1), "F8_E5M2": (15, 1), "C32": (16, 4), "C64": (17, 8), "C128": (18, 16),
    "F8_E8M0": (19, 1), "F8_E4M3FNUZ": (20, 1), "F8_E5M2FNUZ": (21, 1),
}
KNOWN_KINDS = (b"ARCH", b"CERT", b"PROV", b"TOKN")


def up(value, alignment):
    return -(-value // alignment) * alignment


def sha(data):
    return hashlib.sha256(data).digest()


class Plain:
    def __init__(self, name, type_name, shape, data):
        self.name, self.type, self.shape, self.payload = name, type_name, shape, data
        self.encoding, self.axis, self.group, self.scale_offset, self.label = 0, 0, 0, 0, "plain"
        assert len(data) == TYPES[type_name][1] * int(numpy.prod(shape, dtype=numpy.int64)), name


class Int8:
    def __init__(self, name, type_name, values, scales, axis):
        assert values.dtype == numpy.int8 and scales.dtype == numpy.dtype("<f4") and len(scales) == values.shape[axis]
        self.name, self.type, self.shape = name, type_name, values.shape
        self.encoding, self.axis, self.group, self.scale_offset = 1, axis, 0, up(values.size, 64)
        self.label = f"int8 per channel (axis {axis})"
        self.payload = values.tobytes().ljust(self.scale_offset, b"\0") + scales.tobytes()


class Grouped:
    """Integers of some bits, a bfloat16 scale (its 16 bits) for each group of a channel."""

    def __init__(self, name, type_name, bits, values, scales, axis, group):
        self.name, self.type, self.shape = name, type_name, values.shape
        self.encoding, self.axis, self.group = {8: 2, 6: 3, 4: 4}[bits], axis, group
        self.label = f"int{bits} per group of {group} (axis {axis})"
        others = [extent for index, extent in enumerate(values.shape) if index != axis]
        channels = numpy.moveaxis(values, axis, 0).reshape(values.shape[axis], values.size // max(1, values.shape[axis]))
        decoded = channels.astype("<f4")
        steps = (scales.astype("<u4") << 16).view("<f4")
        per_channel = -(-channels.shape[1] // group)
        for channel in range(channels.shape[0]):
            for place in range(channels.shape[1]):
                decoded[channel, place] *= steps[channel * per_channel + place // group]
        self.values = numpy.moveaxis(decoded.reshape([values.shape[axis]] + others), 0, axis).astype("<f4").tobytes()
        stream = 0
        for index, value in enumerate(values.reshape(-1).tolist()):
            stream |= (value & ((1 << bits) - 1)) << (bits * index)
        length = -(-bits * values.size // 8)
        self.scale_offset = up(length, 64)
        self.payload = stream.to_bytes(length, "little").ljust(self.scale_offset, b"\0") + scales.astype("<u2").tobytes()


def file_bytes(tensors, sections):
    """The one file that holds these tensors and sections (section 1 of the specification)."""
    tensors = sorted(tensors, key=lambda tensor: tensor.name.encode())
    sections = sorted(sections.items())
    names = b"".join(tensor.name.encode() for tensor in tensors)
    record_table = 256 + 64 * len(sections)
    names_offset = record_table + 160 * len(tensors)

    end, section_table, placed = names_offset + len(names), b"", []
    for kind, data in sections:
        offset = up(end, 4096)
        flags = 0 if kind in KNOWN_KINDS else 1
        section_table += kind + struct.pack("<IQQQ", flags, offset, len(data), 0) + sha(data)
        placed.append((offset, data))
        end = offset + len(data)

    payload_offset = end = up(end, 4096)
    records, name_offset = b"", 0
    for tensor in tensors:
        offset, name = up(end, 64), tensor.name.encode()
        extents = list(tensor.shape) + [0] * (8 - len(tensor.shape))
        records += struct.pack(
            "<QIIIIII8QQQQQ", name_offset, len(name), TYPES[tensor.type][0], len(tensor.shape), tensor.encoding,
            tensor.axis, tensor.group, *extents, offset, len(tensor.payload), tensor.scale_offset, 0) + sha(tensor.payload)
        placed.append((offset, tensor.payload))
        name_offset += len(name)
        end = offset + len(tensor.payload)

    index = section_table + records + names
    features = int(any(tensor.encoding > 1 for tensor in tensors))
    header = b"\x89INGOT\r\n" + struct.pack(
        "<IIQQQQQQQQQQ", 1, 256, features, 0, end, 256, len(sections), record_table, len(tensors), names_offset, len(names),
        payload_offset)
    header = header.ljust(192, b"\0") + sha(index)
    content = bytearray(end)
    content[:256] = header + sha(header)
    content[256:256 + len(index)] = index
    for offset, data in placed:
        content[offset:offset + len(data)] = data
    return bytes(content), header


def random_bytes(random, count):
    return random.integers(0, 256, size=count, dtype=numpy.uint8).tobytes()


def quantized(random, name, type_name, shape, axis):
    values = random.integers(-127, 128, size=shape).astype(numpy.int8)
    scales = random.uniform(1e-6, 2.0, size=shape[axis]).astype("<f4")
    return Int8(name, type_name, values, scales, axis)


def grouped(random, name, type_name, bits, shape, axis, group):
    limit = (1 << (bits - 1)) - 1
    values = random.integers(-limit, limit + 1, size=shape)
    channels = shape[axis]
    groups = -(-(values.size // channels) // group) if channels else 0
    scales = random.integers(0x3000, 0x4000, size=channels * groups)  # bfloat16: positive, from 5e-10 to 2
    return Grouped(name, type_name, bits, values, scales, axis, group)


def cases():
    random = numpy.random.Generator(numpy.random.PCG64(SEED))

    def plain(name, type_name, *shape):
        count = int(numpy.prod(shape, dtype=numpy.int64))
        return Plain(name, type_name, shape, random_bytes(random, count * TYPES[type_name][1]))

    yield "nothing", [], {}
    yield "smallest", [Plain("x", "F32", (1,), struct.pack("<f", 0.5))], {}
    yield "every-type", [plain(f"type.{name}", name, 3, 5) for name in TYPES] + [
        plain("rank.0", "F32"), plain("rank.1", "F32", 7), plain("rank.8", "U8", 1, 2, 1, 3, 1, 2, 1, 5),
        plain("empty.0", "F32", 0), plain("empty.huge", "F32", 2**62, 0, 2**62),
    ], {}
    yield "names", [
        plain(name, "U8", 3) for name in
        ("", "a", "B", "a.b", "ab", "a\tb", "a/b", "é", "z", "Ω", "\U0001f600", "visual.proj", "\u6587\u672c", "x" * 300)
    ], {}
    yield "quantized", [
        quantized(random, "conv", "F32", (4, 3, 2, 2), 0), quantized(random, "linear.out", "F16", (10, 33), 0),
        quantized(random, "linear.in", "BF16", (10, 33), 1), quantized(random, "exactly.64", "F64", (8, 8), 1),
        quantized(random, "no.rows", "F32", (0, 5), 1), quantized(random, "vector", "F32", (65,), 0),
        plain("bias", "F32", 10),
    ], {b"ARCH": json.dumps({"activation": "quick_gelu"}).encode()}
    yield "sections", [plain("w", "F16", 9, 9)], {
        b"ARCH": b'{"width": 64}', b"TOKN": random_bytes(random, 5000), b"PROV": b'{"source": "made by make.py"}',
        b"CERT": b"{}", b"XTRA": b"a kind that version 1 does not know", b"NONE": b"",
    }
    # The last: those before it keep their bytes.
    yield "grouped", [
        grouped(random, "int8", "F32", 8, (5, 70), 0, 32), grouped(random, "int6", "F32", 6, (5, 70), 0, 64),
        grouped(random, "int4", "F32", 4, (5, 71), 0, 32), grouped(random, "int4.columns", "F16", 4, (70, 5), 1, 32),
        grouped(random, "int6.columns", "BF16", 6, (33, 3), 1, 32), grouped(random, "int4.128", "F64", 4, (2, 256), 0, 128),
        grouped(random, "int6.conv", "F32", 6, (4, 3, 3, 3), 0, 32), grouped(random, "int8.none", "F32", 8, (0, 5), 0, 32),
        grouped(random, "int4.one", "F32", 4, (1, 1), 0, 32), grouped(random, "int8.empty", "F32", 8, (3, 0), 0, 32),
        quantized(random, "int8.channel", "F32", (4, 5), 0), plain("bias", "F32", 5),
    ], {}


def main():
    manifest = {"seed": SEED, "numpy": numpy.__version__, "python": platform.python_version(), "files": {}}
    for name, tensors, sections in cases():
        content, header = file_bytes(tensors, sections)
        (HERE / f"{name}.ingot").write_bytes(content)
        manifest["files"][f"{name}.ingot"] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "root": hashlib.sha256(header).hexdigest(),
            "sections": {
                kind.decode(): {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for kind, data in sorted(sections.items())
            },
            **({"values": {
                tensor.name: hashlib.sha256(tensor.values).hexdigest() for tensor in tensors if tensor.encoding > 1
            }} if name == "grouped" else {}),
            "tensors": [
                {
                    "name": tensor.name, "type": tensor.type, "shape": list(tensor.shape), "bytes": len(tensor.payload),
                    "encoding": tensor.label,
                    "sha256": hashlib.sha256(tensor.payload).hexdigest(),
                }
                for tensor in sorted(tensors, key=lambda tensor: tensor.name.encode())
            ],
        }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True)
    (HERE / "manifest.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
