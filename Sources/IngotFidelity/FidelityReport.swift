// SPDX-License-Identifier: Apache-2.0

/// What a verification found: a value that is printed as text or JSON.
public struct FidelityReport: Sendable, Hashable, Codable {
  /// How far embeddings are from the reference's.
  public struct Embeddings: Sendable, Hashable, Codable {
    /// The smallest cosine between an embedding and the reference's.
    public var minCosine: Double
    /// The largest absolute difference of a coordinate.
    public var maxAbs: Double
    /// The image or text with that difference.
    public var worstIndex: Int
  }

  /// How far logits are from the reference's.
  public struct Logits: Sendable, Hashable, Codable {
    /// The largest absolute difference.
    public var maxAbs: Double
    /// That difference over the largest magnitude of the reference's logits.
    public var maxRel: Double
    /// The mean absolute difference.
    public var meanAbs: Double
    /// The smallest cosine between an image's logits and the reference's.
    public var minCosine: Double
    /// Share of images whose best text is the same, in 0...1.
    public var top1Agreement: Double
    /// Mean over images of the Kullback–Leibler divergence of the softmax from the reference's, in nats.
    public var klMean: Double
    /// The image with the largest difference.
    public var worstImage: Int
    /// The text with the largest difference.
    public var worstText: Int
  }

  /// One block checked alone: run on the reference's input, compared with the reference's output.
  public struct Block: Sendable, Hashable, Codable {
    /// `vision.hidden.3`, `text.head`, `logit_scale`.
    public var name: String
    /// Euclidean length of the difference, over that of the reference's output.
    public var error: Double
    /// What is allowed.
    public var bound: Double
    /// The largest share of its own bound that one channel of the output uses.
    public var worstChannel: Double
    /// Whether both are within their bounds.
    public var passed: Bool
  }

  /// What is allowed, and why (`Formats/numerics.md`, section "Tolerances").
  public struct Tolerance: Sendable, Hashable, Codable {
    /// Of a coordinate of an image embedding.
    public var imageEmbedsMaxAbs: Double
    /// Of a coordinate of a text embedding.
    public var textEmbedsMaxAbs: Double
    /// Least cosine of an image embedding.
    public var imageEmbedsMinCosine: Double
    /// Least cosine of a text embedding.
    public var textEmbedsMinCosine: Double
    /// Of a logit.
    public var logitsMaxAbs: Double
    /// In words, with the numbers that went into it.
    public var derivation: String
  }

  /// Whether every figure is within tolerance.
  public var passed: Bool
  /// The model's file.
  public var model: String
  /// What it was compared with.
  public var against: String
  /// How its weights are stored.
  public var encoding: String
  /// In which numbers activations enter products with int8 weights, where there are such.
  public var activations: String
  /// How many images were compared.
  public var images: Int
  /// How many texts were compared.
  public var texts: Int
  /// Logits, where the reference has them.
  public var logits: Logits?
  /// Image embeddings, where the reference has them.
  public var imageEmbeds: Embeddings?
  /// Text embeddings, where the reference has them.
  public var textEmbeds: Embeddings?
  /// What is allowed.
  public var tolerance: Tolerance
  /// The first block out of its bound; where the reference has no hidden states, the first tower.
  public var firstDivergence: String?
  /// Every block checked alone, in the order of computation.
  public var blocks: [Block]
  /// Each figure that is out of tolerance, in a sentence.
  public var failures: [String]
  /// What was compared on: `golden bundle`, `synthetic`, `files`.
  public var probes: String?
  /// Whether the same texts come first.
  public var agreement: Agreement?
  /// How alike the reference orders what is retrieved.
  public var retrieval: Retrieval?
  /// Divergences of softmaxes over the texts, both ways.
  public var divergences: Divergences?
  /// What became of the calibration.
  public var calibration: CalibrationChange?
  /// For which probes and prompts the best text cannot be another.
  public var flipGuarantee: FlipGuarantee?
  /// Every tensor against its source, where that was at hand.
  public var tensors: [TensorCheck]?
  /// Numbers to draw.
  public var series: Series?

  private enum CodingKeys: String, CodingKey {
    case passed, model, against, encoding, activations, images, texts, logits, imageEmbeds, textEmbeds, tolerance,
      firstDivergence,
      blocks,
      failures, probes, agreement, retrieval, divergences, calibration, flipGuarantee, tensors, series
  }

  /// Writes every key, `null` where there is nothing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(passed, forKey: .passed)
    try container.encode(model, forKey: .model)
    try container.encode(against, forKey: .against)
    try container.encode(encoding, forKey: .encoding)
    try container.encode(activations, forKey: .activations)
    try container.encode(images, forKey: .images)
    try container.encode(texts, forKey: .texts)
    try container.encode(logits, forKey: .logits)
    try container.encode(imageEmbeds, forKey: .imageEmbeds)
    try container.encode(textEmbeds, forKey: .textEmbeds)
    try container.encode(tolerance, forKey: .tolerance)
    try container.encode(firstDivergence, forKey: .firstDivergence)
    try container.encode(blocks, forKey: .blocks)
    try container.encode(failures, forKey: .failures)
    try container.encode(probes, forKey: .probes)
    try container.encode(agreement, forKey: .agreement)
    try container.encode(retrieval, forKey: .retrieval)
    try container.encode(divergences, forKey: .divergences)
    try container.encode(calibration, forKey: .calibration)
    try container.encode(flipGuarantee, forKey: .flipGuarantee)
    try container.encode(tensors, forKey: .tensors)
    try container.encode(series, forKey: .series)
  }
}
