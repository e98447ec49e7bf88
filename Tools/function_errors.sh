#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures the float32 functions' errors over all floats (see function_errors.c).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
clang -O2 -ffp-contract=off -ISources/CIngotKernels/include Sources/CIngotKernels/*.c Tools/function_errors.c -o "$folder/errors" -lm -lpthread
"$folder/errors" "$@"
