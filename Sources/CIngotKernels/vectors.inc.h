// SPDX-License-Identifier: Apache-2.0
//
// Vectors of eight elements.

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
INLINE V NAME(select)(M mask, V yes, V no) { return (V)((mask & (M)yes) | (~mask & (M)no)); }
INLINE V NAME(fma)(V a, V b, V c) { return __builtin_elementwise_fma(a, b, c); }

// ((0+4)+(2+6)) + ((1+5)+(3+7))
INLINE REAL NAME(sum8)(V x) {
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

// The first `count` of eight elements; the others are zero, or left alone.
INLINE V NAME(load_some)(const REAL *p, size_t count) {
  if (count >= 8) return NAME(load)(p);
  V x = NAME(splat)(0);
  for (size_t j = 0; j < count; j++) x[j] = p[j];
  return x;
}

INLINE void NAME(store_some)(REAL *p, V x, size_t count) {
  if (count >= 8) {
    NAME(store)(p, x);
    return;
  }
  for (size_t j = 0; j < count; j++) p[j] = x[j];
}
