// SPDX-License-Identifier: Apache-2.0
//
// Activations, and the exponential function.

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

// t + low = n ln 2 + r with |r| <= ln 2 / 2: e^r - 1, by a polynomial of degree 6, and 2^n. The argument is within [-87, 88]; n is read
// off the last bits of a sum with 1.5 * 2^23 + 127.
INLINE V NAME(exp_parts)(V t, V low, V *power) {
  const V magic = NAME(splat)(12583039.0f);
  V shifted = NAME(fma)(t, NAME(splat)(1.44269504f), magic);
  *power = (V)((u32x8)shifted << 23);
  V n = shifted - magic;
  V r = NAME(fma)(n, NAME(splat)(-0.693145752f), t) + NAME(fma)(n, NAME(splat)(-1.42860677e-6f), low);
  V y = NAME(splat)(1.38145371e-3f);
  y = NAME(fma)(y, r, NAME(splat)(8.36874545e-3f));
  y = NAME(fma)(y, r, NAME(splat)(4.16683890e-2f));
  y = NAME(fma)(y, r, NAME(splat)(1.66665211e-1f));
  y = NAME(fma)(y, r, NAME(splat)(4.99999940e-1f));
  return NAME(fma)(y * r, r, r);
}

INLINE V NAME(at_least)(V x, float low) { return NAME(select)(x < NAME(splat)(low), NAME(splat)(low), x); }
INLINE V NAME(at_most)(V x, float high) { return NAME(select)(x > NAME(splat)(high), NAME(splat)(high), x); }

// x / (1 + e^(t + low)). 2^n + 1 and 2^n (e^r - 1) are added in one step; the quotient y is corrected by x - y - 2^n y - 2^n y (e^r - 1),
// so that the roundings of the sum and of the quotient do not show.
INLINE V NAME(over_one_plus_exp)(V x, V t, V low) {
  const V one = NAME(splat)(1.0f);
  V power, part = NAME(exp_parts)(t, low, &power);
  V inverse = one / NAME(fma)(power, part, one + power), y = x * inverse, scaled = y * power;
  V corrected = NAME(fma)(NAME(fma)(-scaled, part, x - scaled) - y, inverse, y);
  // Infinity would be taken from itself.
  return NAME(select)(x > NAME(splat)(3.40282347e38f), x, corrected);
}

// Arguments of exp are kept with the rounding error of their last step. Below the first number results are smaller than 2^-120 and stay
// where they are; beyond the second the divisor is 1.
INLINE V NAME(quick_gelu)(V x) {
  x = NAME(at_least)(x, -51.5f);
  V u = NAME(at_most)(x, 51.0f), factor = NAME(splat)(-1.702f), t = u * factor;
  // 1.702 is that much less than the nearest float.
  V low = NAME(fma)(u, NAME(splat)(2.19345093e-8f), NAME(fma)(u, factor, -t));
  return NAME(over_one_plus_exp)(x, t, low);
}

INLINE V NAME(silu)(V x) {
  x = NAME(at_least)(x, -87.9f);
  return NAME(over_one_plus_exp)(x, -NAME(at_most)(x, 86.9f), NAME(splat)(0));
}

// 0.5 x (1 + tanh(k (x + 0.044715 x^3))), k = sqrt(2 / pi), is x / (1 + e^t) with t = -x (2 k + 0.044715 * 2 k x^2).
INLINE V NAME(gelu_tanh)(V x) {
  x = NAME(at_least)(x, -10.0f);
  V u = NAME(at_most)(x, 10.0f), square = u * u, linear = NAME(splat)(-1.59576917f), cubic = NAME(splat)(-7.13548139e-2f);
  V product = square * cubic;
  V rest = NAME(fma)(square, cubic, -product);
  rest = NAME(fma)(NAME(fma)(u, u, -square), cubic, rest);
  rest = NAME(fma)(square, NAME(splat)(-2.39883247e-9f), rest) + NAME(splat)(4.53406805e-8f);
  // The sum of two numbers, and its rounding error.
  V sum = linear + product, moved = sum - linear;
  rest = rest + ((linear - (sum - moved)) + (product - moved));
  V t = u * sum;
  return NAME(over_one_plus_exp)(x, t, NAME(fma)(u, rest, NAME(fma)(u, sum, -t)));
}

// x Phi(x) = max(x, 0) - z Phi(-z) with z = |x|, and Phi(-z) = e^(-z^2 / 2) t P(t) with t = 1 / (1 + z / 4) and a polynomial of degree 9
// in t - 1/2.
// Each step whose rounding would show keeps its error; that of t changes t P(t) by 0.65 + 2.5 t times as much.
INLINE V NAME(gelu)(V x) {
  const V one = NAME(splat)(1.0f), half = NAME(splat)(-0.5f), quarter = NAME(splat)(0.25f);
  V z = NAME(at_most)(__builtin_elementwise_abs(x), 13.125f), square = z * z;
  V power, part = NAME(exp_parts)(square * half, NAME(fma)(z, z, -square) * half, &power);
  V u = NAME(fma)(z, quarter, one), t = one / u;
  V off = NAME(fma)(-u, t, one) - NAME(fma)(z, quarter, one - u) * t;
  V v = t + half, y = NAME(splat)(1.59584265e-2f);
  y = NAME(fma)(y, v, NAME(splat)(1.25095174e-2f));
  y = NAME(fma)(y, v, NAME(splat)(-5.04488498e-2f));
  y = NAME(fma)(y, v, NAME(splat)(-5.63092977e-2f));
  y = NAME(fma)(y, v, NAME(splat)(6.02382347e-2f));
  y = NAME(fma)(y, v, NAME(splat)(2.41618305e-1f));
  y = NAME(fma)(y, v, NAME(splat)(3.73045504e-1f));
  y = NAME(fma)(y, v, NAME(splat)(3.87136877e-1f));
  y = NAME(fma)(y, v, NAME(splat)(3.03948313e-1f));
  const V middle = NAME(splat)(1.88821286e-1f);
  V p = NAME(fma)(y, v, middle), p_rest = NAME(fma)(y, v, middle - p);
  V g = t * p, g_rest = NAME(fma)(t, p_rest, NAME(fma)(t, p, -g));
  g_rest = NAME(fma)(g * off, NAME(fma)(t, NAME(splat)(2.5f), NAME(splat)(0.65f)), g_rest);
  V h = z * g, h_rest = NAME(fma)(z, g_rest, NAME(fma)(z, g, -h));
  V rest = NAME(fma)(h, part, NAME(fma)(h_rest, part, h_rest));
  return NAME(fma)(-power, rest, NAME(fma)(-power, h, NAME(select)(x < NAME(splat)(0), NAME(splat)(0), x)));
}

#else

// The float64 path is a reference: it takes the C library's functions.
INLINE V NAME(exp)(V x) {
  V y;
  for (int i = 0; i < 8; i++) y[i] = exp(x[i]);
  return y;
}

INLINE V NAME(quick_gelu)(V x) { return x / (1 + NAME(exp)(x * -1.702)); }
INLINE V NAME(silu)(V x) { return x / (1 + NAME(exp)(-x)); }
INLINE V NAME(gelu_tanh)(V x) {
  return x / (1 + NAME(exp)((x + (x * x * x) * 0.044715) * -1.5957691216057308));
}
INLINE V NAME(gelu)(V x) {
  V y;
  for (int i = 0; i < 8; i++) y[i] = 0.5 * x[i] * erfc(x[i] * -0.70710678118654752440);
  return y;
}

#endif

INLINE V NAME(activation)(int kind, V x) {
  switch (kind) {
    case INGOT_QUICK_GELU: return NAME(quick_gelu)(x);
    case INGOT_GELU: return NAME(gelu)(x);
    case INGOT_GELU_TANH: return NAME(gelu_tanh)(x);
    case INGOT_SILU: return NAME(silu)(x);
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

#if BITS == 32
static void NAME(exp_all)(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i += 8) {
    NAME(store_some)(out + i, NAME(exp)(NAME(load_some)(x + i, count - i)), count - i);
  }
}
#endif
