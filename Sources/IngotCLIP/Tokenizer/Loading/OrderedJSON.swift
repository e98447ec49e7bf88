// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A JSON document (RFC 8259) whose strings are kept as bytes.
///
/// A general reader would take strings for equal that Unicode calls equivalent, and lose members that occur twice.
enum OrderedJSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string([UInt8])
  case array([OrderedJSON])
  case object([Member])

  /// A member of an object.
  struct Member: Sendable, Equatable {
    let name: [UInt8]
    let value: OrderedJSON
  }

  /// The value of the first member of that name, `nil` when there is none or this is no object.
  subscript(_ name: StaticString) -> OrderedJSON? {
    guard case .object(let members) = self else { return nil }
    let wanted = Array(name.description.utf8)
    return members.first { $0.name == wanted }?.value
  }

  /// The text of a string.
  var text: String? {
    guard case .string(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes of a string.
  var bytes: [UInt8]? {
    guard case .string(let bytes) = self else { return nil }
    return bytes
  }

  /// The scalars of a string.
  var scalars: [Unicode.Scalar]? { text.map { Array($0.unicodeScalars) } }

  var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  var number: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }

  /// A whole number that an id may be.
  var id: Int32? {
    number.flatMap { Int32(exactly: $0) }.flatMap { (0..<Int32(Tokenizer.largestVocabulary)).contains($0) ? $0 : nil }
  }

  var array: [OrderedJSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }
}
