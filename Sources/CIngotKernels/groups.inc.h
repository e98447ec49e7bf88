// SPDX-License-Identifier: Apache-2.0
//
// Integers of 8, 6 or 4 bits with a scale for each group. Formats/numerics.md, Scales, is what this computes.

// Candidates for a clipped range: (64 - i) / 64 of the largest magnitude.
enum { NAME(clips) = 33, NAME(clip_steps) = 64 };

// The scale for a range: range / limit, perhaps rounded up to BF16, at least the smallest normal float.
INLINE float NAME(scale_of)(float range, float limit, int narrow) {
  float scale = range / limit;
  scale = scale > FLT_MIN ? scale : FLT_MIN;
  if (!narrow) return scale;
  uint32_t bits;
  __builtin_memcpy(&bits, &scale, 4);
  bits = (bits + 0xffff) & 0xffff0000;
  __builtin_memcpy(&scale, &bits, 4);
  return scale;
}

// The sum of the squared errors, times moments unless these are NULL: eight sums of every eighth number, added as in sum8.
static double NAME(squared_error)(const float *values, const float *moments, size_t count, float scale, float limit) {
  V scales = NAME(splat)(scale), magic = NAME(splat)(12582912.0f), end = NAME(splat)(limit);
  f64x8 sum = {0};
  for (size_t i = 0; i < count; i += 8) {
    V x = NAME(load_some)(values + i, count - i);
    V y = (x / scales + magic) - magic;
    y = NAME(select)(y > end, end, y);
    y = NAME(select)(y < -end, -end, y);
    f64x8 d = __builtin_convertvector(x, f64x8) - __builtin_convertvector(y * scales, f64x8);
    f64x8 square = d * d;
    if (moments) square = square * __builtin_convertvector(NAME(load_some)(moments + i, count - i), f64x8);
    sum = sum + square;
  }
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

// The scale of one group.
static float NAME(group_scale)(const ingot_grouping *g, const float *values, const float *moments, size_t count, float limit) {
  float largest = NAME(largest)(values, count), best = NAME(scale_of)(largest, limit, g->narrow_scales);
  if (!g->searches || best == FLT_MIN) return best;
  double least = NAME(squared_error)(values, moments, count, best, limit);
  for (int i = 1; i < NAME(clips); i++) {
    float clip = (float)(NAME(clip_steps) - i) / (float)NAME(clip_steps);
    float scale = NAME(scale_of)(largest * clip, limit, g->narrow_scales);
    double error = NAME(squared_error)(values, moments, count, scale, limit);
    // The least clipped of equals.
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

static size_t NAME(quantize_groups)(const ingot_grouping *g, const float *values, size_t rows, int8_t *out, float *scales,
                                    float *restored) {
  float limit = (float)((1 << (g->bits - 1)) - 1);
  size_t saturated = 0;
  for (size_t row = 0; row < rows; row++) {
    for (size_t start = 0; start < g->length; start += g->group) {
      size_t count = g->length - start < g->group ? g->length - start : g->group, first = row * g->length + start;
      *scales = NAME(group_scale)(g, values + first, g->moments ? g->moments + start : 0, count, limit);
      saturated += NAME(quantize)(values + first, count, *scales++, limit, out + first, restored + first);
    }
  }
  return saturated;
}
