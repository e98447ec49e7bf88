// SPDX-License-Identifier: Apache-2.0

/// The letters that vocabulary files write for bytes, and the order of the bytes among the symbols.
///
/// A printable byte of Latin-1 is written as itself, the others as the letters from U+0100 on. `Formats/tokenizer.md`,
/// section "Symbols".
enum ByteAlphabet {
  /// Symbols 0 to 255 are bytes, 256 to 511 the same bytes at the end of a word.
  static let count = 256
  /// What vocabulary files write after the last symbol of a word.
  static let wordEnd = Array("</w>".utf8)

  /// The bytes in the order of their symbols: those that are written as themselves, then the others.
  static let bytes: [UInt8] = {
    let printable = (0...255).filter(isPrintable)
    return printable + (0...255).filter { !isPrintable($0) }
  }()

  /// The symbol of each byte.
  static let symbols: [UInt32] = {
    var symbols = [UInt32](repeating: 0, count: count)
    for (symbol, byte) in bytes.enumerated() { symbols[Int(byte)] = UInt32(symbol) }
    return symbols
  }()

  /// The spelling of symbols 0 to 255 in vocabulary files, in UTF-8.
  static let spellings: [[UInt8]] = {
    let printable = bytes.filter(isPrintable)
    let letters = printable.map { Unicode.Scalar($0) } + (0x100...0x1FF).compactMap(Unicode.Scalar.init)
    return letters.prefix(count).map { Array(String($0).utf8) }
  }()

  private static func isPrintable(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: true
    default: false
    }
  }
}
