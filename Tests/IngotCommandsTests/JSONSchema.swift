// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Any JSON value.
enum JSONValue: Decodable, Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
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

  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var strings: [String] {
    guard case .array(let items) = self else { return [] }
    return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }
}

/// The part of JSON Schema that `Formats/*.schema.json` use; any other keyword is an error, so that none is passed over.
struct JSONSchema {
  private let root: JSONValue
  private static let known: Set = [
    "$schema", "title", "description", "$defs", "$ref", "type", "properties", "required", "additionalProperties",
    "items",
    "enum", "anyOf",
  ]

  init(contentsOf path: String) throws {
    root = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: URL(filePath: path)))
  }

  /// Where and how a document breaks the schema; empty when it does not.
  func faults(of document: JSONValue) -> [String] { faults(of: document, root, "$") }

  private func faults(of value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): no schema"] }
    var found = keywords.keys.filter { !Self.known.contains($0) }.map { "\(place): keyword \($0) is not supported" }
    if case .string(let reference)? = keywords["$ref"] {
      let name = String(reference.split(separator: "/").last ?? "")
      found += faults(of: value, root["$defs"]?[name] ?? .null, place)
    }
    if case .array(let choices)? = keywords["anyOf"] {
      let tried = choices.map { faults(of: value, $0, place) }
      if !tried.contains(where: \.isEmpty) { found += tried.min { $0.count < $1.count } ?? [] }
    }
    if case .array(let choices)? = keywords["enum"], !choices.contains(value) { found.append("\(place): \(value)") }
    if case .string(let type)? = keywords["type"], !Self.isType(value, type) {
      return found + ["\(place): \(value) is no \(type)"]
    }
    if case .object(let members) = value {
      let properties = keywords["properties"] ?? .object([:])
      for name in keywords["required"]?.strings ?? [] where members[name] == nil {
        found.append("\(place).\(name) is missing")
      }
      for (name, member) in members {
        if let property = properties[name] {
          found += faults(of: member, property, "\(place).\(name)")
        } else if keywords["additionalProperties"] == .boolean(false) {
          found.append("\(place).\(name) is not described")
        }
      }
    }
    if case .array(let items) = value, let item = keywords["items"] {
      for (number, element) in items.enumerated() { found += faults(of: element, item, "\(place)[\(number)]") }
    }
    return found
  }

  private static func isType(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"),
      (.object, "object"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }
}
