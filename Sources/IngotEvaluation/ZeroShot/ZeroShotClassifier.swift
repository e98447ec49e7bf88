// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotCLIP
public import IngotDatasets
public import IngotTensor

/// A classifier made of prompts: for each class the mean of its texts' embeddings, which have unit length each, of unit length again.
public struct ZeroShotClassifier: Sendable {
  /// `[classes, width]`, rows of unit length.
  public let weights: Matrix<Float>
  /// Classes whose weights are the same to the bit, as where two classes have the same names; groups of two or more, in rising order.
  public let identicalClasses: [[Int]]
  /// How many texts were embedded.
  public let texts: Int

  /// Makes a classifier of embeddings.
  ///
  /// - Parameters:
  ///   - classes: the classes, with their names.
  ///   - templates: in which `{}` stands for a name; at least one.
  ///   - compute: how to compute.
  ///   - embed: gives one row of unit length for each text.
  /// - Throws: what `embed` throws.
  public init(
    _ classes: ClassTable, templates: [String], _ compute: Compute, embed: ([String]) throws -> Matrix<Float>
  ) throws {
    precondition(!templates.isEmpty, "a template")
    // Classes of the same names share one row, so that their scores are the same to the bit by construction.
    var texts: [String] = []
    var places: [String: Int] = [:]
    let prompts = classes.classes.map { entry in
      entry.names.flatMap { name in templates.map { $0.replacingPlace(with: name) } }.map { text in
        if let place = places[text] { return place }
        places[text] = texts.count
        texts.append(text)
        return texts.count - 1
      }
    }
    let embeddings = try embed(texts)
    var means = Matrix<Float>(rows: classes.count, columns: embeddings.columns)
    for (row, prompts) in prompts.enumerated() {
      for prompt in prompts {
        for column in 0..<means.columns {
          means.values[row * means.columns + column] += embeddings.values[prompt * means.columns + column]
        }
      }
    }
    compute.l2Normalize(&means)
    weights = means
    self.texts = texts.count
    var groups: [[Float]: [Int]] = [:]
    for row in 0..<means.rows { groups[Array(means.row(row)), default: []].append(row) }
    identicalClasses = groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  /// Makes a classifier with the text tower of a model.
  ///
  /// - Parameters:
  ///   - classes: the classes, with their names.
  ///   - templates: in which `{}` stands for a name.
  ///   - encoder: the model.
  ///   - tokenizer: its tokenizer.
  ///   - compute: how to compute.
  /// - Throws: `unsupported` without a text tower, and what the tokenizer throws for a text that is too long.
  public init(
    _ classes: ClassTable, templates: [String], _ encoder: CLIPEncoder<Float>, _ tokenizer: Tokenizer,
    _ compute: Compute
  ) throws {
    guard let text = encoder.configuration.text else {
      throw CheckpointError(
        .unsupported, .clip, subject: "text", "the model is an image tower: zero-shot classification needs texts")
    }
    try self.init(classes, templates: templates, compute) { texts in
      try encoder.embedTexts(tokenizer.rows(for: texts, contextLength: text.contextLength), compute)
    }
  }

  /// Scores the rows of a table of features, projected and of unit length.
  ///
  /// - Parameters:
  ///   - table: the features.
  ///   - metric: what the scores are for.
  ///   - logits: computes `[rows, classes]` from features and weights.
  /// - Returns: the sheet.
  /// - Throws: `mismatch` when the features have another width, and what `logits` throws.
  public func scores(
    of table: FeatureTable, for metric: DatasetMetric,
    logits: (Matrix<Float>, Matrix<Float>) throws -> Matrix<Float>
  ) throws -> ScoreSheet {
    guard table.width == weights.columns else {
      throw CheckpointError(
        .mismatch, .features, subject: table.title,
        "has rows of \(table.width) numbers, the texts' embeddings \(weights.columns)")
    }
    var sheet = ScoreSheet(table.labels, for: metric, isSoftmax: true)
    try table.forEachBlock { range, bytes in
      let features = Matrix(
        values: [Float](littleEndianBytes: bytes), rows: range.count, columns: table.width)
      sheet.append(try logits(features, weights))
    }
    return sheet
  }
}

extension String {
  /// The template with a name in its place.
  fileprivate func replacingPlace(with name: String) -> String {
    guard let place = firstRange(of: "{}") else { return self }
    return self[..<place.lowerBound] + name + self[place.upperBound...]
  }

  private func firstRange(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      formIndex(after: &start)
    }
    return nil
  }
}
