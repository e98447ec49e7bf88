// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq,avx512vnni"))), apply_to = function)
#include "common.h"

#define REAL float
#define BITS 32
#define INTEGER int32_t
#define SQRT sqrtf
#define REAL_WEIGHT INGOT_WEIGHT_F32
#define INTEGER_PATH_AVX512
#define LANES 16
// 26 sums, two panels, a broadcast: what 32 registers hold in every product.
#define TILE_ROWS 13
#define HAS_F16C 1
#define DEPTH_BLOCK 1024
#define NAME(x) avx512_f32_##x
#define TABLE ingot_kernels_avx512_f32
#include "kernels.inc.h"
#include "table.inc.h"
#pragma clang attribute pop
#endif
