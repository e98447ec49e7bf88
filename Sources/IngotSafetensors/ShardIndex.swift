// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The index of a checkpoint in several files, as Hugging Face writes it: `{"metadata": {"total_size": …}, "weight_map": {tensor: file}}`.
public struct ShardIndex: Sendable, Hashable {
  /// The file of each tensor: a plain name, beside the index.
  public let files: [String: String]
  /// Bytes of all tensors, if the index says so.
  public let totalSize: Int?

  /// An index larger than this names more tensors than any model has.
  private static let largest = 1 << 26

  /// Whether a file looks like an index.
  public static func recognises(_ file: MappedFile) -> Bool {
    guard file.size > 2, file.size <= largest else { return false }
    var scanner = HeaderScanner(file.bytes, base: 0)
    guard scanner.accept("{") else { return false }
    return (try? ShardIndex(file)) != nil
      || String(decoding: file.bytes.copied(), as: UTF8.self).contains("\"weight_map\"")
  }

  /// Reads an index.
  ///
  /// - Parameter file: JSON text.
  /// - Throws: `malformed` for other text, a tensor that is named twice, or a file name that is a path; `limit`.
  public init(_ file: MappedFile) throws(CheckpointError) {
    guard file.size <= Self.largest else {
      throw CheckpointError(
        .limit, .safetensors, at: 0, "the index has \(file.size) bytes, the largest allowed is \(Self.largest)")
    }
    var scanner = HeaderScanner(file.bytes, base: 0)
    var files: [String: String]?
    var totalSize: Int?
    try scanner.expect("{", "at the start of the index")
    if !scanner.accept("}") {
      repeat {
        let key = try scanner.string("around a key of the index")
        try scanner.expect(":", "after the key")
        switch key {
        case "weight_map":
          guard files == nil else { throw scanner.fault(.malformed, "weight_map is given twice") }
          files = try Self.map(&scanner)
        case "metadata": totalSize = try Self.metadata(&scanner)
        default: try scanner.skipValue()
        }
      } while scanner.accept(",")
      try scanner.expect("}", "or `,` after a value")
    }
    scanner.skipSpace()
    guard scanner.isAtEnd else { throw scanner.unexpected("the end of the index after its object") }
    guard let files else { throw CheckpointError(.malformed, .safetensors, at: 0, "the index has no weight_map") }
    self.files = files
    self.totalSize = totalSize
  }

  @_lifetime(scanner: copy scanner)
  private static func map(_ scanner: inout HeaderScanner) throws(CheckpointError) -> [String: String] {
    var files: [String: String] = [:]
    try scanner.expect("{", "of weight_map")
    if scanner.accept("}") { return files }
    repeat {
      let tensor = try scanner.string("around a tensor's name")
      scanner.subject = tensor
      try scanner.expect(":", "after the name")
      let file = try scanner.string("around a file's name")
      // Bytes, not characters: a combining mark would hide a slash.
      let forbidden = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
      guard !file.isEmpty, file != ".", file != "..", !file.utf8.contains(where: forbidden.contains) else {
        throw scanner.fault(
          .dangerous, "its file is \(file.prefix(200)), expected the plain name of a file beside the index")
      }
      guard files.updateValue(file, forKey: tensor) == nil else { throw scanner.fault(.malformed, "is named twice") }
      scanner.subject = nil
    } while scanner.accept(",")
    try scanner.expect("}", "or `,` after a file's name")
    return files
  }

  /// Only the size is of interest.
  @_lifetime(scanner: copy scanner)
  private static func metadata(_ scanner: inout HeaderScanner) throws(CheckpointError) -> Int? {
    var size: Int?
    try scanner.expect("{", "of the metadata")
    if scanner.accept("}") { return nil }
    repeat {
      let key = try scanner.string("around a key of the metadata")
      try scanner.expect(":", "after the key")
      if key == "total_size", size == nil, let value = scanner.wholeNumber() {
        size = value
      } else {
        try scanner.skipValue()
      }
    } while scanner.accept(",")
    try scanner.expect("}", "or `,` after a value")
    return size
  }
}
