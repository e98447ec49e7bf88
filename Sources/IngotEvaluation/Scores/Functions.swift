// SPDX-License-Identifier: Apache-2.0

import Glibc

// The C library's functions, for figures in reports: nothing that must be the same to the bit everywhere.

/// e to the power of x.
func naturalPower(_ x: Double) -> Double { exp(x) }

/// The natural logarithm.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// The logarithm to base 2.
func binaryLogarithm(_ x: Double) -> Double { log2(x) }

/// 2 to the power of x.
func powerOf2(_ x: Double) -> Double { exp2(x) }

/// 10 to the power of x.
func powerOf10(_ x: Double) -> Double { pow(10, x) }
