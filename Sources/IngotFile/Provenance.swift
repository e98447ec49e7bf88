// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Where the tensors of a file came from and what was done to them: the provenance section, JSON with sorted keys.
///
/// Specified in `Formats/ingot.md`, section 9. Nothing in it depends on time or place: the same input and options give the
/// same bytes.
public struct Provenance: Sendable, Hashable, Codable {
  /// The file that was converted.
  public struct Source: Sendable, Hashable, Codable {
    /// SHA-256 of the whole file, 64 hexadecimal digits.
    public var sha256: String
    /// Its size in bytes.
    public var size: Int
    /// Its container, for example `torch-zip`.
    public var container: String
    /// Its key scheme, for example `openai`.
    public var family: String
    /// The files that it names, for an index of shards; by name.
    public var shards: [Shard]?

    /// Makes a record.
    public init(sha256: String, size: Int, container: String, family: String, shards: [Shard]? = nil) {
      self.sha256 = sha256
      self.size = size
      self.container = container
      self.family = family
      self.shards = shards
    }
  }

  /// One file of several.
  public struct Shard: Sendable, Hashable, Codable {
    /// Its name beside the index.
    public var name: String
    /// SHA-256 of the whole file, 64 hexadecimal digits.
    public var sha256: String
    /// Its size in bytes.
    public var size: Int

    /// Makes a record.
    public init(name: String, sha256: String, size: Int) {
      self.name = name
      self.sha256 = sha256
      self.size = size
    }
  }

  /// One thing that was done, in order: `convert`, then perhaps `quantize`.
  public struct Step: Sendable, Hashable, Codable {
    /// The verb.
    public var command: String
    /// The encoding asked for.
    public var encoding: String
    /// The version of Ingot.
    public var tool: String
    /// Root digest of the `.ingot` file that was read, for steps that read one.
    public var input: String?
    /// How the scales of integers were chosen, where it was not by the largest magnitude.
    public var scales: String?
    /// How integers were rounded, where it was not to nearest.
    public var rounding: String?
    /// What a planner was asked for, where one chose each tensor's encoding.
    public var goal: String?
    /// What scales or rounding were calibrated with.
    public var calibration: Calibration?
    /// Factors that were moved from norms into the weights behind them, by the norm's name.
    public var smoothing: [String: Smoothing]?

    /// Makes a record.
    public init(
      command: String, encoding: String, tool: String, input: String? = nil, scales: String? = nil,
      rounding: String? = nil, goal: String? = nil, calibration: Calibration? = nil,
      smoothing: [String: Smoothing]? = nil
    ) {
      self.command = command
      self.encoding = encoding
      self.tool = tool
      self.input = input
      self.scales = scales
      self.rounding = rounding
      self.goal = goal
      self.calibration = calibration
      self.smoothing = smoothing
    }
  }

  /// Images and texts that scales or rounding were calibrated with.
  public struct Calibration: Sendable, Hashable, Codable {
    /// SHA-256 of the pixels and token ids, 64 hexadecimal digits.
    public var sha256: String
    /// How many images.
    public var images: Int
    /// How many texts.
    public var texts: Int

    /// Makes a record.
    public init(sha256: String, images: Int, texts: Int) {
      self.sha256 = sha256
      self.images = images
      self.texts = texts
    }
  }

  /// Factors, powers of two, that were moved from a norm into the weights behind it.
  public struct Smoothing: Sendable, Hashable, Codable {
    /// The names of the weights.
    public var weights: [String]
    /// How much of the difference in size was moved, 0 to 1.
    public var alpha: Double
    /// For each channel the exponent e: gain and bias of the norm were divided by 2^e, the weights of this input multiplied.
    public var exponents: [Int8]

    /// Makes a record.
    public init(weights: [String], alpha: Double, exponents: [Int8]) {
      self.weights = weights
      self.alpha = alpha
      self.exponents = exponents
    }
  }

  /// What became of one tensor.
  public struct Tensor: Sendable, Hashable, Codable {
    /// Its name in the source.
    public var source: String
    /// Its type in the source, for example `F16`.
    public var sourceType: String
    /// What was done to its layout, for example `copy`.
    public var transform: String
    /// How far the stored values are from the source's.
    public var fidelity: TensorFidelity

    /// Makes a record.
    public init(source: String, sourceType: String, transform: String, fidelity: TensorFidelity) {
      self.source = source
      self.sourceType = sourceType
      self.transform = transform
      self.fidelity = fidelity
    }
  }

  /// The file that was converted.
  public var source: Source
  /// What was done, in order.
  public var steps: [Step]
  /// What became of each tensor, by canonical name.
  public var tensors: [String: Tensor]
  /// Entries of the source that are not tensors of the model, and why they were left out.
  public var ignored: [String]

  /// Makes a record.
  public init(source: Source, steps: [Step], tensors: [String: Tensor], ignored: [String]) {
    self.source = source
    self.steps = steps
    self.tensors = tensors
    self.ignored = ignored
  }

  /// The record as JSON with sorted keys.
  public func json() throws -> [UInt8] {
    try SectionJSON.encode(self)
  }

  /// Reads what `json()` writes.
  ///
  /// - Parameter json: UTF-8 text.
  /// - Throws: `malformed` when it is not such JSON.
  public init(json: [UInt8]) throws(CheckpointError) {
    self = try SectionJSON.decode(json, format: .ingot, subject: "provenance")
  }
}

extension IngotFile {
  /// Where the tensors came from.
  ///
  /// - Throws: `missing` when the file does not say, `malformed` when it cannot be read.
  public func provenance() throws(CheckpointError) -> Provenance {
    guard let json = section(.provenance) else {
      throw CheckpointError(
        .missing, .ingot, subject: "section \(SectionKind.provenance)", "the file does not say where it came from")
    }
    return try Provenance(json: json)
  }
}
