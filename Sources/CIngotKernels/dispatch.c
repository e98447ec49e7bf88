// SPDX-License-Identifier: Apache-2.0
#include "common.h"

int ingot_path_available(int path) {
  switch (path) {
    case INGOT_PATH_PLAIN: return 1;
#if defined(__x86_64__)
    case INGOT_PATH_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#endif
    default: return 0;
  }
}

static const ingot_kernels *kernels(int path, int precision) {
#if defined(__x86_64__)
  if (path == INGOT_PATH_AVX2) return precision == INGOT_FLOAT64 ? &ingot_kernels_avx2_f64 : &ingot_kernels_avx2_f32;
#endif
  return precision == INGOT_FLOAT64 ? &ingot_kernels_plain_f64 : &ingot_kernels_plain_f32;
}

size_t ingot_product_scratch(size_t inputs) { return GROUP * INGOT_PANEL * (inputs + ROW_BLOCK); }

size_t ingot_attention_scratch(size_t queries, size_t keys, size_t head_width) {
  return queries * keys + ingot_product_scratch(head_width > keys ? head_width : keys);
}

void ingot_product_run(int path, int precision, const ingot_product *product, size_t row_begin, size_t row_end,
                       size_t panel_begin, size_t panel_end, void *scratch) {
  kernels(path, precision)->product(product, row_begin, row_end, panel_begin, panel_end, scratch);
}

void ingot_attention_run(int path, int precision, const ingot_attention *attention, size_t begin, size_t end,
                         void *scratch) {
  kernels(path, precision)->attention(attention, begin, end, scratch);
}

void ingot_layer_norm(int path, int precision, const void *x, void *out, const void *gain, const void *bias,
                      size_t rows, size_t width, double epsilon) {
  kernels(path, precision)->layer_norm(x, out, gain, bias, rows, width, epsilon);
}

void ingot_l2_normalize(int path, int precision, const void *x, void *out, size_t rows, size_t width) {
  kernels(path, precision)->l2_normalize(x, out, rows, width);
}

void ingot_activate(int path, int precision, int activation, const void *x, void *out, size_t count) {
  kernels(path, precision)->activate(activation, x, out, count);
}

void ingot_gather_windows(int precision, const ingot_windows *windows, size_t begin, size_t end, void *out) {
  kernels(INGOT_PATH_PLAIN, precision)->gather_windows(windows, begin, end, out);
}

void ingot_average_pool(int precision, const void *image, size_t height, size_t width, size_t channels, size_t size,
                        void *out) {
  kernels(INGOT_PATH_PLAIN, precision)->average_pool(image, height, width, channels, size, out);
}

void ingot_widen(int path, int precision, int weight_type, const void *weights, size_t count, void *out) {
  kernels(path, precision)->widen(weight_type, weights, count, out);
}

void ingot_narrow(int path, int weight_type, const float *values, size_t count, void *out) {
  kernels(path, INGOT_FLOAT32)->narrow(weight_type, values, count, out);
}

void ingot_convert(int path, int from, const void *in, size_t count, int to, void *out, ingot_difference *difference) {
  kernels(path, INGOT_FLOAT32)->convert(from, in, count, to, out, difference);
}

size_t ingot_quantize_rows(int path, const float *values, size_t rows, size_t length, int8_t *out, float *scales,
                           float *restored) {
  return kernels(path, INGOT_FLOAT32)->quantize_rows(values, rows, length, out, scales, restored);
}

void ingot_compare(int path, int precision, const void *a, const void *b, size_t count, ingot_difference *out) {
  kernels(path, precision)->compare(a, b, count, out);
}
