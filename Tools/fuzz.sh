#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes one reader with libFuzzer and AddressSanitizer.
#   Tools/fuzz.sh build            builds the harness into .build-fuzz
#   Tools/fuzz.sh READER SECONDS   runs it, from the seeds in Fixtures/fuzz/READER and what earlier runs found
#   Tools/fuzz.sh smoke SECONDS    runs every reader for so many seconds, from the seeds alone
# Readers: zip pickle legacy torch scan safetensors numpy ingot hdf5-description tokenizer tokenizer-section mat dataset-json dataset-csv
# dataset-tar.
set -euo pipefail
cd "$(dirname "$0")/.."
readers="zip pickle legacy torch scan safetensors numpy ingot hdf5-description tokenizer tokenizer-section mat dataset-json dataset-csv dataset-tar"
build=.build-fuzz
# Each input must end within ten seconds, and no allocation be larger than 512 MiB.
limits="-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=20000 -print_final_stats=1"
harness() {
  INGOT_FUZZ=$1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "$build/release/IngotFuzz" $limits "${@:2}"
}
case ${1:?build, smoke, or a reader} in
build)
  INGOT_FUZZ_BUILD=1 swift build -c release --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing \
    --scratch-path "$build" --product IngotFuzz ;;
smoke)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  for reader in $readers; do
    mkdir "$work/$reader"
    if ! harness "$reader" -max_total_time="${2:?seconds}" -seed=1 -artifact_prefix="$work/" "$work/$reader" \
      "Fixtures/fuzz/$reader" > "$work/log" 2>&1; then
      tail -n 40 "$work/log"
      echo "$reader: a finding" && exit 1
    fi
    echo "$reader: $(grep -a "number_of_executed_units" "$work/log" | tr -s ' ' | cut -d' ' -f2) executions"
  done ;;
*)
  mkdir -p "$build/corpus/$1" "$build/findings"
  harness "$1" -max_total_time="${2:?seconds}" -artifact_prefix="$build/findings/$1-" "$build/corpus/$1" "Fixtures/fuzz/$1" ;;
esac
