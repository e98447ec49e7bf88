// SPDX-License-Identifier: Apache-2.0
//
// Packing of weights: panels of 16 columns, words of 32 bits side by side.
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "common.h"

size_t ingot_panel_bytes(int type, size_t inputs) {
  if (type == INGOT_WEIGHT_F64) return 8 * INGOT_PANEL * inputs;
  size_t group = panel_group(type);
  return panel_header(type) + (inputs + group - 1) / group * 4 * INGOT_PANEL;
}

enum { LARGE_PAGE = 1 << 21, LINE = 64 };

void *ingot_allocate_panels(size_t bytes) {
  size_t alignment = bytes >= 2 * LARGE_PAGE ? LARGE_PAGE : LINE;
  void *panels = aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (!panels) abort();
#if defined(__linux__)
  if (alignment == LARGE_PAGE) madvise(panels, bytes, MADV_HUGEPAGE);
#endif
  return panels;
}

void ingot_free_panels(void *panels) { free(panels); }

// Four rows of four words, transposed.
typedef uint32_t u32x4 __attribute__((vector_size(16)));

INLINE void transpose4(const u32x4 r[4], u32x4 out[4]) {
  u32x4 a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  u32x4 c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  out[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  out[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  out[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

// Columns of an [outputs][inputs] matrix: runs of words, side by side.
static void pack_rows_of_words(const uint8_t *rows[INGOT_PANEL], size_t row_bytes, uint8_t *out) {
  size_t whole = row_bytes & ~(size_t)15;
  for (size_t byte = 0; byte < whole; byte += 16) {
    for (size_t column = 0; column < INGOT_PANEL; column += 4) {
      u32x4 r[4], t[4];
      for (size_t i = 0; i < 4; i++) {
        if (rows[column + i]) memcpy(&r[i], rows[column + i] + byte, 16);
        else r[i] = (u32x4){0};
      }
      transpose4(r, t);
      for (size_t i = 0; i < 4; i++) memcpy(out + (byte / 4 + i) * 4 * INGOT_PANEL + 4 * column, &t[i], 16);
    }
  }
  for (size_t byte = whole; byte < row_bytes; byte += 4) {
    size_t present = row_bytes - byte < 4 ? row_bytes - byte : 4;
    for (size_t column = 0; column < INGOT_PANEL; column++) {
      uint8_t word[4] = {0};
      if (rows[column]) memcpy(word, rows[column] + byte, present);
      memcpy(out + byte / 4 * 4 * INGOT_PANEL + 4 * column, word, 4);
    }
  }
}

// Element (k, column) of a panel of elements that are `size` bytes long, `group` of them a word.
INLINE uint8_t *element(uint8_t *out, size_t size, size_t group, size_t k, size_t column) {
  return out + ((k / group * INGOT_PANEL + column) * group + k % group) * size;
}

static void sum_columns(const int8_t *words, size_t inputs, int32_t sums[INGOT_PANEL]) {
  for (size_t column = 0; column < INGOT_PANEL; column++) sums[column] = 0;
  for (size_t k = 0; k < (inputs + 3) / 4; k++, words += 4 * INGOT_PANEL) {
    for (size_t column = 0; column < INGOT_PANEL; column++) {
      for (size_t i = 0; i < 4; i++) sums[column] += words[4 * column + i];
    }
  }
}

void ingot_pack_panels(const ingot_weights *w, size_t begin, size_t end, void *out) {
  size_t size = weight_size(w->type), group = panel_group(w->type), header = panel_header(w->type);
  size_t bytes = ingot_panel_bytes(w->type, w->inputs);
  const uint8_t *values = w->values;
  for (size_t panel = begin; panel < end; panel++) {
    uint8_t *target = (uint8_t *)out + panel * bytes, *body = target + header;
    size_t first = panel * INGOT_PANEL, present = w->outputs - first < INGOT_PANEL ? w->outputs - first : INGOT_PANEL;
    if (w->layout == INGOT_OUTPUT_MAJOR && size < 8) {
      const uint8_t *rows[INGOT_PANEL];
      for (size_t j = 0; j < INGOT_PANEL; j++) rows[j] = j < present ? values + (first + j) * w->inputs * size : 0;
      pack_rows_of_words(rows, w->inputs * size, body);
    } else {
      memset(body, 0, bytes - header);
      size_t column_step = w->layout == INGOT_OUTPUT_MAJOR ? w->inputs : 1, k_step = w->layout == INGOT_OUTPUT_MAJOR ? 1 : w->outputs;
      for (size_t k = 0; k < w->inputs; k++) {
        for (size_t j = 0; j < present; j++) {
          memcpy(element(body, size, group, k, j), values + ((first + j) * column_step + k * k_step) * size, size);
        }
      }
    }
    if (header) sum_columns((const int8_t *)body, w->inputs, (int32_t *)target);
  }
}
