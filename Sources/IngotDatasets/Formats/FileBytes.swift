// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// The content of a file: mapped, or in memory where it had to be decompressed.
struct FileBytes: Sendable {
  private enum Content: Sendable {
    case mapped(MappedFile)
    case memory([UInt8])
  }

  /// The file's name, for messages.
  let name: String
  private let content: Content
  /// What a gzip file may become: the largest of the datasets' has 47 MB.
  private static let largestDecompressed = 1 << 30

  /// Opens a file, and decompresses one that begins like gzip.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in messages.
  /// - Throws: `FileError`, and what is wrong with a gzip file.
  init(path: String, name: String) throws {
    let file = try MappedFile(path: path)
    self.name = name
    if file.size >= 2, file.bytes[byte: 0] == 0x1f, file.bytes[byte: 1] == 0x8b {
      content = .memory(try Gzip.decompress(file.bytes, limit: Self.largestDecompressed))
    } else {
      content = .mapped(file)
    }
  }

  /// How many bytes.
  var count: Int {
    switch content {
    case .mapped(let file): file.size
    case .memory(let bytes): bytes.count
    }
  }

  /// Lends some of the bytes, which must lie within the file.
  func withBytes<R>(in range: Range<Int>, _ body: (RawSpan) throws -> R) rethrows -> R {
    switch content {
    case .mapped(let file): try body(file.bytes(in: range))
    case .memory(let bytes): try bytes.withRawSpan { try body($0.extracting(range)) }
    }
  }

  /// A copy of some of the bytes, which must lie within the file.
  func copy(_ range: Range<Int>) -> [UInt8] { withBytes(in: range) { $0.copied() } }

  /// A fault of this file.
  func fault(_ code: CheckpointError.Code, at offset: Int? = nil, _ detail: String) -> CheckpointError {
    CheckpointError(code, .dataset, at: offset, subject: name, detail)
  }
}
