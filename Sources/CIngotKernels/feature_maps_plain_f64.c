// SPDX-License-Identifier: Apache-2.0
#include "feature_maps.h"

#define REAL double
#define BITS 64
#define INTEGER int64_t
#define SQRT sqrt
#define NAME(x) maps_plain_f64_##x
#define MAPS ingot_maps_plain_f64
#include "feature_maps.inc.h"
