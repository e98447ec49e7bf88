#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has the tool write its pages and pictures about the fixtures, pages that pass and one that fails, and an outsider read and look at them.
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
"$ingot" verify "$work/fashion-int8.ingot" --against "$work/fashion.ingot" --explain --report "$work/ledger.html" >/dev/null
# Another activation than the original's: out of tolerance from the first block on.
"$ingot" convert Fixtures/vit-tiny/archive.pt -o "$work/gelu.ingot" --activation gelu >/dev/null
status=0
"$ingot" verify "$work/gelu.ingot" --against Fixtures/vit-tiny/golden-archive.safetensors --report "$work/fails.html" >/dev/null ||
  status=$?
[ "$status" = 1 ] || { echo "a wrong model ended with $status, expected 1"; exit 1; }
grep -q 'verdict fail' "$work/fails.html"

"$ingot" explain "$work/fashion-int8.ingot" --against "$work/fashion.ingot" --report "$work/explains.html" >/dev/null

# All tasks on the first images of Fashion-MNIST, where Debian's package is there.
if [ -f /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]; then
  mkdir "$work/data"
  python3 - "$work/data" <<'PY'
import gzip, sys
for name, count in (("train", 600), ("t10k", 300)):
    for kind, header, length in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
        with gzip.open(f"/usr/share/datasets/fashion-mnist/{name}-{kind}-ubyte.gz") as file:
            data = bytearray(file.read(header + count * length))
        data[4:8] = count.to_bytes(4, "big")
        with open(f"{sys.argv[1]}/{name}-{kind}-ubyte", "wb") as file:
            file.write(data)
PY
  "$ingot" evaluate "$work/fashion-int8.ingot" --dataset fashion-mnist --data "$work/data" \
    --class-names Fixtures/evaluation/class-names.txt --templates Fixtures/evaluation/templates.txt \
    --task zero-shot linear-probe few-shot data-efficiency --shots 1 2 4 --draws 3 \
    --report "$work/evaluates.html" --pictures "$work" >/dev/null
fi

python3 Tools/check_report.py $(ls "$work"/*.html "$work"/*.svg 2>/dev/null) ${2:+--screenshots "$2"}
