// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The sine of the C library.
func sineOfLibrary(_ x: Double) -> Double { sin(x) }
