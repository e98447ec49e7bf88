// SPDX-License-Identifier: Apache-2.0
//
// The product of packed rows and packed panels of weights.

#include "tiles.h"

typedef REAL NAME(wide) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef REAL NAME(wideu) __attribute__((vector_size(LANES * sizeof(REAL)), aligned(1)));
#define W NAME(wide)
#define WU NAME(wideu)
// Columns that one tile covers, and panels.
#define TILE_COLUMNS (LANES * 2)
#define TILE_PANELS (TILE_COLUMNS / INGOT_PANEL)

// ---- Tiles: ROWS x VECTORS sums in registers, continued over `depth` inputs. `first` says that they start from zero ----

#define TILE(ROWS, VECTORS)                                                                                            \
  static void NAME(tile_##ROWS##_##VECTORS)(const REAL *a, const REAL *panel, size_t panel_stride, size_t depth,       \
                                            int first, REAL *sums) {                                                   \
    W c[ROWS][VECTORS];                                                                                                \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                           \
        c[r][v] = first ? (W){0} : *(const WU *)(sums + r * TILE_COLUMNS + v * LANES);                                 \
      }                                                                                                                \
    }                                                                                                                  \
    for (size_t k = 0; k < depth; k++, a += ROWS, panel += INGOT_PANEL) {                                              \
      W b[VECTORS];                                                                                                    \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                           \
        b[v] = *(const WU *)(panel + v * LANES / INGOT_PANEL * panel_stride + v * LANES % INGOT_PANEL);                \
      }                                                                                                                \
      _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                              \
        W x = a[r] - (W){0}; /* a splat: the difference is exact */                                                    \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                         \
          c[r][v] = __builtin_elementwise_fma(x, b[v], c[r][v]);                                                       \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    _Pragma("clang loop unroll(full)") for (int r = 0; r < ROWS; r++) {                                                \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < VECTORS; v++) {                                           \
        *(WU *)(sums + r * TILE_COLUMNS + v * LANES) = c[r][v];                                                        \
      }                                                                                                                \
    }                                                                                                                  \
  }
TILES_OF_ALL_ROWS
#undef TILE

typedef void (*NAME(tile))(const REAL *, const REAL *, size_t, size_t, int, REAL *);
static const NAME(tile) NAME(tiles_narrow)[TILE_ROWS + 1] = TABLE_OF_TILES(tile, 1);
static const NAME(tile) NAME(tiles)[TILE_ROWS + 1] = TABLE_OF_TILES(tile, 2);

// ---- What follows the sums ----

// Finishes `rows` rows of one panel; `sums` has TILE_COLUMNS numbers a row. The two halves of a row are worked on side by side.
INLINE void NAME(finish_with)(int activation, const ingot_product *p, size_t row, size_t rows, size_t column, const REAL *sums) {
  size_t columns = p->outputs - column, upper = columns > 8 ? columns - 8 : 0;
  const REAL *scale = p->scale ? (const REAL *)p->scale + column : 0, *bias = p->bias ? (const REAL *)p->bias + column : 0;
  V one = NAME(splat)(1), none = NAME(splat)(0), s0 = one, s1 = one, b0 = none, b1 = none;
  if (scale) {
    s0 = NAME(load_some)(scale, columns);
    s1 = NAME(load_some)(scale + 8, upper);
  }
  if (bias) {
    b0 = NAME(load_some)(bias, columns);
    b1 = NAME(load_some)(bias + 8, upper);
  }
  for (size_t r = 0; r < rows; r++, sums += TILE_COLUMNS) {
    REAL *out = (REAL *)p->c + (row + r) * p->c_stride + column;
    V y0 = NAME(load)(sums), y1 = NAME(load)(sums + 8);
    if (scale) y0 = y0 * s0, y1 = y1 * s1;
    if (bias) y0 = y0 + b0, y1 = y1 + b1;
    y0 = NAME(activation)(activation, y0);
    y1 = NAME(activation)(activation, y1);
    if (p->residual) {
      const REAL *added = (const REAL *)p->residual + (row + r) * p->residual_stride + column;
      y0 = NAME(load_some)(added, columns) + y0;
      y1 = NAME(load_some)(added + 8, upper) + y1;
    }
    NAME(store_some)(out, y0, columns);
    NAME(store_some)(out + 8, y1, upper);
  }
}

static void NAME(finish)(const ingot_product *p, size_t row, size_t rows, size_t column, const REAL *sums) {
  switch (p->activation) {
    case INGOT_QUICK_GELU: NAME(finish_with)(INGOT_QUICK_GELU, p, row, rows, column, sums); break;
    case INGOT_GELU: NAME(finish_with)(INGOT_GELU, p, row, rows, column, sums); break;
    case INGOT_GELU_TANH: NAME(finish_with)(INGOT_GELU_TANH, p, row, rows, column, sums); break;
    case INGOT_SILU: NAME(finish_with)(INGOT_SILU, p, row, rows, column, sums); break;
    case INGOT_RELU: NAME(finish_with)(INGOT_RELU, p, row, rows, column, sums); break;
    default: NAME(finish_with)(INGOT_IDENTITY, p, row, rows, column, sums);
  }
}

// Rows of the tile with this index, when `rows` are divided as evenly as can be.
INLINE size_t NAME(tile_start)(size_t rows, size_t tiles, size_t index) { return rows * index / tiles; }

// Brings what a tile's results will be written to, and added to, nearer while its sums are made.
INLINE void NAME(expect)(const ingot_product *p, size_t row, size_t rows, size_t column) {
  for (size_t r = 0; r < rows; r++) {
    const char *out = (const char *)((const REAL *)p->c + (row + r) * p->c_stride + column);
    for (size_t i = 0; i < TILE_COLUMNS * sizeof(REAL); i += 64) __builtin_prefetch(out + i, 1, 2);
  }
}

// Where tile `index`, whose first row is `first`, is among the packed rows: each is followed by eight places that may be overwritten.
INLINE size_t NAME(tile_place)(size_t first, size_t index, size_t inputs) { return first * inputs + 8 * index; }

// The rows of one tile: as they are, gathered from an image, or normalised. `rows_out` has room for them.
INLINE const REAL *NAME(input_rows)(const ingot_product *p, size_t row, size_t rows, REAL *rows_out, size_t *stride) {
  if (p->windows) {
    *stride = p->inputs;
    NAME(gather_windows)(p->windows, p->first_window + row, p->first_window + row + rows, rows_out);
    return rows_out;
  }
  const REAL *a = (const REAL *)p->a + row * p->a_stride;
  *stride = p->a_stride;
  if (!p->norm_gain) return a;
  *stride = p->inputs;
  for (size_t r = 0; r < rows; r++) {
    NAME(layer_norm)(a + r * p->a_stride, rows_out + r * p->inputs, p->norm_gain, p->norm_bias, 1, p->inputs, (REAL)p->norm_epsilon);
  }
  return rows_out;
}

// Packs tiles [tiles * part / parts, tiles * (part + 1) / parts) of a block of rows. Scratch: the rows of a tile.
static void NAME(pack_block)(const ingot_product *p, size_t row_begin, size_t row_end, size_t part, size_t parts, REAL *packed,
                             REAL *scratch) {
  size_t rows = row_end - row_begin, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t t = tiles * part / parts; t < tiles * (part + 1) / parts; t++) {
    size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first, stride;
    const REAL *a = NAME(input_rows)(p, row_begin + first, count, scratch, &stride);
    NAME(pack_rows)(a, stride, count, p->inputs, packed + NAME(tile_place)(first, t, p->inputs));
  }
}

// The same tiles times panels. Scratch: widened panels, and the sums.
static void NAME(product)(const ingot_product *p, size_t row_begin, size_t row_end, size_t part, size_t parts, size_t panel_begin,
                          size_t panel_end, const REAL *packed, REAL *scratch) {
  size_t rows = row_end - row_begin, inputs = p->inputs, tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  size_t tile_begin = tiles * part / parts, tile_end = tiles * (part + 1) / parts;
  REAL *wide = scratch, *sums = wide + 2 * INGOT_PANEL * DEPTH_BLOCK;
  size_t panel_bytes = ingot_panel_bytes(p->weight_type, inputs);
  for (size_t panel = panel_begin; panel < panel_end; panel += TILE_PANELS) {
    size_t panels = panel_end - panel < TILE_PANELS ? panel_end - panel : TILE_PANELS;
    const uint8_t *stored = (const uint8_t *)p->panels + panel * panel_bytes;
    int is_real = p->weight_type == REAL_WEIGHT;
    const NAME(tile) *run = panels == TILE_PANELS ? NAME(tiles) : NAME(tiles_narrow);
    // An empty sum is zero, so one pass is made even where there are no inputs.
    for (size_t k = 0; k == 0 || k < inputs; k += DEPTH_BLOCK) {
      size_t depth = inputs - k < DEPTH_BLOCK ? inputs - k : DEPTH_BLOCK;
      int is_last = k + depth >= inputs;
      const REAL *b = (const REAL *)stored + k * INGOT_PANEL;
      size_t b_stride = panel_bytes / sizeof(REAL);
      if (!is_real) {
        for (size_t i = 0; i < panels; i++) {
          NAME(widen_panel)(p->weight_type, stored + i * panel_bytes, k, depth, wide + i * INGOT_PANEL * DEPTH_BLOCK);
        }
        b = wide;
        b_stride = INGOT_PANEL * DEPTH_BLOCK;
      }
      for (size_t t = tile_begin; t < tile_end; t++) {
        size_t first = NAME(tile_start)(rows, tiles, t), count = NAME(tile_start)(rows, tiles, t + 1) - first;
        REAL *c = sums + first * TILE_COLUMNS;
        if (is_last) NAME(expect)(p, row_begin + first, count, panel * INGOT_PANEL);
        run[count](packed + NAME(tile_place)(first, t, inputs) + k * count, b, b_stride, depth, k == 0, c);
        if (!is_last) continue;
        for (size_t i = 0; i < panels; i++) {
          NAME(finish)(p, row_begin + first, count, (panel + i) * INGOT_PANEL, c + i * INGOT_PANEL);
        }
      }
    }
  }
}

#undef W
#undef WU
