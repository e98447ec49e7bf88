// SPDX-License-Identifier: Apache-2.0
#include "common.h"

#define REAL double
#define BITS 64
#define INTEGER int64_t
#define SQRT sqrt
#define REAL_WEIGHT INGOT_WEIGHT_F64
#define LANES 8
#define TILE_ROWS 3
#define DEPTH_BLOCK 192
#define NAME(x) plain_f64_##x
#define TABLE ingot_kernels_plain_f64
#include "kernels.inc.h"
#include "table.inc.h"
