// SPDX-License-Identifier: Apache-2.0
//
// Activations, and the exponential and error functions they need.

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

#if BITS == 32
static void NAME(exp_all)(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i += 8) {
    NAME(store_some)(out + i, NAME(exp)(NAME(load_some)(x + i, count - i)), count - i);
  }
}

static void NAME(erf_all)(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; i += 8) {
    NAME(store_some)(out + i, NAME(erf)(NAME(load_some)(x + i, count - i)), count - i);
  }
}
#endif
