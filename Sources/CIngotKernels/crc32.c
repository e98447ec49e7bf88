// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 as zip and gzip have it, by carry-less multiplication: V. Gopal et al., "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel, 2009, whose constants for the reflected polynomial 0x1db710641 these are.
#include "CIngotKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("pclmul,sse4.1"))), apply_to = function)

static __m128i fold(__m128i x, __m128i constants, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(x, constants, 0x00), high = _mm_clmulepi64_si128(x, constants, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// `count` is a multiple of 16 and at least 64; crc is the complemented running value.
static uint32_t fold_blocks(uint32_t crc, const uint8_t *p, size_t count) {
  const __m128i by4 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4), by1 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  __m128i x[4];
  for (int i = 0; i < 4; i++) x[i] = _mm_loadu_si128((const __m128i *)(p + 16 * i));
  x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)crc));
  p += 64;
  count -= 64;
  for (; count >= 64; p += 64, count -= 64) {
    for (int i = 0; i < 4; i++) x[i] = fold(x[i], by4, _mm_loadu_si128((const __m128i *)(p + 16 * i)));
  }
  __m128i y = fold(fold(fold(x[0], by1, x[1]), by1, x[2]), by1, x[3]);
  for (; count >= 16; p += 16, count -= 16) y = fold(y, by1, _mm_loadu_si128((const __m128i *)p));
  // 128 bits to 64, then Barrett's reduction to 32.
  const __m128i mask = _mm_setr_epi32(-1, 0, -1, 0);
  y = _mm_xor_si128(_mm_srli_si128(y, 8), _mm_clmulepi64_si128(y, by1, 0x10));
  y = _mm_xor_si128(_mm_srli_si128(y, 4),
                    _mm_clmulepi64_si128(_mm_and_si128(y, mask), _mm_set_epi64x(0, 0x0163cd6124), 0x00));
  const __m128i polynomial = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  __m128i z = _mm_clmulepi64_si128(_mm_and_si128(y, mask), polynomial, 0x10);
  z = _mm_clmulepi64_si128(_mm_and_si128(z, mask), polynomial, 0x00);
  return (uint32_t)_mm_extract_epi32(_mm_xor_si128(y, z), 1);
}

#pragma clang attribute pop

size_t ingot_crc32_blocks(uint32_t *crc, const void *bytes, size_t count) {
  if (count < 64 || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1")) return 0;
  size_t whole = count & ~(size_t)15;
  *crc = ~fold_blocks(~*crc, bytes, whole);
  return whole;
}

#else

size_t ingot_crc32_blocks(uint32_t *crc, const void *bytes, size_t count) {
  (void)crc, (void)bytes, (void)count;
  return 0;
}

#endif
