// SPDX-License-Identifier: Apache-2.0
//
// Kernels over feature maps with channels last, written once. Including files define REAL, INTEGER, BITS, SQRT and NAME as for
// kernels.inc.h, and MAPS, the name of the table. Every including file computes the same bits (Formats/numerics.md).

#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

typedef REAL NAME(mv) __attribute__((vector_size(8 * sizeof(REAL))));
typedef REAL NAME(mvu) __attribute__((vector_size(8 * sizeof(REAL)), aligned(1)));
typedef INTEGER NAME(mm) __attribute__((vector_size(8 * sizeof(REAL))));
#define V NAME(mv)
#define VU NAME(mvu)
#define M NAME(mm)

INLINE V NAME(map_load)(const REAL *p, size_t count) {
  if (count == 8) return *(const VU *)p;
  V x = {0};
  for (size_t j = 0; j < count; j++) x[j] = p[j];
  return x;
}

INLINE void NAME(map_store)(REAL *p, V x, size_t count) {
  if (count == 8) {
    *(VU *)p = x;
  } else {
    for (size_t j = 0; j < count; j++) p[j] = x[j];
  }
}

// The larger of two, the first where they are equal; a NaN stays.
INLINE V NAME(map_larger)(V best, V x) {
  M takes = (M)(x > best) | (M)(x != x);
  return (V)((takes & (M)x) | (~takes & (M)best));
}

// Whether tap i of the window at `start` (both in the padded image) lies in an image of `extent`.
INLINE int NAME(map_inside)(size_t start, size_t tap, size_t padding, size_t extent) {
  return start + tap >= padding && start + tap - padding < extent;
}

static void NAME(max_pool)(const ingot_windows *p, int zeros, size_t row_begin, size_t row_end, REAL *out) {
  const V lowest = (V){0} - (REAL)INFINITY;
  for (size_t row = row_begin; row < row_end; row++) {
    size_t y = row * p->stride;
    for (size_t column = 0; column < p->output_width; column++) {
      size_t x = column * p->stride;
      for (size_t c = 0; c < p->channels; c += 8) {
        size_t count = p->channels - c < 8 ? p->channels - c : 8;
        V best = lowest;
        for (size_t i = 0; i < p->kernel; i++) {
          for (size_t j = 0; j < p->kernel; j++) {
            if (NAME(map_inside)(y, i, p->padding, p->height) && NAME(map_inside)(x, j, p->padding, p->width)) {
              size_t pixel = (y + i - p->padding) * p->width + x + j - p->padding;
              best = NAME(map_larger)(best, NAME(map_load)((const REAL *)p->image + pixel * p->channels + c, count));
            } else if (zeros) {
              best = NAME(map_larger)(best, (V){0});
            }
          }
        }
        NAME(map_store)(out + (row * p->output_width + column) * p->channels + c, best, count);
      }
    }
  }
}

// weights[tap][channel]; taps outside the image are left out of the sum.
static void NAME(depthwise)(const ingot_windows *p, const REAL *weights, const REAL *bias, size_t row_begin,
                            size_t row_end, REAL *out) {
  for (size_t row = row_begin; row < row_end; row++) {
    size_t y = row * p->stride;
    for (size_t column = 0; column < p->output_width; column++) {
      size_t x = column * p->stride;
      for (size_t c = 0; c < p->channels; c += 8) {
        size_t count = p->channels - c < 8 ? p->channels - c : 8;
        V sum = {0};
        for (size_t i = 0; i < p->kernel; i++) {
          if (!NAME(map_inside)(y, i, p->padding, p->height)) continue;
          const REAL *line = (const REAL *)p->image + (y + i - p->padding) * p->width * p->channels + c;
          const REAL *taps = weights + i * p->kernel * p->channels + c;
          for (size_t j = 0; j < p->kernel; j++) {
            if (!NAME(map_inside)(x, j, p->padding, p->width)) continue;
            sum = __builtin_elementwise_fma(NAME(map_load)(line + (x + j - p->padding) * p->channels, count),
                                            NAME(map_load)(taps + j * p->channels, count), sum);
          }
        }
        if (bias) sum = sum + NAME(map_load)(bias + c, count);
        NAME(map_store)(out + (row * p->output_width + column) * p->channels + c, sum, count);
      }
    }
  }
}

INLINE REAL NAME(map_sum8)(V x) { return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7])); }

// Scratch: the numbers of one group, pixel by pixel.
static void NAME(group_norm)(const ingot_group_norm *p, size_t begin, size_t end, REAL *scratch) {
  size_t width = p->channels / p->groups, length = p->pixels * width, whole = length & ~(size_t)7;
  const REAL *gain = p->gain, *bias = p->bias;
  REAL divisor = (REAL)length, epsilon = (REAL)p->epsilon;
  for (size_t item = begin; item < end; item++) {
    size_t first = item % p->groups * width, image = item / p->groups * p->pixels * p->channels;
    const REAL *x = (const REAL *)p->x + image + first;
    REAL *out = (REAL *)p->out + image + first;
    for (size_t q = 0; q < p->pixels; q++) {
      for (size_t c = 0; c < width; c++) scratch[q * width + c] = x[q * p->channels + c];
    }
    V sums = {0}, squares = {0};
    for (size_t e = 0; e < whole; e += 8) sums = sums + NAME(map_load)(scratch + e, 8);
    sums = sums + NAME(map_load)(scratch + whole, length - whole);
    REAL mean = NAME(map_sum8)(sums) / divisor;
    V means = (V){0} + mean;
    for (size_t e = 0; e < whole; e += 8) {
      V d = NAME(map_load)(scratch + e, 8) - means;
      squares = __builtin_elementwise_fma(d, d, squares);
    }
    if (whole < length) {
      V d = NAME(map_load)(scratch + whole, length - whole) - means;
      for (size_t j = length - whole; j < 8; j++) d[j] = 0;
      squares = __builtin_elementwise_fma(d, d, squares);
    }
    REAL factor = (REAL)1 / SQRT(NAME(map_sum8)(squares) / divisor + epsilon);
    for (size_t q = 0; q < p->pixels; q++) {
      for (size_t c = 0; c < width; c++) {
        REAL y = (scratch[q * width + c] - mean) * factor;
        y = __builtin_elementwise_fma(y, gain[first + c], bias[first + c]);
        out[q * p->channels + c] = p->relu && y <= 0 ? 0 : y;
      }
    }
  }
}

static void NAME(max_pool_any)(const ingot_windows *p, int zeros, size_t begin, size_t end, void *out) {
  NAME(max_pool)(p, zeros, begin, end, out);
}
static void NAME(depthwise_any)(const ingot_windows *p, const void *weights, const void *bias, size_t begin, size_t end,
                                void *out) {
  NAME(depthwise)(p, weights, bias, begin, end, out);
}
static void NAME(group_norm_any)(const ingot_group_norm *p, size_t begin, size_t end, void *scratch) {
  NAME(group_norm)(p, begin, end, scratch);
}

const ingot_map_kernels MAPS = {
    .max_pool = NAME(max_pool_any), .depthwise = NAME(depthwise_any), .group_norm = NAME(group_norm_any)};

#undef V
#undef VU
#undef M
