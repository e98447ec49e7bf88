// SPDX-License-Identifier: Apache-2.0

internal import CIngotSystem

extension Double {
  /// The number with so many significant digits at most, as C's `%.Ng` has it: `0.0123`, `1.5e+03`.
  public func text(digits: Int) -> String { printed("g", digits) }

  /// The number with so many decimals, as C's `%.Nf` has it: `0.50`.
  public func text(decimals: Int) -> String { printed("f", decimals) }

  /// The number as a power of ten with so many decimals, as C's `%.Ne` has it: `1.50e-03`.
  public func text(scientific decimals: Int) -> String { printed("e", decimals) }

  private func printed(_ conversion: Unicode.Scalar, _ precision: Int) -> String {
    precondition(precision >= 0 && precision <= 100, "0 to 100 digits")
    // The largest finite number has 309 digits before its point.
    var bytes = [UInt8](repeating: 0, count: 512)
    // SAFETY: at most the bytes of the array are written.
    let count = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe ingot_print_double(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
        CChar(truncatingIfNeeded: conversion.value), Int32(precision), self)
    }
    return String(decoding: bytes.prefix(Swift.max(0, Int(count))), as: UTF8.self)
  }
}

extension String {
  /// The text with spaces before it, so that it has at least so many characters.
  public func padded(left width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}
