// SPDX-License-Identifier: Apache-2.0
//
// The part of kernels.inc.h that changes the type of numbers and compares them. Whatever is done in several steps is done block by
// block, so that no step waits for memory.

enum { NAME(block) = 2048 };

// ---- Comparing ----

// What has been found so far, in the lanes of Formats/numerics.md.
typedef struct {
  f64x8 largest, error, signal;
  uint64_t nonfinite, created, different;
} NAME(findings);

// At most a block of numbers, any of which may be infinite or not a number.
static void NAME(compare_any_numbers)(const REAL *a, const REAL *b, size_t count, NAME(findings) * out) {
  i64x8 nonfinite = {0}, created = {0}, different = {0};
  for (size_t i = 0; i < count; i += 8) {
    V x = NAME(load_some)(a + i, count - i), y = NAME(load_some)(b + i, count - i);
    // x - x is not zero where x is infinite or not a number.
    i64x8 bad = __builtin_convertvector((M)(x - x != NAME(splat)(0)), i64x8);
    i64x8 worse = __builtin_convertvector((M)(y - y != NAME(splat)(0)), i64x8) & ~bad;
    nonfinite -= bad;
    created -= worse;
    different -= __builtin_convertvector((M)(x != y), i64x8) & ~bad;
    i64x8 good = ~(bad | worse);
    f64x8 wide = __builtin_convertvector(x, f64x8), d = __builtin_convertvector(y, f64x8) - wide;
    wide = (f64x8)((i64x8)wide & good);
    d = (f64x8)((i64x8)d & good);
    out->error = __builtin_elementwise_fma(d, d, out->error);
    out->signal = __builtin_elementwise_fma(wide, wide, out->signal);
    f64x8 size = __builtin_elementwise_abs(d);
    i64x8 more = (i64x8)(size > out->largest);
    out->largest = (f64x8)((more & (i64x8)size) | (~more & (i64x8)out->largest));
  }
  for (int j = 0; j < 8; j++) {
    out->nonfinite += (uint64_t)nonfinite[j];
    out->created += (uint64_t)created[j];
    out->different += (uint64_t)different[j];
  }
}

// The same for finite numbers; says 0, and leaves `out` as it was, if not all of them are.
static int NAME(compare_finite)(const REAL *a, const REAL *b, size_t count, NAME(findings) * out) {
  f64x8 largest = out->largest, error = out->error, signal = out->signal;
  V bad = NAME(splat)(0);
  M different = {0};
  for (size_t i = 0; i < count; i += 8) {
    V x = NAME(load_some)(a + i, count - i), y = NAME(load_some)(b + i, count - i);
    bad = bad + ((x - x) + (y - y));
    different -= (M)(x != y);
    f64x8 wide = __builtin_convertvector(x, f64x8), d = __builtin_convertvector(y, f64x8) - wide;
    error = __builtin_elementwise_fma(d, d, error);
    signal = __builtin_elementwise_fma(wide, wide, signal);
    f64x8 size = __builtin_elementwise_abs(d);
    i64x8 more = (i64x8)(size > largest);
    largest = (f64x8)((more & (i64x8)size) | (~more & (i64x8)largest));
  }
  uint64_t found = 0;
  for (int j = 0; j < 8; j++) {
    if (bad[j] != 0) return 0;
    found += (uint64_t)different[j];
  }
  out->largest = largest, out->error = error, out->signal = signal;
  out->different += found;
  return 1;
}

// Goes on comparing. All counts but the last are multiples of 8.
static void NAME(compare_more)(const REAL *a, const REAL *b, size_t count, NAME(findings) * out) {
  for (size_t i = 0; i < count; i += NAME(block)) {
    size_t present = count - i < NAME(block) ? count - i : NAME(block);
    if (!NAME(compare_finite)(a + i, b + i, present, out)) NAME(compare_any_numbers)(a + i, b + i, present, out);
  }
}

static void NAME(end_comparison)(const NAME(findings) * found, ingot_difference *out) {
  *out = (ingot_difference){
      .nonfinite = found->nonfinite, .created = found->created, .different = found->different};
  for (int j = 0; j < 8; j++) {
    if (found->largest[j] > out->largest) out->largest = found->largest[j];
  }
  f64x8 e = found->error, s = found->signal;
  out->error = ((e[0] + e[4]) + (e[2] + e[6])) + ((e[1] + e[5]) + (e[3] + e[7]));
  out->signal = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static void NAME(compare)(const REAL *a, const REAL *b, size_t count, ingot_difference *out) {
  NAME(findings) found = {0};
  NAME(compare_more)(a, b, count, &found);
  NAME(end_comparison)(&found, out);
}

#if BITS == 32

// ---- Sixteen bits ----

// Round to nearest even; overflow to infinity; a NaN stays one, quiet, with the upper bits of its payload.
INLINE u16x8 NAME(half8)(V x) {
#if defined(HAS_F16C)
  return (u16x8)_mm256_cvtps_ph((__m256)x, _MM_FROUND_TO_NEAREST_INT);
#else
  u32x8 bits = (u32x8)x, sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  u32x8 normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Below 2^-14 halves are multiples of 2^-24, the last place of 0.5: the addition rounds to it.
  u32x8 small = (u32x8)((V)magnitude + NAME(splat)(0.5f)) - 0x3f000000;
  u32x8 is_small = (u32x8)(magnitude < 0x38800000), is_large = (u32x8)(magnitude >= 0x477ff000);
  u32x8 is_nan = (u32x8)(magnitude > 0x7f800000);
  u32x8 half = (is_small & small) | (~is_small & normal);
  half = (is_large & 0x7c00) | (~is_large & half);
  half = (is_nan & (0x7e00 | (magnitude >> 13 & 0x3ff))) | (~is_nan & half);
  return __builtin_convertvector(half | sign, u16x8);
#endif
}

// What half8 gave, as a float again.
INLINE V NAME(from_half8)(u16x8 half) {
#if defined(HAS_F16C)
  return (V)_mm256_cvtph_ps((__m128i)half);
#else
  return half_to_float8(half);
#endif
}

INLINE u16x8 NAME(bfloat8)(V x) {
  u32x8 bits = (u32x8)x, is_nan = (u32x8)((bits & 0x7fffffff) > 0x7f800000);
  u32x8 rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16, quiet = bits >> 16 | 0x40;
  return __builtin_convertvector((is_nan & quiet) | (~is_nan & rounded), u16x8);
}

INLINE V NAME(from_bfloat8)(u16x8 x) { return (V)(__builtin_convertvector(x, u32x8) << 16); }

// Narrows, and gives the floats that the results stand for, unless `restored` is NULL.
INLINE void NAME(narrow_to)(int type, const float *values, size_t count, uint8_t *out, float *restored) {
  for (size_t i = 0; i < count; i += 8) {
    size_t present = count - i < 8 ? count - i : 8;
    V x = NAME(load_some)(values + i, count - i);
    u16x8 y = type == INGOT_WEIGHT_F16 ? NAME(half8)(x) : NAME(bfloat8)(x);
    V back = type == INGOT_WEIGHT_F16 ? NAME(from_half8)(y) : NAME(from_bfloat8)(y);
    if (present == 8) {
      __builtin_memcpy(out + 2 * i, &y, 16);
      if (restored) NAME(store)(restored + i, back);
    } else {
      __builtin_memcpy(out + 2 * i, &y, 2 * present);
      for (size_t j = 0; restored && j < present; j++) restored[i + j] = back[j];
    }
  }
}

static void NAME(narrow)(int type, const float *values, size_t count, uint8_t *out) {
  if (type == INGOT_WEIGHT_F16) NAME(narrow_to)(INGOT_WEIGHT_F16, values, count, out, 0);
  else NAME(narrow_to)(INGOT_WEIGHT_BF16, values, count, out, 0);
}

// ---- From one stored type to another ----

static void NAME(convert)(int from, const uint8_t *in, size_t count, int to, uint8_t *out, ingot_difference *difference) {
  NAME(findings) found = {0};
  float values[NAME(block)], restored[NAME(block)];
  for (size_t i = 0; i < count; i += NAME(block)) {
    size_t present = count - i < NAME(block) ? count - i : NAME(block);
    NAME(widen)(from, in + i * weight_size(from), present, values);
    switch (to) {
      case INGOT_WEIGHT_F16: NAME(narrow_to)(INGOT_WEIGHT_F16, values, present, out + 2 * i, restored); break;
      case INGOT_WEIGHT_BF16: NAME(narrow_to)(INGOT_WEIGHT_BF16, values, present, out + 2 * i, restored); break;
      default: __builtin_memcpy(out + 4 * i, values, 4 * present);
    }
    NAME(compare_more)(values, to == INGOT_WEIGHT_F32 ? values : restored, present, &found);
  }
  NAME(end_comparison)(&found, difference);
}

// ---- Symmetric int8 ----

static float NAME(largest)(const float *values, size_t count) {
  V top = NAME(splat)(0);
  for (size_t i = 0; i < count; i += 8) {
    V x = __builtin_elementwise_abs(NAME(load_some)(values + i, count - i));
    top = NAME(select)(x > top, x, top);
  }
  float result = 0;
  for (int j = 0; j < 8; j++) result = top[j] > result ? top[j] : result;
  return result;
}

// One channel: round to nearest even of value / scale, within [-limit, limit]. Says how many are at either end.
static size_t NAME(quantize)(const float *values, size_t count, float scale, float limit, int8_t *out, float *restored) {
  V scales = NAME(splat)(scale), magic = NAME(splat)(12582912.0f), end = NAME(splat)(limit);
  size_t total = 0;
  for (size_t start = 0; start < count; start += NAME(block)) {
    size_t stop = count - start < NAME(block) ? count : start + NAME(block);
    M saturated = {0};
    for (size_t i = start; i < stop; i += 8) {
      size_t present = stop - i < 8 ? stop - i : 8;
      V y = (NAME(load_some)(values + i, present) / scales + magic) - magic;
      y = NAME(select)(y > end, end, y);
      y = NAME(select)(y < -end, -end, y);
      saturated -= (M)(__builtin_elementwise_abs(y) == end);
      V back = y * scales;
      i8x8 q = __builtin_convertvector(__builtin_convertvector(y, i32x8), i8x8);
      if (present == 8) {
        __builtin_memcpy(out + i, &q, 8);
        NAME(store)(restored + i, back);
      } else {
        __builtin_memcpy(out + i, &q, present);
        for (size_t j = 0; j < present; j++) restored[i + j] = back[j];
      }
    }
    for (int j = 0; j < 8; j++) total += (size_t)saturated[j];
  }
  return total;
}

static size_t NAME(quantize_rows)(const float *values, size_t rows, size_t length, int8_t *out, float *scales,
                                  float *restored) {
  size_t saturated = 0;
  for (size_t row = 0; row < rows; row++) {
    size_t first = row * length;
    float scale = NAME(largest)(values + first, length) / 127.0f;
    scales[row] = scale > FLT_MIN ? scale : FLT_MIN;
    saturated += NAME(quantize)(values + first, length, scales[row], 127, out + first, restored + first);
  }
  return saturated;
}

#endif
