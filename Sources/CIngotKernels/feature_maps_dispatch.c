// SPDX-License-Identifier: Apache-2.0
#include "feature_maps.h"

static const ingot_map_kernels *maps(int path, int precision) {
#if defined(__x86_64__)
  if (path == INGOT_PATH_AVX2) return precision == INGOT_FLOAT64 ? &ingot_maps_avx2_f64 : &ingot_maps_avx2_f32;
#endif
  return precision == INGOT_FLOAT64 ? &ingot_maps_plain_f64 : &ingot_maps_plain_f32;
}

void ingot_max_pool(int path, int precision, const ingot_windows *windows, int zeros, size_t row_begin, size_t row_end,
                    void *out) {
  maps(path, precision)->max_pool(windows, zeros, row_begin, row_end, out);
}

void ingot_depthwise(int path, int precision, const ingot_windows *windows, const void *weights, const void *bias,
                     size_t row_begin, size_t row_end, void *out) {
  maps(path, precision)->depthwise(windows, weights, bias, row_begin, row_end, out);
}

void ingot_group_norm_run(int path, int precision, const ingot_group_norm *norm, size_t begin, size_t end,
                          void *scratch) {
  maps(path, precision)->group_norm(norm, begin, end, scratch);
}
