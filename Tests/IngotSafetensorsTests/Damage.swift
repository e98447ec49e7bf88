// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A header that is wrong in one way, and what must be said of it.
///
/// The data has 24 bytes in all cases.
enum Damage: String, CaseIterable {
  // The text.
  case notJSON, empty, array, truncatedText, textAfterwards, notUTF8, controlCharacter, badEscape, shortEscape,
    halfSurrogate, swappedSurrogates, noColon, noComma, trailingComma, singleQuotes, deepObjects, deepArrays
  // Numbers.
  case huge, negative, fraction, exponent, hexadecimal, leadingZero, nullNumber, tooLarge, farTooLarge
  // The description.
  case descriptionIsString, noType, noShape, noOffsets, unknownKey, oneOffset, threeOffsets, manyExtents
  case unknownType, lowerCaseType, fourBit, sixBit, typeIsNumber
  // Shape against offsets.
  case shapeOverflows, bytesOverflow, tooFewBytes, tooManyBytes
  // Ranges.
  case reversed, overlap, sameRange, emptyInside, hole, notFromZero, tail, beyondEnd
  // Keys.
  case duplicateName, duplicateEscapedName, duplicateSameRange, duplicateKey, duplicateMetadata, duplicateMetadataKey,
    equivalentNames
  case metadataNumber, metadataNested, metadataNull, metadataArray, tensorNamedMetadata

  /// A tensor of 24 bytes, which is all there is.
  private static func whole(
    _ name: String = "a", type: String = "\"F32\"", shape: String = "[2,3]", offsets: String = "[0,24]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\(type),\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  private static func part(_ name: String, _ begin: Int, _ end: Int) -> String {
    whole(name, type: "\"U8\"", shape: "[\(end - begin)]", offsets: "[\(begin),\(end)]")
  }

  /// The header's bytes.
  var header: [UInt8] {
    self == .notUTF8 ? [0x7B, 0x22, 0xFF, 0x22, 0x7D] : Array(text.utf8)
  }

  private var text: String {
    switch self {
    case .notJSON: "hello"
    case .empty: ""
    case .array: "[]"
    case .truncatedText: "{" + Self.whole()
    case .textAfterwards: "{" + Self.whole() + "}x"
    case .notUTF8: ""
    case .controlCharacter: "{" + Self.whole("a\u{1}b") + "}"
    case .badEscape: "{" + Self.whole("a\\x") + "}"
    case .shortEscape: "{" + Self.whole("a\\u12") + "}"
    case .halfSurrogate: "{" + Self.whole("\\ud800") + "}"
    case .swappedSurrogates: "{" + Self.whole("\\udc00\\ud800") + "}"
    case .noColon: "{\"a\" {}}"
    case .noComma: "{" + Self.part("a", 0, 12) + Self.part("b", 12, 24) + "}"
    case .trailingComma: "{" + Self.whole() + ",}"
    case .singleQuotes: "{'a':{}}"
    case .deepObjects: String(repeating: "{\"a\":", count: 100_000)
    case .deepArrays: "{\"a\":" + String(repeating: "[", count: 1_000_000)
    case .huge: "{" + Self.whole(shape: "[1e400]") + "}"
    case .negative: "{" + Self.whole(shape: "[-1]") + "}"
    case .fraction: "{" + Self.whole(shape: "[1.5]") + "}"
    case .exponent: "{" + Self.whole(offsets: "[0,2E1]") + "}"
    case .hexadecimal: "{" + Self.whole(offsets: "[0,\"0x1\"]") + "}"
    case .leadingZero: "{" + Self.whole(shape: "[2,03]") + "}"
    case .nullNumber: "{" + Self.whole(shape: "null") + "}"
    case .tooLarge: "{" + Self.whole(offsets: "[0,9223372036854775808]") + "}"
    case .farTooLarge: "{" + Self.whole(shape: "[1" + String(repeating: "0", count: 100_000) + "]") + "}"
    case .descriptionIsString: "{\"a\":\"F32\"}"
    case .noType: "{\"a\":{\"shape\":[2,3],\"data_offsets\":[0,24]}}"
    case .noShape: "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,24]}}"
    case .noOffsets: "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3]}}"
    case .unknownKey: "{\"a\":{\"dtype\":\"F32\",\"order\":\"C\",\"shape\":[2,3],\"data_offsets\":[0,24]}}"
    case .oneOffset: "{" + Self.whole(offsets: "[24]") + "}"
    case .threeOffsets: "{" + Self.whole(offsets: "[0,24,24]") + "}"
    case .manyExtents: "{" + Self.whole(shape: "[1" + String(repeating: ",1", count: 64) + "]") + "}"
    case .unknownType: "{" + Self.whole(type: "\"F128\"") + "}"
    case .lowerCaseType: "{" + Self.whole(type: "\"f32\"") + "}"
    case .fourBit: "{" + Self.whole(type: "\"F4\"", shape: "[48]") + "}"
    case .sixBit: "{" + Self.whole(type: "\"F6_E2M3\"", shape: "[32]") + "}"
    case .typeIsNumber: "{" + Self.whole(type: "32") + "}"
    case .shapeOverflows: "{" + Self.whole(type: "\"U8\"", shape: "[2,9223372036854775807]") + "}"
    case .bytesOverflow: "{" + Self.whole(shape: "[4611686018427387904]") + "}"
    case .tooFewBytes: "{" + Self.whole(shape: "[7]") + "}"
    case .tooManyBytes: "{" + Self.whole(shape: "[5]") + "}"
    case .reversed: "{" + Self.whole(offsets: "[24,0]") + "}"
    case .overlap: "{" + Self.part("a", 0, 16) + "," + Self.part("b", 8, 24) + "}"
    case .sameRange: "{" + (0..<10).map { Self.whole("t\($0)") }.joined(separator: ",") + "}"
    case .emptyInside: "{" + Self.part("b", 8, 8) + "," + Self.part("a", 0, 24) + "}"
    case .hole: "{" + Self.part("a", 0, 8) + "," + Self.part("b", 9, 24) + "}"
    case .notFromZero: "{" + Self.part("a", 1, 24) + "}"
    case .tail: "{" + Self.part("a", 0, 23) + "}"
    case .beyondEnd: "{" + Self.part("a", 0, 20) + "," + Self.part("b", 20, 25) + "}"
    case .duplicateName: "{" + Self.part("a", 0, 12) + "," + Self.part("a", 12, 24) + "}"
    case .duplicateEscapedName: "{" + Self.part("a", 0, 12) + "," + Self.part("\\u0061", 12, 24) + "}"
    case .duplicateSameRange: "{" + Self.whole() + "," + Self.whole() + "}"
    case .duplicateKey: "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}"
    case .duplicateMetadata: "{\"__metadata__\":{},\"__metadata__\":{}," + Self.whole() + "}"
    case .duplicateMetadataKey: "{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}," + Self.whole() + "}"
    case .equivalentNames: "{" + Self.part("e\u{301}", 0, 12) + "," + Self.part("\u{E9}", 12, 24) + "}"
    case .metadataNumber: "{\"__metadata__\":{\"x\":1}," + Self.whole() + "}"
    case .metadataNested: "{\"__metadata__\":{\"x\":{}}," + Self.whole() + "}"
    case .metadataNull: "{\"__metadata__\":null," + Self.whole() + "}"
    case .metadataArray: "{\"__metadata__\":[\"x\"]," + Self.whole() + "}"
    case .tensorNamedMetadata: "{" + Self.whole("__metadata__") + "}"
    }
  }

  var code: CheckpointError.Code {
    switch self {
    case .tooLarge, .farTooLarge, .shapeOverflows, .bytesOverflow: .overflow
    case .unknownKey, .deepObjects, .unknownType, .lowerCaseType, .fourBit, .sixBit, .equivalentNames: .unsupported
    case .threeOffsets, .manyExtents: .limit
    case .tooFewBytes, .tooManyBytes, .overlap, .sameRange, .emptyInside, .hole, .notFromZero, .tail: .corrupt
    case .beyondEnd: .truncated
    default: .malformed
    }
  }

  /// The tensor named, `nil` where none is concerned.
  var subject: String? {
    switch self {
    case .notJSON, .empty, .array, .truncatedText, .textAfterwards, .notUTF8, .controlCharacter, .badEscape,
      .shortEscape, .halfSurrogate, .swappedSurrogates, .noComma, .trailingComma, .singleQuotes, .tail:
      nil
    case .overlap, .emptyInside, .hole, .beyondEnd: "b"
    case .sameRange: "t1"
    case .equivalentNames: "\u{E9}"
    case .duplicateMetadata, .duplicateMetadataKey, .metadataNumber, .metadataNested, .metadataNull, .metadataArray,
      .tensorNamedMetadata:
      "__metadata__"
    default: "a"
    }
  }

  /// The text in the header at whose start the error must point, `nil` for the header's end or the whole file.
  var pointsAt: (text: String, occurrence: Int)? {
    switch self {
    case .notJSON: ("hello", 0)
    case .array: ("[", 0)
    case .textAfterwards: ("x", 0)
    case .controlCharacter: ("\u{1}", 0)
    case .badEscape: ("x", 0)
    case .halfSurrogate: ("\\ud800", 0)
    case .noColon: ("{}", 0)
    case .noComma: ("\"b\"", 0)
    case .singleQuotes: ("'a", 0)
    case .huge: ("1e400", 0)
    case .negative: ("-1", 0)
    case .fraction: ("1.5", 0)
    case .leadingZero: ("03", 0)
    case .tooLarge: ("9223372036854775808", 0)
    case .unknownKey: ("\"order\"", 0)
    case .oneOffset: ("[24]", 0)
    case .unknownType: ("\"F128\"", 0)
    case .fourBit: ("\"F4\"", 0)
    case .tooFewBytes, .tooManyBytes, .shapeOverflows, .bytesOverflow, .noType, .notFromZero: ("\"a\"", 0)
    case .overlap, .hole, .emptyInside, .beyondEnd: ("\"b\"", 0)
    case .duplicateName, .duplicateSameRange: ("\"a\"", 1)
    case .duplicateEscapedName: ("\"\\u0061\"", 0)
    case .duplicateKey: ("\"dtype\"", 1)
    case .duplicateMetadata: ("\"__metadata__\"", 1)
    case .duplicateMetadataKey: ("\"x\"", 1)
    case .metadataNull: ("null", 0)
    default: nil
    }
  }

  /// Numbers that the message must have: found and expected.
  var operands: [String] {
    switch self {
    case .tooLarge: ["9223372036854775808", "9223372036854775807"]
    case .shapeOverflows: ["[2, 9223372036854775807]", "9223372036854775807"]
    case .tooFewBytes: ["24", "28"]
    case .tooManyBytes: ["24", "20"]
    case .reversed: ["24", "0"]
    case .overlap: ["8", "16"]
    case .sameRange: ["0", "24"]
    case .hole: ["9", "8"]
    case .notFromZero: ["1", "0"]
    case .tail: ["23", "24"]
    case .beyondEnd: ["25", "24"]
    case .oneOffset: ["1", "2"]
    default: []
    }
  }
}
