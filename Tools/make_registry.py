#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the registry of published models.

    Tools/make_registry.py                   write the Swift tables from Formats/openclip-models.json and Formats/timm-models.json
    Tools/make_registry.py --check           exit 1 when they differ
    Tools/make_registry.py --read FOLDER     write Formats/openclip-models.json from OpenCLIP's package folder `open_clip`
    Tools/make_registry.py --read-timm       write Formats/timm-models.json from timm (installed), for the models that the former names
"""

import ast
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "Formats" / "openclip-models.json"
SWIFT = ROOT / "Sources" / "IngotCLIP" / "Families" / "ModelRegistry+Generated.swift"
TIMM_TABLE = ROOT / "Formats" / "timm-models.json"
TIMM_SWIFT = ROOT / "Sources" / "IngotCLIP" / "Families" / "TimmRegistry+Generated.swift"
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
            # OpenAI publishes each file in a folder that is named after its SHA-256.
            if digest := re.search(r"/([0-9a-f]{64})/", settings.get("url", "")):
                entry["tags"][tag]["sha256"] = digest[1]
        models[name] = entry
    lines = [f"  {json.dumps(name)}: {json.dumps(entry, sort_keys=True)}" for name, entry in models.items()]
    TABLE.write_text('{"open_clip": ' + json.dumps(version) + ',\n "models": {\n' + ",\n".join(lines) + "\n}}\n")


def describe_timm(model):
    """What no tensor shape of a vision transformer of timm reveals; None for a model of another build."""
    import torch
    from timm.models.eva import Eva, EvaBlockPostNorm
    from timm.models.vision_transformer import VisionTransformer
    from timm.layers import PatchEmbed, RotaryEmbeddingCat
    activations = {"GELU": "gelu", "GELUTanh": "gelu-tanh", "QuickGELU": "quick-gelu", "SiLU": "silu"}
    if not isinstance(model, (Eva, VisionTransformer)) or type(model.patch_embed) is not PatchEmbed:
        return None
    block = model.blocks[0]
    if isinstance(model.blocks, torch.nn.Sequential) and len({type(block) for block in model.blocks}) != 1:
        return None
    rope = getattr(model, "rope", None)
    if rope is not None and (type(rope) is not RotaryEmbeddingCat or rope.in_pixels or rope.grid_offset or rope.grid_indexing != "ij" or
                             getattr(rope, "rotate_half", False) or not rope.ref_feat_shape):
        return None
    return {
        "activation": activations[type(block.mlp.act).__name__], "epsilon": block.norm1.eps, "heads": block.attn.num_heads,
        "norms": "after-branch" if isinstance(block, EvaBlockPostNorm) else "before",
        "rotary": rope and {"grid": rope.ref_feat_shape[0], "temperature": rope.temperature},
    }


def read_timm():
    import timm
    import torch
    configs = [entry["config"]["vision_cfg"] for entry in json.loads(TABLE.read_text())["models"].values()]
    lines = []
    for name in sorted({config["timm_model_name"] for config in configs if "timm_model_name" in config}):
        with torch.device("meta"):
            described = describe_timm(timm.create_model(name, pretrained=False))
        if described:
            lines.append(f"  {json.dumps(name)}: {json.dumps(described, sort_keys=True)}")
    TIMM_TABLE.write_text('{"timm": ' + json.dumps(timm.__version__) + ',\n "models": {\n' + ",\n".join(lines) + "\n}}\n")


def timm_swift():
    text = ("// SPDX-License-Identifier: Apache-2.0\n// Made from Formats/timm-models.json by Tools/make_registry.py. "
            "Do not edit.\n// swift-format-ignore-file\n\nextension TimmRegistry {\n"
            "  /// One JSON object a line.\n  static let text = #\"\"\"\n")
    for name, entry in json.loads(TIMM_TABLE.read_text())["models"].items():
        text += json.dumps({"name": name} | entry, sort_keys=True, separators=(",", ":")) + "\n"
    return text + '"""#\n}\n'


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
    if "--read-timm" in sys.argv:
        read_timm()
    for path, text in [(SWIFT, swift()), (TIMM_SWIFT, timm_swift())]:
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            sys.exit(f"{path.name} differs from its table under Formats")


main()
