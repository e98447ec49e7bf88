// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

extension TextRepair {
  /// Undoes wrong decodings until the text no longer looks wrong or nothing helps (`ftfy.fix_encoding`).
  static func repairEncoding(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = text
    while true {
      let repaired = repairEncodingOnce(text)
      if repaired == text { return text }
      text = repaired
    }
  }

  private static func repairEncodingOnce(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains(where: { !$0.isASCII }), Badness.isBad(text) else { return text }
    for encoding in SingleByteEncoding.all {
      if let decoded = decodeUTF8(text, readAs: encoding) { return decoded }
    }
    let decoded = EmbeddedUTF8.decode(text, repair: repairEncoding)
    if decoded != text { return decoded }
    // What is left is Latin-1 that was meant as Windows-1252. ftfy has two steps here, for a whole text and for single
    // characters, which come to the same.
    var windows = text
    replaceC1Controls(&windows)
    return windows
  }

  /// Undoes one reading of UTF-8 as `encoding`: `nil` when the text is not from there, or was not UTF-8.
  private static func decodeUTF8(_ text: [Unicode.Scalar], readAs encoding: SingleByteEncoding) -> [Unicode.Scalar]? {
    guard var bytes = encoding.encode(text) else { return nil }
    if encoding.mayHaveLostByteA0 { bytes = LostBytes.restoreByteA0(bytes) }
    if encoding.isSloppy { bytes = LostBytes.replaceLossySequences(bytes) }
    // These two bytes begin the variants, and no other characters but a few Korean ones.
    let form: UTF8Decoding.Form = bytes.contains(0xED) || bytes.contains(0xC0) ? .variants : .strict
    return UTF8Decoding.decode(bytes, as: form)
  }

  /// Replaces the control characters 80 to 9F by what Windows-1252 has in their place.
  static func replaceC1Controls(_ text: inout [Unicode.Scalar]) {
    for index in text.indices where (0x80...0x9F).contains(text[index].value) {
      text[index] = SingleByteEncoding.windows1252.scalars[Int(text[index].value)]
    }
  }
}
