#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the layers: a target imports only what Package.swift gives it, only from lower layers, and never a sibling.

Pointers stay behind their fences, too: `Unsafe` types appear only in the files named below.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = [
    ["IngotBytes", "CIngotDigest", "CIngotSystem", "CIngotPixels", "CHDF5", "CIngotHDF5", "CZlib", "CJPEG", "CPNG", "Crypto"],
    ["IngotTensor", "IngotArchive", "CIngotKernels"],
    ["IngotTorch", "IngotSafetensors", "IngotNumPy", "IngotHDF5", "IngotFile"],
    ["IngotCLIP", "IngotQuantization", "IngotImage", "IngotStatistics", "IngotHDF5Library", "IngotDatasets", "IngotPlot"],
    ["IngotConversion", "IngotFidelity", "IngotEvaluation", "IngotPlanning", "Ingot"],
    ["IngotCommands", "ArgumentParser"],
    ["IngotTool", "IngotHDF5Tool"],
]
# Kernels are the C part of IngotTensor's own layer; libraries are used where they are needed.
LIBRARIES = {
    "CIngotKernels", "CIngotDigest", "CIngotSystem", "CIngotPixels", "CHDF5", "CIngotHDF5", "CZlib", "CJPEG", "CPNG", "Crypto", "ArgumentParser",
}
SYSTEM = {"FoundationEssentials", "Glibc", "Dispatch"}
BARRED = {
    # The tables of all languages, 40 MB that every start of the program pays for.
    "Foundation": "FoundationEssentials is enough",
    "FoundationInternationalization": "FoundationEssentials is enough",
    # Its Mutex is a futex that Thread Sanitizer cannot see.
    "Synchronization": "IngotBytes has Guarded",
}
FENCES = re.compile(r"Unsafe(Mutable|Raw|Buffer)|withUnsafe")
FENCED = {
    "IngotTensor/Kernels.swift", "IngotTensor/Kernels+Conversion.swift", "IngotTensor/Kernels+FeatureMaps.swift",
    "IngotTensor/Kernels+Product.swift", "IngotTensor/Kernels+Regression.swift", "IngotTensor/Kernels+Attention.swift", "IngotTensor/Kernels+Elements.swift", "IngotTensor/Kernels+Groups.swift",
    "IngotTensor/PackedPanels.swift", "IngotTensor/Workers.swift", "IngotArchive/Inflate.swift",
    "IngotHDF5Library/HDF5Library.swift",
}
# The soft limit is 300 lines; beyond this a file has two ideas.
LONGEST = 500

layer = {name: number for number, names in enumerate(LAYERS) for name in names}
faults = []
for path in sorted((ROOT / "Sources").rglob("*.swift")):
    target = path.relative_to(ROOT / "Sources").parts[0]
    text = path.read_text()
    name = str(path.relative_to(ROOT / "Sources"))
    for match in re.finditer(r"^(?:@\w+ |public |internal |private )*import (\w+)", text, re.M):
        module = match[1]
        if module in SYSTEM:
            continue
        if module in BARRED:
            faults.append(f"{name}: {module} is not used here, {BARRED[module]}")
            continue
        if module not in layer or target not in layer:
            faults.append(f"{name}: {module} has no layer")
        elif layer[module] > layer[target] or (layer[module] == layer[target] and module not in LIBRARIES):
            faults.append(f"{name}: {target} (L{layer[target]}) may not import {module} (L{layer[module]})")
    if target != "IngotBytes" and not (target == "IngotImage" or name in FENCED) and FENCES.search(text):
        faults.append(f"{name}: pointers outside a fence")
    lines = text.count("\n")
    if lines > LONGEST and "+Generated" not in name:
        faults.append(f"{name}: {lines} lines, at most {LONGEST}")
if faults:
    sys.exit("\n".join(faults))
print(f"{len(list((ROOT / 'Sources').rglob('*.swift')))} files keep to their layers")
