// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes

/// A part of the samples, computed on its own.
public struct Shard: Sendable, Hashable, Codable {
  /// Which part, from 1 on.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// Makes a shard.
  ///
  /// - Returns: `nil` unless 1 ≤ `index` ≤ `count`.
  public init?(index: Int, count: Int) {
    guard index >= 1, index <= count, count <= 1_000_000 else { return nil }
    self.index = index
    self.count = count
  }

  /// Reads `2/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
    self.init(index: index, count: count)
  }

  /// The rows of the shard: contiguous, and of all shards almost equally many.
  public func rows(of total: Int) -> Range<Int> {
    total * (index - 1) / count..<total * index / count
  }
}

/// A picture that could not be read.
public struct UnreadableRow: Sendable, Hashable, Codable {
  /// Its row, which is zeros; its label is -1.
  public let row: Int
  /// What the dataset calls it.
  public let name: String
  /// Why it could not be read.
  public let reason: String
}

/// What stands beside a file of features (`NAME.json` beside `NAME.npy` and `NAME.labels.npy`).
struct FeatureRecord: Codable, Sendable {
  /// The version of what is written here.
  static let current = "ingot-features-1"

  var format = FeatureRecord.current
  var key: FeatureKey
  var shard: Shard?
  /// Rows that are there: fewer than announced in the record of a partial file.
  var rows: Int
  /// Numbers in a row; 0 before the first row is known.
  var width: Int
  /// Pictures that could not be read.
  var unreadable: [UnreadableRow] = []
  /// SHA-256 of the rows' bytes; `nil` in the record of a partial file.
  var features: String?
  /// SHA-256 of the labels' bytes.
  var labels: String?

  /// Reads a record.
  ///
  /// - Throws: `FileError`, and `malformed` when it is none, `unsupported` for another version.
  static func read(_ path: String) throws -> FeatureRecord {
    let file = try MappedFile(path: path)
    guard file.size <= 1 << 28,
      let record = try? JSONDecoder().decode(FeatureRecord.self, from: Data(file.bytes.copied()))
    else {
      throw CheckpointError(.malformed, .features, subject: path, "is not the record of a file of features")
    }
    guard record.format == current else {
      throw CheckpointError(.unsupported, .features, subject: path, "is \(record.format), expected \(current)")
    }
    guard record.rows >= 0, record.width >= 0, record.width <= 1 << 20, record.key.classes > 0,
      record.unreadable.allSatisfy({ $0.row >= 0 && $0.row < record.key.count })
    else { throw CheckpointError(.malformed, .features, subject: path, "holds sizes that no file has") }
    return record
  }

  /// Writes the record in one step.
  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let file = try AtomicFile(path: path, existing: .replace)
    let bytes = Array(try encoder.encode(self))
    try bytes.withRawSpan { try file.append($0) }
    try file.commit()
  }
}
