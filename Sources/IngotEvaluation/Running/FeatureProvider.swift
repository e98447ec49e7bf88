// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotCLIP
public import IngotDatasets
public import IngotTensor

/// Gives the features of a model on a dataset: from a cache, or computed when they are first asked for.
public final class FeatureProvider {
  /// Tells how far a computation is: what, how much of it, of how much.
  public typealias Progress = (String, Int, Int) -> Void

  private let subject: EvaluationSubject
  private let dataset: Dataset
  private let settings: EvaluationSettings
  private let compute: Compute
  private let progress: Progress
  private var tables: [Place: FeatureTable] = [:]
  private var digests: [DatasetSplit: String] = [:]

  private struct Place: Hashable {
    let split: DatasetSplit
    let purpose: FeaturePurpose
  }

  /// Chooses what to give.
  public init(
    _ subject: EvaluationSubject, _ dataset: Dataset, _ settings: EvaluationSettings, _ compute: Compute,
    progress: @escaping Progress
  ) {
    self.subject = subject
    self.dataset = dataset
    self.settings = settings
    self.compute = compute
    self.progress = progress
  }

  /// The features of a split.
  ///
  /// - Parameters:
  ///   - split: which samples.
  ///   - purpose: which features.
  /// - Returns: `nil` when the dataset has no such split.
  /// - Throws: what reading pictures and computing throw; `mismatch` for a cache of other features.
  public func table(_ split: DatasetSplit, for purpose: FeaturePurpose) throws -> FeatureTable? {
    let place = Place(split: split, purpose: purpose)
    if let table = tables[place] { return table }
    guard dataset.has(split) else { return nil }
    let samples = try dataset.samples(of: split)
    let extraction = extraction(samples, purpose)
    let key = key(split, samples, purpose)
    let title = "\(dataset.name), \(split.rawValue)"
    let table: FeatureTable
    if settings.cache != nil {
      table = try extraction.run(key, into: store(split, purpose, nil)) { progress(title, $0, samples.count) }
    } else {
      table = try extraction.run(key, title: title) { progress(title, $0, samples.count) }
    }
    tables[place] = table
    return table
  }

  /// Computes a shard of a split's features into the cache.
  ///
  /// - Parameters:
  ///   - split: which samples.
  ///   - purpose: which features.
  ///   - shard: which part.
  /// - Returns: the shard's features.
  /// - Throws: as `table`.
  public func shard(_ split: DatasetSplit, for purpose: FeaturePurpose, _ shard: Shard) throws -> FeatureTable {
    let samples = try dataset.samples(of: split)
    let count = shard.rows(of: samples.count).count
    let title = "\(dataset.name), \(split.rawValue), shard \(shard.index)/\(shard.count)"
    return try extraction(samples, purpose).run(
      key(split, samples, purpose), into: store(split, purpose, shard), shard: shard
    ) { progress(title, $0, count) }
  }

  /// Puts the shards of a split's features together in the cache.
  ///
  /// - Parameters:
  ///   - split: which samples.
  ///   - purpose: which features.
  ///   - count: how many shards.
  /// - Returns: the features.
  /// - Throws: `missing` with all shards that are not complete; `mismatch` or `corrupt` for shards that do not fit.
  public func merge(_ split: DatasetSplit, for purpose: FeaturePurpose, shards count: Int) throws -> FeatureTable {
    let samples = try dataset.samples(of: split)
    return try FeatureShards.merge(
      key(split, samples, purpose), into: store(split, purpose, nil), count: count
    ) { store(split, purpose, $0) }
  }

  /// Which features a purpose takes.
  public func layer(for purpose: FeaturePurpose) -> (layer: FeatureLayer, isNormalized: Bool) {
    purpose == .zeroShot ? (.projected, true) : (settings.layer, settings.isNormalized)
  }

  /// Where the progress of probes is kept, a path without its ending; `nil` without a cache.
  func progressPath() -> String? {
    guard settings.cache != nil else { return nil }
    let store = store(.train, .probe, nil)
    return "\(store.folder)/\(store.name)"
  }

  private func extraction(_ samples: any SampleSource, _ purpose: FeaturePurpose) -> FeatureExtraction {
    let (layer, isNormalized) = layer(for: purpose)
    return FeatureExtraction(
      samples,
      ModelFeatures(subject.encoder, subject.steps, layer: layer, isNormalized: isNormalized),
      policy: settings.unreadable, compute)
  }

  private func store(_ split: DatasetSplit, _ purpose: FeaturePurpose, _ shard: Shard?) -> FeatureStore {
    let (layer, isNormalized) = layer(for: purpose)
    let partition = dataset.description.partitions > 1 ? "-\(dataset.partition)" : ""
    return FeatureStore(
      folder: settings.cache ?? ".",
      model: "\(subject.fileName)--\(layer.rawValue)\(isNormalized ? "-unit" : "")",
      dataset: dataset.name, split: split.rawValue + partition, shard: shard)
  }

  private func key(_ split: DatasetSplit, _ samples: any SampleSource, _ purpose: FeaturePurpose) -> FeatureKey {
    let (layer, isNormalized) = layer(for: purpose)
    // Only a cache needs to know which samples they were.
    let digest = settings.cache == nil ? "" : digests[split] ?? FeatureKey.digest(of: samples)
    digests[split] = digest
    return FeatureKey(
      model: subject.digest, activations: subject.encoder.activations.rawValue, preprocessing: subject.preprocessing,
      layer: layer, isNormalized: isNormalized, dataset: dataset.name, split: split.rawValue, samples: digest,
      count: samples.count, classes: dataset.classes.count, isMultiLabel: dataset.isMultiLabel)
  }
}
