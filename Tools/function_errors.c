// SPDX-License-Identifier: Apache-2.0
//
// The largest errors of the float32 functions over all 2^32 floats, against the C library's float64 functions; the figures of
// Formats/numerics.md. `Tools/function_errors.sh` compiles and runs it: some minutes.
//
//     errors [STEP]       every STEP-th float; 1 by default
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
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
  int activation;  // -1: exp
} function;

static const function functions[] = {
    {"exp", exp, -1},
    {"QuickGELU", quick_gelu, INGOT_QUICK_GELU}, {"GELU", gelu, INGOT_GELU},
    {"GELU by tanh", gelu_tanh, INGOT_GELU_TANH}, {"SiLU", silu, INGOT_SILU},
};

// Results below this in magnitude are held to an absolute error.
static const double smallest = 0x1p-120;

typedef struct {
  const function *f;
  uint64_t begin, end, step;
  double ulp, absolute;  // in units of the last place; of the results that are smaller
  float at, absolute_at;
} sweep;

static double unit(float y) { return y < 0x1p-126f ? 0x1p-149 : ldexp(1, ilogbf(y) - 23); }

static void *run(void *argument) {
  sweep *s = argument;
  float x[BLOCK], y[BLOCK];
  for (uint64_t block = s->begin; block < s->end; block += BLOCK * s->step) {
    for (uint64_t i = 0; i < BLOCK; i++) {
      uint32_t bits = (uint32_t)(block + i * s->step);
      memcpy(&x[i], &bits, 4);
    }
    if (s->f->activation == -1) ingot_exp(path, x, y, BLOCK);
    else ingot_activate(path, INGOT_FLOAT32, s->f->activation, x, y, BLOCK);
    for (int i = 0; i < BLOCK; i++) {
      if (!isfinite(x[i])) continue;
      double exact = s->f->exact(x[i]), error = fabs(y[i] - exact);
      float rounded = (float)exact;
      if (isinf(rounded)) continue;
      if (fabs(exact) < smallest && fabs(x[i]) > 1) {
        if (error > s->absolute || y[i] != y[i]) s->absolute = error, s->absolute_at = x[i];
      } else {
        double ulp = error / unit(fabsf(rounded));
        if (ulp > s->ulp || y[i] != y[i]) s->ulp = ulp, s->at = x[i];
      }
    }
  }
  return 0;
}

int main(int count, char **arguments) {
  uint64_t step = count > 1 ? strtoull(arguments[1], 0, 10) : 1;
  path = ingot_path_available(INGOT_PATH_AVX2) ? INGOT_PATH_AVX2 : INGOT_PATH_PLAIN;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    sweep parts[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
      parts[t] = (sweep){&functions[i], (uint64_t)t << 31, (uint64_t)(t + 1) << 31, step, 0, 0, 0, 0};
      pthread_create(&threads[t], 0, run, &parts[t]);
    }
    sweep worst = {&functions[i], 0, 0, 0, 0, 0, 0, 0};
    for (int t = 0; t < THREADS; t++) {
      pthread_join(threads[t], 0);
      if (!(parts[t].ulp <= worst.ulp)) worst.ulp = parts[t].ulp, worst.at = parts[t].at;
      if (!(parts[t].absolute <= worst.absolute)) worst.absolute = parts[t].absolute, worst.absolute_at = parts[t].absolute_at;
    }
    printf("%-14s %.2f ulp at %.9g; results below 2^-120: off by %.2g at %.9g\n", functions[i].name, worst.ulp, worst.at,
           worst.absolute, worst.absolute_at);
    fflush(stdout);
  }
  return 0;
}
