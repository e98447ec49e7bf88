// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotNumPy
import IngotTensor

/// Where the features of one model on one part of a dataset are kept: three files in a folder.
public struct FeatureStore: Sendable, Hashable {
  /// The folder.
  public let folder: String
  /// The files' name without their endings.
  public let name: String

  /// Names a store.
  ///
  /// - Parameters:
  ///   - folder: made when something is written.
  ///   - model: a short name of the model.
  ///   - dataset: its name.
  ///   - split: which part.
  ///   - shard: a part of that, computed on its own.
  public init(folder: String, model: String, dataset: String, split: String, shard: Shard? = nil) {
    self.folder = folder
    let plain = "\(dataset)-\(split)--\(model)".map { character in
      character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character)) ? character : "-"
    }
    name = String(plain) + (shard.map { "--\($0.index)-of-\($0.count)" } ?? "")
  }

  /// The features: float32, `[rows, width]`.
  public var features: String { "\(folder)/\(name).npy" }
  /// The labels: int32, `[rows, 1]`, or `[rows, classes]` where a row may show several.
  public var labels: String { "\(folder)/\(name).labels.npy" }
  /// What they are.
  public var record: String { "\(folder)/\(name).json" }
  /// How far an interrupted run got.
  var progress: String { "\(folder)/\(name).json.partial" }

  /// Opens complete features of a key.
  ///
  /// - Parameters:
  ///   - key: what they must be.
  ///   - shard: which part.
  /// - Returns: `nil` when there are none.
  /// - Throws: `mismatch` when they are others, `corrupt` when a digest disagrees, and what reading throws.
  public func open(_ key: FeatureKey, shard: Shard? = nil) throws -> FeatureTable? {
    guard FileStatus.exists(record) else { return nil }
    let found = try FeatureRecord.read(record)
    try check(found, key, shard)
    let table = try FeatureTable(
      features: features, labels: labels, classes: key.classes, unreadable: found.unreadable, title: name)
    try table.verify(features: found.features, labels: found.labels, path: features)
    guard table.rows == found.rows, table.width == found.width, table.labels.isMultiLabel == key.isMultiLabel else {
      throw CheckpointError(
        .mismatch, .features, subject: features,
        "holds \(table.rows) × \(table.width), its record says \(found.rows) × \(found.width)")
    }
    return table
  }

  /// A record must be of the key that is asked for.
  func check(_ found: FeatureRecord, _ key: FeatureKey, _ shard: Shard?) throws(CheckpointError) {
    var differences = found.key.differences(from: key)
    if found.shard != shard {
      func text(_ shard: Shard?) -> String { shard.map { "\($0.index)/\($0.count)" } ?? "none" }
      differences.append("shard is \(text(found.shard)), expected \(text(shard))")
    }
    guard differences.isEmpty else {
      throw CheckpointError(
        .mismatch, .features, subject: record, "is a cache of other features: " + differences.joined(separator: "; "))
    }
  }
}
