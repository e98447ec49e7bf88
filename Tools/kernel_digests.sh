#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every kernel must compute the same bits on every path of this machine, and on aarch64, which is run by qemu where it and a cross
# compiler's libraries are installed (gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static). Sanitizers watch the first run.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sources="Sources/CIngotKernels/*.c Tests/KernelDigests/digests.c"
clang -O1 -g -fuse-ld=lld -fsanitize=address,undefined -fno-sanitize-recover=undefined -ISources/CIngotKernels/include $sources \
  -o "$folder/checked" -lm -lpthread
clang -O2 -ISources/CIngotKernels/include $sources -o "$folder/here" -lm -lpthread
{ "$folder/checked"; "$folder/here"; } > "$folder/digests"
if command -v qemu-aarch64-static > /dev/null && [ -d /usr/aarch64-linux-gnu ]; then
  runtime=$(ls -d /usr/lib/gcc-cross/aarch64-linux-gnu/* | tail -1)
  clang --target=aarch64-linux-gnu --sysroot=/usr/aarch64-linux-gnu -fuse-ld=lld -static -O2 -I/usr/aarch64-linux-gnu/include \
    -L/usr/aarch64-linux-gnu/lib -L"$runtime" -B"$runtime" -B/usr/aarch64-linux-gnu/lib -ISources/CIngotKernels/include $sources \
    -o "$folder/aarch64" -lm -lpthread
  qemu-aarch64-static "$folder/aarch64" >> "$folder/digests"
else
  echo "aarch64 is left out: qemu-user-static or the cross compiler's libraries are not installed" >&2
fi
sort "$folder/digests" | uniq -c
# One line for each kernel, whatever the path, the number of threads and the architecture.
[ "$(sort -u "$folder/digests" | wc -l)" = "$(sed 's/ [^ ]*$//' "$folder/digests" | sort -u | wc -l)" ] \
  || { echo "the bits differ" >&2; exit 1; }
