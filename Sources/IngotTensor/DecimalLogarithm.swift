// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The logarithm to base 10, for figures in reports.
func decimalLogarithm(_ x: Double) -> Double {
  log10(x)
}
