#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Converts, quantizes and verifies the trained fixture: an OpenAI-style TorchScript archive in, a verified .ingot out.
set -eu
ingot=$1
fixture=Fixtures/fashion-clip
out=demo
mkdir -p "$out"
run() { echo; echo "\$ ingot $*"; "$ingot" "$@"; }

run inspect "$fixture/archive.pt" | tail -n 8
run convert "$fixture/archive.pt" -o "$out/fashion.ingot" --tokenizer "$fixture/bpe_vocab.txt.gz" --force
run verify "$out/fashion.ingot" --against "$fixture/golden-archive.safetensors"
run quantize "$out/fashion.ingot" -o "$out/fashion-int8.ingot" --encoding int8 --force
run verify "$out/fashion-int8.ingot" --against "$fixture/golden-archive.safetensors"
run classify "$out/fashion-int8.ingot" --labels "a photo of a sneaker.,a photo of an ankle boot.,a photo of a coat." \
  "$fixture/images/sneaker.png" "$fixture/images/coat.png"
