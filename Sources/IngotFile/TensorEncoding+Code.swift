// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// The numbers that stand for encodings in a record: `Formats/ingot.md`, section 6.
extension TensorEncoding {
  /// The number in a record.
  var code: UInt32 {
    switch self {
    case .plain: 0
    case .int8PerChannel: 1
    case .grouped(.int8, _, _): 2
    case .grouped(.int6, _, _): 3
    case .grouped(.int4, _, _): 4
    }
  }

  /// The group size in a record, 0 where the encoding has none.
  var groupSize: UInt32 {
    if case .grouped(_, _, let group) = self { UInt32(group.rawValue) } else { 0 }
  }

  /// Whether a reader must know the header's feature of groups.
  var isGrouped: Bool {
    if case .grouped = self { true } else { false }
  }

  /// The width of the integers that a number in a record stands for, where it is an encoding in groups.
  private static func groupedWidth(_ code: UInt32) -> IntegerWidth? {
    switch code {
    case 2: .int8
    case 3: .int6
    case 4: .int4
    default: nil
    }
  }

  /// Whether a number stands for an encoding.
  static func isKnown(_ code: UInt32) -> Bool { code <= 4 }

  /// The encoding that a record's fields stand for, `nil` when there is none with that number or group size.
  init?(code: UInt32, axis: UInt32, groupSize: UInt32) {
    if let width = Self.groupedWidth(code) {
      guard let group = GroupSize(rawValue: Int(groupSize)) else { return nil }
      self = .grouped(width, axis: Int(axis), group: group)
      return
    }
    guard groupSize == 0 else { return nil }
    switch code {
    case 0: self = .plain
    case 1: self = .int8PerChannel(axis: Int(axis))
    default: return nil
    }
  }

  /// The encodings that this reader knows, for messages.
  static let knownCodes = "0 (plain), 1 (int8 per channel) and 2 to 4 (int8, int6 and int4 per group)"

  /// The group sizes that an encoding may have, for messages.
  static func allowedGroups(_ code: UInt32) -> String {
    groupedWidth(code) == nil ? "0" : GroupSize.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
  }

  /// Whether values of `type` can be stored this way.
  func canHold(_ type: ElementType) -> Bool {
    switch self {
    case .plain: true
    case .int8PerChannel, .grouped: type.isFloatingPoint
    }
  }
}
