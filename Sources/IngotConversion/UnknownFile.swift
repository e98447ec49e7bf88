// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Says what a file is that no reader takes, and what to do about it.
public enum UnknownFile {
  /// What files of other kinds begin with.
  private static let marks: [(prefix: [UInt8], meaning: String)] = [
    (Array("version https://git-lfs".utf8), "a git-LFS pointer, not the weights: fetch them with `git lfs pull`"),
    ([0x1f, 0x8b], "a gzip file: unpack it first"), (Array("BZh".utf8), "a bzip2 file: unpack it first"),
    ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file: unpack it first"),
    ([0x28, 0xb5, 0x2f, 0xfd], "a Zstandard file: unpack it first"),
    ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive: unpack it first"),
    (Array("Rar!".utf8), "a RAR archive: unpack it first"),
    (
      Array("GGUF".utf8),
      "a GGUF file, whose weights were converted and maybe quantized: convert the original checkpoint"
    ),
    (
      Array("lmgg".utf8),
      "a GGML file, whose weights were converted and maybe quantized: convert the original checkpoint"
    ),
    (
      Array("tjgg".utf8),
      "a GGML file, whose weights were converted and maybe quantized: convert the original checkpoint"
    ),
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image"), ([0xff, 0xd8, 0xff], "a JPEG image"),
    (Array("%PDF".utf8), "a PDF document"), ([0x7f, 0x45, 0x4c, 0x46], "a program or shared library (ELF)"),
  ]
  private static let flatbuffers: [(mark: String, meaning: String)] = [
    ("TFL3", "a TensorFlow Lite model, which holds a graph and no checkpoint")
  ]

  /// What a file is, if it is known.
  ///
  /// - Parameter file: any file.
  /// - Returns: a clause that follows "this is", `nil` for a file of no known kind.
  public static func meaning(of file: MappedFile) -> String? {
    let start = file.bytes(in: 0..<min(512, file.size)).copied()
    if let mark = marks.first(where: { start.starts(with: $0.prefix) }) { return mark.meaning }
    if start.count >= 8, let mark = flatbuffers.first(where: { start[4..<8].elementsEqual($0.mark.utf8) }) {
      return mark.meaning
    }
    return text(start) ?? protobuf(start)
  }

  /// The error for a file that no reader takes.
  static func error(_ file: MappedFile) -> CheckpointError {
    let format = FormatKind(rawValue: "file")
    if file.size == 0 { return CheckpointError(.truncated, format, at: 0, "found 0 bytes: the file is empty") }
    if let meaning = meaning(of: file) { return CheckpointError(.unsupported, format, at: 0, "this is \(meaning)") }
    let start = file.bytes(in: 0..<min(1 << 16, file.size))
    if start.firstNonzeroIndex() == nil {
      return CheckpointError(
        .corrupt, format, at: 0,
        "found \(start.byteCount) zero bytes at the beginning of \(file.size): the download was interrupted, or the disk lost it"
      )
    }
    let hex = start.copied().prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    return CheckpointError(
      .unsupported, format, at: 0,
      "not a checkpoint that can be read: it begins with \(hex), of \(file.size) bytes; expected PyTorch, HDF5, safetensors, NumPy or .ingot"
    )
  }

  /// Pages and messages that a download got instead of the weights.
  private static func text(_ start: [UInt8]) -> String? {
    let text = String(decoding: start.drop { [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].contains($0) }, as: UTF8.self)
      .lowercased()
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<head") {
      return "an HTML page, not the weights: the download got a web page instead"
    }
    if text.hasPrefix("<?xml") || text.hasPrefix("<error>") {
      return "an XML message, not the weights: \(excerpt(start))"
    }
    guard text.hasPrefix("{\"") || text.hasPrefix("{ \"") || text.hasPrefix("{\n") || text.hasPrefix("[") else {
      return nil
    }
    if text.contains("\"weight_map\"") { return "an index of shards" }
    if text.contains("\"error\"") || text.contains("\"message\"") || text.contains("\"detail\"") {
      return "a JSON error message, not the weights: \(excerpt(start))"
    }
    return "JSON text, not the weights: \(excerpt(start))"
  }

  /// ONNX and Core ML models begin with their version (field 1) and a text or a description (field 2).
  private static func protobuf(_ start: [UInt8]) -> String? {
    guard start.count > 8, start[0] == 0x08, (1...0x20).contains(start[1]) else { return nil }
    if start[2] == 0x12 {
      let producer = start[4...].prefix(Int(start[3]))
      if producer.count >= 3, producer.allSatisfy({ (0x20..<0x7f).contains($0) }) {
        return
          "an ONNX model by \(String(decoding: producer.prefix(40), as: UTF8.self)), which holds a graph and no checkpoint: convert the original"
      }
      return "a Core ML model, which holds a network and no checkpoint: convert the original"
    }
    return start[2] == 0x3a ? "an ONNX model, which holds a graph and no checkpoint: convert the original" : nil
  }

  private static func excerpt(_ start: [UInt8]) -> String {
    let line = start.prefix(120).map { (0x20..<0x7f).contains($0) ? $0 : UInt8(ascii: " ") }
    return String(decoding: line, as: UTF8.self)
  }
}
