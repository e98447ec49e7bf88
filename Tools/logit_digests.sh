#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Logits must be the same bits on every path of this machine, with every number of threads and batch size, in every build.
#   Tools/logit_digests.sh check INGOT   compares what a build of the program computes with Fixtures/logit-digests.txt
#   Tools/logit_digests.sh record INGOT  writes that file
# With LESS=1 one run of each model: for a debug build, which is slow.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${2:?the program}")
recorded=Fixtures/logit-digests.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
paths=plain
grep -q avx2 /proc/cpuinfo && paths="$paths avx2"
grep -q avx512bw /proc/cpuinfo && paths="$paths avx512"
threads="1 2" batches="1 7 32"
[ -z "${LESS:-}" ] || { paths=${paths##* } threads=2 batches=7; }
models="vit-tiny/archive.pt:vit-tiny/golden-archive.safetensors
resnet-tiny/archive.pt:resnet-tiny/golden-archive.safetensors
families/siglip/huggingface:families/siglip/huggingface/golden.safetensors
families/eva/eva02:families/eva/eva02/golden.safetensors
families/convnext/mlp:families/convnext/mlp/golden.safetensors
families/mobileclip/s3:families/mobileclip/s3/golden.safetensors
fashion-clip/archive.pt:fashion-clip/golden-archive.safetensors"
runs=0
for model in $models; do
  source=Fixtures/${model%%:*} inputs=Fixtures/${model#*:}
  for encoding in source int8; do
    "$program" convert "$source" -o "$work/model.ingot" --force --encoding $encoding > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    for activations in int16 int8; do
      # Only integer weights meet rounded activations.
      [ $encoding = int8 ] || [ $activations = int16 ] || continue
      for path in $paths; do for thread in $threads; do for batch in $batches; do
        "$program" logits "$work/model.ingot" --inputs "$inputs" -o "$work/logits.safetensors" --force --hidden \
          --activations $activations --instructions $path --threads $thread --batch $batch > "$work/log" 2>&1 \
          || { cat "$work/log"; exit 1; }
        echo "${model%%:*} $encoding $activations $(sha256sum < "$work/logits.safetensors" | cut -d' ' -f1)" >> "$work/found"
        runs=$((runs + 1))
      done; done; done
    done
  done
done
sort -u "$work/found" > "$work/digests"
[ "$(wc -l < "$work/digests")" = "$(cut -d' ' -f1-3 "$work/digests" | sort -u | wc -l)" ] \
  || { cat "$work/digests"; echo "the bits depend on path, threads or batch" >&2; exit 1; }
if [ "$1" = record ]; then
  cp "$work/digests" "$recorded"
elif missing=$(comm -23 "$work/digests" <(sort "$recorded")) && [ -n "$missing" ]; then
  echo "$missing"
  echo "are not the bits of $recorded" >&2
  exit 1
fi
echo "$runs runs of $(wc -l < "$work/digests") models: the bits of $recorded"
