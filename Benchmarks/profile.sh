#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where the time of a run goes, by function, into Benchmarks/results/profile.md. Needs perf.
#     Benchmarks/profile.sh INGOT FLOAT32.ingot INT8.ingot
set -euo pipefail
ingot=$1 float=$2 int8=$3
results="$(dirname "$0")/results"
data=$(mktemp)
trap 'rm -f "$data"' EXIT
{
  echo "Share of processor time by function, ViT-B/32, batch 8, one thread; functions above half a percent. $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)."
  for file in "$float" "$int8" "$int8 --activations int8"; do
    for tower in images texts; do
      # The runs after the first: the weights are packed, the buffers are there.
      read -ra arguments <<< "$file"
      perf record -q -o "$data" -D 2000 -- "$ingot" bench "${arguments[@]}" --"$tower" --threads 1 --batch 8 --seconds 8 > /dev/null 2>&1
      echo
      echo "## ${arguments[*]##*/}, $tower"
      echo
      echo "| function | share |"
      echo "|---|---|"
      perf report -i "$data" --stdio --percent-limit 0.5 2> /dev/null | sed -n 's/^ *\([0-9.]*\)% .*\] \([^ ]*\).*/| `\2` | \1 % |/p'
    done
  done
} > "$results/profile.md"
cat "$results/profile.md"
