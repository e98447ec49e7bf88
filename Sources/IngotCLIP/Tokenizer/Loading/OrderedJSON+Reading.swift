// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads a JSON document.
struct OrderedJSONReader {
  /// No tokenizer's file is nested deeper than ten.
  private static let deepest = 64

  private let bytes: [UInt8]
  private let subject: String
  private var index = 0

  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - bytes: the file's contents.
  ///   - subject: the file's name, for messages.
  /// - Returns: the document.
  /// - Throws: `malformed` when it is not UTF-8 or not JSON, `limit` when it is nested too deep.
  static func read(_ bytes: [UInt8], _ subject: String) throws(CheckpointError) -> OrderedJSON {
    var reader = OrderedJSONReader(bytes: bytes, subject: subject)
    guard String(validating: bytes, as: UTF8.self) != nil else { throw reader.fault("the file is not valid UTF-8") }
    let value = try reader.readValue(depth: 0)
    reader.skipSpace()
    guard reader.index == bytes.count else {
      throw reader.fault("\(bytes.count - reader.index) bytes follow the end of the document")
    }
    return value
  }

  private init(bytes: [UInt8], subject: String) {
    self.bytes = bytes
    self.subject = subject
  }

  private mutating func readValue(depth: Int) throws(CheckpointError) -> OrderedJSON {
    skipSpace()
    guard depth < Self.deepest else {
      throw fault("nested \(depth) deep, allowed are \(Self.deepest - 1)", .limit)
    }
    switch peek() {
    case UInt8(ascii: "{"): return .object(try readMembers(depth: depth))
    case UInt8(ascii: "["): return .array(try readElements(depth: depth))
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .bool(true))
    case UInt8(ascii: "f"): return try readWord("false", .bool(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return .number(try readNumber())
    }
  }

  private mutating func readMembers(depth: Int) throws(CheckpointError) -> [OrderedJSON.Member] {
    var members: [OrderedJSON.Member] = []
    index += 1
    skipSpace()
    if take("}") { return members }
    while true {
      skipSpace()
      let name = try readString()
      skipSpace()
      guard take(":") else { throw unexpected("\":\"") }
      members.append(OrderedJSON.Member(name: name, value: try readValue(depth: depth + 1)))
      skipSpace()
      if take("}") { return members }
      guard take(",") else { throw unexpected("\",\" or \"}\"") }
    }
  }

  private mutating func readElements(depth: Int) throws(CheckpointError) -> [OrderedJSON] {
    var elements: [OrderedJSON] = []
    index += 1
    skipSpace()
    if take("]") { return elements }
    while true {
      elements.append(try readValue(depth: depth + 1))
      skipSpace()
      if take("]") { return elements }
      guard take(",") else { throw unexpected("\",\" or \"]\"") }
    }
  }

  private mutating func readWord(_ word: StaticString, _ value: OrderedJSON) throws(CheckpointError) -> OrderedJSON {
    guard bytes[index...].starts(with: word.description.utf8) else { throw unexpected("a value") }
    index += word.utf8CodeUnitCount
    return value
  }

  /// Reads a number as the library `tokenizers` does.
  ///
  /// Its reader (`serde_json`) takes all digits as one whole number, and divides or multiplies it by a power of ten. The last
  /// bit is not always that of the nearest float64, and sums of scores show it.
  private mutating func readNumber() throws(CheckpointError) -> Double {
    let start = index
    let isNegative = take("-")
    guard let first = peek(), Self.isDigit(first) else { throw unexpected("a value") }
    var significand: UInt64 = 0
    var exponent = 0
    var isFull = false
    func add(_ digit: UInt8) {
      let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if isFull || overflow || carry { isFull = true } else { significand = sum }
    }
    while let digit = peek(), Self.isDigit(digit) {
      add(digit)
      if isFull { exponent += 1 }
      index += 1
    }
    if take(".") {
      guard let digit = peek(), Self.isDigit(digit) else { throw unexpected("a digit") }
      while let digit = peek(), Self.isDigit(digit) {
        add(digit)
        if !isFull { exponent -= 1 }
        index += 1
      }
    }
    if take("e") || take("E") { exponent += try readExponent() }
    let isOctal =
      first == UInt8(ascii: "0") && index - start > (isNegative ? 2 : 1)
      && Self.isDigit(bytes[start + (isNegative ? 2 : 1)])
    guard !isOctal, let value = Self.number(significand, exponent) else {
      index = start
      throw fault("a number that is too large, or begins with a zero")
    }
    return isNegative ? -value : value
  }

  private mutating func readExponent() throws(CheckpointError) -> Int {
    let isNegative = take("-")
    if !isNegative { _ = take("+") }
    guard let digit = peek(), Self.isDigit(digit) else { throw unexpected("a digit") }
    var exponent = 0
    while let digit = peek(), Self.isDigit(digit) {
      exponent = min(exponent * 10 + Int(digit - UInt8(ascii: "0")), 100_000)
      index += 1
    }
    return isNegative ? -exponent : exponent
  }

  private static func number(_ significand: UInt64, _ exponent: Int) -> Double? {
    var (value, exponent) = (Double(significand), exponent)
    while exponent < -308 {
      if value == 0 { return 0 }
      value /= 1e308
      exponent += 308
    }
    if value == 0 { return 0 }
    guard exponent <= 308, let power = Double("1e\(abs(exponent))") else { return nil }
    value = exponent < 0 ? value / power : value * power
    return value.isFinite ? value : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func readString() throws(CheckpointError) -> [UInt8] {
    guard take("\"") else { throw unexpected("a string") }
    return try JSONString.read(bytes, at: &index, of: subject)
  }

  private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard let byte = peek(), Unicode.Scalar(byte) == scalar else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
  }

  private func unexpected(_ expected: String) -> CheckpointError {
    let found = peek().map { "byte 0x" + String($0, radix: 16) } ?? "the end of the file"
    return fault("found \(found), expected \(expected)")
  }

  private func fault(_ detail: String, _ code: CheckpointError.Code = .malformed) -> CheckpointError {
    CheckpointError(code, .tokenizer, at: index, subject: subject, detail)
  }
}
