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

#define AVERAGE(REAL)                                                                       \
  do {                                                                                      \
    REAL *sums = out;                                                                       \
    for (size_t c = 0; c < columns; c++) sums[c] = 0;                                       \
    const REAL *row = x;                                                                    \
    for (size_t r = 0; r < rows; r++, row += columns) {                                     \
      for (size_t c = 0; c < columns; c++) sums[c] = sums[c] + row[c];                      \
    }                                                                                       \
    for (size_t c = 0; c < columns; c++) sums[c] = sums[c] / (REAL)rows;                    \
  } while (0)

void ingot_average_rows(int precision, const void *x, size_t rows, size_t columns, void *out) {
  if (precision == INGOT_FLOAT64) AVERAGE(double);
  else AVERAGE(float);
}

#define SCALE(REAL)                                                                         \
  do {                                                                                      \
    const REAL *f = factors;                                                                \
    REAL *row = x;                                                                          \
    for (size_t r = 0; r < rows; r++, row += columns) {                                     \
      for (size_t c = 0; c < columns; c++) row[c] = row[c] * f[c];                          \
    }                                                                                       \
  } while (0)

void ingot_scale_columns(int precision, void *x, size_t rows, size_t columns, const void *factors) {
  if (precision == INGOT_FLOAT64) SCALE(double);
  else SCALE(float);
}

#define ROTATE(REAL)                                                                        \
  do {                                                                                      \
    const REAL *cosine = cosines, *sine = sines;                                            \
    REAL *row = x;                                                                          \
    for (size_t r = 0; r < rows; r++, row += stride, cosine += pairs, sine += pairs) {      \
      for (size_t group = 0; group < groups; group++) {                                     \
        REAL *p = row + 2 * pairs * group;                                                  \
        for (size_t i = 0; i < pairs; i++, p += 2) {                                        \
          REAL a = p[0], b = p[1];                                                          \
          p[0] = a * cosine[i] - b * sine[i];                                               \
          p[1] = b * cosine[i] + a * sine[i];                                               \
        }                                                                                   \
      }                                                                                     \
    }                                                                                       \
  } while (0)

void ingot_rotate_pairs(int precision, void *x, size_t stride, size_t rows, size_t groups, size_t pairs, const void *cosines,
                        const void *sines) {
  if (precision == INGOT_FLOAT64) ROTATE(double);
  else ROTATE(float);
}
