// SPDX-License-Identifier: Apache-2.0
#include "common.h"

int ingot_path_available(int path) {
  switch (path) {
    case INGOT_PATH_PLAIN: return 1;
#if defined(__x86_64__)
    case INGOT_PATH_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case INGOT_PATH_AVX512:
      return ingot_path_available(INGOT_PATH_AVX2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vnni");
#endif
    default: return 0;
  }
}

static const ingot_kernels *kernels(int path, int precision) {
#if defined(__x86_64__)
  if (path == INGOT_PATH_AVX512 && precision == INGOT_FLOAT32) return &ingot_kernels_avx512_f32;
  if (path >= INGOT_PATH_AVX2) return precision == INGOT_FLOAT64 ? &ingot_kernels_avx2_f64 : &ingot_kernels_avx2_f32;
#endif
  return precision == INGOT_FLOAT64 ? &ingot_kernels_plain_f64 : &ingot_kernels_plain_f32;
}

size_t ingot_packed_size(size_t rows, size_t inputs) { return rows * (inputs + 16) + 16; }

// For the widest tiles of any path: 32 columns.
size_t ingot_product_scratch(size_t rows, size_t inputs) {
  size_t product = 2 * INGOT_PANEL * LARGEST_DEPTH_BLOCK + (rows + MOST_TILE_ROWS) * 2 * INGOT_PANEL;
  size_t pack = MOST_TILE_ROWS * inputs;
  return product > pack ? product : pack;
}

size_t ingot_attention_scratch(size_t most_keys, size_t head_width) {
  size_t keys = most_keys + 2 * INGOT_PANEL, width = head_width + 2 * INGOT_PANEL, longer = keys > width ? keys : width;
  return keys * head_width + width * most_keys + 6 * keys + 6 * longer + 16 + 6 * 2 * INGOT_PANEL;
}

void ingot_pack_block(int path, int precision, const ingot_product *product, size_t row_begin, size_t row_end, size_t part,
                      size_t parts, void *packed, void *scratch) {
  kernels(path, precision)->pack_block(product, row_begin, row_end, part, parts, packed, scratch);
}

void ingot_product_run(int path, int precision, const ingot_product *product, size_t row_begin, size_t row_end, size_t part,
                       size_t parts, size_t panel_begin, size_t panel_end, const void *packed, void *scratch) {
  kernels(path, precision)->product(product, row_begin, row_end, part, parts, panel_begin, panel_end, packed, scratch);
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

size_t ingot_quantize_groups(int path, const ingot_grouping *grouping, const float *values, size_t rows, int8_t *out,
                             float *scales, float *restored) {
  return kernels(path, INGOT_FLOAT32)->quantize_groups(grouping, values, rows, out, scales, restored);
}

void ingot_compare(int path, int precision, const void *a, const void *b, size_t count, ingot_difference *out) {
  kernels(path, precision)->compare(a, b, count, out);
}

void ingot_regression_softmax(int path, const ingot_regression *regression, size_t begin, size_t end) {
  kernels(path, INGOT_FLOAT32)->regression_softmax(regression, begin, end);
}

void ingot_regression_gradient(int path, const ingot_regression *regression, size_t rows, size_t begin, size_t end) {
  kernels(path, INGOT_FLOAT32)->regression_gradient(regression, rows, begin, end);
}

void ingot_exp(int path, const float *x, float *out, size_t count) { kernels(path, INGOT_FLOAT32)->exp(x, out, count); }
