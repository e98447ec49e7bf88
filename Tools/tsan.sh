#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the program under Thread Sanitizer, with 2 and with 4 threads, and fails on the first report.
#   Tools/tsan.sh build              builds it into .build-tsan
#   Tools/tsan.sh control            shows that a race is reported, and that the lock is understood
#   Tools/tsan.sh run [CHECKPOINT]   converts, quantizes, verifies and embeds the fixtures, and converts CHECKPOINT, too
set -euo pipefail
cd "$(dirname "$0")/.."
build=.build-tsan
export TSAN_OPTIONS=halt_on_error=0:exitcode=66:history_size=7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# One command of the program; what it finds in the model is not judged here, but 0 and 1 are the only ends that mean that it ran.
ingot() {
  local status=0
  "$build/release/ingot" "$@" > "$work/output" 2> "$work/errors" || status=$?
  if grep -q "ThreadSanitizer" "$work/errors" || [ "$status" -gt 1 ]; then
    head -n 60 "$work/errors"
    echo "ingot $*: a finding (status $status)" && exit 1
  fi
  count=$((count + 1))
}

# What computes on several threads, on fixtures of several containers.
with_threads() {
  local threads=$1 fixture=Fixtures/fashion-clip name=fashion-$1
  for source in "$fixture/archive.pt" Fixtures/clip-containers/{sharded,deflated.pt,deflated.npz,legacy.pt,tar.pt,chunked.h5,plain.h5,model.safetensors}; do
    ingot convert "$source" -o "$work/a.ingot" --force --threads "$threads" --activation quick-gelu
    ingot diff "$source" "$work/a.ingot"
  done
  for encoding in source float16 bfloat16 int8; do
    ingot convert "$fixture/archive.pt" --tokenizer "$fixture/bpe_vocab.txt.gz" --encoding "$encoding" \
      -o "$work/$name-$encoding.ingot" --threads "$threads"
    ingot verify "$work/$name-$encoding.ingot" --against "$fixture/golden-archive.safetensors" --threads "$threads"
  done
  ingot quantize "$work/$name-source.ingot" --encoding int8 -o "$work/$name-quantized.ingot" --threads "$threads"
  ingot verify "$work/$name-quantized.ingot" --threads "$threads"
  ingot logits "$work/$name-quantized.ingot" --inputs "$fixture/golden-archive.safetensors" -o "$work/$name.safetensors" \
    --threads "$threads"
  ingot embed "$work/$name-source.ingot" --texts "$fixture/captions.txt" -o "$work/$name-texts.npy" --threads "$threads"
  ingot embed "$work/$name-source.ingot" --images "$fixture"/images/*.png -o "$work/$name-images.npy" --threads "$threads"
  ingot classify "$work/$name-quantized.ingot" --labels "a coat,a sneaker" "$fixture"/images/*.png --threads "$threads"
  ingot inspect --checksums "$work/$name-source.ingot"
  if [ -n "${2:-}" ]; then
    ingot convert "$2" -o "$work/large.ingot" --force --activation quick-gelu --threads "$threads"
    ingot quantize "$work/large.ingot" -o "$work/large-int8.ingot" --encoding int8 --force --threads "$threads"
    ingot verify "$work/large-int8.ingot" --threads "$threads"
    rm "$work"/large*.ingot
  fi
}

case ${1:?build, control or run} in
build)
  # The program alone: `ingot-hdf5` has one thread, and libhdf5 is not ours.
  swift build -c release --sanitize=thread --scratch-path "$build" --product ingot
  swift build -c release --scratch-path "$build-hdf5" --product ingot-hdf5
  cp "$build-hdf5/release/ingot-hdf5" "$build/release/" ;;
control)
  cp Tools/race.swift "$work/main.swift"
  swiftc -O -sanitize=thread -o "$work/race" Sources/IngotBytes/Guarded.swift "$work/main.swift"
  "$work/race" locked
  if "$work/race" bare > /dev/null 2> "$work/errors"; then
    echo "a race was not reported: the other runs say nothing" && exit 1
  fi
  grep -m 1 "WARNING: ThreadSanitizer" "$work/errors"
  echo "the control holds" ;;
run)
  for threads in 2 4; do with_threads "$threads" "${2:-}"; done
  echo "$count commands, no report" ;;
esac
