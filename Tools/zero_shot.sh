#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Zero-shot accuracy of the trained fixture on the 10,000 test images: PyTorch's archive in its own types, and int8.
# Needs the Python packages of Tools/requirements.txt for the tokens of the prompts.
set -eu
ingot=$1
out=demo
mkdir -p "$out"
python3 Tools/zero_shot.py inputs -o "$out/inputs.safetensors"
"$ingot" convert Fixtures/fashion-clip/archive.pt -o "$out/source.ingot" --force >/dev/null
"$ingot" quantize "$out/source.ingot" -o "$out/int8.ingot" --encoding int8 --force >/dev/null
for encoding in source int8; do
  "$ingot" logits "$out/$encoding.ingot" --inputs "$out/inputs.safetensors" -o "$out/$encoding.safetensors" --force >/dev/null
  echo "$encoding: $(python3 Tools/zero_shot.py score "$out/$encoding.safetensors")"
done
