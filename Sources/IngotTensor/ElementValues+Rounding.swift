// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Numbers as elements of a floating-point type, each rounded to nearest even once; what is too large becomes infinite.
///
/// - Parameters:
///   - values: any numbers.
///   - type: `F16`, `BF16`, `F32` or `F64`.
/// - Returns: little-endian elements.
public func rounded(_ values: [Double], to type: ElementType) -> [UInt8] {
  precondition(type.isComputable, "a floating-point type of at least 16 bits")
  switch type {
  case .float64: return values.withRawSpan { $0.copied() }
  case .float32: return values.map { Float($0) }.withRawSpan { $0.copied() }
  default: return narrow(values.map(roundedToOdd), to: type)
  }
}

/// A number cut off after a float's last digit, which becomes odd when anything was cut off.
///
/// A float has more than two digits beyond a half or bfloat16, so that rounding it to one of these gives what rounding the number itself
/// would have given.
private func roundedToOdd(_ value: Double) -> Float {
  var single = Float(value)
  guard value.isFinite, Double(single) != value else { return single }
  if single.magnitude.isInfinite || Double(single.magnitude) > value.magnitude {
    single = value > 0 ? single.nextDown : single.nextUp
  }
  return Float(bitPattern: single.bitPattern | 1)
}
