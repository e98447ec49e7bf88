// SPDX-License-Identifier: Apache-2.0
//
// The table of one precision and instruction set, and the thin functions with untyped pointers that it holds.
// TABLE is its name; the rest as for kernels.inc.h.

static void NAME(pack_block_any)(const ingot_product *p, size_t row, size_t row_end, size_t part, size_t parts, void *packed,
                                 void *scratch) {
#if BITS == 32
  if (p->rounding != INGOT_ROUND_NONE) {
    NAME(round_block)(p, row, row_end, part, parts, packed, scratch);
    return;
  }
#endif
  NAME(pack_block)(p, row, row_end, part, parts, packed, scratch);
}
static void NAME(product_any)(const ingot_product *p, size_t row, size_t row_end, size_t part, size_t parts, size_t panel,
                              size_t panel_end, const void *packed, void *scratch) {
#if BITS == 32
  if (p->rounding != INGOT_ROUND_NONE) {
    NAME(integer_product)(p, row, row_end, part, parts, panel, panel_end, packed, scratch);
    return;
  }
#endif
  NAME(product)(p, row, row_end, part, parts, panel, panel_end, packed, scratch);
}
static void NAME(attention_any)(const ingot_attention *p, size_t begin, size_t end, void *scratch) {
  NAME(attention)(p, begin, end, scratch);
}
static void NAME(layer_norm_any)(const void *x, void *out, const void *gain, const void *bias, size_t rows,
                                 size_t width, double epsilon) {
  NAME(layer_norm)(x, out, gain, bias, rows, width, (REAL)epsilon);
}
static void NAME(l2_normalize_any)(const void *x, void *out, size_t rows, size_t width) {
  NAME(l2_normalize)(x, out, rows, width);
}
static void NAME(activate_any)(int kind, const void *x, void *out, size_t count) { NAME(activate)(kind, x, out, count); }
static void NAME(average_pool_any)(const void *image, size_t height, size_t width, size_t channels, size_t size,
                                   void *out) {
  NAME(average_pool)(image, height, width, channels, size, out);
}
static void NAME(widen_any)(int type, const void *weights, size_t count, void *out) {
  NAME(widen)(type, weights, count, out);
}

static void NAME(compare_any)(const void *a, const void *b, size_t count, ingot_difference *out) {
  NAME(compare)(a, b, count, out);
}
#if BITS == 32
static void NAME(narrow_any)(int type, const float *values, size_t count, void *out) {
  NAME(narrow)(type, values, count, out);
}
static void NAME(convert_any)(int from, const void *in, size_t count, int to, void *out, ingot_difference *difference) {
  NAME(convert)(from, in, count, to, out, difference);
}
#endif

const ingot_kernels TABLE = {
    .pack_block = NAME(pack_block_any),
    .product = NAME(product_any),
    .attention = NAME(attention_any),
    .layer_norm = NAME(layer_norm_any),
    .l2_normalize = NAME(l2_normalize_any),
    .activate = NAME(activate_any),
    .average_pool = NAME(average_pool_any),
    .widen = NAME(widen_any),
    .compare = NAME(compare_any),
#if BITS == 32
    .exp = NAME(exp_all),
    .narrow = NAME(narrow_any),
    .convert = NAME(convert_any),
    .quantize_rows = NAME(quantize_rows),
    .regression_softmax = NAME(regression_softmax),
    .regression_gradient = NAME(regression_gradient),
    .quantize_groups = NAME(quantize_groups),
#endif
};
