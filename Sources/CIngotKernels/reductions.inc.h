// SPDX-License-Identifier: Apache-2.0
//
// Row reductions: element c goes to lane c mod 8, lanes are added by sum8.

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
