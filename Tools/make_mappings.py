#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the Swift tables under Sources/IngotCLIP/Mappings from the Markdown tables under Formats/mappings.

    Tools/make_mappings.py           write the generated files
    Tools/make_mappings.py --check   exit 1 when a generated file differs from its table
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "Formats" / "mappings"
SOURCES = ROOT / "Sources" / "IngotCLIP" / "Mappings"
HEADER = "// SPDX-License-Identifier: Apache-2.0\n// Made from {table} by Tools/make_mappings.py. Do not edit.\n// swift-format-ignore-file\n\n"


def rows(table, columns):
    """The cells of a Markdown table's rows, without back-ticks."""
    found = []
    for number, line in enumerate(table.read_text().splitlines(), 1):
        if not line.startswith("| `"):
            continue
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if len(cells) != columns:
            sys.exit(f"{table}:{number}: found {len(cells)} cells, expected {columns}")
        found.append(cells)
    return found


def swift(name):
    """`class-token` as Swift spells it."""
    return re.sub(r"-(\w)", lambda match: match[1].upper(), name)


def canonical():
    text = HEADER.format(table="Formats/mappings/canonical.md")
    text += "extension CanonicalSchema {\n  static let rows: [Row] = [\n"
    for name, shape, role, when in rows(TABLES / "canonical.md", 4):
        conditions = [part.strip() for part in when.split(",")]
        presence = "optional" if "optional" in conditions else "required"
        text += f'    Row("{name}", "{shape}", .{role}, .{swift(conditions[0])}, .{presence}),\n'
    return text + "  ]\n}\n"


def transform(words):
    """`transpose, concatenate` or `copy, rows 0-19` as Swift spells it."""
    layout, more, is_slice = "copy", [], False
    for word in [part.strip() for part in words.split(",")]:
        if word == "slice i":
            is_slice = True
        elif word == "concatenate":
            more.append("isPart: true")
        elif match := re.fullmatch(r"rows (\d+)-(\d*)", word):
            more.append(f"isPart: true, rows: {match[1]}..<{int(match[2]) + 1 if match[2] else 'Int.max'}")
        else:
            layout = word
    if is_slice:
        more.append("isSlice: true")
    return ", ".join([f".{swift(layout)}"] + more)


def mapping(table, name):
    text = HEADER.format(table=f"Formats/mappings/{table}.md")
    text += f"extension KeyMapping {{\n  static let {name} = KeyMapping(rows: [\n"
    for source, target, words in rows(TABLES / f"{table}.md", 3):
        text += f'    Row("{source}", "{target}", {transform(words)}),\n'
    return text + "  ])\n}\n"


# Table, and what Swift calls it.
MAPPINGS = {
    "openai": "openAI",
    "openclip-custom-text": "openCLIPCustomText",
    "huggingface-clip": "huggingFaceCLIP",
    "huggingface-clip-tf": "huggingFaceTensorFlowCLIP",
    "huggingface-siglip": "huggingFaceSigLIP",
    "huggingface-bert-text": "huggingFaceBERTText",
    "chinese-clip-text": "chineseCLIPText",
    "long-clip-positions": "longCLIPPositions",
    "timm-vit": "timmVisionTransformer",
    "timm-eva02": "timmEVA02",
    "big-vision": "bigVision",
    "big-vision-scanned": "bigVisionScanned",
    "torchvision-resnet": "torchvisionResNet",
    "keras-resnet": "kerasResNet",
    "bit-resnet": "bitResNet",
    "simclr-resnet": "simclrResNet",
    "openclip-convnext": "openCLIPConvNeXt",
    "openclip-mobileclip": "openCLIPMobile",
}


def main():
    files = {"CanonicalSchema+Generated.swift": canonical()}
    for table, name in MAPPINGS.items():
        files[f"KeyMapping+{name[0].upper()}{name[1:]}+Generated.swift"] = mapping(table, name)
    stale = []
    for name, text in files.items():
        path = SOURCES / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.write_text(text)
    if stale:
        sys.exit("differs from its table: " + ", ".join(stale))


main()
