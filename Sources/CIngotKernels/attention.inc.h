// SPDX-License-Identifier: Apache-2.0
//
// Attention: for each head, two products around a softmax, on packed copies of its keys and values that stay in the caches.

// Queries that are computed together: the same on every path, because a causal tile sums to the last key that any of its queries sees.
#define ATTENTION_ROWS (TILE_ROWS < 6 ? TILE_ROWS : 6)

// Lanes below `count`.
INLINE M NAME(lanes_below)(size_t count) {
  return (M){0, 1, 2, 3, 4, 5, 6, 7} < (M){0, 0, 0, 0, 0, 0, 0, 0} + (INTEGER)(count < 8 ? count : 8);
}

// Softmax of scale * x[0 ..< visible]; the row up to `width` becomes zero. The row has room for whole vectors, and finite numbers in it.
static void NAME(softmax_row)(REAL *x, size_t width, size_t visible, REAL scale) {
  V scales = NAME(splat)(scale), first = NAME(splat)(x[0] * scale), tops = first;
  size_t last = (visible - 1) & ~(size_t)7;
  M present = NAME(lanes_below)(visible - last);
  for (size_t c = 0; c <= last; c += 8) {
    V y = NAME(load)(x + c) * scales;
    if (c == last) y = NAME(select)(present, y, first);
    NAME(store)(x + c, y);
    tops = NAME(select)(y > tops, y, tops);
  }
  REAL largest = tops[0];
  for (int j = 1; j < 8; j++) largest = tops[j] > largest ? tops[j] : largest;
  V sum = NAME(splat)(0);
  tops = NAME(splat)(largest);
  for (size_t c = 0; c <= last; c += 8) {
    V e = NAME(exp)(NAME(load)(x + c) - tops);
    if (c == last) e = NAME(select)(present, e, NAME(splat)(0));
    NAME(store)(x + c, e);
    sum = sum + e;
  }
  V totals = NAME(splat)(NAME(sum8)(sum));
  for (size_t c = 0; c <= last; c += 8) NAME(store)(x + c, NAME(load)(x + c) / totals);
  for (size_t c = last + 8; c < width; c++) x[c] = 0;
}

// rows x columns results of packed rows and panels, to out[r][c]; to whole vectors where there is room.
INLINE void NAME(tile_product)(size_t rows, size_t columns, int has_room, const REAL *packed, const REAL *panels, size_t panel_stride,
                               size_t depth, REAL *sums, REAL *out, size_t out_stride) {
  for (size_t column = 0; column < columns; column += TILE_COLUMNS) {
    size_t count = columns - column < TILE_COLUMNS ? columns - column : TILE_COLUMNS;
    const NAME(tile) *run = count > INGOT_PANEL || TILE_PANELS == 1 ? NAME(tiles) : NAME(tiles_narrow);
    run[rows](packed, panels + column / INGOT_PANEL * panel_stride, panel_stride, depth, 1, sums);
    for (size_t r = 0; r < rows; r++) {
      for (size_t c = 0; c < count; c += 8) {
        NAME(store_some)(out + r * out_stride + column + c, NAME(load)(sums + r * TILE_COLUMNS + c), has_room ? 8 : count - c);
      }
    }
  }
}

// Keys as panels[16 keys][head_width][16].
static void NAME(pack_keys)(const REAL *keys, size_t stride, size_t count, size_t width, REAL *out) {
  for (size_t first = 0; first < count; first += 8) {
    size_t present = count - first < 8 ? count - first : 8, half = first % INGOT_PANEL;
    REAL *panel = out + first / INGOT_PANEL * INGOT_PANEL * width + half;
    if (present < 8) {
      for (size_t k = 0; k < width; k++) NAME(store)(panel + k * INGOT_PANEL, NAME(splat)(0));
    }
    NAME(pack_eight)(keys + first * stride, stride, present, width, INGOT_PANEL, panel);
    if (half == 0 && first + 8 >= count) {
      for (size_t k = 0; k < width; k++) NAME(store)(panel + 8 + k * INGOT_PANEL, NAME(splat)(0));
    }
  }
}

// Values as panels[16 columns][keys][16].
static void NAME(pack_values)(const REAL *values, size_t stride, size_t count, size_t width, REAL *out) {
  for (size_t column = 0; column < width; column += INGOT_PANEL, out += INGOT_PANEL * count) {
    size_t present = width - column;
    for (size_t u = 0; u < count; u++) {
      const REAL *row = values + u * stride + column;
      NAME(store)(out + u * INGOT_PANEL, NAME(load_some)(row, present));
      NAME(store)(out + u * INGOT_PANEL + 8, present > 8 ? NAME(load_some)(row + 8, present - 8) : NAME(splat)(0));
    }
  }
}

// Items [begin, end): item i is sequence i / heads, head i % heads. Scratch: keys, values, scores, packed rows, sums.
static void NAME(attention)(const ingot_attention *p, size_t begin, size_t end, REAL *scratch) {
  size_t width = p->head_width, most = p->most_keys;
  size_t key_space = (most + 2 * INGOT_PANEL - 1) / (2 * INGOT_PANEL) * (2 * INGOT_PANEL);
  size_t value_space = (width + 2 * INGOT_PANEL - 1) / (2 * INGOT_PANEL) * (2 * INGOT_PANEL);
  REAL *keys = scratch, *values = keys + key_space * width, *scores = values + value_space * most;
  REAL *packed = scores + ATTENTION_ROWS * key_space, *sums = packed + ATTENTION_ROWS * (width > most ? width : most) + 16;
  REAL scale = (REAL)1 / SQRT((REAL)width);
  for (size_t item = begin; item < end; item++) {
    size_t sequence = item / p->heads, column = item % p->heads * width;
    size_t first_query = p->query_starts[sequence], queries = p->query_starts[sequence + 1] - first_query;
    size_t first_key = p->key_starts[sequence], count = p->visible[sequence];
    NAME(pack_keys)((const REAL *)p->k + first_key * p->kv_stride + column, p->kv_stride, count, width, keys);
    NAME(pack_values)((const REAL *)p->v + first_key * p->kv_stride + column, p->kv_stride, count, width, values);
    size_t tiles = (queries + ATTENTION_ROWS - 1) / ATTENTION_ROWS;
    for (size_t t = 0; t < tiles; t++) {
      size_t row = NAME(tile_start)(queries, tiles, t), rows = NAME(tile_start)(queries, tiles, t + 1) - row;
      size_t seen = p->causal && row + rows < count ? row + rows : count;
      const REAL *q = (const REAL *)p->q + (first_query + row) * p->q_stride + column;
      NAME(pack_rows)(q, p->q_stride, rows, width, packed);
      NAME(tile_product)(rows, seen, 1, packed, keys, INGOT_PANEL * width, width, sums, scores, key_space);
      for (size_t r = 0; r < rows; r++) {
        size_t visible = p->causal && row + r + 1 < seen ? row + r + 1 : seen;
        NAME(softmax_row)(scores + r * key_space, seen, visible, scale);
      }
      NAME(pack_rows)(scores, key_space, rows, seen, packed);
      NAME(tile_product)(rows, width, 0, packed, values, INGOT_PANEL * count, seen, sums,
                         (REAL *)p->out + (first_query + row) * p->out_stride + column, p->out_stride);
    }
  }
}
