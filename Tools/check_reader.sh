#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The independent Python reader and `ingot` must find the same tensors, by name, type, shape, bytes and SHA-256, in every .ingot file:
# those that Python wrote, and one of each encoding that `ingot` wrote.
set -eu
ingot=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for encoding in source float32 float16 bfloat16 int8 int8-group-32 int6-group-64 int4-group-128; do
  "$ingot" convert Fixtures/resnet-tiny/archive.pt -o "$out/$encoding.ingot" --encoding "$encoding" >/dev/null 2>&1
done
for file in "$out"/*.ingot; do
  /usr/bin/python3 Tools/ingot_reader.py "$file" >/dev/null
  /usr/bin/python3 Tools/ingot_reader.py "$file" --manifest >"$out/python.json"
  "$ingot" inspect "$file" --checksums --json >"$out/swift.json"
  /usr/bin/python3 - "$out/python.json" "$out/swift.json" <<'PY'
import json, sys
python, swift = (json.load(open(path)) for path in sys.argv[1:])
python = python["tensors"] if isinstance(python, dict) else python
key = lambda t: (t["name"], t["type"], tuple(t["shape"]), t["bytes"], t["sha256"])
left, right = sorted(map(key, python)), sorted(map(key, swift["tensors"]))
if left != right:
    sys.exit(f"the readers differ: {set(left) ^ set(right)}")
print(f"{len(left)} tensors agree")
PY
done
