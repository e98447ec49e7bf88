// SPDX-License-Identifier: Apache-2.0

import Glibc

/// e to the power of a number, for figures in reports.
func exponential(_ x: Double) -> Double { exp(x) }
