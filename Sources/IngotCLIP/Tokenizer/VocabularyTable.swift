// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads `vocab.json`: one JSON object (RFC 8259) whose values are ids.
///
/// A general JSON reader would lose tokens that occur twice, and take strings for equal that Unicode calls equivalent.
struct VocabularyTable {
  /// The id of each token, by its UTF-8.
  private(set) var ids: [[UInt8]: Int32] = [:]
  private let bytes: [UInt8]
  private var index = 0

  /// Reads a whole file.
  ///
  /// - Parameter json: the file's contents.
  /// - Throws: `malformed` when it is not UTF-8 or not such an object, or a token occurs twice; `overflow` for a large id.
  init(json: [UInt8]) throws(CheckpointError) {
    bytes = json
    guard String(validating: json, as: UTF8.self) != nil else { throw fault("the file is not valid UTF-8") }
    try require("{")
    skipSpace()
    if peek() == UInt8(ascii: "}") {
      index += 1
    } else {
      try readMembers()
    }
    skipSpace()
    guard index == bytes.count else { throw fault("\(bytes.count - index) bytes follow the end of the object") }
  }

  private mutating func readMembers() throws(CheckpointError) {
    while true {
      skipSpace()
      let start = index
      let token = try readString()
      try require(":")
      skipSpace()
      guard ids.updateValue(try readID(), forKey: token) == nil else {
        index = start
        throw fault("the token \"\(String(decoding: token, as: UTF8.self))\" occurs twice")
      }
      skipSpace()
      if peek() == UInt8(ascii: "}") {
        index += 1
        return
      }
      try require(",")
    }
  }

  private mutating func readID() throws(CheckpointError) -> Int32 {
    let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
      throw fault("an id is a whole number, from 0 on")
    }
    guard let id = Int32(String(decoding: digits, as: UTF8.self)) else {
      throw fault("an id of \(digits.count) digits, the largest allowed is \(Int32.max)", .overflow)
    }
    index += digits.count
    return id
  }

  private mutating func readString() throws(CheckpointError) -> [UInt8] {
    try require("\"")
    return try JSONString.read(bytes, at: &index, of: "vocab.json")
  }

  private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
  }

  private mutating func require(_ expected: Unicode.Scalar) throws(CheckpointError) {
    skipSpace()
    guard let byte = peek(), Unicode.Scalar(byte) == expected else {
      let found = peek().map { "byte 0x" + String($0, radix: 16) } ?? "the end of the file"
      throw fault("found \(found), expected \"\(expected)\"")
    }
    index += 1
  }

  private func fault(_ detail: String, _ code: CheckpointError.Code = .malformed) -> CheckpointError {
    CheckpointError(code, .tokenizer, at: index, subject: "vocab.json", detail)
  }
}
