// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotNumPy

/// Puts the features of shards together.
public enum FeatureShards {
  /// Checks that all shards are there, are of one key, and are intact; then writes the table that one run would have written, to the bit.
  ///
  /// - Parameters:
  ///   - key: what the features must be.
  ///   - store: where the whole goes; complete features of the key that are there already are taken.
  ///   - count: how many shards there are.
  ///   - shardStore: where a shard is.
  /// - Returns: the features, mapped.
  /// - Throws: `missing` with all shards that are not there or not complete; `mismatch` for a shard of other features, `corrupt` for a
  ///   damaged one; `FileError`.
  public static func merge(
    _ key: FeatureKey, into store: FeatureStore, count: Int, _ shardStore: (Shard) -> FeatureStore
  ) throws -> FeatureTable {
    if let table = try store.open(key) { return table }
    let shards = (1...max(1, count)).compactMap { Shard(index: $0, count: count) }
    var missing: [String] = []
    for shard in shards where !FileStatus.exists(shardStore(shard).record) {
      let begun = FileStatus.exists(shardStore(shard).progress) ? " (begun)" : ""
      missing.append("\(shard.index)/\(shard.count)\(begun)")
    }
    guard missing.isEmpty, shards.count == count else {
      throw CheckpointError(
        .missing, .features, subject: store.name,
        "\(missing.count) of \(count) shards are not complete: \(missing.joined(separator: ", "))")
    }
    let tables = try shards.map { shard in
      guard let table = try shardStore(shard).open(key, shard: shard), table.rows == shard.rows(of: key.count).count
      else {
        throw CheckpointError(
          .mismatch, .features, subject: shardStore(shard).record,
          "does not hold \(shard.rows(of: key.count).count) rows")
      }
      return table
    }
    let width = tables[0].width
    if let other = tables.first(where: { $0.width != width }) {
      throw CheckpointError(
        .mismatch, .features, subject: other.title, "has rows of \(other.width) numbers, the first shard \(width)")
    }
    let file = try AtomicFile(path: store.features, existing: .replace)
    try NumPyArrayWriter.header(shape: [key.count, width]).withRawSpan { try file.append($0) }
    for table in tables { try table.forEachBlock { try file.append($1) } }
    let labels = try SampleLabels(
      checking: tables.flatMap(\.labels.values), columns: key.isMultiLabel ? key.classes : 1, classes: key.classes)
    try FeatureExtraction.write(labels, to: store.labels)
    try file.commit()
    var record = FeatureRecord(key: key, rows: key.count, width: width)
    record.unreadable = tables.flatMap(\.unreadable)
    let whole = try FeatureTable(
      features: store.features, labels: store.labels, classes: key.classes, title: store.name)
    record.features = whole.digest()
    record.labels = labels.digest
    try record.write(store.record)
    guard let table = try store.open(key) else { preconditionFailure("the record was just written") }
    return table
  }
}
