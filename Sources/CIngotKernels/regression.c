// SPDX-License-Identifier: Apache-2.0
//
// The two halves of a pass of logistic regression, divided over the threads of a pool: the first by rows, the second by columns of the
// gradient. No sum is divided, so that the number of threads changes nothing.
#include "pool.h"

enum {
  ROWS_AT_ONCE = 128,
  // A multiple of what any instruction set takes at a time.
  COLUMNS_AT_ONCE = 64,
};

typedef struct {
  int path;
  const ingot_regression *regression;
  size_t rows, columns;
} regression_work;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// What the packed rows of an item take, to whole cache lines.
static size_t packed_bytes(size_t width) { return (ingot_packed_size(ROWS_AT_ONCE, width) * sizeof(float) + 63) / 64 * 64; }

static void score_item(void *context, size_t item, size_t thread, void **scratch) {
  regression_work *w = context;
  const ingot_regression *r = w->regression;
  (void)thread;
  ingot_product product = {
      .a = r->x, .a_stride = r->width, .panels = r->panels, .weight_type = INGOT_WEIGHT_F32, .inputs = r->width,
      .outputs = r->classes, .bias = r->bias, .activation = INGOT_IDENTITY, .c = r->scores, .c_stride = r->score_stride,
  };
  size_t first = item * ROWS_AT_ONCE, last = smaller(first + ROWS_AT_ONCE, w->rows);
  void *packed = *scratch, *rest = (char *)*scratch + packed_bytes(r->width);
  ingot_pack_block(w->path, INGOT_FLOAT32, &product, first, last, 0, 1, packed, rest);
  ingot_product_run(
      w->path, INGOT_FLOAT32, &product, first, last, 0, 1, 0, (r->classes + INGOT_PANEL - 1) / INGOT_PANEL, packed, rest);
  if (r->gradient) ingot_regression_softmax(w->path, r, first, last);
}

static void gradient_item(void *context, size_t item, size_t thread, void **scratch) {
  regression_work *w = context;
  const ingot_regression *r = w->regression;
  (void)thread, (void)scratch;
  if (item < w->columns) {
    size_t first = item * COLUMNS_AT_ONCE;
    ingot_regression_gradient(w->path, r, w->rows, first, smaller(first + COLUMNS_AT_ONCE, r->width));
    return;
  }
  for (size_t row = 0; row < w->rows; row++) {
    const float *difference = r->scores + row * r->score_stride;
    for (size_t c = 0; c < r->classes; c++) r->bias_gradient[c] += (double)difference[c];
    *r->loss += r->row_losses[row];
  }
}

void ingot_run_regression(ingot_pool *pool, int path, const ingot_regression *regression, size_t rows) {
  if (rows == 0 || regression->classes == 0) return;
  regression_work w = {path, regression, rows, (regression->width + COLUMNS_AT_ONCE - 1) / COLUMNS_AT_ONCE};
  size_t bytes = packed_bytes(regression->width) + ingot_product_scratch(ROWS_AT_ONCE, regression->width) * sizeof(float);
  ingot_pool_run(pool, (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, bytes, score_item, &w);
  if (regression->gradient) ingot_pool_run(pool, w.columns + 1, 0, gradient_item, &w);
}
