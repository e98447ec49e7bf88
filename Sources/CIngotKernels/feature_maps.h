// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_FEATURE_MAPS_TABLE_H
#define INGOT_FEATURE_MAPS_TABLE_H

#include "common.h"

typedef struct {
  void (*max_pool)(const ingot_windows *, int, size_t, size_t, void *);
  void (*depthwise)(const ingot_windows *, const void *, const void *, size_t, size_t, void *);
  void (*group_norm)(const ingot_group_norm *, size_t, size_t, void *);
} ingot_map_kernels;

extern const ingot_map_kernels ingot_maps_plain_f32, ingot_maps_plain_f64;
#if defined(__x86_64__)
extern const ingot_map_kernels ingot_maps_avx2_f32, ingot_maps_avx2_f64;
#endif

#endif
