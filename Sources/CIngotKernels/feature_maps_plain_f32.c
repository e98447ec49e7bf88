// SPDX-License-Identifier: Apache-2.0
#include "feature_maps.h"

#define REAL float
#define BITS 32
#define INTEGER int32_t
#define SQRT sqrtf
#define NAME(x) maps_plain_f32_##x
#define MAPS ingot_maps_plain_f32
#include "feature_maps.inc.h"
