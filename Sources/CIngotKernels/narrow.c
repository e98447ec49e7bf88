// SPDX-License-Identifier: Apache-2.0
//
// Narrowing of float32, in integers so that every machine rounds alike: to nearest, ties to even; overflow to infinity;
// a NaN stays a NaN, quiet, with the upper bits of its payload.
#include "common.h"

static uint16_t half_from_float(uint32_t bits) {
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) return (uint16_t)(sign | 0x7c00);  // 65520 and above round to infinity
  if (magnitude >= 0x38800000) {                                   // normal: 2^-14 and above
    uint32_t rebased = magnitude - 0x38000000;
    return (uint16_t)(sign | (rebased + 0xfff + (rebased >> 13 & 1)) >> 13);
  }
  if (magnitude < 0x33000000) return (uint16_t)sign;  // below 2^-25: zero
  // Subnormal: the significand with its hidden bit, shifted so that one unit is 2^-24.
  uint32_t shift = 126 - (magnitude >> 23), significand = (magnitude & 0x7fffff) | 0x800000;
  uint32_t half = significand >> shift, rest = significand & ((1u << shift) - 1), middle = 1u << (shift - 1);
  return (uint16_t)(sign | (half + (rest > middle || (rest == middle && (half & 1)))));
}

static uint16_t bfloat_from_float(uint32_t bits) {
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void ingot_narrow_f16(const float *values, size_t count, void *out) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, 4);
    uint16_t half = half_from_float(bits);
    __builtin_memcpy((uint8_t *)out + 2 * i, &half, 2);
  }
}

void ingot_narrow_bf16(const float *values, size_t count, void *out) {
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, 4);
    uint16_t narrowed = bfloat_from_float(bits);
    __builtin_memcpy((uint8_t *)out + 2 * i, &narrowed, 2);
  }
}
