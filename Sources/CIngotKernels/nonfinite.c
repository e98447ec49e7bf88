// SPDX-License-Identifier: Apache-2.0
//
// A number is infinite or not a number when all bits of its exponent are set. The loops are plain so that the compiler vectorizes them.
#include "CIngotKernels.h"

#include <string.h>

#define COUNT(NAME, BITS, MASK)                                 \
  static size_t NAME(const uint8_t *p, size_t count) {          \
    size_t total = 0;                                           \
    while (count > 0) {                                         \
      size_t block = count < 16384 ? count : 16384;             \
      uint##BITS##_t found = 0;                                 \
      for (size_t i = 0; i < block; i++) {                      \
        uint##BITS##_t bits;                                    \
        memcpy(&bits, p + i * sizeof bits, sizeof bits);        \
        found += (uint##BITS##_t)((bits & (MASK)) == (MASK));   \
      }                                                         \
      total += found;                                           \
      p += block * sizeof(uint##BITS##_t);                      \
      count -= block;                                           \
    }                                                           \
    return total;                                               \
  }

COUNT(half, 16, 0x7c00)
COUNT(brain, 16, 0x7f80)
COUNT(single, 32, 0x7f800000)
COUNT(twice, 64, 0x7ff0000000000000)

size_t ingot_count_nonfinite(int weight_type, const void *values, size_t count) {
  switch (weight_type) {
    case INGOT_WEIGHT_F16: return half(values, count);
    case INGOT_WEIGHT_BF16: return brain(values, count);
    case INGOT_WEIGHT_F64: return twice(values, count);
    default: return single(values, count);
  }
}
