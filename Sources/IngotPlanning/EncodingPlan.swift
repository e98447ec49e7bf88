// SPDX-License-Identifier: Apache-2.0

import IngotQuantization

/// What a plan has to keep to.
public enum PlanningGoal: Sendable, Hashable, CustomStringConvertible {
  /// A file of at most so many bytes, with the least error.
  case maximumSize(Int)
  /// The smallest file that leaves at least this share of images, in 0...1, with the same best text.
  case minimumTop1(Double)
  /// The smallest file whose mean divergence is at most this.
  case maximumKL(Double)
  /// The smallest file that keeps each embedding's cosine at this or more.
  case minimumCosine(Double)

  /// As on the command line: `max-size 90000000`.
  public var description: String {
    switch self {
    case .maximumSize(let bytes): "max-size \(bytes)"
    case .minimumTop1(let share): "min-top1 \(100 * share)"
    case .maximumKL(let kl): "max-kl \(kl)"
    case .minimumCosine(let cosine): "min-cosine \(cosine)"
    }
  }

  /// Whether an error keeps to it with its distance from no error multiplied by a factor.
  func allows(_ error: PlanError, times factor: Double) -> Bool {
    switch self {
    case .maximumSize, .minimumTop1: allows(error)
    case .maximumKL(let kl): error.kl * factor <= kl
    case .minimumCosine(let cosine): (1 - error.minCosine) * factor <= 1 - cosine
    }
  }

  /// How many times further off one error is than another, in terms of the goal; `nil` where that has no meaning.
  func quotient(_ error: PlanError, _ other: PlanError) -> Double? {
    let (one, two) =
      switch self {
      case .maximumSize, .minimumTop1: (0.0, 0.0)
      case .maximumKL: (error.kl, other.kl)
      case .minimumCosine: (1 - error.minCosine, 1 - other.minCosine)
      }
    return one > 0 && two > 0 ? one / two : nil
  }

  /// Whether an error keeps to it; a size says nothing of errors.
  func allows(_ error: PlanError) -> Bool {
    switch self {
    case .maximumSize: true
    case .minimumTop1(let share): error.top1 >= share
    case .maximumKL(let kl): error.kl <= kl
    case .minimumCosine(let cosine): error.minCosine >= cosine
    }
  }
}

/// An encoding for each tensor that may have another than its own.
public struct EncodingPlan: Sendable {
  /// By tensor; `source` for what stays as it is.
  public let encodings: [String: EncodingScheme]
  /// The size of the file, in bytes, exactly.
  public let size: Int
  /// What the sum of the single errors makes of the outputs.
  public let predicted: PlanError

  /// How many tensors have each encoding, in the order of the encodings.
  public var counts: [(scheme: EncodingScheme, tensors: Int)] {
    EncodingScheme.allCases.compactMap { scheme in
      let count = encodings.values.count { $0 == scheme }
      return count == 0 ? nil : (scheme, count)
    }
  }
}

/// What a planner found.
public struct PlanningResult: Sendable {
  /// The plan that keeps to the goal.
  public let chosen: EncodingPlan
  /// What the model with that plan really computes of the probes that it was planned with.
  public let measured: PlanError
  /// The same of probes that no plan was made with; `nil` where there are none.
  public let unseen: PlanError?
  /// Plans from the largest to the smallest: none is both smaller and, by prediction, nearer than another.
  public let front: [EncodingPlan]
  /// One encoding for all weights, where a file of it would be: what is protected stays as it is.
  public let uniform: [(scheme: EncodingScheme, plan: EncodingPlan)]
  /// The tensors that the chosen plan stores otherwise, as they were measured.
  public let encoded: [EncodedTensor]
  /// What all this rests on.
  public let evidence: PlanningEvidence
}

/// What a plan rests on.
public struct PlanningEvidence: Sendable, Hashable, Codable {
  /// Images that it was planned with.
  public let images: Int
  /// Texts that it was planned with.
  public let texts: Int
  /// Images that it was judged by besides.
  public let unseenImages: Int
  /// Texts that it was judged by besides.
  public let unseenTexts: Int
  /// Effects of one tensor in one encoding that were measured: all that the chosen plan has among them.
  public let measuredEffects: Int
  /// Effects that were derived from measured ones.
  public let derivedEffects: Int
  /// By how much derived effects were off where they were measured afterwards, the median; `nil` where none was.
  public let derivedDeviation: Double?
}
