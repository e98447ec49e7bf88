// SPDX-License-Identifier: Apache-2.0
//
// Stored weights, widened: eight values at any alignment, and the part of a packed panel.

INLINE V NAME(widen8)(int type, const uint8_t *p) {
  switch (type) {
    case INGOT_WEIGHT_F32: {
      u32x8 bits;
      __builtin_memcpy(&bits, p, 32);
      return __builtin_convertvector((f32x8)bits, V);
    }
    case INGOT_WEIGHT_F16: {
      u16x8 bits;
      __builtin_memcpy(&bits, p, 16);
      return __builtin_convertvector(half_to_float8(bits), V);
    }
    case INGOT_WEIGHT_BF16: {
      u16x8 bits;
      __builtin_memcpy(&bits, p, 16);
      return __builtin_convertvector((f32x8)(__builtin_convertvector(bits, u32x8) << 16), V);
    }
    case INGOT_WEIGHT_F64: {
      f64x8 values;
      __builtin_memcpy(&values, p, 64);
      return __builtin_convertvector(values, V);
    }
    default: {
      i8x8 values;
      __builtin_memcpy(&values, p, 8);
      return __builtin_convertvector(values, V);
    }
  }
}

INLINE V NAME(widen_some)(int type, const uint8_t *p, size_t count) {
  uint8_t buffer[64] = {0};
  __builtin_memcpy(buffer, p, count * weight_size(type));
  return NAME(widen8)(type, buffer);
}

static void NAME(widen)(int type, const uint8_t *p, size_t count, REAL *out) {
  size_t size = weight_size(type), i = 0;
  for (; i + 8 <= count; i += 8) NAME(store)(out + i, NAME(widen8)(type, p + i * size));
  if (i < count) {
    V rest = NAME(widen_some)(type, p + i * size, count - i);
    for (size_t j = 0; i + j < count; j++) out[i + j] = rest[j];
  }
}

// Eight columns of a panel hold words of 32 bits: one F32, two F16 or BF16, or four int8 with consecutive k. This widens number
// `index` of each.
INLINE V NAME(widen_words)(int type, u32x8 words, size_t index) {
  switch (type) {
    case INGOT_WEIGHT_F16:
      return __builtin_convertvector(
          half_to_float8(__builtin_convertvector(index ? words >> 16 : words & 0xffff, u16x8)), V);
    case INGOT_WEIGHT_BF16: return __builtin_convertvector((f32x8)(index ? words & 0xffff0000 : words << 16), V);
    case INGOT_WEIGHT_I8:
      return __builtin_convertvector((i32x8)(words << (uint32_t)(24 - 8 * index)) >> 24, V);
    default: return __builtin_convertvector((f32x8)words, V);
  }
}

// Writes rows [from, from + count) of a panel as out[k][16]. `from` is a multiple of 4.
INLINE void NAME(widen_panel_type)(int type, const uint8_t *panel, size_t from, size_t count, REAL *out) {
  size_t group = panel_group(type);
  const uint8_t *words = panel + panel_header(type) + from / group * 4 * INGOT_PANEL;
  for (size_t k = 0; k < count; k += group, words += 4 * INGOT_PANEL) {
    for (size_t half = 0; half < 2; half++) {
      u32x8 eight;
      __builtin_memcpy(&eight, words + 32 * half, 32);
      for (size_t i = 0; i < group && k + i < count; i++) {
        NAME(store)(out + (k + i) * INGOT_PANEL + 8 * half, NAME(widen_words)(type, eight, i));
      }
    }
  }
}

static void NAME(widen_panel)(int type, const uint8_t *panel, size_t from, size_t count, REAL *out) {
  switch (type) {
    case INGOT_WEIGHT_F16: NAME(widen_panel_type)(INGOT_WEIGHT_F16, panel, from, count, out); break;
    case INGOT_WEIGHT_BF16: NAME(widen_panel_type)(INGOT_WEIGHT_BF16, panel, from, count, out); break;
    case INGOT_WEIGHT_I8: NAME(widen_panel_type)(INGOT_WEIGHT_I8, panel, from, count, out); break;
    case INGOT_WEIGHT_F32: NAME(widen_panel_type)(INGOT_WEIGHT_F32, panel, from, count, out); break;
    default:
      for (size_t k = 0; k < count * INGOT_PANEL; k += 8) {
        NAME(store)(out + k, NAME(widen8)(type, panel + (from * INGOT_PANEL + k) * 8));
      }
  }
}
