// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes

/// A JSON document of any form.
public enum JSONValue: Sendable, Hashable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number.
  case number(Double)
  /// Text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Values by name.
  case object([String: JSONValue])

  /// The largest configuration file that is read, in bytes.
  public static let largestFile = 1 << 20

  /// Parses a document.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8 text.
  ///   - name: of the file, for errors.
  /// - Throws: `limit` for a document of more than `largestFile` bytes, `malformed` when it is not JSON.
  public init(parsing bytes: [UInt8], named name: String) throws(CheckpointError) {
    guard bytes.count <= Self.largestFile else {
      throw CheckpointError(
        .limit, .clip, subject: name, "found \(bytes.count) bytes, the largest allowed is \(Self.largestFile)")
    }
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch {
      throw CheckpointError(.malformed, .clip, subject: name, "is not JSON: \(error)")
    }
  }

  /// The value under a name; `nil` when there is none, or `null`, or this is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let values) = self, let value = values[name], value != .null else { return nil }
    return value
  }

  /// The names of an object's values, sorted; none for anything else.
  public var names: [String] {
    if case .object(let values) = self { values.keys.sorted() } else { [] }
  }

  /// The text, if it is one.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, if it is one.
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The number, if it is a whole one.
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }
  /// The truth value, if it is one.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The numbers of a list of numbers.
  public var numbers: [Double]? {
    guard case .array(let values) = self else { return nil }
    let numbers = values.compactMap(\.number)
    return numbers.count == values.count ? numbers : nil
  }
}

extension JSONValue: Decodable {
  /// Decodes a value of any form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}
