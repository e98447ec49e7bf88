// SPDX-License-Identifier: Apache-2.0
//
// The largest errors of the float32 functions over all 2^32 floats, against the C library's float64 functions; the figures of
// Formats/numerics.md. `Tools/function_errors.sh` compiles and runs it: some minutes.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "CIngotKernels.h"

enum { BLOCK = 4096, THREADS = 2 };

static int path;

static double quick_gelu(double x) { return x / (1 + exp(-1.702 * x)); }
static double gelu(double x) { return 0.5 * x * erfc(-x * 0.70710678118654752440); }
static double gelu_tanh(double x) { return x / (1 + exp(-1.5957691216057308 * (x + 0.044715 * x * x * x))); }
static double silu(double x) { return x / (1 + exp(-x)); }

typedef struct {
  const char *name;
  double (*exact)(double);
  int activation;  // -1: exp, -2: erf
} function;

static const function functions[] = {
    {"exp", exp, -1},          {"erf", erf, -2},
    {"QuickGELU", quick_gelu, INGOT_QUICK_GELU}, {"GELU", gelu, INGOT_GELU},
    {"GELU by tanh", gelu_tanh, INGOT_GELU_TANH}, {"SiLU", silu, INGOT_SILU},
};

typedef struct {
  const function *f;
  uint64_t begin, end;
  // In units of the last place: of all results, and of those above 2^-10 in magnitude; and absolute, over max(1, |x|).
  double ulp, near, absolute;
  float at, near_at;
} sweep;

static double unit(float y) { return y < 0x1p-126f ? 0x1p-149 : ldexp(1, ilogbf(y) - 23); }

static void *run(void *argument) {
  sweep *s = argument;
  float x[BLOCK], y[BLOCK];
  for (uint64_t block = s->begin; block < s->end; block += BLOCK) {
    for (uint64_t i = 0; i < BLOCK; i++) {
      uint32_t bits = (uint32_t)(block + i);
      memcpy(&x[i], &bits, 4);
    }
    if (s->f->activation == -1) ingot_exp(path, x, y, BLOCK);
    else if (s->f->activation == -2) ingot_erf(path, x, y, BLOCK);
    else ingot_activate(path, INGOT_FLOAT32, s->f->activation, x, y, BLOCK);
    for (int i = 0; i < BLOCK; i++) {
      if (!isfinite(x[i])) continue;
      double exact = s->f->exact(x[i]);
      float rounded = (float)exact;
      if (rounded == y[i] || isinf(rounded)) continue;
      double error = fabs(y[i] - exact), ulp = error / unit(fabsf(rounded)), size = fabs(x[i]) > 1 ? fabs(x[i]) : 1;
      if (ulp > s->ulp) s->ulp = ulp, s->at = x[i];
      if (fabs(exact) > 0x1p-10 && ulp > s->near) s->near = ulp, s->near_at = x[i];
      if (error / size > s->absolute) s->absolute = error / size;
    }
  }
  return 0;
}

int main(void) {
  path = ingot_path_available(INGOT_PATH_AVX2) ? INGOT_PATH_AVX2 : INGOT_PATH_PLAIN;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    sweep parts[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
      parts[t] = (sweep){&functions[i], (uint64_t)t << 31, (uint64_t)(t + 1) << 31, 0, 0, 0, 0, 0};
      pthread_create(&threads[t], 0, run, &parts[t]);
    }
    sweep worst = {&functions[i], 0, 0, 0, 0, 0, 0, 0};
    for (int t = 0; t < THREADS; t++) {
      pthread_join(threads[t], 0);
      if (parts[t].ulp > worst.ulp) worst.ulp = parts[t].ulp, worst.at = parts[t].at;
      if (parts[t].near > worst.near) worst.near = parts[t].near, worst.near_at = parts[t].near_at;
      if (parts[t].absolute > worst.absolute) worst.absolute = parts[t].absolute;
    }
    printf("%-14s %.2f ulp at %.9g; where the result is above 2^-10: %.2f ulp at %.9g; absolute, over max(1, |x|): %.2g\n",
           functions[i].name, worst.ulp, worst.at, worst.near, worst.near_at, worst.absolute);
    fflush(stdout);
  }
  return 0;
}
