// SPDX-License-Identifier: Apache-2.0

public import IngotStatistics

extension FidelityReport {
  /// How often something held, with the interval that holds the true rate in 95 of 100 samples (Clopper and Pearson).
  public struct Rate: Sendable, Hashable, Codable {
    /// How often it held.
    public var successes: Int
    /// Out of how many, at least 1.
    public var trials: Int
    /// Their ratio, in 0...1.
    public var rate: Double
    /// The interval.
    public var interval: ConfidenceInterval

    /// Counts.
    ///
    /// - Returns: `nil` of nothing.
    init?(_ held: [Bool]) {
      guard !held.isEmpty else { return nil }
      successes = held.filter { $0 }.count
      trials = held.count
      rate = Double(successes) / Double(trials)
      interval = .rate(successes: successes, of: trials)
    }
  }

  /// The mean of a figure over images or texts, with the percentile interval of 2,000 bootstrap samples.
  public struct Mean: Sendable, Hashable, Codable {
    /// The mean.
    public var mean: Double
    /// The interval.
    public var interval: ConfidenceInterval
    /// The smallest.
    public var least: Double
    /// The largest.
    public var largest: Double
    /// How many images or texts.
    public var count: Int

    /// Seed of the samples: intervals are the same every time.
    static let seed: UInt64 = 0x1476_0b

    /// Summarises.
    ///
    /// - Returns: `nil` of nothing, and where a number is not finite.
    init?(_ values: [Double]) {
      guard let least = values.min(), let largest = values.max(), values.allSatisfy(\.isFinite) else { return nil }
      mean = values.mean
      interval = Bootstrap.mean(of: values, seed: Self.seed)
      self.least = least
      self.largest = largest
      count = values.count
    }
  }

  /// Whether the same texts come first.
  public struct Agreement: Sendable, Hashable, Codable {
    /// Images whose best text is the reference's best text.
    public var top1: Rate
    /// Images whose five best texts have the reference's best text among them; `nil` with fewer than six texts.
    public var top5: Rate?
  }

  /// How alike the reference orders what is retrieved.
  public struct Ranks: Sendable, Hashable, Codable {
    /// Spearman's ρ of each query's scores.
    public var spearman: Mean
    /// Kendall's τ-b of each query's scores.
    public var kendall: Mean
    /// Queries whose first result is the same.
    public var first: Rate
  }

  /// Retrieval in both directions.
  public struct Retrieval: Sendable, Hashable, Codable {
    /// Texts for each image; `nil` with fewer than two texts.
    public var textsForImage: Ranks?
    /// Images for each text; `nil` with fewer than two images.
    public var imagesForText: Ranks?
  }

  /// The Kullback–Leibler divergence of softmaxes over the texts, in nats, in both directions.
  public struct Divergences: Sendable, Hashable, Codable {
    /// Of the model from the reference: Σ p ln(p / q), p the reference's.
    public var fromReference: Mean
    /// Of the reference from the model: Σ q ln(q / p).
    public var toReference: Mean
  }

  /// What became of the expected calibration error.
  public struct CalibrationChange: Sendable, Hashable, Codable {
    /// What counts as right: `given`, the bundle's labels; `reference`, the reference's best text.
    public var labels: String
    /// Bins of equal width.
    public var bins: Int
    /// Of the reference.
    public var reference: Double
    /// Of the model.
    public var model: Double
    /// The model's less the reference's.
    public var change: Double
    /// Of the change, by bootstrap over images.
    public var interval: ConfidenceInterval
  }

  /// For which probes and prompts the best text cannot be another: `Formats/numerics.md`, section "What cannot flip".
  public struct FlipGuarantee: Sendable, Hashable, Codable {
    /// The largest distance of an image embedding from the reference's.
    public var imageDistance: Double
    /// The largest distance of a text embedding from the reference's.
    public var textDistance: Double
    /// What float32 may add to a difference of two similarities, at worst.
    public var rounding: Double
    /// For the image that needs most: the margin in cosine beyond which no set of prompts can flip.
    public var requiredMargin: Double
    /// The same, of the middle image.
    public var medianRequiredMargin: Double
    /// Images whose best text among the probes provably stays.
    public var probes: Rate
    /// Images whose margin on the probes is enough for any prompts whose embeddings moved no further than the probes' did.
    public var anyPrompts: Rate
  }

  /// One tensor against its source.
  public struct TensorCheck: Sendable, Hashable, Codable {
    /// Its canonical name.
    public var name: String
    /// How it is stored.
    public var encoding: String
    /// The type that it stands for or is stored in.
    public var type: String
    /// The type of the source.
    public var sourceType: String
    /// `bit-identical`, `exactly-representable`, `quantized`, `missing`, `shape`.
    public var verdict: String
    /// The largest absolute error.
    public var maximumError: Double
    /// Euclidean length of the error over that of the source.
    public var relativeError: Double
    /// The largest error over its own element's bound; at most 1 for a sound tensor.
    public var shareOfBound: Double
    /// The largest bound of an element: half a step, or half the distance between neighbours in the type.
    public var bound: Double
    /// The element whose error is the largest share of its own bound, row-major.
    public var worstIndex: Int
    /// Elements at the end of the range, whose error may be larger.
    public var saturated: Int
    /// What provenance says of the relative error; `nil` where it says nothing.
    public var stated: Double?
    /// Whether every element is within its bound, and the error within what is stated.
    public var passed: Bool
  }

  /// A probe that is off furthest.
  public struct WorstProbe: Sendable, Hashable, Codable {
    /// Index of the image.
    public var image: Int
    /// The file, where it was one.
    public var name: String?
    /// Its largest difference of a logit.
    public var maxAbs: Double
    /// The text with that difference.
    public var text: Int
    /// The reference's best text.
    public var referenceBest: Int
    /// The model's best text.
    public var modelBest: Int
    /// The reference's margin between its two best texts, in logits; `nil` with one text.
    public var margin: Double?
    /// A small picture, where there are pixels.
    public var thumbnail: Thumbnail?
  }

  /// A small picture.
  public struct Thumbnail: Sendable, Hashable, Codable {
    /// Pixels in a row and in a column.
    public var side: Int
    /// `side × side` pixels of red, green and blue bytes, row by row, in base64.
    public var rgb: String
  }

  /// Numbers to draw; left out of certificates.
  public struct Series: Sendable, Hashable, Codable {
    /// The reference's logits: at most 4,096, evenly spaced among all.
    public var referenceLogits: [Double]
    /// The model's, at the same places.
    public var modelLogits: [Double]
    /// For each image, the cosine of its embedding with the reference's.
    public var imageCosines: [Double]
    /// For each text, the cosine of its embedding with the reference's.
    public var textCosines: [Double]
    /// For each image, the margin between the reference's two best texts, in cosine.
    public var margins: [Double]
    /// For each image, the margin that no change can overcome, in cosine.
    public var requiredMargins: [Double]
    /// For each image, the divergence of the model from the reference, in nats.
    public var divergences: [Double]
    /// The images that are off furthest, worst first: at most eight.
    public var worst: [WorstProbe]
  }
}
