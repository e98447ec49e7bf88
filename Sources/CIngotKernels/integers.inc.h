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

// sums + low * low(pair) + high * high(pair), where each word of w holds two 16-bit numbers as `pair` does.
INLINE W NAME(dot_pairs)(W sums, W w, int32_t pair) {
#if defined(INTEGER_PATH_AVX512)
  return (W)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)w, _mm512_set1_epi32(pair));
#elif defined(INTEGER_PATH_AVX2)
  sums = sums + (W)_mm256_madd_epi16((__m256i)w, _mm256_set1_epi32(pair));
  // Keeps the compiler from adding products to each other first, which takes more registers than there are.
  __asm__("" : "+x"(sums));
  return sums;
#else
  return sums + ((w << 16) >> 16) * (int32_t)(int16_t)pair + (w >> 16) * (pair >> 16);
#endif
}

// The largest magnitude that rows of so many inputs are scaled to: sums stay within 31 bits whatever the weights.
INLINE int32_t NAME(integer_limit)(size_t inputs) {
  size_t limit = 2147483647 / (127 * (inputs > 0 ? inputs : 1));
  return limit > 32767 ? 32767 : (int32_t)limit;
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

// Rounds one row to integers, four to a group as (0, 2, 1, 3), groups `step` bytes apart. Returns the row's scale. A row that is not
// finite has the scale NaN; one below 2^-100 is zero.
static float NAME(round_row)(const float *x, size_t inputs, uint8_t *out, size_t step) {
  float largest = NAME(row_magnitude)(x, inputs), limit = (float)NAME(integer_limit)(inputs);
  if (!(largest >= 0x1p-100f)) {
    uint64_t none = 0;
    for (size_t k = 0; k < inputs; k += 4, out += step) __builtin_memcpy(out, &none, 8);
    return largest == largest ? 0 : largest;
  }
  V factor = NAME(splat)(limit / largest);
  size_t k = 0;
  for (; k + 8 <= inputs; k += 8, out += 2 * step) {
    NAME(i16x8) q = NAME(round_eight)(NAME(load)(x + k), factor);
    __builtin_memcpy(out, &q, 8);
    __builtin_memcpy(out + step, (const uint8_t *)&q + 8, 8);
  }
  if (k < inputs) {
    NAME(i16x8) q = NAME(round_eight)(NAME(load_some)(x + k, inputs - k), factor);
    __builtin_memcpy(out, &q, 8);
    if (k + 4 < inputs) __builtin_memcpy(out + step, (const uint8_t *)&q + 8, 8);
  }
  return largest / limit;
}

// ROWS x VECTORS exact sums, times the scales of the rows.
#define TILE(ROWS, VECTORS)                                                                                            \
  static void NAME(dots_##ROWS##_##VECTORS)(const uint8_t *a, const uint8_t *panel, size_t panel_bytes, size_t groups, \
                                            const float *scales, float *sums) {                                        \
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

typedef void (*NAME(dots))(const uint8_t *, const uint8_t *, size_t, size_t, const float *, float *);
static const NAME(dots) NAME(dots_narrow)[TILE_ROWS + 1] = TABLE_OF_TILES(dots, 1);
static const NAME(dots) NAME(dots_wide)[TILE_ROWS + 1] = TABLE_OF_TILES(dots, 2);

// As the float product. Scratch: the rounded rows, their scales, the sums.
static void NAME(integer_product)(const ingot_product *p, size_t row_begin, size_t row_end, size_t panel_begin,
                                  size_t panel_end, float *scratch, int reuse) {
  size_t rows = row_end - row_begin, groups = (p->inputs + 3) / 4, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  uint8_t *packed = (uint8_t *)scratch;
  float *scales = (float *)(packed + 8 * rows * groups), *sums = scales + rows;
  if (!reuse) {
    for (size_t t = 0; t < tiles; t++) {
      size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first;
      for (size_t r = 0; r < count; r++) {
        const float *x = (const float *)p->a + (row_begin + first + r) * p->a_stride;
        scales[first + r] = NAME(round_row)(x, p->inputs, packed + 8 * (first * groups + r), 8 * count);
      }
    }
  }
  size_t panel_bytes = ingot_panel_bytes(p->weight_type, p->inputs);
  for (size_t panel = panel_begin; panel < panel_end; panel += TILE_PANELS) {
    size_t panels = panel_end - panel < TILE_PANELS ? panel_end - panel : TILE_PANELS;
    const uint8_t *stored = (const uint8_t *)p->panels + panel * panel_bytes + panel_header(p->weight_type);
    const NAME(dots) *run = panels == TILE_PANELS ? NAME(dots_wide) : NAME(dots_narrow);
    for (size_t t = 0; t < tiles; t++) {
      size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first;
      run[count](packed + 8 * first * groups, stored, panel_bytes, groups, scales + first, sums);
      for (size_t i = 0; i < panels; i++) {
        NAME(finish)(p, row_begin + first, count, (panel + i) * INGOT_PANEL, sums + i * INGOT_PANEL);
      }
    }
  }
}

#undef W
#undef WU
