// SPDX-License-Identifier: Apache-2.0
#include "common.h"

#define REAL float
#define BITS 32
#define INTEGER int32_t
#define SQRT sqrtf
#define REAL_WEIGHT INGOT_WEIGHT_F32
#define LANES 8
#define TILE_ROWS 6
#define DEPTH_BLOCK 384
#define NAME(x) plain_f32_##x
#define TABLE ingot_kernels_plain_f32
#include "kernels.inc.h"
#include "table.inc.h"

float ingot_expf(float x) { return NAME(exp)(NAME(splat)(x))[0]; }
