// SPDX-License-Identifier: Apache-2.0
//
// The kernels, written once. Including files define:
//   REAL       float or double
//   BITS       32 or 64; INTEGER, a signed integer of that size
//   SQRT       the square root; REAL_WEIGHT the weight type that is REAL itself
//   NAME(x)    a name unique to this precision and instruction set
//   LANES      elements of the product's vectors; TILE_ROWS x 2 of them are its register tile; DEPTH_BLOCK, inputs taken at a time
//
// Vectors are of eight elements whatever the instruction set, in products of LANES: the compiler lowers them to what the target has.
// Sums follow Formats/numerics.md exactly, products as one chain of fused multiply-adds per output, reductions in eight lanes; so
// every including file computes the same bits.

#include "vectors.inc.h"
#include "widening.inc.h"
#include "functions.inc.h"
#include "rows.inc.h"
#include "reductions.inc.h"
#include "images.inc.h"
#include "product.inc.h"
#if BITS == 32
#include "integers.inc.h"
#include "regression.inc.h"
#endif
#include "attention.inc.h"
#include "conversion.inc.h"
#if BITS == 32
#include "groups.inc.h"
#endif

#undef V
#undef VU
#undef M
