#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the registry of published models.

    Tools/make_registry.py                   write the Swift table from Formats/openclip-models.json
    Tools/make_registry.py --check           exit 1 when the two differ
    Tools/make_registry.py --read FOLDER     write Formats/openclip-models.json from OpenCLIP's package folder `open_clip`
"""

import ast
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "Formats" / "openclip-models.json"
SWIFT = ROOT / "Sources" / "IngotCLIP" / "Families" / "ModelRegistry+Generated.swift"
# Settings of the image pipeline that differ between the files published for one model.
PIPELINE = ("mean", "std", "interpolation", "resize_mode", "quick_gelu")


def read(folder):
    """OpenCLIP's own description of its models: `model_configs/*.json`, and `pretrained.py` run without its imports."""
    folder = pathlib.Path(folder)
    version = re.search(r"'(.+)'", (folder / "version.py").read_text())[1]
    constants = {}
    exec((folder / "constants.py").read_text(), constants)
    tree = ast.parse((folder / "pretrained.py").read_text())
    kept = [node for node in tree.body if isinstance(node, ast.Assign) or
            isinstance(node, ast.FunctionDef) and node.name.startswith("_") and node.name.endswith("cfg")]
    space = {name: value for name, value in constants.items() if name.isupper()}
    space["copy"] = __import__("copy")
    exec(compile(ast.Module([node for node in kept if "_has_" not in ast.unparse(node)], []), "pretrained.py", "exec"), space)
    tags = space["_PRETRAINED"]
    models = {}
    for path in sorted((folder / "model_configs").glob("*.json")):
        name = path.stem
        entry = {"config": json.loads(path.read_text()), "tags": {}}
        for tag, settings in sorted(tags.get(name, {}).items()):
            entry["tags"][tag] = {key: settings[key] for key in PIPELINE if key in settings}
        models[name] = entry
    lines = [f"  {json.dumps(name)}: {json.dumps(entry, sort_keys=True)}" for name, entry in models.items()]
    TABLE.write_text('{"open_clip": ' + json.dumps(version) + ',\n "models": {\n' + ",\n".join(lines) + "\n}}\n")


def swift():
    models = json.loads(TABLE.read_text())["models"]
    text = ("// SPDX-License-Identifier: Apache-2.0\n// Made from Formats/openclip-models.json by Tools/make_registry.py. "
            "Do not edit.\n// swift-format-ignore-file\n\nextension ModelRegistry {\n"
            "  /// One JSON object a line: name, configuration, published files.\n  static let text = #\"\"\"\n")
    for name, entry in models.items():
        text += json.dumps({"name": name} | entry, sort_keys=True, separators=(",", ":")) + "\n"
    return text + '"""#\n}\n'


def main():
    if "--read" in sys.argv:
        read(sys.argv[sys.argv.index("--read") + 1])
    if "--check" in sys.argv:
        if not SWIFT.exists() or SWIFT.read_text() != swift():
            sys.exit("ModelRegistry+Generated.swift differs from Formats/openclip-models.json")
    else:
        SWIFT.write_text(swift())


main()
