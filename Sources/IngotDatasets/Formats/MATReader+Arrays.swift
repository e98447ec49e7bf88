// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension MATReader {
  /// Arrays within arrays may be nested so deep.
  private static let deepest = 32
  /// An array has at most so many dimensions.
  private static let mostDimensions = 32
  /// A field's name has at most so many bytes.
  private static let longestField = 256
  /// One for all, as a file may hold millions of them.
  private static let nothing = MATValue.numbers(shape: [0, 0], values: [])

  /// The classes of arrays; raw values are those of the format.
  private enum ArrayClass: UInt8 {
    case cell = 1
    case structure, object, character, sparse, double, single, int8, uint8, int16, uint16, int32, uint32, int64, uint64
    case function, opaque
  }

  /// The variable of a top-level element; `nil` for one without a name, in which MATLAB keeps data of its own.
  func variable(in element: Element) throws(CheckpointError) -> (name: String, value: MATValue)? {
    let (name, value) = try array(in: element, depth: 0)
    return name.isEmpty ? nil : (name, value)
  }

  /// The array of an element.
  private func array(in element: Element, depth: Int) throws(CheckpointError) -> (name: String, value: MATValue) {
    guard depth < Self.deepest else {
      throw fault(.limit, at: element.range.lowerBound, "arrays are nested more than \(Self.deepest) deep")
    }
    // An array of nothing at all.
    if element.range.isEmpty { return ("", Self.nothing) }
    var inner = reader(of: element)
    let flags = try words(of: try inner.element(.uint32, what: "an array's flags"), what: "an array's flags")
    guard flags.count == 2 else {
      throw fault(.malformed, at: element.range.lowerBound, "an array's flags are \(flags.count) words, expected 2")
    }
    let code = UInt8(truncatingIfNeeded: flags[0])
    guard let kind = ArrayClass(rawValue: code) else {
      throw fault(.malformed, at: element.range.lowerBound, "an array is of class \(code), which is not known")
    }
    // Objects of new classes have no shape.
    if kind == .opaque { return ("", .unread("opaque")) }
    let (shape, count) = try inner.shape()
    let nameElement = try inner.element(.int8, .uint8, .utf8, what: "an array's name")
    guard let name = bytes(of: nameElement).utf8String() else {
      throw fault(.malformed, at: nameElement.range.lowerBound, "an array's name is not UTF-8")
    }
    switch kind {
    case .cell:
      return (name, .cells(shape: shape, values: try inner.arrays(count, depth: depth)))
    case .structure:
      return (name, try inner.structures(shape, count, depth: depth))
    case .character:
      return (name, try inner.characters(shape, count))
    case .object, .sparse, .function, .opaque:
      return (name, .unread("\(kind)"))
    case .double, .single, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64:
      guard flags[0] & 0x800 == 0 else { return (name, .unread("complex \(kind)")) }
      let data = try inner.element()
      let values = try numbers(of: data)
      guard values.count == count else {
        throw fault(
          .malformed, at: data.range.lowerBound,
          "`\(name)` has \(values.count) numbers, its shape \(shape) needs \(count)")
      }
      return (name, .numbers(shape: shape, values: values))
    }
  }

  @_lifetime(self: copy self)
  private mutating func shape() throws(CheckpointError) -> (shape: [Int], count: Int) {
    let element = try element(.int32, what: "an array's shape")
    let shape = try words(of: element, what: "an array's shape").map { Int(Int32(bitPattern: $0)) }
    guard shape.count >= 2, shape.count <= Self.mostDimensions, let count = Int.product(shape) else {
      throw fault(.malformed, at: element.range.lowerBound, "an array's shape is \(shape.prefix(Self.mostDimensions))")
    }
    return (shape, count)
  }

  /// The next arrays; an array has at least a tag of eight bytes.
  @_lifetime(self: copy self)
  private mutating func arrays(_ count: Int, depth: Int) throws(CheckpointError) -> [MATValue] {
    guard count <= remaining / 8 else {
      throw fault(.truncated, "\(count) arrays are announced, \(remaining) bytes left")
    }
    var values: [MATValue] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      values.append(try array(in: try element(.matrix, what: "an array in an array"), depth: depth + 1).value)
    }
    return values
  }

  @_lifetime(self: copy self)
  private mutating func structures(
    _ shape: [Int], _ count: Int, depth: Int
  ) throws(CheckpointError) -> MATValue {
    let lengths = try words(
      of: try element(.int32, what: "the length of field names"), what: "the length of field names")
    guard lengths.count == 1, let length = Int(exactly: lengths[0]), (1...Self.longestField).contains(length) else {
      throw fault(.malformed, "the length of field names is \(lengths), expected 1 to \(Self.longestField)")
    }
    let names = try element(.int8, .uint8, what: "field names")
    guard names.range.count % length == 0 else {
      throw fault(.malformed, at: names.range.lowerBound, "\(names.range.count) bytes of names of \(length) bytes each")
    }
    let text = bytes(of: names).copied()
    var fields: [String] = []
    for start in stride(from: 0, to: text.count, by: length) {
      guard let field = String(validating: text[start..<start + length].prefix { $0 != 0 }, as: UTF8.self) else {
        throw fault(.malformed, at: names.range.lowerBound + start, "a field's name is not UTF-8")
      }
      fields.append(field)
    }
    guard Set(fields).count == fields.count else {
      throw fault(.malformed, at: names.range.lowerBound, "two fields have one name")
    }
    // Structures without fields have no bytes: none are made.
    guard !fields.isEmpty else { return .structures(shape: shape, fields: [], values: []) }
    guard count <= remaining / 8 / fields.count else {
      throw fault(.truncated, "\(count) structures of \(fields.count) fields are announced, \(remaining) bytes left")
    }
    var values: [[MATValue]] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try arrays(fields.count, depth: depth)) }
    return .structures(shape: shape, fields: fields, values: values)
  }

  @_lifetime(self: copy self)
  private mutating func characters(_ shape: [Int], _ count: Int) throws(CheckpointError) -> MATValue {
    if count == 0 && isAtEnd { return .text(shape: shape, units: []) }
    let data = try element()
    let units: [UInt16]
    switch data.type {
    case .uint16, .utf16: units = try values(data, UInt16.self)
    case .int8, .uint8: units = try values(data, UInt8.self).map { UInt16($0) }
    case .utf8:
      guard let text = bytes(of: data).utf8String() else {
        throw fault(.malformed, at: data.range.lowerBound, "characters are not UTF-8")
      }
      units = Array(text.utf16)
    default: throw fault(.malformed, at: data.range.lowerBound, "characters are of type \(data.type)")
    }
    guard units.count == count else {
      throw fault(.malformed, at: data.range.lowerBound, "\(units.count) characters for the shape \(shape)")
    }
    return .text(shape: shape, units: units)
  }
}
