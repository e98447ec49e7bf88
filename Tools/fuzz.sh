#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes one reader with libFuzzer and AddressSanitizer.
#   Tools/fuzz.sh build            builds the harness into .build-fuzz
#   Tools/fuzz.sh READER SECONDS   runs it, from the seeds in Fixtures/fuzz/READER and what earlier runs found
#   Tools/fuzz.sh smoke SECONDS    runs every reader for so many seconds, from the seeds alone
#   Tools/fuzz.sh record SECONDS   runs the readers in turn until they have computed for so many seconds altogether, and counts
#   Tools/fuzz.sh report           what all records say: seconds, executions, and what is covered
# Readers: zip pickle legacy torch scan safetensors numpy ingot hdf5-description tokenizer tokenizer-section mat dataset-json dataset-csv
# dataset-tar.
set -euo pipefail
cd "$(dirname "$0")/.."
readers="zip pickle legacy torch scan safetensors numpy ingot hdf5-description tokenizer tokenizer-section mat dataset-json dataset-csv dataset-tar"
build=.build-fuzz
program=${INGOT_FUZZ_PROGRAM:-$build/release/IngotFuzz}
# Each input must end within ten seconds, and no allocation be larger than 512 MiB.
limits="-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=20000 -print_final_stats=1"
harness() {
  INGOT_FUZZ=$1 ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "$program" $limits "${@:2}"
}
case ${1:?build, smoke, or a reader} in
build)
  # Of several -sanitize options the compiler heeds the last: both are in one, or Swift is built without counters for libFuzzer.
  INGOT_FUZZ_BUILD=1 swift build -c release --sanitize=address --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address \
    -Xswiftc -enable-testing \
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
    # Without counters libFuzzer tries inputs blindly, and says so in a warning only.
    grep -aq "cov: " "$work/log" || { echo "$reader: built without counters"; exit 1; }
    echo "$reader: $(grep -a "number_of_executed_units" "$work/log" | tr -s ' ' | cut -d' ' -f2) executions"
  done ;;
record)
  # One line a run: reader, seconds computed, executions, edges and features covered, inputs kept. Seconds are the processor's own.
  mkdir -p "$build/corpus" "$build/findings"
  spent() { awk '{ sum += $2 } END { print int(sum) }' "$build/record" 2> /dev/null || echo 0; }
  touch "$build/record"
  end=$(($(spent) + ${2:?seconds}))
  while [ "$(spent)" -lt "$end" ]; do
    for reader in $readers; do
      mkdir -p "$build/corpus/$reader"
      TIMEFORMAT="%U %S"
      { time harness "$reader" -max_total_time=60 -reload=0 -artifact_prefix="$build/findings/$reader-" "$build/corpus/$reader" \
        "Fixtures/fuzz/$reader" > "$build/log" 2>&1; } 2> "$build/time" || { tail -n 40 "$build/log"; echo "$reader: a finding"; }
      awk -v reader="$reader" -v time="$(tail -n 1 "$build/time")" '
        /cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "ft:") ft = $(i + 1); if ($i == "corp:") corp = $(i + 1) } }
        /number_of_executed_units/ { runs = $2 }
        END { split(time, t, " "); split(corp, c, "/"); print reader, t[1] + t[2], runs + 0, cov + 0, ft + 0, c[1] + 0 }' "$build/log" >> "$build/record"
    done
  done ;;
report)
  awk '{ s[$1] += $2; n[$1] += $3; cov[$1] = $4; ft[$1] = $5; c[$1] = $6; total += $2; runs += $3 }
    END { for (r in s) printf "| %s | %d | %d | %d | %d | %d |\n", r, s[r], n[r], cov[r], ft[r], c[r] | "sort"; close("sort")
      printf "| all | %d | %d | | | |\n", total, runs }' "$build/record" ;;
*)
  mkdir -p "$build/corpus/$1" "$build/findings"
  harness "$1" -max_total_time="${2:?seconds}" -artifact_prefix="$build/findings/$1-" "$build/corpus/$1" "Fixtures/fuzz/$1" ;;
esac
