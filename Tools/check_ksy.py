#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks Formats/ingot.ksy against Tools/ingot_reader.py: both must see the same in every file given.

    check_ksy.py Fixtures/ingot-v1/*.ingot

Interprets the part of Kaitai Struct that the description uses, so no compiler is needed. Needs PyYAML (Debian: python3-yaml) and numpy.
"""

import pathlib
import struct
import sys
import types

import yaml

import ingot_reader

DESCRIPTION = pathlib.Path(__file__).resolve().parent.parent / "Formats" / "ingot.ksy"
INTEGERS = {"u4": "<I", "u8": "<Q"}
SEQ_KEYS = {"id", "type", "size", "contents", "valid", "repeat", "repeat-expr", "enum", "encoding", "doc"}
INSTANCE_KEYS = {"pos", "io", "type", "size", "repeat", "repeat-expr"}


class Interpreter:
    """Reads a file as a Kaitai description says."""

    def __init__(self, description, data):
        self.types, self.enums, self.data = description["types"], description["enums"], data
        assert description["meta"]["endian"] == "le" and description["meta"]["encoding"] == "UTF-8"
        self.root = types.SimpleNamespace()
        self.structure(description, self.root, 0, len(data))

    def evaluate(self, expression, scope):
        if isinstance(expression, int):
            return expression
        return eval(expression, {"__builtins__": {}}, {**vars(scope), "_root": self.root})  # our own description

    def structure(self, description, scope, position, end):
        for field in description["seq"]:
            assert set(field) <= SEQ_KEYS, field
            value, position = self.repeated(field, scope, position)
            assert position <= end, field
            setattr(scope, field["id"], value)
        for name, field in description.get("instances", {}).items():
            assert set(field) <= INSTANCE_KEYS and field.get("io", "_root._io") == "_root._io", field
            setattr(scope, name, self.repeated(field, scope, self.evaluate(field["pos"], scope))[0])
        return position

    def repeated(self, field, scope, position):
        if "repeat" not in field:
            return self.value(field, scope, position)
        assert field["repeat"] == "expr"
        values = []
        for _ in range(self.evaluate(field["repeat-expr"], scope)):
            value, position = self.value(field, scope, position)
            values.append(value)
        return values, position

    def value(self, field, scope, position):
        kind = field.get("type")
        if kind in INTEGERS:
            value = struct.unpack_from(INTEGERS[kind], self.data, position)[0]
            end = position + struct.calcsize(INTEGERS[kind])
            if "enum" in field:
                value = self.enums[field["enum"]][value]
        elif kind in self.types:
            value = types.SimpleNamespace()
            end = position + self.evaluate(field.get("size", 0), scope)
            inner = self.structure(self.types[kind], value, position, end if "size" in field else len(self.data))
            end = end if "size" in field else inner
        else:
            contents = field.get("contents")
            size = len(contents) if contents else self.evaluate(field["size"], scope)
            value, end = bytes(self.data[position:position + size]), position + size
            assert len(value) == size and (contents is None or value == bytes(contents)), field
            if kind == "str":
                value = value.decode(field.get("encoding", "UTF-8"))
        valid = field.get("valid")
        if isinstance(valid, dict):
            assert set(valid) == {"max"} and value <= valid["max"], field
        else:
            assert valid is None or value == valid, field
        return value, end


def compare(path):
    description = yaml.safe_load(DESCRIPTION.read_text())
    data = pathlib.Path(path).read_bytes()
    read, seen = ingot_reader.Ingot(data), Interpreter(description, data).root
    assert seen.header.root_digest == read.root and seen.header.file_size == len(data)
    assert seen.header.payload_offset == read.payload_offset and not any(seen.header.reserved)
    assert {section.kind: (section.offset, section.length, section.digest) for section in seen.sections} == read.sections
    for section in seen.sections:
        assert section.content == read.section(section.kind)
    assert len(seen.records) == len(read.tensors)
    assert seen.header.must_understand_features == any(tensor.encoding > 1 for tensor in read.tensors)
    for record, tensor in zip(seen.records, read.tensors):
        assert record.name == tensor.name and record.element_type == tensor.type.lower(), tensor.name
        names = ("plain", "int8_per_channel", "int8_per_group", "int6_per_group", "int4_per_group")
        assert record.encoding == names[tensor.encoding], tensor.name
        assert record.extents[:record.rank] == tensor.shape and record.axis == tensor.axis, tensor.name
        assert record.payload == read.payload(tensor) and record.digest == tensor.digest, tensor.name
        assert record.scale_offset == tensor.scale_offset and record.group_size == tensor.group, tensor.name


def main():
    for path in sys.argv[1:]:
        compare(path)
    print(f"{len(sys.argv) - 1} passed, 0 failed")
    return 0 if len(sys.argv) > 1 else 64


if __name__ == "__main__":
    sys.exit(main())
