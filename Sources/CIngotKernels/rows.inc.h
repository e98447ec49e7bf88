// SPDX-License-Identifier: Apache-2.0
//
// Packing of activations: the rows of a tile side by side, tile[k][rows].

INLINE void NAME(transpose8)(V r[8]) {
  V t[8], u[8];
  for (int i = 0; i < 4; i++) {
    t[2 * i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    t[2 * i + 1] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 2; j++) {
      u[4 * i + j] = __builtin_shufflevector(t[4 * i + j], t[4 * i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      u[4 * i + j + 2] = __builtin_shufflevector(t[4 * i + j], t[4 * i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int j = 0; j < 4; j++) {
    r[j] = __builtin_shufflevector(u[j], u[4 + j], 0, 1, 2, 3, 8, 9, 10, 11);
    r[j + 4] = __builtin_shufflevector(u[j], u[4 + j], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

// Eight rows, or as many as there are, to eight consecutive places of each tile row. Places beyond `rows` are overwritten by the
// next k, or are the slack after the last tile.
INLINE void NAME(pack_eight)(const REAL *a, size_t stride, size_t rows, size_t inputs, size_t tile_rows, REAL *out) {
  size_t k = 0;
  for (; k + 8 <= inputs; k += 8) {
    V r[8];
    for (size_t i = 0; i < 8; i++) r[i] = i < rows ? NAME(load)(a + i * stride + k) : NAME(splat)(0);
    NAME(transpose8)(r);
    for (size_t i = 0; i < 8; i++) NAME(store)(out + (k + i) * tile_rows, r[i]);
  }
  for (; k < inputs; k++) {
    for (size_t i = 0; i < rows; i++) out[k * tile_rows + i] = a[i * stride + k];
  }
}

static void NAME(pack_rows)(const REAL *a, size_t stride, size_t rows, size_t inputs, REAL *out) {
  if (rows < 8) {
    NAME(pack_eight)(a, stride, rows, inputs, rows, out);
    return;
  }
  NAME(pack_eight)(a, stride, 8, inputs, rows, out);
  if (rows > 8) NAME(pack_eight)(a + (rows - 8) * stride, stride, 8, inputs, rows, out + rows - 8);
}
