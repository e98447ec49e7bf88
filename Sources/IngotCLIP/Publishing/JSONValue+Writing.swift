// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

extension JSONValue: Encodable {
  /// Encodes a value of any form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value):
      if let whole = integer { try container.encode(whole) } else { try container.encode(value) }
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// The document as a file: two spaces a level, names sorted.
  ///
  /// - Returns: UTF-8 text.
  /// - Throws: `EncodingError` for NaN and infinity, which JSON does not have.
  public func file() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
