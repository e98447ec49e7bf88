// SPDX-License-Identifier: Apache-2.0
//
// The kernels, written once. Including files define:
//   REAL       float or double
//   BITS       32 or 64; INTEGER, a signed integer of that size
//   SQRT       the square root; REAL_WEIGHT the weight type that is REAL itself
//   NAME(x)    a name unique to this precision and instruction set
//   TILE_ROWS  rows of the product's register tile
//
// Vectors are of eight elements whatever the instruction set: the compiler lowers them to what the target has. Sums follow
// Formats/numerics.md exactly, products as one chain of fused multiply-adds per output, reductions in eight lanes; so every
// including file computes the same bits.

#pragma STDC FP_CONTRACT OFF
// Vectors wider than the target's registers are passed between static functions of one file only, all inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef REAL NAME(v) __attribute__((vector_size(8 * sizeof(REAL))));
typedef REAL NAME(vu) __attribute__((vector_size(8 * sizeof(REAL)), aligned(1)));
typedef INTEGER NAME(m) __attribute__((vector_size(8 * sizeof(REAL))));
#define V NAME(v)
#define VU NAME(vu)
#define M NAME(m)

INLINE V NAME(load)(const REAL *p) { return *(const VU *)p; }
INLINE void NAME(store)(REAL *p, V x) { *(VU *)p = x; }
INLINE V NAME(splat)(REAL x) { return (V){x, x, x, x, x, x, x, x}; }
// Eight numbers, or as many as are there and zeros.
INLINE V NAME(some)(const REAL *p, size_t count) {
  if (count >= 8) return NAME(load)(p);
  V x = NAME(splat)(0);
  for (size_t j = 0; j < count; j++) x[j] = p[j];
  return x;
}
INLINE V NAME(select)(M mask, V yes, V no) { return (V)((mask & (M)yes) | (~mask & (M)no)); }
INLINE V NAME(fma)(V a, V b, V c) { return __builtin_elementwise_fma(a, b, c); }

// ((0+4)+(2+6)) + ((1+5)+(3+7))
INLINE REAL NAME(sum8)(V x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

// ---- Weights: eight stored values at any alignment, widened ----

INLINE V NAME(widen8)(int type, const uint8_t *p) {
  switch (type) {
    case INGOT_WEIGHT_F32: {
      u32x8 bits;
      __builtin_memcpy(&bits, p, 32);
      return __builtin_convertvector((f32x8)bits, V);
    }
    case INGOT_WEIGHT_F16: {
      u16x8 bits;
      __builtin_memcpy(&bits, p, 16);
      return __builtin_convertvector(half_to_float8(bits), V);
    }
    case INGOT_WEIGHT_BF16: {
      u16x8 bits;
      __builtin_memcpy(&bits, p, 16);
      return __builtin_convertvector((f32x8)(__builtin_convertvector(bits, u32x8) << 16), V);
    }
    case INGOT_WEIGHT_F64: {
      f64x8 values;
      __builtin_memcpy(&values, p, 64);
      return __builtin_convertvector(values, V);
    }
    default: {
      i8x8 values;
      __builtin_memcpy(&values, p, 8);
      return __builtin_convertvector(values, V);
    }
  }
}

INLINE V NAME(widen_some)(int type, const uint8_t *p, size_t count) {
  uint8_t buffer[64] = {0};
  __builtin_memcpy(buffer, p, count * weight_size(type));
  return NAME(widen8)(type, buffer);
}

static void NAME(widen)(int type, const uint8_t *p, size_t count, REAL *out) {
  size_t size = weight_size(type), i = 0;
  for (; i + 8 <= count; i += 8) NAME(store)(out + i, NAME(widen8)(type, p + i * size));
  if (i < count) {
    V rest = NAME(widen_some)(type, p + i * size, count - i);
    for (size_t j = 0; i + j < count; j++) out[i + j] = rest[j];
  }
}

// ---- Packing: panel[k][16], columns beyond the matrix are zero ----

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

INLINE void NAME(pack_output_major)(int type, const ingot_product *p, size_t column, REAL *panel) {
  size_t size = weight_size(type);
  const uint8_t *weights = p->weights;
  for (size_t half = 0; half < 2; half++) {
    size_t first = column + 8 * half;
    size_t present = first >= p->outputs ? 0 : (p->outputs - first < 8 ? p->outputs - first : 8);
    REAL *out = panel + 8 * half;
    for (size_t k = 0; k < p->inputs; k += 8) {
      size_t count = p->inputs - k < 8 ? p->inputs - k : 8;
      V rows[8];
      for (size_t j = 0; j < 8; j++) {
        const uint8_t *source = weights + ((first + j) * p->weight_stride + k) * size;
        if (j >= present) rows[j] = NAME(splat)(0);
        else rows[j] = count == 8 ? NAME(widen8)(type, source) : NAME(widen_some)(type, source, count);
      }
      NAME(transpose8)(rows);
      for (size_t i = 0; i < count; i++) NAME(store)(out + (k + i) * INGOT_PANEL, rows[i]);
    }
  }
}

INLINE void NAME(pack_input_major)(int type, const ingot_product *p, size_t column, REAL *panel) {
  size_t size = weight_size(type);
  const uint8_t *weights = p->weights;
  for (size_t half = 0; half < 2; half++) {
    size_t first = column + 8 * half;
    size_t present = first >= p->outputs ? 0 : (p->outputs - first < 8 ? p->outputs - first : 8);
    for (size_t k = 0; k < p->inputs; k++) {
      const uint8_t *source = weights + (k * p->weight_stride + first) * size;
      V row = present == 8 ? NAME(widen8)(type, source)
              : present == 0 ? NAME(splat)(0) : NAME(widen_some)(type, source, present);
      NAME(store)(panel + k * INGOT_PANEL + 8 * half, row);
    }
  }
}

// The stored type becomes a constant in each branch, so that the packing loops are specialised for it.
static void NAME(pack)(const ingot_product *p, size_t column, REAL *panel) {
#define PACK(type)                                                                                   \
  case type:                                                                                         \
    if (p->weight_layout == INGOT_OUTPUT_MAJOR) NAME(pack_output_major)(type, p, column, panel);     \
    else NAME(pack_input_major)(type, p, column, panel);                                             \
    break
  switch (p->weight_type) {
    PACK(INGOT_WEIGHT_F32);
    PACK(INGOT_WEIGHT_F16);
    PACK(INGOT_WEIGHT_BF16);
    PACK(INGOT_WEIGHT_F64);
    PACK(INGOT_WEIGHT_I8);
  }
#undef PACK
}

// ---- Activations ----

#if BITS == 32

// e^x: x = n ln 2 + r with |r| <= ln 2 / 2, a polynomial of degree 7 in r, then 2^n in two steps so that results near the ends
// of the range round once. The quotient is rounded by adding and subtracting 1.5 * 2^23. Below -104 gives 0, above 89 infinity.
INLINE V NAME(exp)(V x) {
  const V low = NAME(splat)(-104.0f), high = NAME(splat)(89.0f), magic = NAME(splat)(12582912.0f);
  V clamped = NAME(select)(x < low, low, x);
  clamped = NAME(select)(clamped > high, high, clamped);
  V n = NAME(fma)(clamped, NAME(splat)(1.44269504f), magic) - magic;
  V r = NAME(fma)(n, NAME(splat)(-0.693145752f), clamped);
  r = NAME(fma)(n, NAME(splat)(-1.42860677e-6f), r);
  V y = NAME(splat)(1.98412698e-4f);
  y = NAME(fma)(y, r, NAME(splat)(1.38888889e-3f));
  y = NAME(fma)(y, r, NAME(splat)(8.33333333e-3f));
  y = NAME(fma)(y, r, NAME(splat)(4.16666667e-2f));
  y = NAME(fma)(y, r, NAME(splat)(1.66666667e-1f));
  y = NAME(fma)(y, r, NAME(splat)(0.5f));
  y = NAME(fma)(y, r, NAME(splat)(1.0f));
  y = NAME(fma)(y, r, NAME(splat)(1.0f));
  i32x8 power = __builtin_convertvector(n, i32x8);
  i32x8 first = power >> 1;
  i32x8 second = power - first;
  V a = (V)((first + 127) << 23), b = (V)((second + 127) << 23);
  y = (y * a) * b;
  return NAME(select)(x != x, x, y);
}

// The error function, by two polynomials that meet at 475/512: in x below, of the logarithm of erfc above.
INLINE V NAME(erf)(V x) {
  V t = __builtin_elementwise_abs(x), s = x * x;
  V r = NAME(fma)(NAME(splat)(-1.72853470e-5f), t, NAME(splat)(3.83197126e-4f));
  V u = NAME(fma)(NAME(splat)(-3.88396438e-3f), t, NAME(splat)(2.42546219e-2f));
  r = NAME(fma)(r, s, u);
  r = NAME(fma)(r, t, NAME(splat)(-1.06777877e-1f));
  r = NAME(fma)(r, t, NAME(splat)(-6.34846687e-1f));
  r = NAME(fma)(r, t, NAME(splat)(-1.28717512e-1f));
  r = NAME(fma)(r, t, -t);
  V far = NAME(splat)(1.0f) - NAME(exp)(r);
  far = NAME(select)(x < NAME(splat)(0), -far, far);
  V near = NAME(splat)(-5.96761703e-4f);
  near = NAME(fma)(near, s, NAME(splat)(4.99119423e-3f));
  near = NAME(fma)(near, s, NAME(splat)(-2.67681349e-2f));
  near = NAME(fma)(near, s, NAME(splat)(1.12819925e-1f));
  near = NAME(fma)(near, s, NAME(splat)(-3.76125336e-1f));
  near = NAME(fma)(near, s, NAME(splat)(1.28379166e-1f));
  near = NAME(fma)(near, x, x);
  // Beyond 4 the result is 1 to the last bit, and the polynomial above is no longer needed.
  V sign = NAME(select)(x < NAME(splat)(0), NAME(splat)(-1.0f), NAME(splat)(1.0f));
  far = NAME(select)(t > NAME(splat)(4.0f), sign, far);
  V y = NAME(select)(t > NAME(splat)(0.927734375f), far, near);
  return NAME(select)(x != x, x, y);
}

#else

// The float64 path is a reference: it takes the C library's functions.
INLINE V NAME(exp)(V x) {
  V y;
  for (int i = 0; i < 8; i++) y[i] = exp(x[i]);
  return y;
}

INLINE V NAME(erf)(V x) {
  V y;
  for (int i = 0; i < 8; i++) y[i] = erf(x[i]);
  return y;
}

#endif

INLINE V NAME(activation)(int kind, V x) {
  const V one = NAME(splat)(1);
  switch (kind) {
    case INGOT_QUICK_GELU: return x / (one + NAME(exp)(x * NAME(splat)((REAL)-1.702)));
    case INGOT_GELU:
      return (x * NAME(splat)((REAL)0.5)) * (one + NAME(erf)(x * NAME(splat)((REAL)0.70710678118654752440)));
    case INGOT_GELU_TANH: {
      // 0.5 x (1 + tanh u) is x times the sigmoid of 2u; 1.5957691216057308 is 2 sqrt(2 / pi).
      V inner = x + (x * x * x) * NAME(splat)((REAL)0.044715);
      return x / (one + NAME(exp)(inner * NAME(splat)((REAL)-1.5957691216057308)));
    }
    case INGOT_SILU: return x / (one + NAME(exp)(x * NAME(splat)((REAL)-1.0)));
    case INGOT_RELU: return NAME(select)(x <= NAME(splat)(0), NAME(splat)(0), x);
    default: return x;
  }
}

static void NAME(activate)(int kind, const REAL *x, REAL *out, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) NAME(store)(out + i, NAME(activation)(kind, NAME(load)(x + i)));
  if (i < count) {
    V rest = NAME(splat)(0);
    for (size_t j = 0; i + j < count; j++) rest[j] = x[i + j];
    rest = NAME(activation)(kind, rest);
    for (size_t j = 0; i + j < count; j++) out[i + j] = rest[j];
  }
}

// ---- Product ----

// Continues the sums of ROWS x 16 outputs over `depth` inputs. `first` says that they start from zero.
#define TILE(ROWS)                                                                                             \
  static void NAME(tile##ROWS)(const REAL *a, size_t a_stride, const REAL *panel, size_t depth, int first,     \
                               REAL *sums) {                                                                   \
    V c[ROWS][2];                                                                                              \
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                         \
      c[r][0] = first ? NAME(splat)(0) : NAME(load)(sums + r * INGOT_PANEL);                                   \
      c[r][1] = first ? NAME(splat)(0) : NAME(load)(sums + r * INGOT_PANEL + 8);                               \
    }                                                                                                          \
    for (size_t k = 0; k < depth; k++) {                                                                       \
      V b0 = NAME(load)(panel + k * INGOT_PANEL), b1 = NAME(load)(panel + k * INGOT_PANEL + 8);                \
      _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                       \
        V x = NAME(splat)(a[(size_t)r * a_stride + k]);                                                        \
        c[r][0] = NAME(fma)(x, b0, c[r][0]);                                                                   \
        c[r][1] = NAME(fma)(x, b1, c[r][1]);                                                                   \
      }                                                                                                        \
    }                                                                                                          \
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                         \
      NAME(store)(sums + r * INGOT_PANEL, c[r][0]);                                                            \
      NAME(store)(sums + r * INGOT_PANEL + 8, c[r][1]);                                                        \
    }                                                                                                          \
  }
TILE(1)
TILE(2)
TILE(3)
#if TILE_ROWS == 6
TILE(4)
TILE(5)
TILE(6)
#endif
#undef TILE

INLINE void NAME(tile)(size_t rows, const REAL *a, size_t a_stride, const REAL *panel, size_t depth, int first,
                              REAL *sums) {
  switch (rows) {
    case 1: NAME(tile1)(a, a_stride, panel, depth, first, sums); break;
    case 2: NAME(tile2)(a, a_stride, panel, depth, first, sums); break;
    case 3: NAME(tile3)(a, a_stride, panel, depth, first, sums); break;
#if TILE_ROWS == 6
    case 4: NAME(tile4)(a, a_stride, panel, depth, first, sums); break;
    case 5: NAME(tile5)(a, a_stride, panel, depth, first, sums); break;
    case 6: NAME(tile6)(a, a_stride, panel, depth, first, sums); break;
#endif
  }
}

static void NAME(finish)(const ingot_product *p, size_t row, size_t rows, size_t column, const REAL *sums) {
  size_t columns = p->outputs - column < INGOT_PANEL ? p->outputs - column : INGOT_PANEL;
  const REAL *scale = p->scale, *bias = p->bias, *residual = p->residual;
  V scales[2], biases[2];
  REAL padded[INGOT_PANEL];
  for (size_t h = 0; h < 2; h++) {
    scales[h] = NAME(splat)(1);
    biases[h] = NAME(splat)(0);
    for (size_t j = 8 * h; j < 8 * h + 8 && j < columns; j++) {
      if (scale) scales[h][j - 8 * h] = scale[column + j];
      if (bias) biases[h][j - 8 * h] = bias[column + j];
    }
  }
  for (size_t r = 0; r < rows; r++) {
    REAL *out = (REAL *)p->c + (row + r) * p->c_stride + column;
    const REAL *added = residual ? residual + (row + r) * p->residual_stride + column : 0;
    for (int h = 0; h < 2; h++) {
      V y = NAME(load)(sums + r * INGOT_PANEL + 8 * h);
      if (scale) y = y * scales[h];
      if (bias) y = y + biases[h];
      y = NAME(activation)(p->activation, y);
      if (columns == INGOT_PANEL) {
        if (added) y = NAME(load)(added + 8 * h) + y;
        NAME(store)(out + 8 * h, y);
      } else {
        NAME(store)(padded + 8 * h, y);
      }
    }
    if (columns < INGOT_PANEL) {
      for (size_t j = 0; j < columns; j++) out[j] = added ? added[j] + padded[j] : padded[j];
    }
  }
}

// Scratch: GROUP packed panels, then the sums of ROW_BLOCK rows of GROUP panels.
static void NAME(product)(const ingot_product *p, size_t row_begin, size_t row_end, size_t panel_begin,
                          size_t panel_end, REAL *scratch) {
  REAL *sums = scratch + GROUP * p->inputs * INGOT_PANEL;
  for (size_t group = panel_begin; group < panel_end; group += GROUP) {
    size_t panels = panel_end - group < GROUP ? panel_end - group : GROUP;
    for (size_t i = 0; i < panels; i++) NAME(pack)(p, (group + i) * INGOT_PANEL, scratch + i * p->inputs * INGOT_PANEL);
    for (size_t block = row_begin; block < row_end; block += ROW_BLOCK) {
      size_t block_rows = row_end - block < ROW_BLOCK ? row_end - block : ROW_BLOCK;
      // An empty sum is zero, so one pass is made even where there are no inputs.
      for (size_t k = 0; k == 0 || k < p->inputs; k += DEPTH_BLOCK) {
        size_t depth = p->inputs - k < DEPTH_BLOCK ? p->inputs - k : DEPTH_BLOCK;
        for (size_t r = 0; r < block_rows; r += TILE_ROWS) {
          size_t rows = block_rows - r < TILE_ROWS ? block_rows - r : TILE_ROWS;
          const REAL *a = (const REAL *)p->a + (block + r) * p->a_stride + k;
          for (size_t i = 0; i < panels; i++) {
            NAME(tile)(rows, a, p->a_stride, scratch + (i * p->inputs + k) * INGOT_PANEL, depth, k == 0,
                       sums + (i * ROW_BLOCK + r) * INGOT_PANEL);
          }
        }
      }
      for (size_t i = 0; i < panels; i++) {
        NAME(finish)(p, block, block_rows, (group + i) * INGOT_PANEL, sums + i * ROW_BLOCK * INGOT_PANEL);
      }
    }
  }
}

// ---- Row reductions: element c goes to lane c mod 8, lanes are added by sum8 ----

INLINE V NAME(tail)(const REAL *x, size_t count) {
  V y = NAME(splat)(0);
  for (size_t j = 0; j < count; j++) y[j] = x[j];
  return y;
}

static void NAME(layer_norm)(const REAL *x, REAL *out, const REAL *gain, const REAL *bias, size_t rows, size_t width,
                             REAL epsilon) {
  size_t whole = width & ~(size_t)7;
  for (size_t r = 0; r < rows; r++, x += width, out += width) {
    V sum = NAME(splat)(0);
    for (size_t c = 0; c < whole; c += 8) sum = sum + NAME(load)(x + c);
    if (whole < width) sum = sum + NAME(tail)(x + whole, width - whole);
    REAL mean = NAME(sum8)(sum) / (REAL)width;
    V means = NAME(splat)(mean), squares = NAME(splat)(0);
    for (size_t c = 0; c < whole; c += 8) {
      V d = NAME(load)(x + c) - means;
      squares = NAME(fma)(d, d, squares);
    }
    if (whole < width) {
      V d = NAME(tail)(x + whole, width - whole) - means;
      for (size_t j = width - whole; j < 8; j++) d[j] = 0;
      squares = NAME(fma)(d, d, squares);
    }
    REAL variance = NAME(sum8)(squares) / (REAL)width;
    REAL factor = (REAL)1 / SQRT(variance + epsilon);
    V factors = NAME(splat)(factor);
    for (size_t c = 0; c < whole; c += 8) {
      V y = (NAME(load)(x + c) - means) * factors;
      NAME(store)(out + c, NAME(fma)(y, NAME(load)(gain + c), NAME(load)(bias + c)));
    }
    if (whole < width) {
      size_t rest = width - whole;
      V y = (NAME(tail)(x + whole, rest) - means) * factors;
      y = NAME(fma)(y, NAME(tail)(gain + whole, rest), NAME(tail)(bias + whole, rest));
      for (size_t j = 0; j < rest; j++) out[whole + j] = y[j];
    }
  }
}

static void NAME(l2_normalize)(const REAL *x, REAL *out, size_t rows, size_t width) {
  size_t whole = width & ~(size_t)7;
  for (size_t r = 0; r < rows; r++, x += width, out += width) {
    V squares = NAME(splat)(0);
    for (size_t c = 0; c < whole; c += 8) squares = NAME(fma)(NAME(load)(x + c), NAME(load)(x + c), squares);
    V rest = NAME(tail)(x + whole, width - whole);
    squares = NAME(fma)(rest, rest, squares);
    REAL length = SQRT(NAME(sum8)(squares));
    for (size_t c = 0; c < width; c++) out[c] = x[c] / length;
  }
}

// Softmax of scale * x[0 ..< visible]; the rest of the row becomes zero.
static void NAME(softmax_row)(REAL *x, size_t width, size_t visible, REAL scale) {
  REAL largest = x[0] * scale;
  for (size_t c = 0; c < visible; c++) {
    x[c] = x[c] * scale;
    largest = x[c] > largest ? x[c] : largest;
  }
  size_t whole = visible & ~(size_t)7;
  V tops = NAME(splat)(largest), sum = NAME(splat)(0);
  for (size_t c = 0; c < whole; c += 8) {
    V e = NAME(exp)(NAME(load)(x + c) - tops);
    NAME(store)(x + c, e);
    sum = sum + e;
  }
  if (whole < visible) {
    V e = NAME(exp)(NAME(tail)(x + whole, visible - whole) - tops);
    for (size_t j = visible - whole; j < 8; j++) e[j] = 0;
    for (size_t j = 0; whole + j < visible; j++) x[whole + j] = e[j];
    sum = sum + e;
  }
  REAL total = NAME(sum8)(sum);
  for (size_t c = 0; c < visible; c++) x[c] = x[c] / total;
  for (size_t c = visible; c < width; c++) x[c] = 0;
}

// Scratch: the scores of one head, then the product's own.
static void NAME(attention)(const ingot_attention *p, size_t begin, size_t end, REAL *scratch) {
  REAL *scores = scratch, *rest = scratch + p->queries * p->keys;
  REAL scale = (REAL)1 / SQRT((REAL)p->head_width);
  size_t key_panels = (p->keys + INGOT_PANEL - 1) / INGOT_PANEL;
  size_t value_panels = (p->head_width + INGOT_PANEL - 1) / INGOT_PANEL;
  for (size_t item = begin; item < end; item++) {
    size_t sequence = item / p->heads, column = item % p->heads * p->head_width;
    ingot_product qk = {
        .a = (const REAL *)p->q + sequence * p->q_batch + column, .a_stride = p->q_stride,
        .weights = (const REAL *)p->k + sequence * p->kv_batch + column, .weight_stride = p->kv_stride,
        .weight_type = REAL_WEIGHT, .weight_layout = INGOT_OUTPUT_MAJOR,
        .inputs = p->head_width, .outputs = p->keys, .c = scores, .c_stride = p->keys};
    NAME(product)(&qk, 0, p->queries, 0, key_panels, rest);
    for (size_t t = 0; t < p->queries; t++) {
      NAME(softmax_row)(scores + t * p->keys, p->keys, p->causal ? t + 1 : p->keys, scale);
    }
    ingot_product av = {
        .a = scores, .a_stride = p->keys,
        .weights = (const REAL *)p->v + sequence * p->kv_batch + column, .weight_stride = p->kv_stride,
        .weight_type = REAL_WEIGHT, .weight_layout = INGOT_INPUT_MAJOR,
        .inputs = p->keys, .outputs = p->head_width,
        .c = (REAL *)p->out + sequence * p->out_batch + column, .c_stride = p->out_stride};
    NAME(product)(&av, 0, p->queries, 0, value_panels, rest);
  }
}

// ---- Images, channels last ----

static void NAME(gather_windows)(const ingot_windows *p, size_t begin, size_t end, REAL *out) {
  size_t area = p->kernel * p->kernel;
  for (size_t window = begin; window < end; window++, out += area * p->channels) {
    for (size_t i = 0; i < p->kernel; i++) {
      for (size_t j = 0; j < p->kernel; j++) {
        // Positions in the padded image; the image starts at `padding`.
        size_t y = window / p->output_width * p->stride + i, x = window % p->output_width * p->stride + j;
        REAL *target = out + i * p->kernel + j;
        if (y < p->padding || y - p->padding >= p->height || x < p->padding || x - p->padding >= p->width) {
          for (size_t c = 0; c < p->channels; c++) target[c * area] = 0;
        } else {
          const REAL *source = (const REAL *)p->image + ((y - p->padding) * p->width + x - p->padding) * p->channels;
          for (size_t c = 0; c < p->channels; c++) target[c * area] = source[c];
        }
      }
    }
  }
}

static void NAME(average_pool)(const REAL *image, size_t height, size_t width, size_t channels, size_t size,
                               REAL *out) {
  size_t rows = height / size, columns = width / size;
  REAL count = (REAL)(size * size);
  for (size_t y = 0; y < rows; y++) {
    for (size_t x = 0; x < columns; x++) {
      for (size_t c = 0; c < channels; c++) {
        REAL sum = 0;
        for (size_t i = 0; i < size; i++) {
          for (size_t j = 0; j < size; j++) sum += image[((y * size + i) * width + x * size + j) * channels + c];
        }
        *out++ = sum / count;
      }
    }
  }
}

#include "conversion.inc.h"

#undef V
#undef VU
#undef M
