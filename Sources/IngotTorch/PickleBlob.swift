// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Bytes or long text of a pickle, by the place where they stand: nothing is copied until it is used.
struct PickleBlob: Sendable, Hashable {
  /// How the bytes stand there.
  enum Form: Sendable, Hashable {
    /// As they are.
    case bytes
    /// Bytes as a quoted string of Python 2, without its quotes: backslash, letter or number.
    case escapedBytes
    /// Text in UTF-8.
    case utf8
    /// Text of protocol 0: one byte for each of the first 256 characters, `\uXXXX` and `\UXXXXXXXX` for the others.
    case rawUnicode

    var isText: Bool {
      switch self {
      case .bytes, .escapedBytes: false
      case .utf8, .rawUnicode: true
      }
    }
  }

  /// Within the pickle.
  let range: Range<Int>
  let form: Form

  /// The bytes that Python's `encode(text, 'latin1')` makes of a text, and the bytes themselves where there is no text.
  ///
  /// - Parameter pickle: the whole pickle.
  /// - Returns: `nil` when a character has no byte, or the text is not well formed.
  func bytes(in pickle: RawSpan) -> [UInt8]? {
    let source = pickle.extracting(range)
    switch form {
    case .bytes: return source.copied()
    case .escapedBytes: return EscapedText.bytes(source.copied())
    case .utf8:
      guard let text = source.utf8String() else { return nil }
      return Self.latin1(text.unicodeScalars)
    case .rawUnicode:
      guard let scalars = EscapedText.scalars(source.copied()) else { return nil }
      return Self.latin1(scalars)
    }
  }

  static func latin1(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8]? {
    var bytes: [UInt8] = []
    for scalar in scalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
