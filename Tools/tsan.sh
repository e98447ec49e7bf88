#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Converts and quantizes fixtures with a program that was built with the Thread Sanitizer: Tools/tsan.sh .build-tsan/debug/ingot
set -euo pipefail
program=$(realpath "$1")
fixtures=$(realpath "$(dirname "$0")/../Fixtures")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TSAN_OPTIONS="halt_on_error=1 exitcode=66 suppressions=$(realpath "$(dirname "$0")/tsan.supp")"
for threads in 2 4; do
  for encoding in source float16 int8; do
    "$program" convert "$fixtures/fashion-clip/state_dict.pt" --activation quick-gelu -o "$folder/$encoding.ingot" --force --encoding "$encoding" --threads "$threads" >"$folder/log"
    echo "convert $encoding, $threads threads: clean"
  done
  "$program" convert "$fixtures/clip-containers/sharded" --activation quick-gelu -o "$folder/shards.ingot" --force --threads "$threads" >"$folder/log"
  echo "convert shards, $threads threads: clean"
  for encoding in float16 int8; do
    "$program" quantize "$folder/source.ingot" -o "$folder/quantized.ingot" --force --encoding "$encoding" --threads "$threads" >"$folder/log"
    echo "quantize $encoding, $threads threads: clean"
  done
done
