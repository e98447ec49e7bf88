// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Says what a file is that no reader takes.
enum UnknownFile {
  private static let marks: [(prefix: String, meaning: String)] = [
    ("version https://git-lfs", "a git-LFS pointer, not the weights: fetch them with `git lfs pull`"),
    ("<!DOCTYPE", "an HTML page, not the weights: the download got a web page instead"),
    ("<html", "an HTML page, not the weights: the download got a web page instead"),
    ("{\"error\"", "a JSON error message, not the weights"),
    ("\u{1f}\u{8b}", "a gzip file: unpack it first"),
    ("7z\u{bc}\u{af}", "a 7z archive: unpack it first"),
    ("\u{89}HDF\r\n", "an HDF5 file, which cannot be read yet"),
    ("\u{93}NUMPY", "a NumPy array, which cannot be read yet"),
    ("GGUF", "a GGUF file, which is not a checkpoint of PyTorch"),
  ]

  static func error(_ file: MappedFile) -> CheckpointError {
    let format = FormatKind(rawValue: "file")
    if file.size == 0 { return CheckpointError(.truncated, format, at: 0, "found 0 bytes: the file is empty") }
    let start = file.bytes(in: 0..<min(64, file.size)).copied()
    for mark in marks {
      let bytes = mark.prefix.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      if start.starts(with: bytes) { return CheckpointError(.unsupported, format, at: 0, "this is \(mark.meaning)") }
    }
    let hex = start.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    return CheckpointError(
      .unsupported, format, at: 0,
      "not a checkpoint that can be read: it begins with \(hex); expected a PyTorch archive, safetensors or .ingot")
  }
}
