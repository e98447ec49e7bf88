// SPDX-License-Identifier: Apache-2.0
//
// Prints a digest of what every kernel computes, for each path that the running CPU has: the same lines must come out on every
// architecture. `Tools/kernel_digests.sh` compiles and runs it here and for aarch64.
//
//     digests [PATH]      0 plain, 1 AVX2, 2 AVX-512; all by default
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CIngotKernels.h"

static uint64_t state;

static uint64_t next(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Numbers of many magnitudes and both signs.
static float uneven(void) {
  float value = (float)((double)(next() >> 11) * 0x1p-53 * 2 - 1);
  int exponent = (int)(next() % 8) - 6;
  while (exponent < 0) value /= 2, exponent++;
  while (exponent > 0) value *= 2, exponent--;
  return value;
}

static void *need(size_t bytes) {
  void *memory = calloc(bytes + 64, 1);
  if (!memory) abort();
  return memory;
}

static float *floats(size_t count) {
  float *values = need(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = uneven();
  return values;
}

// FNV-1a over the bytes.
static void digest(uint64_t *hash, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < count; i++) *hash = (*hash ^ p[i]) * 0x100000001b3;
}

static uint64_t products(ingot_pool *pool, int path, int type, int rounding) {
  static const size_t sizes[] = {1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 31, 33, 47, 64, 77, 100, 129, 255, 300};
  uint64_t hash = 0xcbf29ce484222325;
  state = 1;
  for (size_t i = 0; i < 60; i++) {
    size_t rows = sizes[next() % 19], inputs = sizes[next() % 19], outputs = sizes[next() % 19];
    int layout = (int)(next() % 2), activation = (int)(next() % 6);
    float *a = floats(rows * inputs), *bias = floats(outputs), *scale = floats(outputs), *c = floats(rows * outputs), *gain = floats(inputs);
    size_t size = type == INGOT_WEIGHT_F32 ? 4 : type == INGOT_WEIGHT_I8 ? 1 : 2;
    uint8_t *stored = need(inputs * outputs * size);
    for (size_t j = 0; j < inputs * outputs; j++) {
      float w = uneven();
      if (size == 4) memcpy(stored + 4 * j, &w, 4);
      else if (size == 2) ingot_narrow(path, type, &w, 1, stored + 2 * j);
      else stored[j] = (uint8_t)(int8_t)((int)(next() % 255) - 127);
    }
    ingot_weights weights = {stored, type, layout, inputs, outputs};
    void *panels = ingot_allocate_panels(ingot_panel_bytes(type, inputs) * ((outputs + INGOT_PANEL - 1) / INGOT_PANEL));
    ingot_run_pack(pool, &weights, panels);
    ingot_product product = {.a = a, .a_stride = inputs, .panels = panels, .weight_type = type, .rounding = rounding,
                             .inputs = inputs, .outputs = outputs, .scale = i % 2 ? scale : 0, .bias = i % 3 ? bias : 0,
                             .residual = i % 5 ? 0 : c, .residual_stride = outputs, .activation = activation, .c = c,
                             .c_stride = outputs, .norm_gain = i % 7 ? 0 : gain, .norm_bias = gain, .norm_epsilon = 1e-5};
    ingot_run_product(pool, path, INGOT_FLOAT32, &product, rows);
    digest(&hash, c, rows * outputs * sizeof *c);
    free(a), free(bias), free(scale), free(c), free(gain), free(stored), ingot_free_panels(panels);
  }
  return hash;
}

static uint64_t convolutions(ingot_pool *pool, int path) {
  uint64_t hash = 0xcbf29ce484222325;
  state = 4;
  for (size_t i = 0; i < 30; i++) {
    size_t kernel = 1 + next() % 4, stride = 1 + next() % 3, padding = next() % 2, channels = 1 + next() % 9;
    size_t height = kernel + next() % 20, width = kernel + next() % 20, outputs = 1 + next() % 50, inputs = kernel * kernel * channels;
    size_t down = (height + 2 * padding - kernel) / stride + 1, across = (width + 2 * padding - kernel) / stride + 1;
    float *image = floats(height * width * channels), *w = floats(inputs * outputs), *c = floats(down * across * outputs);
    ingot_weights weights = {w, INGOT_WEIGHT_F32, INGOT_OUTPUT_MAJOR, inputs, outputs};
    void *panels = ingot_allocate_panels(ingot_panel_bytes(INGOT_WEIGHT_F32, inputs) * ((outputs + INGOT_PANEL - 1) / INGOT_PANEL));
    ingot_run_pack(pool, &weights, panels);
    ingot_windows windows = {image, height, width, channels, kernel, stride, padding, across};
    ingot_product product = {.windows = &windows, .panels = panels, .weight_type = INGOT_WEIGHT_F32, .inputs = inputs, .outputs = outputs,
                             .c = c, .c_stride = outputs};
    ingot_run_product(pool, path, INGOT_FLOAT32, &product, down * across);
    digest(&hash, c, down * across * outputs * sizeof *c);
    free(image), free(w), free(c), ingot_free_panels(panels);
  }
  return hash;
}

static uint64_t attentions(ingot_pool *pool, int path) {
  uint64_t hash = 0xcbf29ce484222325;
  state = 2;
  for (size_t i = 0; i < 30; i++) {
    size_t heads = 1 + next() % 3, width = 1 + next() % 70, sequences = 1 + next() % 4;
    size_t starts[5] = {0}, visible[4], most = 0;
    for (size_t s = 0; s < sequences; s++) {
      size_t length = 1 + next() % 90;
      starts[s + 1] = starts[s] + length;
      visible[s] = i % 3 ? length : 1 + next() % length;
      most = visible[s] > most ? visible[s] : most;
    }
    size_t tokens = starts[sequences], columns = heads * width;
    float *qkv = floats(tokens * 3 * columns), *out = need(tokens * columns * sizeof *out);
    ingot_attention attention = {
        .q = qkv, .k = qkv + columns, .v = qkv + 2 * columns, .out = out, .q_stride = 3 * columns, .kv_stride = 3 * columns,
        .out_stride = columns, .heads = heads, .head_width = width, .query_starts = starts, .key_starts = starts,
        .visible = visible, .most_keys = most, .causal = (int)(i % 2)};
    ingot_run_attention(pool, path, INGOT_FLOAT32, &attention, sequences);
    digest(&hash, out, tokens * columns * sizeof *out);
    free(qkv), free(out);
  }
  return hash;
}

static uint64_t rows(ingot_pool *pool, int path) {
  uint64_t hash = 0xcbf29ce484222325;
  state = 3;
  for (size_t width = 1; width <= 300; width++) {
    float *x = floats(5 * width), *gain = floats(width), *bias = floats(width), *out = need(5 * width * sizeof *out);
    ingot_run_layer_norm(pool, path, INGOT_FLOAT32, x, out, gain, bias, 5, width, 1e-5);
    digest(&hash, out, 5 * width * sizeof *out);
    ingot_l2_normalize(path, INGOT_FLOAT32, x, out, 5, width);
    digest(&hash, out, 5 * width * sizeof *out);
    for (int activation = 0; activation < 6; activation++) {
      ingot_activate(path, INGOT_FLOAT32, activation, x, out, 5 * width);
      digest(&hash, out, 5 * width * sizeof *out);
    }
    free(x), free(gain), free(bias), free(out);
  }
  return hash;
}

int main(int count, char **arguments) {
  static const char *names[] = {"F32", "F16", "BF16"};
  for (int path = INGOT_PATH_PLAIN; path <= INGOT_PATH_AVX512; path++) {
    if (!ingot_path_available(path) || (count > 1 && atoi(arguments[1]) != path)) continue;
    for (size_t threads = 1; threads <= 3; threads++) {
      ingot_pool *pool = ingot_pool_create(threads);
      for (int type = 0; type < 3; type++) {
        printf("product %s %016llx\n", names[type], (unsigned long long)products(pool, path, type, 0));
      }
      printf("product I8 %016llx\n", (unsigned long long)products(pool, path, INGOT_WEIGHT_I8, 0));
      printf("product I8 with int16 activations %016llx\n", (unsigned long long)products(pool, path, INGOT_WEIGHT_I8, INGOT_ROUND_INT16));
      printf("product I8 with int8 activations %016llx\n", (unsigned long long)products(pool, path, INGOT_WEIGHT_I8, INGOT_ROUND_INT8));
      printf("convolution %016llx\n", (unsigned long long)convolutions(pool, path));
      printf("attention %016llx\n", (unsigned long long)attentions(pool, path));
      printf("rows %016llx\n", (unsigned long long)rows(pool, path));
      ingot_pool_destroy(pool);
    }
  }
  return 0;
}
