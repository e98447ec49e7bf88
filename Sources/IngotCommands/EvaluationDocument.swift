// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Ingot
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotEvaluation
import IngotImage
import IngotStatistics
import IngotTensor

/// What `evaluate --json` prints.
struct EvaluationDocument: Encodable {
  let results: [TaskResult]
  let comparisons: [TaskComparison]
}

/// What `evaluate --shard` and `--merge` print of one split.
struct ShardDocument: Encodable {
  let dataset: String
  let features: String
  let rows: Int
  let width: Int
  let unreadable: Int

  init(dataset: String, _ table: FeatureTable) {
    self.dataset = dataset
    features = table.title
    rows = table.rows
    width = table.width
    unreadable = table.unreadable.count
  }
}

extension LoadedModel {
  /// The model as tasks take it.
  func subject(tokenizer path: String?, activations: ActivationEncoding?) throws -> EvaluationSubject {
    let encoder = try encoder(Float.self, activations: activations)
    let preprocessing = try reading(self.path) { try configuration.requirePreprocessing() }
    return EvaluationSubject(
      name: self.path, encoding: encoding, digest: digest, encoder: encoder, preprocessing: preprocessing,
      steps: try reading(self.path) { try ImagePreprocessing(preprocessing) },
      tokenizer: { try self.tokenizer(at: path) })
  }

  /// SHA-256 of what the model is: the root digest of an `.ingot` file, else of the files of a checkpoint.
  private var digest: String {
    if case .ingot(let file) = source.content { return file.rootDigest.description }
    var stream = SHA256Stream()
    for file in [source.file] + source.shards {
      let step = 8 << 20
      for start in stride(from: 0, to: file.size, by: step) {
        let range = start..<min(start + step, file.size)
        stream.update(file.bytes(in: range))
        file.release(range)
      }
    }
    // What a person said of the model changes it, too.
    if let text = try? JSONEncoder().encode(configuration) { Array(text).withRawSpan { stream.update($0) } }
    return stream.finalize().description
  }
}

extension TaskRunner.Outcome {
  /// The outcomes of several partitions of one dataset, averaged: scores are means, the rest is that of the first partition.
  static func averaged(_ partitions: [[TaskRunner.Outcome]]) -> [TaskRunner.Outcome] {
    guard partitions.count > 1, let first = partitions.first else { return partitions.first ?? [] }
    return first.indices.map { task in
      var result = first[task].result
      let scores = partitions.map { $0[task].result.score }
      result.partitions = scores
      result.score = scores.reduce(0, +) / Double(scores.count)
      result.interval = scores.count > 1 ? ConfidenceInterval.mean(of: scores) : nil
      return TaskRunner.Outcome(result: result, sheet: first[task].sheet)
    }
  }
}
