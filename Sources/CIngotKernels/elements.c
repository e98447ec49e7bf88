// SPDX-License-Identifier: Apache-2.0
//
// Element by element; the loops are plain so that the compiler vectorizes them.
#include "common.h"

#define ELEMENTWISE(name, operator)                                                           \
  void name(int precision, const void *a, const void *b, void *out, size_t count) {           \
    if (precision == INGOT_FLOAT64) {                                                         \
      const double *x = a, *y = b;                                                            \
      for (size_t i = 0; i < count; i++) ((double *)out)[i] = x[i] operator y[i];             \
    } else {                                                                                  \
      const float *x = a, *y = b;                                                             \
      for (size_t i = 0; i < count; i++) ((float *)out)[i] = x[i] operator y[i];              \
    }                                                                                         \
  }

ELEMENTWISE(ingot_add, +)
ELEMENTWISE(ingot_multiply, *)

void ingot_channels_last(int precision, const float *planes, size_t channels, size_t area, void *out) {
  for (size_t p = 0; p < area; p++) {
    for (size_t c = 0; c < channels; c++) {
      if (precision == INGOT_FLOAT64) ((double *)out)[p * channels + c] = planes[c * area + p];
      else ((float *)out)[p * channels + c] = planes[c * area + p];
    }
  }
}
