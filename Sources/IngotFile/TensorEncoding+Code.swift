// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// The numbers that stand for encodings in a record: `Formats/ingot.md`, section 6.
extension TensorEncoding {
  /// The number in a record.
  var code: UInt32 {
    switch self {
    case .plain: 0
    case .int8PerChannel: 1
    }
  }

  /// The axis that has scales, `nil` where the encoding has none.
  var axis: Int? {
    switch self {
    case .plain: nil
    case .int8PerChannel(let axis): axis
    }
  }

  /// The encoding that a record's fields stand for, `nil` when there is none with that number.
  init?(code: UInt32, axis: UInt32) {
    switch code {
    case 0: self = .plain
    case 1: self = .int8PerChannel(axis: Int(axis))
    default: return nil
    }
  }

  /// The encodings that this reader knows, for messages.
  static let knownCodes = "0 (plain) and 1 (int8 per channel)"

  /// Whether values of `type` can be stored this way.
  func canHold(_ type: ElementType) -> Bool {
    switch self {
    case .plain: true
    case .int8PerChannel: type.isFloatingPoint
    }
  }
}
