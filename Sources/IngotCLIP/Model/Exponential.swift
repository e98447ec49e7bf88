// SPDX-License-Identifier: Apache-2.0

import Glibc

/// e to the power of `x`, as the C library computes it in float64 (correct to less than one unit in the last place).
func exponential(_ x: Double) -> Double {
  Glibc.exp(x)
}
