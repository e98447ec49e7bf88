// SPDX-License-Identifier: Apache-2.0

extension Int {
  /// The product of non-negative factors, or `nil` when one is negative or the product overflows.
  ///
  /// A zero factor gives zero whatever the others are, also where their product alone would overflow.
  @inlinable
  public static func product(_ factors: some Sequence<Int>) -> Int? {
    var result = 1
    var overflowed = false
    var isZero = false
    for factor in factors {
      if factor < 0 { return nil }
      if factor == 0 { isZero = true }
      let (value, overflow) = result.multipliedReportingOverflow(by: factor)
      if overflow { overflowed = true } else { result = value }
    }
    if isZero { return 0 }
    return overflowed ? nil : result
  }

  /// `self + other`, or `nil` on overflow.
  public func adding(_ other: Int) -> Int? {
    let (value, overflow) = addingReportingOverflow(other)
    return overflow ? nil : value
  }

  /// `self * other`, or `nil` on overflow.
  public func multiplied(by other: Int) -> Int? {
    let (value, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : value
  }

  /// The smallest multiple of `alignment` that is at least `self`, or `nil` on overflow.
  ///
  /// - Parameter alignment: a positive power of two.
  /// - Returns: the multiple.
  public func roundedUp(to alignment: Int) -> Int? {
    precondition(alignment > 0 && alignment & (alignment - 1) == 0, "alignment is a power of two")
    return adding(alignment - 1).map { $0 & ~(alignment - 1) }
  }
}
