// SPDX-License-Identifier: Apache-2.0
//
// Logistic regression: from scores to losses, and the gradient's sums over rows. float32 only.

// ---- Rows ----

// The natural logarithm of a number that is 1 or more: x = m 2^e with m within [sqrt(1/2), sqrt(2)], and the series of the inverse
// hyperbolic tangent of (m - 1) / (m + 1), at most 0.172: its eleven terms leave 1e-18.
INLINE double NAME(logarithm)(double x) {
  if (!(x < (double)INFINITY)) return x;
  union {
    double number;
    uint64_t bits;
  } u = {x};
  int64_t exponent = (int64_t)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
  if (u.number > 1.4142135623730951) {
    u.number *= 0.5;
    exponent += 1;
  }
  double s = (u.number - 1) / (u.number + 1), square = s * s, sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return (double)exponent * 0.69314718055994531 + 2 * s * sum;
}

static void NAME(regression_softmax)(const ingot_regression *p, size_t begin, size_t end) {
  size_t classes = p->classes, rest = classes & 7;
  const V lowest = NAME(splat)(-INFINITY);
  M inside = {0, 1, 2, 3, 4, 5, 6, 7};
  M last = inside < (M){(int32_t)rest, (int32_t)rest, (int32_t)rest, (int32_t)rest, (int32_t)rest, (int32_t)rest, (int32_t)rest, (int32_t)rest};
  for (size_t r = begin; r < end; r++) {
    float *z = p->scores + r * p->score_stride;
    int32_t label = p->labels[r];
    if (label < 0) {
      for (size_t c = 0; c < classes; c++) z[c] = 0;
      p->row_losses[r] = 0;
      continue;
    }
    // Places beyond the classes hold what cannot be the largest, and becomes zero.
    if (rest) NAME(store)(z + classes - rest, NAME(select)(last, NAME(load)(z + classes - rest), lowest));
    V most = lowest;
    for (size_t c = 0; c < classes; c += 8) {
      V x = NAME(load)(z + c);
      most = NAME(select)(x > most, x, most);
    }
    float top = most[0];
    for (int i = 1; i < 8; i++) top = most[i] > top ? most[i] : top;
    float own = z[label];
    V tops = NAME(splat)(top), sum = NAME(splat)(0);
    for (size_t c = 0; c < classes; c += 8) {
      V e = NAME(exp)(NAME(load)(z + c) - tops);
      NAME(store)(z + c, e);
      sum = sum + e;
    }
    float total = NAME(sum8)(sum);
    V totals = NAME(splat)(total);
    for (size_t c = 0; c < classes; c += 8) NAME(store)(z + c, NAME(load)(z + c) / totals);
    z[label] -= 1;
    p->row_losses[r] = NAME(logarithm)(total) + ((double)top - (double)own);
  }
}

// ---- The gradient: CLASSES x four vectors of sums in registers, over rows that lie in the cache ----

// Rows that are summed in float32 before they are added to the float64 sums.
enum { NAME(gradient_rows) = 256 };
#define GRADIENT_VECTORS 4
#define GRADIENT_COLUMNS (GRADIENT_VECTORS * LANES)
#if LANES == 16
#define GRADIENT_CLASSES 5
#else
#define GRADIENT_CLASSES 3
#endif

#define GRADIENT(CLASSES)                                                                                           \
  static void NAME(gradient_##CLASSES)(const float *x, size_t x_stride, const float *p, size_t p_stride, size_t rows, \
                                       float *sums) {                                                                \
    NAME(wide) c[CLASSES][GRADIENT_VECTORS];                                                                         \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < CLASSES; i++) {                                           \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < GRADIENT_VECTORS; v++) c[i][v] = (NAME(wide)){0};       \
    }                                                                                                                \
    for (size_t r = 0; r < rows; r++, x += x_stride, p += p_stride) {                                                \
      NAME(wide) share[CLASSES];                                                                                     \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CLASSES; i++) share[i] = p[i] - (NAME(wide)){0};        \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < GRADIENT_VECTORS; v++) {                                \
        NAME(wide) feature = *(const NAME(wideu) *)(x + v * LANES);                                                  \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < CLASSES; i++) {                                       \
          c[i][v] = __builtin_elementwise_fma(share[i], feature, c[i][v]);                                           \
        }                                                                                                            \
      }                                                                                                              \
    }                                                                                                                \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < CLASSES; i++) {                                           \
      _Pragma("clang loop unroll(full)") for (int v = 0; v < GRADIENT_VECTORS; v++) {                                \
        *(NAME(wideu) *)(sums + i * GRADIENT_COLUMNS + v * LANES) = c[i][v];                                         \
      }                                                                                                              \
    }                                                                                                                \
  }
GRADIENT(1)
GRADIENT(2)
GRADIENT(3)
#if GRADIENT_CLASSES == 5
GRADIENT(4)
GRADIENT(5)
#endif
#undef GRADIENT

typedef void (*NAME(gradient))(const float *, size_t, const float *, size_t, size_t, float *);
static const NAME(gradient) NAME(gradients)[] = {
    0, NAME(gradient_1), NAME(gradient_2), NAME(gradient_3),
#if GRADIENT_CLASSES == 5
    NAME(gradient_4), NAME(gradient_5),
#endif
};

// Eight columns or fewer, of one class.
static void NAME(gradient_narrow)(const float *x, size_t x_stride, const float *p, size_t p_stride, size_t rows,
                                  size_t columns, float *sums) {
  V c = NAME(splat)(0);
  for (size_t r = 0; r < rows; r++) {
    c = NAME(fma)(NAME(splat)(p[r * p_stride]), NAME(load_some)(x + r * x_stride, columns), c);
  }
  NAME(store_some)(sums, c, columns);
}

static void NAME(regression_gradient)(const ingot_regression *p, size_t rows, size_t begin, size_t end) {
  float sums[GRADIENT_CLASSES * GRADIENT_COLUMNS];
  size_t groups = (p->classes + GRADIENT_CLASSES - 1) / GRADIENT_CLASSES;
  for (size_t first = 0; first < rows; first += NAME(gradient_rows)) {
    size_t count = rows - first < NAME(gradient_rows) ? rows - first : NAME(gradient_rows);
    for (size_t column = begin; column < end;) {
      const float *x = p->x + first * p->width + column;
      if (end - column >= GRADIENT_COLUMNS) {
        for (size_t g = 0; g < groups; g++) {
          size_t c = p->classes * g / groups, classes = p->classes * (g + 1) / groups - c;
          NAME(gradients)[classes](x, p->width, p->scores + first * p->score_stride + c, p->score_stride, count, sums);
          for (size_t i = 0; i < classes; i++) {
            double *out = p->gradient + (c + i) * p->width + column;
            for (size_t j = 0; j < GRADIENT_COLUMNS; j++) out[j] += (double)sums[i * GRADIENT_COLUMNS + j];
          }
        }
        column += GRADIENT_COLUMNS;
      } else {
        size_t columns = end - column < 8 ? end - column : 8;
        for (size_t c = 0; c < p->classes; c++) {
          NAME(gradient_narrow)(x, p->width, p->scores + first * p->score_stride + c, p->score_stride, count, columns, sums);
          double *out = p->gradient + c * p->width + column;
          for (size_t j = 0; j < columns; j++) out[j] += (double)sums[j];
        }
        column += columns;
      }
    }
  }
}

#undef GRADIENT_VECTORS
#undef GRADIENT_COLUMNS
#undef GRADIENT_CLASSES
