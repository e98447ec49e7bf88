// SPDX-License-Identifier: Apache-2.0
//
// The product of int8 weights with activations that are rounded to integers, one scale a row. Sums are exact, so their order is free.

typedef int32_t NAME(words) __attribute__((vector_size(LANES * 4)));
typedef int32_t NAME(wordsu) __attribute__((vector_size(LANES * 4), aligned(1)));
typedef int16_t NAME(halves) __attribute__((vector_size(LANES * 4)));
typedef float NAME(singles) __attribute__((vector_size(LANES * 4)));
typedef float NAME(singlesu) __attribute__((vector_size(LANES * 4), aligned(1)));
typedef int16_t NAME(i16x8) __attribute__((vector_size(16)));
#define W NAME(words)
#define WU NAME(wordsu)

// The largest magnitude that rows of so many inputs are scaled to: sums stay within 31 bits whatever the weights.
INLINE int32_t NAME(integer_limit)(int rounding, size_t inputs) {
  size_t limit = 2147483647 / (127 * (inputs > 0 ? inputs : 1)), most = rounding == INGOT_ROUND_INT8 ? 127 : 32767;
  return limit > most ? (int32_t)most : (int32_t)limit;
}

// The largest magnitude of a row; NaN where a number is not finite.
static float NAME(row_magnitude)(const float *x, size_t inputs) {
  V top[4] = {{0}, {0}, {0}, {0}}, odd = {0};
  size_t k = 0;
  for (; k + 32 <= inputs; k += 32) {
    for (int i = 0; i < 4; i++) {
      V y = __builtin_elementwise_abs(NAME(load)(x + k + 8 * i));
      top[i] = NAME(select)(y > top[i], y, top[i]);
      odd = odd + (y - y);
    }
  }
  for (; k < inputs; k += 8) {
    V y = __builtin_elementwise_abs(NAME(load_some)(x + k, inputs - k));
    top[0] = NAME(select)(y > top[0], y, top[0]);
    odd = odd + (y - y);
  }
  float largest = 0, bad = 0;
  for (int j = 0; j < 8; j++) {
    for (int i = 0; i < 4; i++) largest = top[i][j] > largest ? top[i][j] : largest;
    bad += odd[j];
  }
  return bad == 0 ? largest : __builtin_nanf("");
}

INLINE NAME(i16x8) NAME(round_eight)(V y, V factor) {
  V magic = NAME(splat)(12582912.0f);
  y = (y * factor + magic) - magic;
  NAME(i16x8) q = __builtin_convertvector(__builtin_convertvector(y, i32x8), NAME(i16x8));
  return __builtin_shufflevector(q, q, 0, 2, 1, 3, 4, 6, 5, 7);
}

// How rounded activations lie: in groups of four of consecutive k, groups `step` bytes apart, each one of
//   8 bytes, 16-bit numbers in the order (0, 2, 1, 3);
//   4 bytes, from which 128 is to be subtracted;
//   4 bytes, the upper halves of 16-bit numbers, from which 128 is to be subtracted, and `plane` bytes further 4 of the lower halves.
enum { NAME(PAIRS), NAME(BYTES), NAME(PLANES) };

INLINE int NAME(form_of)(int rounding) {
#if defined(INTEGER_PATH_AVX512)
  return rounding == INGOT_ROUND_INT8 ? NAME(BYTES) : NAME(PLANES);
#else
  (void)rounding;
  return NAME(PAIRS);
#endif
}

INLINE void NAME(store_groups)(u8x8 q, uint8_t *out, size_t step, size_t present) {
  __builtin_memcpy(out, &q, 4);
  if (present > 4) __builtin_memcpy(out + step, (const uint8_t *)&q + 4, 4);
}

INLINE void NAME(round_to)(int form, V y, V factor, uint8_t *out, size_t step, size_t plane, size_t present) {
  V magic = NAME(splat)(12582912.0f);
  i32x8 words = __builtin_convertvector((y * factor + magic) - magic, i32x8);
  if (form == NAME(PAIRS)) {
    NAME(i16x8) q = __builtin_convertvector(words, NAME(i16x8));
    q = __builtin_shufflevector(q, q, 0, 2, 1, 3, 4, 6, 5, 7);
    __builtin_memcpy(out, &q, 8);
    if (present > 4) __builtin_memcpy(out + step, (const uint8_t *)&q + 8, 8);
  } else {
    if (form == NAME(PLANES)) {
      NAME(store_groups)(__builtin_convertvector(words, u8x8), out + plane, step, present);
      words = words >> 8;
    }
    NAME(store_groups)(__builtin_convertvector(words + 128, u8x8), out, step, present);
  }
}

// Rounds one row to integers. Returns the row's scale. A row that is not finite has the scale NaN; one below 2^-100 is zero.
INLINE float NAME(round_row)(int form, int rounding, const float *x, size_t inputs, uint8_t *out, size_t step, size_t plane) {
  float largest = NAME(row_magnitude)(x, inputs), limit = (float)NAME(integer_limit)(rounding, inputs);
  V factor = NAME(splat)(0);
  int is_zero = !(largest >= 0x1p-100f);
  if (!is_zero) factor = NAME(splat)(limit / largest);
  for (size_t k = 0; k < inputs; k += 8, out += 2 * step) {
    V y = is_zero ? NAME(splat)(0) : NAME(load_some)(x + k, inputs - k);
    NAME(round_to)(form, y, factor, out, step, plane, inputs - k);
  }
  if (is_zero) return largest == largest ? 0 : largest;
  return largest / limit;
}

// The rows of one tile, side by side, normalised first where that is asked for.
INLINE void NAME(round_rows_to)(int form, const ingot_product *p, size_t row, size_t rows, uint8_t *out, float *scales,
                                float *scratch) {
  size_t group = form == NAME(PAIRS) ? 8 : 4, plane = rows * ((p->inputs + 3) / 4) * 4, stride;
  for (size_t r = 0; r < rows; r++) {
    const float *x = NAME(input_rows)(p, row + r, 1, scratch, &stride);
    scales[r] = NAME(round_row)(form, p->rounding, x, p->inputs, out + group * r, group * rows, plane);
  }
}

static void NAME(round_rows)(const ingot_product *p, size_t row, size_t rows, uint8_t *out, float *scales, float *scratch) {
#if defined(INTEGER_PATH_AVX512)
  if (NAME(form_of)(p->rounding) == NAME(BYTES)) NAME(round_rows_to)(NAME(BYTES), p, row, rows, out, scales, scratch);
  else NAME(round_rows_to)(NAME(PLANES), p, row, rows, out, scales, scratch);
#else
  NAME(round_rows_to)(NAME(PAIRS), p, row, rows, out, scales, scratch);
#endif
}

#if defined(INTEGER_PATH_AVX512)
// ROWS x VECTORS exact sums, times the scales of the rows, in one pass over bytes or two over the halves of 16-bit numbers. As 128 is to be
// subtracted from the first, sums begin at -128 times those of the weights, which stand before the panel.
#define TILE(ROWS, VECTORS)                                                                                            \
  static void NAME(dots_##ROWS##_##VECTORS)(int form, const uint8_t *a, const uint8_t *panel, size_t panel_bytes,       \
                                            size_t groups, const float *scales, float *sums) {                         \
    __m512i c[ROWS][VECTORS];                                                                                          \
    _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                             \
      W offset = *(const WU *)(panel + (size_t)v * panel_bytes - 4 * INGOT_PANEL) * -128;                              \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) c[r][v] = (__m512i)offset;                     \
    }                                                                                                                  \
    for (int plane = 0; plane < (form == NAME(BYTES) ? 1 : 2); plane++) {                                              \
      int shift = 8 * plane;                                                                                           \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                              \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) c[r][v] = _mm512_slli_epi32(c[r][v], (unsigned)shift); \
      }                                                                                                                \
      const uint8_t *w = panel;                                                                                        \
      for (size_t k = 0; k < groups; k++, a += 4 * ROWS, w += 4 * INGOT_PANEL) {                                       \
        __m512i b[VECTORS];                                                                                            \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                         \
          b[v] = _mm512_loadu_si512(w + (size_t)v * panel_bytes);                                                      \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                            \
          int32_t four;                                                                                                \
          __builtin_memcpy(&four, a + 4 * r, 4);                                                                       \
          _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                       \
            c[r][v] = _mm512_dpbusd_epi32(c[r][v], _mm512_set1_epi32(four), b[v]);                                     \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                           \
        NAME(singles) y = __builtin_convertvector((W)c[r][v], NAME(singles)) * scales[r];                              \
        *(NAME(singlesu) *)(sums + r * TILE_COLUMNS + v * LANES) = y;                                                  \
      }                                                                                                                \
    }                                                                                                                  \
  }
TILES_OF_ALL_ROWS
#undef TILE
#else
// sums + low * low(pair) + high * high(pair), where each word of w holds two 16-bit numbers as `pair` does.
INLINE W NAME(dot_pairs)(W sums, W w, int32_t pair) {
#if defined(INTEGER_PATH_AVX2)
  sums = sums + (W)_mm256_madd_epi16((__m256i)w, _mm256_set1_epi32(pair));
  // Keeps the compiler from adding products to each other first, which takes more registers than there are.
  __asm__("" : "+x"(sums));
  return sums;
#else
  return sums + ((w << 16) >> 16) * (int32_t)(int16_t)pair + (w >> 16) * (pair >> 16);
#endif
}

// ROWS x VECTORS exact sums, times the scales of the rows.
#define TILE(ROWS, VECTORS)                                                                                            \
  static void NAME(dots_##ROWS##_##VECTORS)(int form, const uint8_t *a, const uint8_t *panel, size_t panel_bytes,       \
                                            size_t groups, const float *scales, float *sums) {                         \
    (void)form;                                                                                                        \
    W c[ROWS][VECTORS];                                                                                                \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) c[r][v] = (W){0};                           \
    }                                                                                                                  \
    for (size_t k = 0; k < groups; k++, a += 8 * ROWS, panel += 4 * INGOT_PANEL) {                                     \
      _Pragma("clang loop unroll(full)") for (int odd = 0; odd < 2; odd++) {                                           \
        W b[VECTORS];                                                                                                  \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                         \
          b[v] = *(const WU *)(panel + v * LANES / INGOT_PANEL * panel_bytes + v * LANES % INGOT_PANEL * 4);           \
          b[v] = odd ? (W)((NAME(halves))b[v] >> 8) : (W)((NAME(halves))((NAME(halves))b[v] << 8) >> 8);               \
        }                                                                                                              \
        _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                            \
          int32_t pair;                                                                                                \
          __builtin_memcpy(&pair, a + 8 * r + 4 * odd, 4);                                                             \
          _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                       \
            c[r][v] = NAME(dot_pairs)(c[r][v], b[v], pair);                                                            \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                           \
        NAME(singles) y = __builtin_convertvector(c[r][v], NAME(singles)) * scales[r];                                 \
        *(NAME(singlesu) *)(sums + r * TILE_COLUMNS + v * LANES) = y;                                                  \
      }                                                                                                                \
    }                                                                                                                  \
  }
TILES_OF_ALL_ROWS
#undef TILE
#endif

typedef void (*NAME(dots))(int, const uint8_t *, const uint8_t *, size_t, size_t, const float *, float *);
static const NAME(dots) NAME(dots_narrow)[TILE_ROWS + 1] = TABLE_OF_TILES(dots, 1);
static const NAME(dots) NAME(dots_wide)[TILE_ROWS + 1] = TABLE_OF_TILES(dots, 2);

// Bytes of one rounded row; the scales of a block's rows follow its last one.
INLINE size_t NAME(rounded_bytes)(const ingot_product *p) {
  return (NAME(form_of)(p->rounding) == NAME(BYTES) ? 4 : 8) * ((p->inputs + 3) / 4);
}

// As the float product's. Scratch: one row.
static void NAME(round_block)(const ingot_product *p, size_t row_begin, size_t row_end, size_t part, size_t parts, float *packed,
                              float *scratch) {
  size_t rows = row_end - row_begin, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS, row_bytes = NAME(rounded_bytes)(p);
  uint8_t *bytes = (uint8_t *)packed;
  float *scales = (float *)(bytes + row_bytes * rows);
  for (size_t t = tiles * part / parts; t < tiles * (part + 1) / parts; t++) {
    size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first;
    NAME(round_rows)(p, row_begin + first, count, bytes + row_bytes * first, scales + first, scratch);
  }
}

// As the float product. Scratch: the sums of one tile.
static void NAME(integer_product)(const ingot_product *p, size_t row_begin, size_t row_end, size_t part, size_t parts,
                                  size_t panel_begin, size_t panel_end, const float *packed, float *sums) {
  size_t rows = row_end - row_begin, groups = (p->inputs + 3) / 4, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  int form = NAME(form_of)(p->rounding);
  size_t row_bytes = NAME(rounded_bytes)(p);
  const uint8_t *bytes = (const uint8_t *)packed;
  const float *scales = (const float *)(bytes + row_bytes * rows);
  size_t panel_bytes = ingot_panel_bytes(p->weight_type, p->inputs);
  for (size_t panel = panel_begin; panel < panel_end; panel += TILE_PANELS) {
    size_t panels = panel_end - panel < TILE_PANELS ? panel_end - panel : TILE_PANELS;
    const uint8_t *stored = (const uint8_t *)p->panels + panel * panel_bytes + panel_header(p->weight_type);
    const NAME(dots) *run = panels == TILE_PANELS ? NAME(dots_wide) : NAME(dots_narrow);
    for (size_t t = tiles * part / parts; t < tiles * (part + 1) / parts; t++) {
      size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first;
      NAME(expect)(p, row_begin + first, count, panel * INGOT_PANEL);
      run[count](form, bytes + row_bytes * first, stored, panel_bytes, groups, scales + first, sums);
      for (size_t i = 0; i < panels; i++) {
        NAME(finish)(p, row_begin + first, count, (panel + i) * INGOT_PANEL, sums + i * INGOT_PANEL);
      }
    }
  }
}

#undef W
#undef WU
