// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A file of the IDX format, as MNIST is distributed: bytes in one to three dimensions.
struct IDXFile: Sendable {
  /// The extents, the slowest first.
  let extents: [Int]
  private let file: FileBytes
  private let start: Int

  /// Opens a file, plain or gzip.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - name: what it is called in messages.
  ///   - rank: how many dimensions are expected.
  /// - Throws: `FileError`, `truncated` for less data than the header says, `malformed` for more or for another kind.
  init(path: String, name: String, rank: Int) throws {
    file = try FileBytes(path: path, name: name)
    start = 4 + 4 * rank
    guard file.count >= start else {
      throw file.fault(.truncated, at: file.count, "the header needs \(start) bytes, there are \(file.count)")
    }
    let head = file.copy(0..<start)
    guard head[0] == 0, head[1] == 0, head[2] == 8, head[3] == UInt8(rank) else {
      let found = head[0..<4].map { String($0, radix: 16) }.joined(separator: " ")
      throw file.fault(.malformed, at: 0, "begins \(found), expected 0 0 8 \(rank): bytes in \(rank) dimensions")
    }
    extents = stride(from: 4, to: start, by: 4).map { place in
      head[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let size = Int.product(extents), let end = size.adding(start) else {
      throw file.fault(.overflow, at: 4, "extents \(extents) are too many bytes")
    }
    guard end == file.count else {
      throw file.fault(
        end > file.count ? .truncated : .malformed, at: min(end, file.count),
        "extents \(extents) need \(end) bytes, there are \(file.count)")
    }
  }

  /// The bytes of one item of the slowest dimension.
  func item(_ index: Int) -> [UInt8] {
    let size = extents.dropFirst().reduce(1, *)
    return file.copy(start + index * size..<start + (index + 1) * size)
  }

  /// All bytes.
  var values: [UInt8] { file.copy(start..<file.count) }

  /// A fault of this file.
  func fault(_ code: CheckpointError.Code, at index: Int? = nil, _ detail: String) -> CheckpointError {
    file.fault(code, at: index.map { $0 + start }, detail)
  }
}
