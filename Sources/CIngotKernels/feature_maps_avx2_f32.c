// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "feature_maps.h"

#define REAL float
#define BITS 32
#define INTEGER int32_t
#define SQRT sqrtf
#define NAME(x) maps_avx2_f32_##x
#define MAPS ingot_maps_avx2_f32
#include "feature_maps.inc.h"
#pragma clang attribute pop
#endif
