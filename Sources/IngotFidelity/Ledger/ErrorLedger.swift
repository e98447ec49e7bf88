// SPDX-License-Identifier: Apache-2.0

/// Where the error of a quantized model comes from: a value that is printed, drawn or compared.
///
/// Errors are mean squared differences of logits (for a tower alone, of unit embeddings). `Formats/fidelity.md`, section "The error ledger",
/// defines every figure.
public struct ErrorLedger: Sendable, Hashable, Codable {
  /// What one part or one tensor adds, by cause.
  ///
  /// The four add up to `total`.
  public struct Shares: Sendable, Hashable, Codable {
    /// Weights stored as integers, alone.
    public var weights = 0.0
    /// Activations rounded to integers before products with them, alone.
    public var activations = 0.0
    /// Whatever else differs, alone: weights stored as float16 or bfloat16, other constants.
    public var approximations = 0.0
    /// What the errors' adding up or cancelling with those of other parts adds; may be negative.
    public var interaction = 0.0
    /// The part's whole share of the error.
    public var total = 0.0

    /// Nothing yet.
    public init() {}

    mutating func add(_ other: Shares) {
      weights += other.weights
      activations += other.activations
      approximations += other.approximations
      interaction += other.interaction
      total += other.total
    }
  }

  /// One part of a tower.
  public struct Part: Sendable, Hashable, Codable {
    /// `vision.embedding`, `vision.blocks.3`, `text.head`, `logit_scale`.
    public var name: String
    /// What it adds.
    public var shares: Shares
  }

  /// One stored tensor.
  public struct Tensor: Sendable, Hashable, Codable {
    /// The canonical name.
    public var name: String
    /// How it is stored.
    public var encoding: String
    /// What it adds, activations that meet it included.
    public var shares: Shares
    /// By how much the error falls when this tensor alone is the source's again.
    public var saving: Double
    /// Its size in bytes.
    public var bytes: Int
    /// What storing it as float16 would add to the file, in bytes.
    public var extraBytes: Int
  }

  /// The model's file.
  public var model: String
  /// The file that it is compared with.
  public var source: String
  /// What is measured: `logits` or `embeddings`.
  public var metric: String
  /// The mean squared error.
  public var measured: Double
  /// The sum of all shares.
  public var sum: Double
  /// What the shares leave, over the measured error: effects of three parts and more at once.
  public var residue: Double
  /// All parts that add something, in the order of computation.
  public var parts: [Part]
  /// All tensors that add something, the costliest first.
  public var tensors: [Tensor]
  /// Images and texts.
  public var images: Int
  /// See `images`.
  public var texts: Int
  /// How many partial runs it took.
  public var runs: Int

  /// The largest residue of a ledger that closes.
  public static let largestResidue = 0.1
  /// Whether the shares add up to the measured error.
  public var closes: Bool { abs(residue) <= Self.largestResidue }

  /// All parts together.
  public var shares: Shares {
    parts.reduce(into: Shares()) { $0.add($1.shares) }
  }
}
