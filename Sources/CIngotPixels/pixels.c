// SPDX-License-Identifier: Apache-2.0
#include "CIngotPixels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { precision = 22, half = 1 << (precision - 1) };

int ingot_pixels_available(int path) {
  switch (path) {
    case INGOT_PIXELS_PLAIN: return 1;
#if defined(__x86_64__)
    case INGOT_PIXELS_AVX2: return __builtin_cpu_supports("avx2") != 0;
#endif
    default: return 0;
  }
}

// Sums are unsigned: parts of one may overflow on the way, the whole does not.
static uint8_t clipped(uint32_t sum) {
  int32_t value = (int32_t)sum >> precision;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void column(const uint8_t *row, size_t channels, const ingot_taps *taps, size_t output, uint8_t *out) {
  const int32_t *weights = taps->values + output * taps->stride;
  const uint8_t *first = row + (size_t)taps->starts[output] * channels;
  for (size_t channel = 0; channel < channels; channel++) {
    uint32_t sum = half;
    for (int32_t tap = 0; tap < taps->counts[output]; tap++)
      sum += (uint32_t)first[(size_t)tap * channels + channel] * (uint32_t)weights[tap];
    out[channel] = clipped(sum);
  }
}

static void rows_plain(const uint8_t *source, size_t line, const ingot_taps *taps, size_t output, size_t from,
                       uint8_t *out) {
  const int32_t *weights = taps->values + output * taps->stride;
  const uint8_t *first = source + (size_t)taps->starts[output] * line;
  enum { block = 64 };
  for (size_t x = from; x < line; x += block) {
    size_t count = line - x < block ? line - x : block;
    uint32_t sums[block];
    for (size_t i = 0; i < count; i++) sums[i] = half;
    for (int32_t tap = 0; tap < taps->counts[output]; tap++) {
      const uint8_t *row = first + (size_t)tap * line + x;
      uint32_t weight = (uint32_t)weights[tap];
      for (size_t i = 0; i < count; i++) sums[i] += row[i] * weight;
    }
    for (size_t i = 0; i < count; i++) out[x + i] = clipped(sums[i]);
  }
}

#if defined(__x86_64__)

// A weight is low + 2^12 * high, so that products of 8 and 16 bits can be added in pairs (vpmaddwd).
enum { low_bits = 12 };

struct split {
  __m256i low, high;
};

// Four weights: two for each half of a register, each pair four times.
__attribute__((target("avx2"))) static inline struct split split(const int32_t *weights) {
  __m128i values = _mm_loadu_si128((const __m128i *)weights);
  __m128i low = _mm_and_si128(values, _mm_set1_epi32((1 << low_bits) - 1));
  __m128i high = _mm_srai_epi32(values, low_bits);
  __m256i both = _mm256_castsi128_si256(_mm_packs_epi32(low, high));
  return (struct split){
      _mm256_permutevar8x32_epi32(both, _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1)),
      _mm256_permutevar8x32_epi32(both, _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3)),
  };
}

__attribute__((target("avx2"))) static inline __m256i joined(__m256i low, __m256i high) {
  return _mm256_add_epi32(low, _mm256_slli_epi32(high, low_bits));
}

__attribute__((target("avx2"))) static inline void store(__m256i sum, size_t channels, uint8_t *out) {
  __m128i total = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  total = _mm_srai_epi32(_mm_add_epi32(total, _mm_set1_epi32(half)), precision);
  total = _mm_packs_epi32(total, total);
  uint32_t bytes = (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(total, total));
  memcpy(out, &bytes, 2);
  out[2] = (uint8_t)(bytes >> 16);
  if (channels == 4) out[3] = (uint8_t)(bytes >> 24);
}

// Four taps at a time of pixels of 3 or 4 bytes, in `together` (1 or 4) rows at a time, which share the weights. There are `count` bytes at
// `source`; where a load of 16 would pass their end, samples are taken one by one.
__attribute__((target("avx2"), always_inline)) static inline void columns_block(
    const uint8_t *source, size_t count, size_t stride, size_t channels, const ingot_taps *taps, size_t together,
    uint8_t *out) {
  const char none = (char)0x80;
  // The samples of a channel side by side, widened to 16 bits: pixels 0 and 1 in the lower half, 2 and 3 in the upper.
  __m256i order = channels == 3
      ? _mm256_setr_epi8(0, none, 3, none, 1, none, 4, none, 2, none, 5, none, none, none, none, none, 6, none, 9, none,
                         7, none, 10, none, 8, none, 11, none, none, none, none, none)
      : _mm256_setr_epi8(0, none, 4, none, 1, none, 5, none, 2, none, 6, none, 3, none, 7, none, 8, none, 12, none, 9,
                         none, 13, none, 10, none, 14, none, 11, none, 15, none);
  for (size_t output = 0; output < taps->outputs; output++) {
    size_t first = (size_t)taps->starts[output] * channels;
    const int32_t *weights = taps->values + output * taps->stride;
    size_t groups = ((size_t)taps->counts[output] + 3) / 4;
    uint8_t *target = out + output * channels;
    size_t line = taps->outputs * channels;
    if (groups == 0 || first + (together - 1) * stride + (groups - 1) * 4 * channels + 16 > count) {
      for (size_t row = 0; row < together; row++)
        column(source + row * stride, channels, taps, output, target + row * line);
      continue;
    }
    __m256i low[4], high[4];
    for (size_t row = 0; row < together; row++) low[row] = high[row] = _mm256_setzero_si256();
    for (size_t group = 0; group < groups; group++) {
      struct split weight = split(weights + 4 * group);
      for (size_t row = 0; row < together; row++) {
        const uint8_t *place = source + first + row * stride + group * 4 * channels;
        __m256i pixels = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)place));
        pixels = _mm256_shuffle_epi8(pixels, order);
        low[row] = _mm256_add_epi32(low[row], _mm256_madd_epi16(pixels, weight.low));
        high[row] = _mm256_add_epi32(high[row], _mm256_madd_epi16(pixels, weight.high));
      }
    }
    for (size_t row = 0; row < together; row++) store(joined(low[row], high[row]), channels, target + row * line);
  }
}

__attribute__((target("avx2"))) static void columns_avx2(const uint8_t *source, size_t source_count,
                                                         size_t source_stride, size_t rows, size_t channels,
                                                         const ingot_taps *taps, uint8_t *out) {
  size_t line = taps->outputs * channels;
  size_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    const uint8_t *from = source + row * source_stride;
    size_t left = source_count - row * source_stride;
    if (channels == 3) columns_block(from, left, source_stride, 3, taps, 4, out + row * line);
    else columns_block(from, left, source_stride, 4, taps, 4, out + row * line);
  }
  for (; row < rows; row++) {
    const uint8_t *from = source + row * source_stride;
    size_t left = source_count - row * source_stride;
    if (channels == 3) columns_block(from, left, source_stride, 3, taps, 1, out + row * line);
    else columns_block(from, left, source_stride, 4, taps, 1, out + row * line);
  }
}

__attribute__((target("avx2"))) static void rows_avx2(const uint8_t *source, size_t line, const ingot_taps *taps,
                                                      size_t output, uint8_t *out) {
  const int32_t *weights = taps->values + output * taps->stride;
  const uint8_t *first = source + (size_t)taps->starts[output] * line;
  size_t count = (size_t)taps->counts[output];
  const __m256i zero = _mm256_setzero_si256();
  size_t x = 0;
  for (; x + 32 <= line; x += 32) {
    __m256i low[4], high[4];
    for (int part = 0; part < 4; part++) low[part] = high[part] = zero;
    for (size_t tap = 0; tap < count; tap += 2) {
      const uint8_t *place = first + tap * line + x;
      // The weight after the last is zero; the row after the last is not read.
      const uint8_t *next = tap + 1 < count ? place + line : place;
      uint32_t a = (uint32_t)weights[tap], b = tap + 1 < count ? (uint32_t)weights[tap + 1] : 0;
      const uint32_t mask = (1 << low_bits) - 1;
      __m256i low_weights = _mm256_set1_epi32((int32_t)((a & mask) | (b & mask) << 16));
      __m256i high_weights = _mm256_set1_epi32((int32_t)(((uint32_t)((int32_t)a >> low_bits) & 0xffff) |
                                                         (uint32_t)((int32_t)b >> low_bits) << 16));
      __m256i upper = _mm256_loadu_si256((const __m256i *)place);
      __m256i lower = _mm256_loadu_si256((const __m256i *)next);
      __m256i front = _mm256_unpacklo_epi8(upper, lower), back = _mm256_unpackhi_epi8(upper, lower);
      __m256i pairs[4] = {_mm256_unpacklo_epi8(front, zero), _mm256_unpackhi_epi8(front, zero),
                          _mm256_unpacklo_epi8(back, zero), _mm256_unpackhi_epi8(back, zero)};
      for (int part = 0; part < 4; part++) {
        low[part] = _mm256_add_epi32(low[part], _mm256_madd_epi16(pairs[part], low_weights));
        high[part] = _mm256_add_epi32(high[part], _mm256_madd_epi16(pairs[part], high_weights));
      }
    }
    __m256i sums[4];
    for (int part = 0; part < 4; part++) {
      sums[part] = _mm256_add_epi32(joined(low[part], high[part]), _mm256_set1_epi32(half));
      sums[part] = _mm256_srai_epi32(sums[part], precision);
    }
    __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]), _mm256_packs_epi32(sums[2], sums[3]));
    _mm256_storeu_si256((__m256i *)(out + x), bytes);
  }
  rows_plain(source, line, taps, output, x, out);
}

#endif

void ingot_resample_columns(int path, const uint8_t *source, size_t source_count, size_t source_stride, size_t rows,
                            size_t channels, const ingot_taps *taps, uint8_t *out) {
#if defined(__x86_64__)
  if (path == INGOT_PIXELS_AVX2 && channels >= 3) {
    columns_avx2(source, source_count, source_stride, rows, channels, taps, out);
    return;
  }
#endif
  (void)path;
  (void)source_count;
  for (size_t row = 0; row < rows; row++)
    for (size_t output = 0; output < taps->outputs; output++)
      column(source + row * source_stride, channels, taps, output, out + (row * taps->outputs + output) * channels);
}

void ingot_resample_rows(int path, const uint8_t *source, size_t line, const ingot_taps *taps, uint8_t *out) {
  for (size_t output = 0; output < taps->outputs; output++) {
#if defined(__x86_64__)
    if (path == INGOT_PIXELS_AVX2) {
      rows_avx2(source, line, taps, output, out + output * line);
      continue;
    }
#endif
    (void)path;
    rows_plain(source, line, taps, output, 0, out + output * line);
  }
}

void ingot_pixels_to_planes(const uint8_t *rgb, size_t count, int reversed, const float *table, float *out) {
  size_t first = reversed ? 2 : 0, last = 2 - first;
  const float *a = table + 256 * first, *b = table + 256, *c = table + 256 * last;
  float *red = out + count * first, *green = out + count, *blue = out + count * last;
  for (size_t pixel = 0; pixel < count; pixel++) {
    red[pixel] = a[rgb[3 * pixel]];
    green[pixel] = b[rgb[3 * pixel + 1]];
    blue[pixel] = c[rgb[3 * pixel + 2]];
  }
}
