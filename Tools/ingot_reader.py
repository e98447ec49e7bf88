#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An independent reader and checker of .ingot files, written from Formats/ingot.md. Needs numpy and nothing else.

    ingot_reader.py FILE              checks everything, prints what is wrong; exit 0, 65 (damaged) or 66 (cannot be read)
    ingot_reader.py FILE --manifest   checks everything, prints names, types, shapes and SHA-256 as JSON

From Python:

    model = Ingot.open("model.ingot")         # raises Damaged
    model.values("visual.proj")               # float32 array, dequantized
"""

import argparse
import hashlib
import json
import mmap
import struct
import sys
import unicodedata

import numpy

TYPES = {
    1: ("BOOL", 1), 2: ("U8", 1), 3: ("I8", 1), 4: ("U16", 2), 5: ("I16", 2), 6: ("U32", 4), 7: ("I32", 4),
    8: ("U64", 8), 9: ("I64", 8), 10: ("F16", 2), 11: ("BF16", 2), 12: ("F32", 4), 13: ("F64", 8), 14: ("F8_E4M3", 1),
    15: ("F8_E5M2", 1), 16: ("C32", 4), 17: ("C64", 8), 18: ("C128", 16), 19: ("F8_E8M0", 1), 20: ("F8_E4M3FNUZ", 1),
    21: ("F8_E5M2FNUZ", 1),
}
ARRAYS = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8", "C128": "<c16",
}
QUANTIZABLE = {"F16", "BF16", "F32", "F64", "F8_E4M3", "F8_E5M2"}
GROUPED = {2: 8, 3: 6, 4: 4}  # encoding: bits of an integer
GROUP_SIZES = (32, 64, 128)
KINDS = {b"ARCH", b"CERT", b"PROV", b"TOKN"}
LARGEST = 2**63 - 1


class Damaged(Exception):
    """The file breaks a rule of the specification; the message says which and where."""


def require(condition, message):
    if not condition:
        raise Damaged(message)


def up(value, alignment):
    return (value + alignment - 1) & -alignment


class Tensor:
    """One record, checked."""

    def __init__(self, name, type_name, shape, encoding, axis, group, offset, length, scale_offset, digest):
        self.name, self.type, self.shape, self.encoding, self.axis, self.group = name, type_name, shape, encoding, axis, group
        self.offset, self.length, self.scale_offset, self.digest = offset, length, scale_offset, digest

    @property
    def label(self):
        if self.encoding in GROUPED:
            return f"int{GROUPED[self.encoding]} per group of {self.group} (axis {self.axis})"
        return "plain" if self.encoding == 0 else f"int8 per channel (axis {self.axis})"

    @property
    def elements(self):
        return int(numpy.prod(self.shape, dtype=object))


def integers(data, bits, count):
    """Two's complement numbers from a little-endian stream of bits, and the bits after them."""
    stream = numpy.unpackbits(numpy.frombuffer(data, "u1"), bitorder="little")
    digits = stream[:bits * count].reshape(count, bits).astype("i2")
    weights = 2 ** numpy.arange(bits, dtype="i2")
    weights[-1] = -weights[-1]
    return (digits * weights).sum(axis=1, dtype="i2"), stream[bits * count:]


class Ingot:
    """A file whose header and index obey the specification."""

    @staticmethod
    def open(path):
        with open(path, "rb") as file:
            try:
                data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                data = b""
        return Ingot(data)

    def __init__(self, data):
        self.data = data
        require(len(data) >= 256, f"header needs 256 bytes, the file has {len(data)}")
        header = bytes(data[:256])
        require(header[:8] == b"\x89INGOT\r\n", f"magic is {header[:8].hex()}")
        version, header_size = struct.unpack_from("<II", header, 8)
        require(version == 1, f"version {version} is not supported")
        require(header_size == 256, f"header size {header_size} is not 256")
        self.root = header[224:]
        require(hashlib.sha256(header[:224]).digest() == self.root, "root digest does not match the header")
        (must, _, file_size, section_table, sections, record_table, records, names, names_length,
         self.payload_offset) = struct.unpack_from("<10Q", header, 16)
        require(must & ~1 == 0, f"features {must:#x} must be understood")
        for value in (file_size, sections, records, names_length, self.payload_offset):
            require(value <= LARGEST, f"{value} exceeds {LARGEST}")
        require(not any(header[96:192]), "reserved header bytes are not zero")
        require(section_table == 256, f"section table at {section_table}")
        require(record_table == 256 + 64 * sections, f"record table at {record_table}")
        require(names == record_table + 160 * records, f"names at {names}")
        self.index_end = names + names_length
        require(file_size == len(data), f"file size is {len(data)}, the header says {file_size}")
        require(self.index_end <= file_size, f"the index ends at {self.index_end}, after the file")
        require(hashlib.sha256(data[256:self.index_end]).digest() == header[192:224], "index digest does not match")

        self.sections = {}
        end = self._read_sections(sections)
        require(self.payload_offset == up(end, 4096), f"payload region at {self.payload_offset}, not {up(end, 4096)}")
        self.tensors = []
        end = self._read_records(record_table, records, names, names_length)
        require(end == file_size, f"the last payload ends at {end}, the file at {file_size}")
        grouped = any(tensor.encoding in GROUPED for tensor in self.tensors)
        require(must == grouped, f"features {must:#x}, {'some' if grouped else 'no'} tensor is stored in groups")

    def _read_sections(self, count):
        end, previous = self.index_end, b""
        for number in range(count):
            kind, flags, offset, length, reserved, digest = struct.unpack_from("<4sIQQQ32s", self.data, 256 + 64 * number)
            require(all(32 <= byte < 127 for byte in kind), f"section kind {kind.hex()} is not four ASCII characters")
            require(kind > previous, f"section {kind} after {previous}")
            require(flags & ~1 == 0 and reserved == 0, f"section {kind}: flags {flags:#x}, reserved {reserved}")
            require(kind in KINDS or flags == 1, f"section {kind} is not known and must be understood")
            require(offset == up(end, 4096), f"section {kind} at {offset}, not {up(end, 4096)}")
            end = offset + length
            require(end <= len(self.data), f"section {kind} ends at {end}, after the file")
            self.sections[kind.decode()] = (offset, length, digest)
            previous = kind
        return end

    def _read_records(self, table, count, names, names_length):
        end, name_end, previous, seen = self.payload_offset, 0, None, set()
        for number in range(count):
            (name_offset, name_length, code, rank, encoding, axis, group, *rest, digest) = struct.unpack_from(
                "<QIIIIII8QQQQQ32s", self.data, table + 160 * number)
            extents, (offset, length, scale_offset, reserved) = rest[:8], rest[8:]
            require(name_offset == name_end, f"record {number}: name at {name_offset}, not {name_end}")
            name_end += name_length
            require(name_end <= names_length, f"record {number}: name ends at {name_end} of {names_length}")
            raw = bytes(self.data[names + name_offset:names + name_end])
            require(previous is None or raw > previous, f"name {raw} after {previous}")
            previous = raw
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise Damaged(f"name {raw} is not UTF-8") from None
            normal = unicodedata.normalize("NFD", name)
            require(normal not in seen, f"name {name!r} is canonically equivalent to another")
            seen.add(normal)
            require(code in TYPES, f"{name!r}: element type {code} is not known")
            require(rank <= 8, f"{name!r}: rank {rank}")
            require(not any(extents[rank:]), f"{name!r}: extents after the rank")
            require(reserved == 0, f"{name!r}: reserved {reserved}")
            require(group in GROUP_SIZES if encoding in GROUPED else group == 0, f"{name!r}: group size {group}")
            type_name, size = TYPES[code]
            shape, elements = extents[:rank], 1
            for extent in shape:
                require(extent <= LARGEST, f"{name!r}: extent {extent}")
                elements *= extent
            require(elements * size <= LARGEST, f"{name!r}: {elements} elements of {size} bytes")
            if encoding == 0:
                require(axis == 0, f"{name!r}: axis {axis} of a plain tensor")
                expected = (elements * size, 0)
            else:
                require(encoding == 1 or encoding in GROUPED, f"{name!r}: encoding {encoding} is not known")
                require(type_name in QUANTIZABLE, f"{name!r}: integers cannot stand for {type_name}")
                require(axis < rank, f"{name!r}: axis {axis} of rank {rank}")
                if encoding == 1:
                    expected = (up(elements, 64) + 4 * shape[axis], up(elements, 64))
                else:
                    start = up((elements * GROUPED[encoding] + 7) // 8, 64)
                    channel = elements // shape[axis] if shape[axis] else 0
                    expected = (start + 2 * shape[axis] * (up(channel, group) // group), start)
            require((length, scale_offset) == expected, f"{name!r}: length and scales {length, scale_offset}, not {expected}")
            require(offset == up(end, 64), f"{name!r}: payload at {offset}, not {up(end, 64)}")
            end = offset + length
            require(end <= len(self.data), f"{name!r}: payload ends at {end}, after the file")
            self.tensors.append(Tensor(name, type_name, shape, encoding, axis, group, offset, length, scale_offset, digest))
        require(name_end == names_length, f"names fill {name_end} of {names_length} bytes")
        return end

    def payload(self, tensor):
        return self.data[tensor.offset:tensor.offset + tensor.length]

    def section(self, kind):
        offset, length, _ = self.sections[kind]
        return self.data[offset:offset + length]

    def findings(self):
        """Everything that verification of integrity finds."""
        end, found = self.index_end, []

        def zero(start, stop, what):
            if any(self.data[start:stop]):
                found.append(f"padding before {what} is not zero")

        for kind, (offset, length, digest) in self.sections.items():
            zero(end, offset, f"section {kind}")
            if hashlib.sha256(self.section(kind)).digest() != digest:
                found.append(f"section {kind}: digest does not match")
            end = offset + length
        zero(end, self.payload_offset, "the payload region")
        end = self.payload_offset
        for tensor in self.tensors:
            zero(end, tensor.offset, repr(tensor.name))
            end = tensor.offset + tensor.length
            data = self.payload(tensor)
            if hashlib.sha256(data).digest() != tensor.digest:
                found.append(f"{tensor.name!r}: digest does not match")
            elif tensor.encoding == 1:
                elements = int(numpy.prod(tensor.shape, dtype=object))
                if b"\x80" in data[:elements]:
                    found.append(f"{tensor.name!r}: a byte is -128")
                if any(data[elements:tensor.scale_offset]):
                    found.append(f"{tensor.name!r}: padding before the scales is not zero")
                scales = numpy.frombuffer(data, "<f4", offset=tensor.scale_offset)
                if not numpy.all(numpy.isfinite(scales) & (scales > 0)):
                    found.append(f"{tensor.name!r}: a scale is not finite and positive")
            elif tensor.encoding in GROUPED:
                bits = GROUPED[tensor.encoding]
                values, rest = integers(data[:tensor.scale_offset], bits, tensor.elements)
                if (values == -(1 << (bits - 1))).any():
                    found.append(f"{tensor.name!r}: an integer is {-(1 << (bits - 1))}")
                if rest.any():
                    found.append(f"{tensor.name!r}: padding before the scales is not zero")
                scales = numpy.frombuffer(data, "<u2", offset=tensor.scale_offset)
                if not numpy.all((scales > 0) & (scales < 0x7F80)):
                    found.append(f"{tensor.name!r}: a scale is not finite and positive")
        return found

    def values(self, name):
        """The tensor as numbers: float32 for BF16 and for encoded tensors, else the element type itself."""
        tensor = next(tensor for tensor in self.tensors if tensor.name == name)
        data = self.payload(tensor)
        if tensor.encoding == 1:
            elements = int(numpy.prod(tensor.shape, dtype=object))
            values = numpy.frombuffer(data, "i1", count=elements).reshape(tensor.shape).astype("<f4")
            along = [1] * len(tensor.shape)
            along[tensor.axis] = -1
            return values * numpy.frombuffer(data, "<f4", offset=tensor.scale_offset).reshape(along)
        if tensor.encoding in GROUPED and tensor.elements == 0:
            return numpy.zeros(tensor.shape, "<f4")
        if tensor.encoding in GROUPED:
            values, _ = integers(data[:tensor.scale_offset], GROUPED[tensor.encoding], tensor.elements)
            scales = (numpy.frombuffer(data, "<u2", offset=tensor.scale_offset).astype("<u4") << 16).view("<f4")
            channels = tensor.shape[tensor.axis]
            scales = scales.reshape(channels, -1).repeat(tensor.group, axis=1)[:, :tensor.elements // max(1, channels)]
            others = [extent for axis, extent in enumerate(tensor.shape) if axis != tensor.axis]
            scales = numpy.moveaxis(scales.reshape([channels] + others), 0, tensor.axis)
            return values.reshape(tensor.shape).astype("<f4") * scales
        if tensor.type == "BF16":
            return (numpy.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").reshape(tensor.shape)
        if tensor.type not in ARRAYS:
            raise ValueError(f"numpy has no {tensor.type}; use payload()")
        return numpy.frombuffer(data, ARRAYS[tensor.type]).reshape(tensor.shape)

    def manifest(self):
        return {
            "version": 1,
            "root": self.root.hex(),
            "sections": {
                kind: {"bytes": length, "sha256": digest.hex()} for kind, (_, length, digest) in self.sections.items()
            },
            "tensors": [
                {
                    "name": tensor.name, "type": tensor.type, "shape": tensor.shape, "bytes": tensor.length,
                    "encoding": tensor.label, "sha256": hashlib.sha256(self.payload(tensor)).hexdigest(),
                }
                for tensor in self.tensors
            ],
        }


def main():
    parser = argparse.ArgumentParser(description="Checks an .ingot file against Formats/ingot.md.")
    parser.add_argument("file")
    parser.add_argument("--manifest", action="store_true", help="print what the file holds as JSON")
    options = parser.parse_args()
    try:
        model = Ingot.open(options.file)
        findings = model.findings()
    except OSError as error:
        print(error, file=sys.stderr)
        return 66
    except Damaged as error:
        findings = [str(error)]
    for finding in findings:
        print(f"{options.file}: {finding}", file=sys.stderr)
    if findings:
        return 65
    if options.manifest:
        json.dump(model.manifest(), sys.stdout, indent=1, ensure_ascii=False)
        print()
    else:
        print(f"{options.file}: {len(model.tensors)} tensors, {len(model.sections)} sections, root {model.root.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
