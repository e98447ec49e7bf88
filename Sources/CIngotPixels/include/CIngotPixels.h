// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of image preprocessing. Sums are of integers, so every instruction path gives the same bytes.
#ifndef CINGOTPIXELS_H
#define CINGOTPIXELS_H

#include <stddef.h>
#include <stdint.h>

// Instruction paths.
enum { INGOT_PIXELS_PLAIN = 0, INGOT_PIXELS_AVX2 = 1 };

// The weights of one direction: output i is the sum of `counts[i]` source pixels from `starts[i]` on.
typedef struct {
  size_t outputs;
  const int32_t *starts;
  const int32_t *counts;
  // `stride` for each output, those from `counts[i]` on zero; a multiple of 4. Magnitudes are below 2^23.
  const int32_t *values;
  size_t stride;
} ingot_taps;

// Whether the running CPU can take a path.
int ingot_pixels_available(int path);

// The width changes: `rows` rows of `channels` (1 to 4) interleaved samples, `source_stride` bytes apart, become rows of `taps->outputs` pixels
// without padding. All reads lie within the `source_count` bytes at `source`. Outputs are (2^21 + sum) >> 22, clipped to 0...255.
void ingot_resample_columns(int path, const uint8_t *source, size_t source_count, size_t source_stride, size_t rows,
                            size_t channels, const ingot_taps *taps, uint8_t *out);

// The height changes: rows of `line` bytes without padding become `taps->outputs` rows of as many.
void ingot_resample_rows(int path, const uint8_t *source, size_t line, const ingot_taps *taps, uint8_t *out);

// Interleaved red, green, blue become three planes of `count` floats, blue first if `reversed`: plane p holds table[256 * p + sample].
void ingot_pixels_to_planes(const uint8_t *rgb, size_t count, int reversed, const float *table, float *out);

#endif
