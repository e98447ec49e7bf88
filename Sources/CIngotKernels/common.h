// SPDX-License-Identifier: Apache-2.0
#ifndef INGOT_COMMON_H
#define INGOT_COMMON_H

#include <float.h>
#include <math.h>

#include "CIngotKernels.h"

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x8 __attribute__((vector_size(32)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef int8_t i8x8 __attribute__((vector_size(8)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef int64_t i64x8 __attribute__((vector_size(64)));
typedef float f32x8 __attribute__((vector_size(32)));
typedef double f64x8 __attribute__((vector_size(64)));

// The largest depth block and tile of any instruction set.
enum { LARGEST_DEPTH_BLOCK = 1024, MOST_TILE_ROWS = 13 };

INLINE size_t weight_size(int type) {
  switch (type) {
    case INGOT_WEIGHT_F16:
    case INGOT_WEIGHT_BF16: return 2;
    case INGOT_WEIGHT_F64: return 8;
    case INGOT_WEIGHT_I8: return 1;
    default: return 4;
  }
}

// Inputs that lie in one word of 32 bits of a panel, and bytes before the first word: the sums of int8 columns.
INLINE size_t panel_group(int type) {
  return type == INGOT_WEIGHT_I8 ? 4 : type == INGOT_WEIGHT_F16 || type == INGOT_WEIGHT_BF16 ? 2 : 1;
}
INLINE size_t panel_header(int type) { return type == INGOT_WEIGHT_I8 ? 4 * INGOT_PANEL : 0; }

// IEEE binary16 to binary32, exact: the exponent is rebased by a multiplication with 2^112, which also normalises subnormals;
// infinities and NaNs get their exponent back afterwards.
INLINE f32x8 half_to_float8(u16x8 half) {
  u32x8 bits = __builtin_convertvector(half, u32x8);
  u32x8 magnitude = (bits & 0x7fff) << 13;
  const float rebase = 0x1p112f;
  f32x8 value = (f32x8)magnitude * (f32x8){rebase, rebase, rebase, rebase, rebase, rebase, rebase, rebase};
  u32x8 special = magnitude >= 0x0f800000u;  // all ones where the half is infinite or not a number
  u32x8 result = (special & (magnitude | 0x7f800000u)) | (~special & (u32x8)value);
  return (f32x8)(result | (bits & 0x8000) << 16);
}

typedef struct {
  void (*pack_block)(const ingot_product *, size_t, size_t, size_t, size_t, void *, void *);
  void (*product)(const ingot_product *, size_t, size_t, size_t, size_t, size_t, size_t, const void *, void *);
  void (*attention)(const ingot_attention *, size_t, size_t, void *);
  void (*layer_norm)(const void *, void *, const void *, const void *, size_t, size_t, double);
  void (*l2_normalize)(const void *, void *, size_t, size_t);
  void (*activate)(int, const void *, void *, size_t);
  void (*average_pool)(const void *, size_t, size_t, size_t, size_t, void *);
  void (*widen)(int, const void *, size_t, void *);
  void (*compare)(const void *, const void *, size_t, ingot_difference *);
  // Of float32 only.
  void (*exp)(const float *, float *, size_t);
  void (*narrow)(int, const float *, size_t, void *);
  void (*convert)(int, const void *, size_t, int, void *, ingot_difference *);
  size_t (*quantize_rows)(const float *, size_t, size_t, int8_t *, float *, float *);
  void (*regression_softmax)(const ingot_regression *, size_t, size_t);
  void (*regression_gradient)(const ingot_regression *, size_t, size_t, size_t);
  size_t (*quantize_groups)(const ingot_grouping *, const float *, size_t, int8_t *, float *, float *);
} ingot_kernels;

extern const ingot_kernels ingot_kernels_plain_f32, ingot_kernels_plain_f64;
#if defined(__x86_64__)
extern const ingot_kernels ingot_kernels_avx2_f32, ingot_kernels_avx2_f64, ingot_kernels_avx512_f32;
#endif

#endif
