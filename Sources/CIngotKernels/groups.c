// SPDX-License-Identifier: Apache-2.0
//
// The stream of bits that integers of 8, 6 or 4 bits are stored as: Formats/ingot.md, section 6.
#include <string.h>

#include "common.h"

void ingot_pack_integers(int bits, const int8_t *values, size_t count, uint8_t *out) {
  uint32_t mask = (1u << bits) - 1, pending = 0;
  int held = 0;
  for (size_t i = 0; i < count; i++) {
    pending |= ((uint32_t)values[i] & mask) << held;
    held += bits;
    while (held >= 8) {
      *out++ = (uint8_t)pending;
      pending >>= 8;
      held -= 8;
    }
  }
  if (held > 0) *out = (uint8_t)pending;
}

// Integer i of a stream.
INLINE int32_t integer(int bits, const uint8_t *stream, size_t i) {
  if (bits == 8) return (int8_t)stream[i];
  if (bits == 4) return (int32_t)((uint32_t)stream[i / 2] << (i % 2 ? 24 : 28)) >> 28;
  const uint8_t *p = stream + i / 4 * 3 + i % 4 * 6 / 8;
  uint32_t shift = i % 4 * 6 % 8, word = *p;
  if (shift > 2) word |= (uint32_t)p[1] << 8;
  return (int32_t)(word >> shift << 26) >> 26;
}

void ingot_unpack_integers(int bits, const uint8_t *bytes, size_t count, int8_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = (int8_t)integer(bits, bytes, i);
}

// One run of elements that share a scale.
INLINE void restore_run(int bits, const uint8_t *stream, size_t first, size_t count, float scale, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = (float)integer(bits, stream, first + i) * scale;
}

void ingot_restore_groups(const ingot_groups *g, size_t first, size_t count, float *out) {
  while (count > 0) {
    size_t within = first % g->inner, channel = first / g->inner % g->channels, outer = first / g->inner / g->channels;
    size_t place = outer * g->inner + within, left = g->inner - within, rest = g->group - place % g->group;
    size_t run = left < rest ? left : rest;
    run = run < count ? run : count;
    uint16_t half;
    memcpy(&half, g->scales + 2 * (channel * g->scales_per_channel + place / g->group), 2);
    uint32_t bits = (uint32_t)half << 16;
    float scale;
    memcpy(&scale, &bits, 4);
    switch (g->bits) {
      case 4: restore_run(4, g->integers, first, run, scale, out); break;
      case 6: restore_run(6, g->integers, first, run, scale, out); break;
      default: restore_run(8, g->integers, first, run, scale, out);
    }
    first += run, out += run, count -= run;
  }
}
