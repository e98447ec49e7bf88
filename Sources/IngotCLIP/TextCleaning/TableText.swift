// SPDX-License-Identifier: Apache-2.0

/// Reads the text of the generated tables: rows of fields, divided by spaces.
enum TableText {
  /// The rows of a text whose rows are divided by commas, where a line break counts as a space.
  static func rows(dividedByCommas text: String) -> [[Substring]] {
    text.split(separator: ",").map { $0.split { $0 == " " || $0 == "\n" } }
  }

  /// The rows of a text that has a row on each line.
  static func lines(of text: String) -> [[Substring]] {
    text.split(separator: "\n").map { $0.split(separator: " ") }
  }

  /// The value of a hexadecimal field.
  static func number(_ field: Substring) -> UInt32 {
    guard let number = UInt32(field, radix: 16) else {
      preconditionFailure("generated tables hold hexadecimal numbers")
    }
    return number
  }

  /// The scalar with the number that a hexadecimal field holds.
  static func scalar(_ field: Substring) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(number(field)) else { preconditionFailure("generated tables hold no surrogates") }
    return scalar
  }
}
