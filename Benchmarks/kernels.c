// SPDX-License-Identifier: Apache-2.0
//
// Micro-benchmarks of the kernels on one thread, in its own processor time, as a Markdown table. `Benchmarks/kernels.sh` compiles and runs it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CIngotKernels.h"

static const char *const path_names[] = {"plain", "AVX2", "AVX-512"};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *need(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (!memory) abort();
  memset(memory, 0, bytes);
  return memory;
}

static float *floats(size_t count) {
  float *values = need(4 * count);
  for (size_t i = 0; i < count; i++) values[i] = (float)((i * 7919) % 2003) / 1000 - 1;
  return values;
}

// The least time of repeated runs, for a quarter of a second.
#define LEAST(statement)                                                    \
  __extension__({                                                           \
    double least = 1e9, end = now() + 0.25;                                 \
    do {                                                                    \
      double start = now();                                                 \
      statement;                                                            \
      double seconds = now() - start;                                       \
      if (seconds < least) least = seconds;                                 \
    } while (now() < end);                                                  \
    least;                                                                  \
  })

static double product(ingot_pool *pool, int path, int type, int rounds, size_t rows, size_t inputs, size_t outputs, int activation) {
  size_t size = type == INGOT_WEIGHT_F32 ? 4 : type == INGOT_WEIGHT_I8 ? 1 : 2;
  float *a = floats(rows * inputs), *c = need(4 * rows * outputs), *bias = floats(outputs), *w = floats(inputs * outputs);
  uint8_t *stored = need(inputs * outputs * size);
  if (size == 4) memcpy(stored, w, 4 * inputs * outputs);
  else if (size == 2) ingot_narrow(path, type, w, inputs * outputs, stored);
  else for (size_t i = 0; i < inputs * outputs; i++) stored[i] = (uint8_t)(int8_t)(i % 255 - 127);
  ingot_weights weights = {stored, type, INGOT_OUTPUT_MAJOR, inputs, outputs};
  void *panels = ingot_allocate_panels(ingot_panel_bytes(type, inputs) * ((outputs + INGOT_PANEL - 1) / INGOT_PANEL));
  ingot_run_pack(pool, &weights, panels);
  ingot_product p = {.a = a, .a_stride = inputs, .panels = panels, .weight_type = type, .rounding = rounds, .inputs = inputs,
                     .outputs = outputs, .bias = bias, .activation = activation, .c = c, .c_stride = outputs};
  double least = LEAST(ingot_run_product(pool, path, INGOT_FLOAT32, &p, rows));
  free(a), free(c), free(bias), free(w), free(stored), ingot_free_panels(panels);
  return (double)(rows * inputs * outputs) / least / 1e9;
}

static double attention(ingot_pool *pool, int path, size_t tokens, size_t heads, int causal) {
  size_t width = 64 * heads, starts[] = {0, tokens};
  float *qkv = floats(tokens * 3 * width), *out = need(4 * tokens * width);
  ingot_attention call = {.q = qkv, .k = qkv + width, .v = qkv + 2 * width, .out = out, .q_stride = 3 * width, .kv_stride = 3 * width,
                          .out_stride = width, .heads = heads, .head_width = 64, .query_starts = starts, .key_starts = starts,
                          .visible = &tokens, .most_keys = tokens, .causal = causal};
  double least = LEAST(ingot_run_attention(pool, path, INGOT_FLOAT32, &call, 1));
  free(qkv), free(out);
  double pairs = causal ? (double)(tokens * (tokens + 1)) / 2 : (double)(tokens * tokens);
  return 2 * pairs * (double)width / least / 1e9;
}

static double norm(ingot_pool *pool, int path) {
  float *x = floats(50 * 768), *out = need(4 * 50 * 768), *gain = floats(768), *bias = floats(768);
  double least = LEAST(ingot_run_layer_norm(pool, path, INGOT_FLOAT32, x, out, gain, bias, 50, 768, 1e-5));
  free(x), free(out), free(gain), free(bias);
  return 50 * 768 / least / 1e9;
}

static double activation(int path, int kind) {
  float *x = floats(50 * 3072), *out = need(4 * 50 * 3072);
  double least = LEAST(ingot_activate(path, INGOT_FLOAT32, kind, x, out, 50 * 3072));
  free(x), free(out);
  return 50 * 3072 / least / 1e9;
}

int main(void) {
  static const size_t sizes[][3] = {{12, 512, 2048}, {50, 768, 2304}, {50, 768, 3072}, {50, 3072, 768}, {400, 768, 3072}, {1600, 3072, 768}};
  ingot_pool *pool = ingot_pool_create(1);
  int paths[2], count = 0;
  for (int path = INGOT_PATH_AVX2; path <= INGOT_PATH_AVX512; path++) {
    if (ingot_path_available(path)) paths[count++] = path;
  }
  if (count == 0) paths[count++] = INGOT_PATH_PLAIN;
  printf("| kernel | unit |");
  for (int i = 0; i < count; i++) printf(" %s |", path_names[paths[i]]);
  printf("\n|---|---|");
  for (int i = 0; i < count; i++) printf("---|");
  printf("\n");
#define ROW(label, unit, expression)                                  \
  do {                                                                \
    printf("| %s | %s |", label, unit);                               \
    for (int i = 0; i < count; i++) {                                 \
      int path = paths[i];                                            \
      printf(" %.1f |", (expression));                                \
    }                                                                 \
    printf("\n");                                                     \
  } while (0)
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    size_t rows = sizes[s][0], inputs = sizes[s][1], outputs = sizes[s][2];
    char label[80];
    static const char *const kinds[] = {"float32", "float16 weights", "int8 weights", "int8 weights, int16 activations", "int8 weights, int8 activations"};
    static const int types[] = {INGOT_WEIGHT_F32, INGOT_WEIGHT_F16, INGOT_WEIGHT_I8, INGOT_WEIGHT_I8, INGOT_WEIGHT_I8};
    for (int k = 0; k < 5; k++) {
      snprintf(label, sizeof label, "%zu×%zu · %zu×%zu, %s", rows, inputs, inputs, outputs, kinds[k]);
      ROW(label, "GMAC/s", product(pool, path, types[k], k < 3 ? INGOT_ROUND_NONE : k - 2, rows, inputs, outputs, INGOT_IDENTITY));
    }
  }
  ROW("50×768 · 768×3072, float32, QuickGELU", "GMAC/s", product(pool, path, INGOT_WEIGHT_F32, 0, 50, 768, 3072, INGOT_QUICK_GELU));
  ROW("50×768 · 768×3072, float32, GELU", "GMAC/s", product(pool, path, INGOT_WEIGHT_F32, 0, 50, 768, 3072, INGOT_GELU));
  ROW("attention, 50 tokens, 12 heads of 64", "GMAC/s", attention(pool, path, 50, 12, 0));
  ROW("attention, 77 tokens, 8 heads, causal", "GMAC/s", attention(pool, path, 77, 8, 1));
  ROW("attention, 257 tokens, 16 heads", "GMAC/s", attention(pool, path, 257, 16, 0));
  ROW("layer norm, 50×768", "G elements/s", norm(pool, path));
  ROW("QuickGELU", "G elements/s", activation(path, INGOT_QUICK_GELU));
  ROW("GELU", "G elements/s", activation(path, INGOT_GELU));
  ROW("GELU by tanh", "G elements/s", activation(path, INGOT_GELU_TANH));
  ingot_pool_destroy(pool);
  return 0;
}
