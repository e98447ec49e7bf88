#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has the tool write its pages about the fixtures, one that passes and one that fails, and an outsider read and look at them.
set -eu
cd "$(dirname "$0")/.."
ingot=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fixture=Fixtures/fashion-clip
golden=$fixture/golden-archive.safetensors

"$ingot" convert "$fixture/archive.pt" -o "$work/fashion.ingot" --tokenizer "$fixture/bpe_vocab.txt.gz" >/dev/null
"$ingot" quantize "$work/fashion.ingot" -o "$work/fashion-int8.ingot" --encoding int8 >/dev/null
"$ingot" verify "$work/fashion-int8.ingot" --against "$golden" --report "$work/passes.html" >/dev/null
# Another activation than the original's: out of tolerance from the first block on.
"$ingot" convert Fixtures/vit-tiny/archive.pt -o "$work/gelu.ingot" --activation gelu >/dev/null
status=0
"$ingot" verify "$work/gelu.ingot" --against Fixtures/vit-tiny/golden-archive.safetensors --report "$work/fails.html" >/dev/null ||
  status=$?
[ "$status" = 1 ] || { echo "a wrong model ended with $status, expected 1"; exit 1; }
grep -q 'verdict fail' "$work/fails.html"

python3 Tools/check_report.py "$work"/*.html ${2:+--screenshots "$2"}
