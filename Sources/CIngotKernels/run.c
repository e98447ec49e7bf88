// SPDX-License-Identifier: Apache-2.0
//
// The division of work over the threads of a pool: by rows and columns of results only, never within a sum.
#include <stdatomic.h>

#include "pool.h"

enum { ITEMS_PER_THREAD = 8, BLOCKS_PER_THREAD = 16, MOST_THREADS = 1024 };

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }
INLINE size_t part(size_t count, size_t parts, size_t index) { return count * index / parts; }

// ---- Products: blocks of rows, and within a block pairs of panels ----

// A block's packed rows are to stay in a core's second cache.
enum { PACKED_BYTES = 3 << 18, LEAST_BLOCK = 48, MOST_BLOCK = 224 };
// An item has about so many multiply-adds at least; with fewer items than these for each thread, some are divided; and so many items for each
// thread pack a block.
enum { LEAST_WORK = 1 << 20, FEW_ITEMS = 32, PACK_ITEMS = 4 };

typedef struct {
  int path, precision;
  const ingot_product *product;
  size_t rows, blocks, packs, chunks, parts, pairs, panels, stride;  // stride: bytes of a block's packed rows
  void *shared;
  atomic_uint ready[BLOCKS_PER_THREAD * MOST_THREADS];  // of each block, how many of its packs are done
} product_work;

// One block on one thread: its rows are packed there, too.
static void product_block(void *context, size_t item, size_t thread, void **scratch) {
  product_work *w = context;
  (void)thread;
  size_t begin = part(w->rows, w->blocks, item), end = part(w->rows, w->blocks, item + 1);
  void *rest = (char *)*scratch + w->stride;
  ingot_pack_block(w->path, w->precision, w->product, begin, end, 0, 1, *scratch, rest);
  ingot_product_run(w->path, w->precision, w->product, begin, end, 0, 1, 0, w->panels, *scratch, rest);
}

// Few blocks: first their rows are packed, a part of a block at a time, then some panels are multiplied with some of its rows. Items are begun
// in order, so whoever waits for packed rows waits for work that somebody is doing.
static void product_item(void *context, size_t item, size_t thread, void **scratch) {
  product_work *w = context;
  (void)thread;
  size_t each = w->packs + w->chunks * w->parts, block = item / each, index = item % each;
  size_t begin = part(w->rows, w->blocks, block), end = part(w->rows, w->blocks, block + 1);
  void *packed = (char *)w->shared + block * w->stride;
  if (index < w->packs) {
    ingot_pack_block(w->path, w->precision, w->product, begin, end, index, w->packs, packed, *scratch);
    atomic_fetch_add(&w->ready[block], 1);
    return;
  }
  index -= w->packs;
  size_t chunk = index / w->parts;
  size_t first = 2 * part(w->pairs, w->chunks, chunk), last = smaller(2 * part(w->pairs, w->chunks, chunk + 1), w->panels);
  for (unsigned round = 0; atomic_load(&w->ready[block]) < w->packs; round++) ingot_pool_relax(round);
  ingot_product_run(w->path, w->precision, w->product, begin, end, index % w->parts, w->parts, first, last, packed, *scratch);
}

void ingot_run_product(ingot_pool *pool, int path, int precision, const ingot_product *product, size_t rows) {
  if (rows == 0 || product->outputs == 0) return;
  product_work w;
  w.path = path, w.precision = precision, w.product = product, w.rows = rows;
  size_t threads = ingot_pool_threads(pool), inputs = product->inputs, size = precision == INGOT_FLOAT64 ? 8 : 4;
  size_t row_bytes = (product->rounding != INGOT_ROUND_NONE ? 2 : size) * (inputs + 1);
  size_t block = smaller(PACKED_BYTES / row_bytes, MOST_BLOCK);
  if (block < LEAST_BLOCK) block = LEAST_BLOCK;
  w.panels = quotient_up(product->outputs, INGOT_PANEL);
  w.pairs = quotient_up(w.panels, 2);
  w.blocks = quotient_up(rows, block);
  int alone = threads == 1 || w.blocks >= BLOCKS_PER_THREAD * threads;
  if (alone && threads > 1) w.blocks = quotient_up(w.blocks, threads) * threads;
  size_t block_rows = quotient_up(rows, w.blocks);
  w.stride = (ingot_packed_size(block_rows, inputs) * size + 63) / 64 * 64;
  size_t scratch = ingot_product_scratch(block_rows, inputs) * size;
  if (alone) {
    ingot_pool_run(pool, w.blocks, w.stride + scratch, product_block, &w);
    return;
  }
  size_t work = block_rows * 2 * INGOT_PANEL * (inputs + 1);
  w.chunks = smaller(w.pairs, quotient_up(w.pairs * work, LEAST_WORK));
  // Where there are few items of much work, each is of half the rows.
  w.parts = w.chunks * w.blocks < FEW_ITEMS * threads && work > 2 * LEAST_WORK ? 2 : 1;
  w.packs = PACK_ITEMS * threads;
  for (size_t i = 0; i < w.blocks; i++) atomic_init(&w.ready[i], 0);
  ingot_pool_run_sharing(pool, w.blocks * (w.packs + w.chunks * w.parts), scratch, w.blocks * w.stride, &w.shared, product_item, &w);
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
