// SPDX-License-Identifier: Apache-2.0
//
// Narrowing and comparing.

#if BITS == 32

// Round to nearest even; overflow to infinity; a NaN stays one, quiet, with the upper bits of its payload.
INLINE u16x8 NAME(half8)(V x) {
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
}

INLINE u16x8 NAME(bfloat8)(V x) {
  u32x8 bits = (u32x8)x, is_nan = (u32x8)((bits & 0x7fffffff) > 0x7f800000);
  u32x8 rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16, quiet = bits >> 16 | 0x40;
  return __builtin_convertvector((is_nan & quiet) | (~is_nan & rounded), u16x8);
}

static void NAME(narrow)(int type, const float *values, size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i += 8) {
    size_t present = count - i < 8 ? count - i : 8;
    V x = NAME(splat)(0);
    if (present == 8) x = NAME(load)(values + i);
    else for (size_t j = 0; j < present; j++) x[j] = values[i + j];
    u16x8 y = type == INGOT_WEIGHT_F16 ? NAME(half8)(x) : NAME(bfloat8)(x);
    __builtin_memcpy(out + 2 * i, &y, 2 * present);
  }
}

// Symmetric int8: round to nearest even of value / scale, within [-127, 127].
static void NAME(quantize)(const float *values, size_t count, float scale, int8_t *out) {
  V scales = NAME(splat)(scale), magic = NAME(splat)(12582912.0f);
  for (size_t i = 0; i < count; i += 8) {
    size_t present = count - i < 8 ? count - i : 8;
    V x = NAME(splat)(0);
    if (present == 8) x = NAME(load)(values + i);
    else for (size_t j = 0; j < present; j++) x[j] = values[i + j];
    V y = (x / scales + magic) - magic;
    y = NAME(select)(y > NAME(splat)(127), NAME(splat)(127), y);
    y = NAME(select)(y < NAME(splat)(-127), NAME(splat)(-127), y);
    i8x8 q = __builtin_convertvector(y, i8x8);
    __builtin_memcpy(out + i, &q, present);
  }
}

static float NAME(largest)(const float *values, size_t count) {
  V top = NAME(splat)(0);
  for (size_t i = 0; i < count; i += 8) {
    size_t present = count - i < 8 ? count - i : 8;
    V x = NAME(splat)(0);
    if (present == 8) x = NAME(load)(values + i);
    else for (size_t j = 0; j < present; j++) x[j] = values[i + j];
    x = __builtin_elementwise_abs(x);
    top = NAME(select)(x > top, x, top);
  }
  float result = 0;
  for (int j = 0; j < 8; j++) result = top[j] > result ? top[j] : result;
  return result;
}

#endif

static void NAME(compare)(const REAL *a, const REAL *b, size_t count, ingot_difference *out) {
  f64x8 largest = {0}, error = {0}, signal = {0};
  i64x8 nonfinite = {0}, created = {0}, different = {0};
  for (size_t i = 0; i < count; i += 8) {
    size_t present = count - i < 8 ? count - i : 8;
    V x = NAME(splat)(0), y = NAME(splat)(0);
    if (present == 8) {
      x = NAME(load)(a + i);
      y = NAME(load)(b + i);
    } else {
      for (size_t j = 0; j < present; j++) x[j] = a[i + j], y[j] = b[i + j];
    }
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
    error = __builtin_elementwise_fma(d, d, error);
    signal = __builtin_elementwise_fma(wide, wide, signal);
    f64x8 size = __builtin_elementwise_abs(d);
    i64x8 more = (i64x8)(size > largest);
    largest = (f64x8)((more & (i64x8)size) | (~more & (i64x8)largest));
  }
  *out = (ingot_difference){0};
  for (int j = 0; j < 8; j++) {
    if (largest[j] > out->largest) out->largest = largest[j];
    out->nonfinite += (uint64_t)nonfinite[j];
    out->created += (uint64_t)created[j];
    out->different += (uint64_t)different[j];
  }
  out->error = ((error[0] + error[4]) + (error[2] + error[6])) + ((error[1] + error[5]) + (error[3] + error[7]));
  out->signal = ((signal[0] + signal[4]) + (signal[2] + signal[6])) + ((signal[1] + signal[5]) + (signal[3] + signal[7]));
}
