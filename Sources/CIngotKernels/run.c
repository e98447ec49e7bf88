// SPDX-License-Identifier: Apache-2.0
//
// The division of work over the threads of a pool: by rows and columns of results only, never within a sum.
#include "pool.h"

enum { ITEMS_PER_THREAD = 8, MOST_THREADS = 1024 };

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }
INLINE size_t part(size_t count, size_t parts, size_t index) { return count * index / parts; }

// ---- Products: blocks of rows, and within a block pairs of panels ----

typedef struct {
  int path, precision;
  const ingot_product *product;
  size_t rows, blocks, chunks, pairs, panels;
  uint32_t packed[MOST_THREADS];  // one more than the block of rows that each thread has packed
} product_work;

static void product_item(void *context, size_t item, size_t thread, void **scratch) {
  product_work *w = context;
  size_t block = item / w->chunks, chunk = item % w->chunks;
  size_t first = 2 * part(w->pairs, w->chunks, chunk), last = smaller(2 * part(w->pairs, w->chunks, chunk + 1), w->panels);
  int reuse = w->packed[thread] == block + 1;
  w->packed[thread] = (uint32_t)(block + 1);
  ingot_product_run(w->path, w->precision, w->product, part(w->rows, w->blocks, block), part(w->rows, w->blocks, block + 1),
                    first, last, *scratch, reuse);
}

void ingot_run_product(ingot_pool *pool, int path, int precision, const ingot_product *product, size_t rows) {
  if (rows == 0 || product->outputs == 0) return;
  product_work w = {path, precision, product, .rows = rows};
  size_t threads = ingot_pool_threads(pool);
  w.panels = quotient_up(product->outputs, INGOT_PANEL);
  w.pairs = quotient_up(w.panels, 2);
  w.blocks = quotient_up(rows, INGOT_ROW_BLOCK);
  if (threads > 1 && w.blocks >= 2 * threads) {
    w.blocks = quotient_up(w.blocks, threads) * threads;
    w.chunks = 1;
  } else {
    w.chunks = threads == 1 ? 1 : smaller(w.pairs, quotient_up(ITEMS_PER_THREAD * threads, w.blocks));
  }
  size_t block_rows = quotient_up(rows, w.blocks) + 1;
  size_t bytes = ingot_product_scratch(block_rows, product->inputs) * (precision == INGOT_FLOAT64 ? 8 : 4);
  ingot_pool_run(pool, w.blocks * w.chunks, bytes, product_item, &w);
}

// ---- Attention: heads of sequences ----

typedef struct {
  int path, precision;
  const ingot_attention *attention;
} attention_work;

static void attention_item(void *context, size_t item, size_t thread, void **scratch) {
  attention_work *w = context;
  (void)thread;
  ingot_attention_run(w->path, w->precision, w->attention, item, item + 1, *scratch);
}

void ingot_run_attention(ingot_pool *pool, int path, int precision, const ingot_attention *attention, size_t sequences) {
  attention_work w = {path, precision, attention};
  size_t bytes = ingot_attention_scratch(attention->most_keys, attention->head_width) * (precision == INGOT_FLOAT64 ? 8 : 4);
  ingot_pool_run(pool, sequences * attention->heads, bytes, attention_item, &w);
}

// ---- Rows ----

typedef struct {
  int path, precision;
  const void *x, *gain, *bias;
  void *out;
  size_t rows, items, width;
  double epsilon;
} norm_work;

static void norm_item(void *context, size_t item, size_t thread, void **scratch) {
  norm_work *w = context;
  (void)thread, (void)scratch;
  size_t first = part(w->rows, w->items, item), count = part(w->rows, w->items, item + 1) - first;
  size_t offset = first * w->width * (w->precision == INGOT_FLOAT64 ? 8 : 4);
  ingot_layer_norm(w->path, w->precision, (const char *)w->x + offset, (char *)w->out + offset, w->gain, w->bias, count, w->width,
                   w->epsilon);
}

void ingot_run_layer_norm(ingot_pool *pool, int path, int precision, const void *x, void *out, const void *gain,
                          const void *bias, size_t rows, size_t width, double epsilon) {
  norm_work w = {path, precision, x, gain, bias, out, rows, smaller(rows, 2 * ingot_pool_threads(pool)), width, epsilon};
  ingot_pool_run(pool, w.items, 0, norm_item, &w);
}

// ---- Packing of weights ----

typedef struct {
  const ingot_weights *weights;
  size_t panels, items;
  void *out;
} pack_work;

static void pack_item(void *context, size_t item, size_t thread, void **scratch) {
  pack_work *w = context;
  (void)thread, (void)scratch;
  ingot_pack_panels(w->weights, part(w->panels, w->items, item), part(w->panels, w->items, item + 1), w->out);
}

void ingot_run_pack(ingot_pool *pool, const ingot_weights *weights, void *out) {
  pack_work w = {weights, quotient_up(weights->outputs, INGOT_PANEL), 0, out};
  w.items = smaller(w.panels, ITEMS_PER_THREAD * ingot_pool_threads(pool));
  ingot_pool_run(pool, w.items, 0, pack_item, &w);
}

// ---- Windows of an image ----

typedef struct {
  int precision;
  const ingot_windows *windows;
  size_t begin, count, items;
  char *out;
} gather_work;

static void gather_item(void *context, size_t item, size_t thread, void **scratch) {
  gather_work *w = context;
  (void)thread, (void)scratch;
  size_t first = part(w->count, w->items, item), last = part(w->count, w->items, item + 1);
  size_t row = w->windows->kernel * w->windows->kernel * w->windows->channels * (w->precision == INGOT_FLOAT64 ? 8 : 4);
  ingot_gather_windows(w->precision, w->windows, w->begin + first, w->begin + last, w->out + first * row);
}

void ingot_run_gather_windows(ingot_pool *pool, int precision, const ingot_windows *windows, size_t begin, size_t end,
                              void *out) {
  gather_work w = {precision, windows, begin, end - begin, 0, out};
  w.items = smaller(w.count, ITEMS_PER_THREAD * ingot_pool_threads(pool));
  ingot_pool_run(pool, w.items, 0, gather_item, &w);
}
