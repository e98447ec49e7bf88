// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// The numbers that stand for element types in a record: `Formats/ingot.md`, section 5.
extension ElementType {
  /// The number in a record.
  var code: UInt32 {
    switch self {
    case .bool: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .uint32: 6
    case .int32: 7
    case .uint64: 8
    case .int64: 9
    case .float16: 10
    case .bfloat16: 11
    case .float32: 12
    case .float64: 13
    case .float8E4M3: 14
    case .float8E5M2: 15
    case .complex32: 16
    case .complex64: 17
    case .complex128: 18
    case .float8E8M0: 19
    case .float8E4M3FNUZ: 20
    case .float8E5M2FNUZ: 21
    }
  }

  private static let byCode: [UInt32: ElementType] = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.code, $0) })

  /// The type that a number stands for, `nil` when there is none.
  init?(code: UInt32) {
    guard let type = Self.byCode[code] else { return nil }
    self = type
  }
}
