#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Micro-benchmarks of the kernels on one core, beside the peak in registers, into Benchmarks/results/kernels.md.
# With --wrap COMMAND the measured programs are run under it.
set -euo pipefail
cd "$(dirname "$0")/.."
wrap=()
[ "${1:-}" = --wrap ] && read -ra wrap <<< "$2"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
clang -O2 -ISources/CIngotKernels/include Sources/CIngotKernels/*.c Benchmarks/kernels.c -o "$folder/kernels" -lm -lpthread
clang -O2 Benchmarks/peak.c -o "$folder/peak"
peak=$("${wrap[@]}" "$folder/peak")
table=$("${wrap[@]}" "$folder/kernels")
{
  echo "One thread, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1). Peak in registers, GMAC/s (memcpy: GB/s): $peak."
  echo
  echo "$table"
} > Benchmarks/results/kernels.md
cat Benchmarks/results/kernels.md
